#include "exam/scoring/ability.hpp"
#include "support.hpp"

#include <gmock/gmock.h>

namespace assay::exam {
namespace {

std::vector<Category> row_of(std::string_view pattern)
{
    auto row = std::vector<Category>{};
    for (auto const c : pattern) row.push_back(c == '.' ? not_administered : static_cast<Category>(c - '0'));
    return row;
}

AbilityEstimate score(std::vector<ItemModel> items, std::vector<Category> const& row, ScoringOptions options) { return Scorer{std::move(items), options}.score(row); }

TEST(Scoring, AgreesWithTheDefinitionsToEightDecimals)
{
    auto const items = vector_models();
    for (auto const& v : score_vectors) {
        auto const what = std::string{v.row} + " " + v.estimator;
        auto const estimate = score(items, row_of(v.row), {.estimator = estimator(v.estimator).value(), .prior = {v.prior_mean, v.prior_sd}, .quadrature = {}});
        ASSERT_TRUE(estimate.theta && estimate.se) << what;
        EXPECT_EQ(name(estimate.status), v.status) << what;
        EXPECT_NEAR(*estimate.theta, v.theta, 1e-10) << what;
        expect_close(*estimate.se, v.se, 1e-9, 1, what);
        EXPECT_EQ(estimate.se_observed.has_value(), !std::isnan(v.se_observed)) << what;
        if (estimate.se_observed && !std::isnan(v.se_observed)) {
            expect_close(*estimate.se_observed, v.se_observed, 1e-8, 1, what);
        }
    }
}

TEST(Scoring, FlagsConstantPatternsUnderEveryModelInsteadOfAnInfinity)
{
    auto items = vector_models();
    for (auto i = std::size_t{0}; i < items.size(); ++i)
        for (auto const kind : {Estimator::mle, Estimator::map, Estimator::eap, Estimator::wle, Estimator::jeffreys})
            for (auto const category : {std::size_t{0}, items[i].categories() - 1})
                for (auto const copies : {std::size_t{1}, std::size_t{6}}) {
                    auto const estimate = score(std::vector(copies, items[i]), std::vector(copies, static_cast<Category>(category)), {.estimator = kind});
                    auto const what = "item " + std::to_string(i + 1) + " category " + std::to_string(category) + " " + std::string{name(kind)};
                    ASSERT_TRUE(estimate.theta) << what;
                    EXPECT_TRUE(std::isfinite(*estimate.theta) && std::abs(*estimate.theta) <= 6) << what;
                    // NRM categories need not be ordered; MLE of the others has no finite maximum. A 4PL item's all-right pattern neither.
                    if (kind == Estimator::mle && items[i].kind() != ModelKind::nominal) {
                        EXPECT_EQ(estimate.status, ScoreStatus::at_bound) << what;
                    }
                    if (kind == Estimator::eap) {
                        EXPECT_EQ(estimate.status, ScoreStatus::ok) << what;
                    }
                }
}

TEST(Scoring, TakesSharpAndFlatAndFarItemsAndLongTests)
{
    for (auto const a : {0.2, 4.0})
        for (auto const b : {-6.0, 0.0, 6.0})
            for (auto const c : {0.0, 0.5})
                for (auto const d : {1.0, 0.9}) {
                    auto const item = ItemModel::dichotomous(ModelKind::four_parameter, a, b, c, d);
                    auto row = std::vector<Category>(40, 1);
                    for (auto i = std::size_t{0}; i < row.size(); i += 3) row[i] = 0;
                    for (auto const kind : {Estimator::mle, Estimator::map, Estimator::eap, Estimator::wle, Estimator::jeffreys}) {
                        auto const estimate = score(std::vector(row.size(), item), row, {.estimator = kind});
                        ASSERT_TRUE(estimate.theta && std::isfinite(*estimate.theta) && std::abs(*estimate.theta) <= 6);
                        if (estimate.se) {
                            EXPECT_TRUE(std::isfinite(*estimate.se) && *estimate.se >= 0);
                        }
                    }
                }
}

TEST(Scoring, GivesThePriorToAPersonWithoutAnswersAndNothingWithoutAPrior)
{
    auto const items = vector_models();
    auto const nothing = std::vector<Category>(items.size(), not_administered);
    auto const map = score(items, nothing, {.estimator = Estimator::map, .prior = {0.4, 0.7}, .quadrature = {}});
    EXPECT_EQ(map.status, ScoreStatus::no_responses);
    EXPECT_NEAR(map.theta.value(), 0.4, 1e-11);
    EXPECT_NEAR(map.se.value(), 0.7, 1e-15);
    auto const eap = score(items, nothing, {.estimator = Estimator::eap});
    EXPECT_EQ(eap.status, ScoreStatus::no_responses);
    EXPECT_NEAR(eap.theta.value(), 0, 1e-15);
    EXPECT_NEAR(eap.se.value(), 1, 1e-7);
    for (auto const kind : {Estimator::mle, Estimator::wle, Estimator::jeffreys}) EXPECT_FALSE(score(items, nothing, {.estimator = kind}).theta);
}

TEST(Scoring, PrefersTheHighestOfSeveralMaxima)
{
    // 3PL likelihoods may have two: a hard item right by guessing, easy ones wrong (Samejima 1973).
    auto const hard = ItemModel::dichotomous(ModelKind::three_parameter, 4, 2.5, 0.25);
    auto const easy = ItemModel::dichotomous(ModelKind::three_parameter, 1.2, -1, 0);
    auto items = std::vector{hard, hard, easy, easy, easy, easy};
    auto const row = std::vector<Category>{1, 1, 1, 0, 1, 0};
    auto const estimate = score(items, row, {.estimator = Estimator::mle});
    auto best = -1e300, at = 0.0;
    for (auto t = -6.0; t <= 6; t += 0.001) {
        auto sum = 0.0;
        for (auto i = std::size_t{0}; i < items.size(); ++i) sum += category_terms(items[i], static_cast<std::size_t>(row[i]), {t}).log_probability;
        if (sum > best) best = sum, at = t;
    }
    EXPECT_NEAR(estimate.theta.value(), at, 0.001);
}

TEST(Scoring, GivesTheLimitForAnAnswerThatCannotOccurAndSaysSo)
{
    auto const closed = ItemModel::of({.kind = ModelKind::graded, .slopes = {1.3}, .thresholds = {0.4, 0.4}});
    auto const nearly = ItemModel::of({.kind = ModelKind::graded, .slopes = {1.3}, .thresholds = {0.4, 0.4 + 1e-9}});
    auto const row = std::vector<Category>{1, 1, 0};
    auto const other = ItemModel::dichotomous(ModelKind::two_parameter, 1, 0);
    for (auto const kind : {Estimator::mle, Estimator::map, Estimator::eap, Estimator::wle, Estimator::jeffreys}) {
        auto const limit = score({closed, other, other}, row, {.estimator = kind});
        EXPECT_EQ(limit.status, ScoreStatus::impossible_response);
        EXPECT_NEAR(limit.theta.value(), score({nearly, other, other}, row, {.estimator = kind}).theta.value(), 1e-7);
    }
}

TEST(Scoring, StaysFiniteWhereThePosteriorIsNarrowerThanAStep)
{
    auto const item = ItemModel::dichotomous(ModelKind::two_parameter, 4, 0.05);
    auto row = std::vector<Category>(500, 1);
    for (auto i = std::size_t{0}; i < row.size(); i += 2) row[i] = 0;
    auto const estimate = score(std::vector(row.size(), item), row, {.estimator = Estimator::eap});
    EXPECT_NEAR(estimate.theta.value(), 0.05, 0.051); // within half a step
    EXPECT_TRUE(std::isfinite(estimate.se.value()));
}

TEST(Scoring, KeepsAThetaAtTheBorderOfTheRange)
{
    auto const items = std::vector(5, ItemModel::dichotomous(ModelKind::two_parameter, 1, 0));
    auto const row = std::vector<Category>{1, 1, 1, 1, 0};
    auto const inside = score(items, row, {.estimator = Estimator::mle});
    EXPECT_NEAR(inside.theta.value(), std::log(4.0), 1e-11); // 5 s(theta) = 4
    auto const outside = score(items, row, {.estimator = Estimator::mle, .prior = {}, .quadrature = {.nodes = 121, .low = -1, .high = 1}});
    EXPECT_EQ(outside.status, ScoreStatus::at_bound);
    EXPECT_EQ(outside.theta, 1.0);
}

TEST(Scoring, TakesTheTrapezoidRule)
{
    auto const items = std::vector(2, ItemModel::dichotomous(ModelKind::two_parameter, 1, 0));
    auto const estimate = score(items, {1, 1}, {.estimator = Estimator::eap, .prior = {}, .quadrature = {.nodes = 3, .low = -1, .high = 1, .rule = QuadratureRule::trapezoid}});
    auto const s = [](double x) { return 1 / (1 + std::exp(-x)); };
    auto const low = 0.5 * std::exp(-0.5) * s(-1) * s(-1), mid = 0.25, high = 0.5 * std::exp(-0.5) * s(1) * s(1);
    EXPECT_NEAR(estimate.theta.value(), (high - low) / (low + mid + high), 1e-14);
}

} // namespace
} // namespace assay::exam
