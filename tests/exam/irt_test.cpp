#include "exam/irt.hpp"

#include "exam/errors.hpp"
#include "exam/posterior.hpp"
#include "tests/vectors/irt/vectors.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace assay::exam {
namespace {

ItemParameters item(double a, double b, double c)
{
    return ItemParameters::create({.discrimination = a, .difficulty = b, .pseudo_guessing = c}).value();
}

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
    auto const easy = log_probabilities(item(4, -6, 0), {6}); // 1 - P is e^-48
    EXPECT_NEAR(easy.incorrect, -48, 1e-12);
    EXPECT_NEAR(easy.correct, -std::exp(-48.0), 1e-33);
    auto const hard = log_probabilities(item(4, 6, 0.25), {-6});
    EXPECT_NEAR(hard.correct, std::log(0.25), 1e-15);
    EXPECT_NEAR(hard.incorrect, std::log(0.75), 1e-15);
}

TEST(ItemParameters, AreRefusedOutsideTheirRanges)
{
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    for (auto const& v : {ItemParameters::Values{0, 0, 0}, {-1, 0, 0}, {10.1, 0, 0}, {1, -10.5, 0}, {1, 10.5, 0}, {1, 0, -0.01}, {1, 0, 0.51},
                          {nan, 0, 0}, {1, nan, 0}, {1, 0, nan}}) {
        auto const refused = ItemParameters::create(v);
        ASSERT_FALSE(refused) << v.discrimination << ' ' << v.difficulty << ' ' << v.pseudo_guessing;
        EXPECT_EQ(refused.error(), errc::invalid_parameters);
    }
    EXPECT_TRUE(ItemParameters::create({.discrimination = 0.05, .difficulty = -10, .pseudo_guessing = 0.5}));
    EXPECT_TRUE(ItemParameters::create({.discrimination = 10, .difficulty = 10, .pseudo_guessing = 0}));
}

TEST(ItemParameters, HaveNoNegativeZeros)
{
    auto const zero = item(1, -0.0, -0.0);
    EXPECT_FALSE(std::signbit(zero.difficulty()));
    EXPECT_FALSE(std::signbit(zero.pseudo_guessing()));
}

TEST(Posterior, AgreesWithFiftyDigitArithmeticForEveryPatternAndALongTest)
{
    for (auto const& v : eap_vectors) {
        auto posterior = Posterior{{.mean = v.prior_mean, .standard_deviation = v.prior_sd}};
        for (auto i = std::size_t{0}; v.answers[i] != '\0'; ++i) {
            auto const* row = eap_bank[i % std::size(eap_bank)];
            posterior.update(item(row[0], row[1], row[2]), v.answers[i] == '1');
        }
        auto const estimate = posterior.estimate();
        EXPECT_NEAR(estimate.theta.logits, v.theta, 1e-12) << v.answers;
        EXPECT_NEAR(estimate.standard_error, v.standard_error, 1e-12) << v.answers;
    }
}

TEST(Posterior, HoldsHalfOfASymmetricPriorOnEachSideOfItsMean)
{
    // The node at 0 belongs to the upper half: half of its own weight, 0.1 · phi(0) / 2, beyond one half.
    EXPECT_NEAR(Posterior{}.mass_at_or_above({0}), 0.5 + 0.05 * 0.3989422804014327, 1e-7);
    EXPECT_EQ(Posterior{}.mass_at_or_above({-6}), 1.0);
    EXPECT_EQ(Posterior{}.mass_at_or_above({6.01}), 0.0);
}

TEST(Posterior, RefusesAPriorThatTheGridCannotHold)
{
    EXPECT_THROW(Posterior({.mean = 0, .standard_deviation = 0}), ContractViolation);
    EXPECT_THROW(Posterior({.mean = 5, .standard_deviation = 1}), ContractViolation);
}

} // namespace
} // namespace assay::exam
