#include "exam/adaptive/tables.hpp"
#include "exam/errors.hpp"
#include "exam/exam_version.hpp"
#include "tests/vectors/irt/vectors.hpp"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace assay::exam {
namespace {

ItemModel item(double a, double b, double c) { return three_parameter_item(a, b, c).value(); }

TEST(ResponseProbability, AgreesWithFiftyDigitArithmetic)
{
    for (auto const& v : irt_vectors)
        EXPECT_NEAR(response_probability(item(v.a, v.b, v.c), {v.theta}), v.probability, 4e-16 * (1 + std::abs(v.a * (v.theta - v.b))))
            << v.a << ' ' << v.b << ' ' << v.c << ' ' << v.theta;
}

TEST(Information, AgreesWithFiftyDigitArithmeticInRelativeTerms)
{
    for (auto const& v : irt_vectors)
        EXPECT_NEAR(information(item(v.a, v.b, v.c), {v.theta}) / v.information, 1.0, 1e-13)
            << v.a << ' ' << v.b << ' ' << v.c << ' ' << v.theta;
}

TEST(LogProbabilities, KeepBothTailsWhereTheProbabilityRoundsToOneOrToTheGuessing)
{
    auto const log_of = [](ItemModel const& model, std::size_t category, double theta) { return category_terms(model, category, {theta}).log_probability; };
    EXPECT_NEAR(log_of(item(4, -6, 0), 0, 6), -48, 1e-12); // 1 - P is e^-48
    EXPECT_NEAR(log_of(item(4, -6, 0), 1, 6), -std::exp(-48.0), 1e-33);
    EXPECT_NEAR(log_of(item(4, 6, 0.25), 1, -6), std::log(0.25), 1e-15);
    EXPECT_NEAR(log_of(item(4, 6, 0.25), 0, -6), std::log(0.75), 1e-15);
}

TEST(ThreeParameterItem, IsRefusedOutsideItsRanges)
{
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    for (auto const& [a, b, c] : {std::array{0.0, 0.0, 0.0}, {-1, 0, 0}, {10.1, 0, 0}, {1, -10.5, 0}, {1, 10.5, 0}, {1, 0, -0.01}, {1, 0, 0.51},
                                  {nan, 0, 0}, {1, nan, 0}, {1, 0, nan}}) {
        auto const refused = three_parameter_item(a, b, c);
        ASSERT_FALSE(refused) << a << ' ' << b << ' ' << c;
        EXPECT_EQ(refused.error(), errc::invalid_parameters);
    }
    EXPECT_TRUE(three_parameter_item(0.05, -10, 0.5));
    EXPECT_TRUE(three_parameter_item(10, 10, 0));
}

TEST(ThreeParameterItem, HasNoNegativeZeros)
{
    auto const zero = item(1, -0.0, -0.0);
    EXPECT_FALSE(std::signbit(zero.threshold()));
    EXPECT_FALSE(std::signbit(zero.lower()));
}

TEST(CategoryOf, TellsTwoCategoriesFullCreditAndMoreOfThemWhatTheScorePaysFor)
{
    auto const right_or_wrong = item(1, 0, 0);
    EXPECT_EQ(category_of(right_or_wrong, 1.9, 2), 0u);
    EXPECT_EQ(category_of(right_or_wrong, 2, 2), 1u);
    EXPECT_EQ(category_of(right_or_wrong, -1, 2), 0u);
    auto const four = ItemModel::of({.kind = ModelKind::generalized_partial_credit, .slopes = {1}, .thresholds = {-1, 0, 1}});
    EXPECT_EQ(category_of(four, -0.5, 3), 0u);
    EXPECT_EQ(category_of(four, 0, 3), 0u);
    EXPECT_EQ(category_of(four, 1, 3), 1u);
    EXPECT_EQ(category_of(four, 1.99, 3), 1u);
    EXPECT_EQ(category_of(four, 2, 3), 2u);
    EXPECT_EQ(category_of(four, 4, 3), 3u);
    EXPECT_EQ(category_of(four, 1, 1.5), 2u) << "two thirds of the points are two steps of three";
    for (auto k = 0; k <= 100; ++k) { // 0.29 · 100 is a little less than 29
        auto thresholds = std::vector<double>(50, 0.0);
        auto const fifty = ItemModel::of({.kind = ModelKind::partial_credit, .slopes = {1}, .thresholds = thresholds});
        EXPECT_EQ(category_of(fifty, k / 100.0, 1), static_cast<std::size_t>(k / 2)) << k;
    }
}

adaptive::BankTables tables_of_bank()
{
    auto models = std::vector<ItemModel>{};
    for (auto const& row : eap_bank) models.push_back(item(row[0], row[1], row[2]));
    return {std::move(models), {}};
}

TEST(Posterior, AgreesWithFiftyDigitArithmeticForEveryPatternAndALongTest)
{
    auto const tables = tables_of_bank();
    for (auto const& v : eap_vectors) {
        auto posterior = adaptive::NodePosterior{tables, {.mean = v.prior_mean, .standard_deviation = v.prior_sd}};
        for (auto i = std::size_t{0}; v.answers[i] != '\0'; ++i) posterior.update(tables, i % std::size(eap_bank), v.answers[i] == '1');
        auto const estimate = posterior.moments(tables);
        EXPECT_NEAR(estimate.mean, v.theta, 1e-12) << v.answers;
        EXPECT_NEAR(estimate.standard_deviation, v.standard_error, 1e-12) << v.answers;
    }
}

TEST(Posterior, HoldsHalfOfASymmetricPriorOnEachSideOfItsMean)
{
    auto const tables = tables_of_bank();
    auto const prior = adaptive::NodePosterior{tables, {}};
    // The node at 0 belongs to the upper half: half of its own weight, 0.1 · phi(0) / 2, beyond one half.
    EXPECT_NEAR(prior.mass_at_or_above(tables, 0), 0.5 + 0.05 * 0.3989422804014327, 1e-7);
    EXPECT_EQ(prior.mass_at_or_above(tables, -6), 1.0);
    EXPECT_EQ(prior.mass_at_or_above(tables, 6.01), 0.0);
}

TEST(Prior, IsRefusedWhereTheGridCannotHoldIt)
{
    EXPECT_FALSE(is_valid(Prior{.mean = 0, .standard_deviation = 0}));
    EXPECT_FALSE(is_valid(Prior{.mean = 5, .standard_deviation = 1}));
    EXPECT_TRUE(is_valid(Prior{}));
}

} // namespace
} // namespace assay::exam
