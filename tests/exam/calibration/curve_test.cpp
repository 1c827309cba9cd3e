// Each curve against the item model of the same parameters, and its derivatives against finite differences.
#include "exam/calibration/detail/setup.hpp"
#include "tests/exam/calibration/support.hpp"

using namespace calibration_testing;
using namespace assay::exam::calibration::detail;

namespace {

std::vector<ItemModel> const all_kinds = {
    model(ModelKind::one_parameter, {1.1}, {0.3}),
    model(ModelKind::two_parameter, {4}, {-6}),
    model(ModelKind::two_parameter, {-0.7}, {0.5}),
    model(ModelKind::three_parameter, {0.2}, {6}, 0.5),
    model(ModelKind::four_parameter, {1.7}, {0.4}, 0.15, 0.9),
    model(ModelKind::graded, {1.3}, {-1.5, 0.2, 0.9}),
    model(ModelKind::graded, {-0.8}, {1, -1}),
    model(ModelKind::generalized_partial_credit, {0.9}, {0.8, -0.7, 0.1}),
    model(ModelKind::partial_credit, {1.2}, {-0.4, 0.6}),
    model(ModelKind::nominal, {0, 0.8, -0.3, 1.4}, {0, 0.5, -1, 0.2}),
};

/// The model as a curve with fixed parameters.
Model curves(std::vector<ItemModel> const& items)
{
    auto wanted = std::vector<ItemRequest>{};
    for (auto const& item : items) wanted.push_back({item.kind(), {}, item});
    return set_up(table(items.size(), {}), wanted, Options{})->model;
}

} // namespace

TEST(Curve, HasTheProbabilitiesOfItsItemModel)
{
    auto const model = curves(all_kinds);
    for (std::size_t i = 0; i < all_kinds.size(); ++i) {
        auto rows = Rows(model.blocks[i].curve.categories * model.grid.stride);
        log_probabilities(model.blocks[i].curve, model.blocks[i].value, model.grid, rows.data());
        for (std::size_t q = 0; q < model.grid.count; ++q)
            for (std::size_t k = 0; k < all_kinds[i].categories(); ++k) {
                auto const expected = category_terms(all_kinds[i], k, Theta{model.grid.theta[q]}).log_probability;
                EXPECT_NEAR(rows[k * model.grid.stride + q], expected, 1e-12 * std::max(1.0, std::abs(expected))) << i << " " << k << " " << q;
            }
    }
}

TEST(Curve, HasScoresThatAgreeWithDifferencesOfItsLogProbabilities)
{
    auto const model = curves(all_kinds);
    constexpr double h = 1e-5;
    for (auto const& block : model.blocks) {
        auto const m = block.curve.parameters(), n = model.grid.stride, categories = block.curve.categories;
        auto score = Rows(categories * m * n), up = Rows(categories * n), down = up;
        scores(block.curve, block.value, model.grid, score.data());
        for (std::size_t parameter = 0; parameter < m; ++parameter) {
            auto value = block.value;
            value[parameter] += h;
            log_probabilities(block.curve, value, model.grid, up.data());
            value[parameter] -= 2 * h;
            log_probabilities(block.curve, value, model.grid, down.data());
            for (std::size_t k = 0; k < categories; ++k)
                for (std::size_t q = 0; q < model.grid.count; ++q) {
                    auto const expected = (up[k * n + q] - down[k * n + q]) / (2 * h);
                    EXPECT_NEAR(score[(k * m + parameter) * n + q], expected, 2e-7 * std::max(1.0, std::abs(expected)))
                        << static_cast<int>(block.curve.kind) << " " << parameter << " " << k << " " << q;
                }
        }
    }
}

TEST(Curve, HasAHessianThatAgreesWithDifferencesOfItsScores)
{
    auto const model = curves(all_kinds);
    constexpr double h = 1e-5;
    for (auto const& block : model.blocks) {
        auto const m = block.curve.parameters(), n = model.grid.stride, categories = block.curve.categories;
        auto counts = Rows(categories * n, 0.0);
        for (std::size_t k = 0; k < categories; ++k)
            for (std::size_t q = 0; q < model.grid.count; ++q) // in the middle, where the finite differences are exact enough
                if (std::abs(model.grid.theta[q]) < 2.5) counts[k * n + q] = 1 + static_cast<double>((3 * k + q) % 7);
        auto hessian = std::vector<double>(m * m, 0.0);
        add_hessian(block.curve, block.value, model.grid, counts.data(), hessian.data());
        auto up = Rows(categories * m * n), down = up;
        for (std::size_t j = 0; j < m; ++j) {
            auto value = block.value;
            value[j] += h;
            scores(block.curve, value, model.grid, up.data());
            value[j] -= 2 * h;
            scores(block.curve, value, model.grid, down.data());
            for (std::size_t i = 0; i < m; ++i) {
                auto expected = 0.0;
                for (std::size_t k = 0; k < categories; ++k)
                    for (std::size_t q = 0; q < n; ++q) expected += counts[k * n + q] * (up[(k * m + i) * n + q] - down[(k * m + i) * n + q]) / (2 * h);
                EXPECT_NEAR(hessian[i * m + j], expected, 1e-6 * std::max(1.0, std::abs(expected))) << static_cast<int>(block.curve.kind) << " " << i << " " << j;
            }
        }
    }
}

TEST(Curve, OfThePopulationSumsToOneAndIsNothingBehindTheLastNode)
{
    auto const model = curves({all_kinds.front()});
    auto row = Rows(model.grid.stride);
    log_probabilities(model.blocks.back().curve, std::vector<double>{0.7, -0.3}, model.grid, row.data());
    auto sum = 0.0;
    for (std::size_t q = 0; q < model.grid.count; ++q) sum += std::exp(row[q]);
    EXPECT_NEAR(sum, 1, 1e-14);
    for (auto q = model.grid.count; q < model.grid.stride; ++q) EXPECT_EQ(row[q], Grid::no_weight);
}

TEST(Prior, HasDerivativesThatAgreeWithDifferences)
{
    auto const prior = CurvePrior{Normal{0.1, 0.4}, Normal{-0.2, 1.5}, Normal{-1.2, 0.5}, Normal{2.5, 0.6}};
    constexpr double h = 1e-5;
    for (auto const& block : curves(all_kinds).blocks) {
        if (block.value[0] < 0 && block.curve.kind != CurveKind::nominal) continue; // ln a
        auto const m = block.curve.parameters();
        auto gradient = std::vector<double>(m, 0.0), hessian = std::vector<double>(m * m, 0.0);
        add_log_prior(block.curve, prior, block.value, gradient.data(), hessian.data());
        for (std::size_t j = 0; j < m; ++j) {
            auto up = block.value, down = block.value;
            up[j] += h;
            down[j] -= h;
            auto gradient_up = std::vector<double>(m, 0.0), gradient_down = gradient_up;
            auto const difference = add_log_prior(block.curve, prior, up, gradient_up.data(), nullptr) -
                                    add_log_prior(block.curve, prior, down, gradient_down.data(), nullptr);
            EXPECT_NEAR(gradient[j], difference / (2 * h), 1e-6 * std::max(1.0, std::abs(gradient[j])));
            for (std::size_t i = 0; i < m; ++i)
                EXPECT_NEAR(hessian[i * m + j], (gradient_up[i] - gradient_down[i]) / (2 * h), 1e-5 * std::max(1.0, std::abs(hessian[i * m + j])));
        }
    }
}
