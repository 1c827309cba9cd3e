#include "core/exp_log.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace assay {
namespace {

/// The error of `value` against a long double reference, in units of the last place of a double.
double ulps(double value, long double exact)
{
    auto const rounded = static_cast<double>(exact);
    auto const ulp = std::nextafter(std::abs(rounded), std::numeric_limits<double>::infinity()) - std::abs(rounded);
    return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / static_cast<long double>(ulp));
}

TEST(ExactOrderExp, StaysWithinOneAndAHalfUlpOfGlibcsLongDouble)
{
    auto random = std::mt19937_64{20261123};
    for (auto const bound : {1e-3, 1.0, 40.0, 700.0}) {
        auto uniform = std::uniform_real_distribution<double>{-bound, bound};
        for (auto i = 0; i < 50000; ++i) {
            auto const x = uniform(random);
            ASSERT_LE(ulps(exact_order_exp(x), std::exp(static_cast<long double>(x))), 1.5) << std::hexfloat << x;
        }
    }
}

TEST(ExactOrderLog, StaysWithinOneAndAHalfUlpOfGlibcsLongDouble)
{
    auto random = std::mt19937_64{20261124};
    auto exponent = std::uniform_real_distribution<double>{-700, 700};
    auto near_one = std::uniform_real_distribution<double>{0.5, 2};
    for (auto i = 0; i < 100000; ++i)
        for (auto const x : {std::exp(exponent(random)), near_one(random)})
            ASSERT_LE(ulps(exact_order_log(x), std::log(static_cast<long double>(x))), 1.5) << std::hexfloat << x;
}

TEST(ExactOrderLog1pExp, StaysWithinFourUlpOfGlibcsLongDouble)
{
    auto random = std::mt19937_64{20261125};
    auto uniform = std::uniform_real_distribution<double>{-60, 60};
    for (auto i = 0; i < 100000; ++i) {
        auto const x = uniform(random);
        ASSERT_LE(ulps(exact_order_log1p_exp(x), std::log1p(std::exp(static_cast<long double>(x)))), 4.0) << std::hexfloat << x;
    }
}

TEST(ExactOrderExp, HandlesTheEdges)
{
    EXPECT_EQ(exact_order_exp(0), 1);
    EXPECT_EQ(exact_order_exp(-800), 0);
    EXPECT_TRUE(std::isinf(exact_order_exp(710)));
    EXPECT_TRUE(std::isnan(exact_order_exp(NAN)));
    EXPECT_GT(exact_order_exp(-740), 0); // subnormal
    EXPECT_EQ(exact_order_log(1), 0);
    EXPECT_TRUE(std::isinf(exact_order_log(0)));
    EXPECT_TRUE(std::isnan(exact_order_log(-1)));
    EXPECT_NEAR(exact_order_log(5e-324), -744.4400719213812, 1e-12);
}

} // namespace
} // namespace assay
