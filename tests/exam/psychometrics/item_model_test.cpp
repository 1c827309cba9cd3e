#include "support.hpp"

namespace assay::exam {
namespace {

TEST(ItemModel, GivesProbabilitiesLogarithmsAndDerivativesOfTheDefinitions)
{
    auto const items = vector_models();
    for (auto const& v : category_vectors) {
        auto const what = "item " + std::to_string(v.item + 1) + " theta " + std::to_string(v.theta) + " category " + std::to_string(v.category);
        auto const terms = category_terms(items[static_cast<std::size_t>(v.item)], static_cast<std::size_t>(v.category), {v.theta});
        expect_close(terms.probability, v.probability, 4e-14, 0, what);
        expect_close(terms.log_probability, v.log_probability, 4e-14, 1e-2, what);
        expect_close(terms.first, v.first, 1e-13, 1e-2, what);
        expect_close(terms.second, v.second, 1e-13, 1e-2, what);
    }
}

TEST(ItemModel, GivesInformationItsDerivativeAndWarmsTerm)
{
    auto const items = vector_models();
    for (auto const& v : information_vectors) {
        auto const what = "item " + std::to_string(v.item + 1) + " theta " + std::to_string(v.theta);
        auto const terms = information_terms(items[static_cast<std::size_t>(v.item)], {v.theta});
        expect_close(terms.information, v.information, 1e-12, 1e-12, what);
        expect_close(terms.derivative, v.derivative, 1e-12, 1e-9, what);
        expect_close(terms.bias, v.bias, 1e-12, 1e-9, what);
    }
}

TEST(ItemModel, KeepsProbabilitiesASumOfOneAndTheScoresSumZeroFarOut)
{
    auto items = vector_models();
    items.push_back(ItemModel::dichotomous(ModelKind::four_parameter, 4, -6, 0.5, 0.9));
    items.push_back(ItemModel::of({.kind = ModelKind::graded, .slopes = {2}, .thresholds = {0.5, 0.5, 1}}));
    items.push_back(ItemModel::of({.kind = ModelKind::graded, .slopes = {-1.5}, .thresholds = {2, 0.5, -1}}));
    for (auto const& item : items)
        for (auto const theta : {-40.0, -6.0, 0.0, 3.3, 40.0}) {
            auto terms = std::vector<CategoryTerms>(item.categories());
            item.evaluate({theta}, terms);
            auto sum = 0.0, score = 0.0;
            for (auto const& t : terms) {
                sum += t.probability;
                score += t.probability * t.first; // E[d ln P] = 0
                EXPECT_TRUE(std::isfinite(t.first) && std::isfinite(t.second));
            }
            EXPECT_NEAR(sum, 1, 1e-14);
            EXPECT_NEAR(score, 0, 1e-13);
        }
}

TEST(ItemModel, GivesGradedItemsWithEqualThresholdsACategoryThatCannotOccur)
{
    auto const item = ItemModel::of({.kind = ModelKind::graded, .slopes = {1.3}, .thresholds = {0.4, 0.4}});
    auto const terms = category_terms(item, 1, {0.1});
    EXPECT_EQ(terms.probability, 0);
    EXPECT_EQ(terms.log_probability, -std::numeric_limits<double>::infinity());
    // The limit as the thresholds part: ln s(x) + ln s(-x).
    auto const s = 1 / (1 + std::exp(-1.3 * (0.1 - 0.4)));
    EXPECT_NEAR(log_likelihood(item, terms), std::log(s * (1 - s)), 1e-14);
}

TEST(ItemModel, SaysWhatIsWrongWithParameters)
{
    auto const problem = [](ModelKind kind, std::vector<double> a, std::vector<double> b, double c = 0, double d = 1) {
        return ItemModel::problem({.kind = kind, .slopes = std::move(a), .thresholds = std::move(b), .lower = c, .upper = d}).value_or("");
    };
    EXPECT_EQ(problem(ModelKind::two_parameter, {1}, {0}), "");
    EXPECT_EQ(problem(ModelKind::two_parameter, {0}, {0}), "a must not be 0");
    EXPECT_EQ(problem(ModelKind::two_parameter, {NAN}, {0}), "a must lie within -100 … 100 but is nan");
    EXPECT_EQ(problem(ModelKind::two_parameter, {1}, {0}, 0.2), "c of a 2PL item must be 0 but is 0.2");
    EXPECT_EQ(problem(ModelKind::four_parameter, {1}, {0}, 0.5, 0.5), "c must be below d, but they are 0.5 and 0.5");
    EXPECT_EQ(problem(ModelKind::graded, {1}, {0.3, 0.2}), "the thresholds of a GRM item must not decrease, but 0.3 is followed by 0.2");
    EXPECT_EQ(problem(ModelKind::generalized_partial_credit, {1}, {0.3, 0.2}), ""); // steps may be disordered
    EXPECT_EQ(problem(ModelKind::nominal, {0, 1}, {0}), "an NRM item needs as many a as b, but has 2 and 1");
    EXPECT_EQ(problem(ModelKind::nominal, {0.1, 1}, {0, 1}), "a and b of an NRM item's first category must be 0");
}

} // namespace
} // namespace assay::exam
