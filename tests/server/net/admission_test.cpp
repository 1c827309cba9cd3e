#include "server/net/detail/admission.hpp"

#include <gtest/gtest.h>

namespace assay::net::detail {
namespace {

using namespace std::chrono_literals;
constexpr auto start = TokenBucket::Clock::time_point{1h};

TEST(TokenBucket, AllowsABurstAndThenItsRate)
{
    auto bucket = TokenBucket{Rate{2, 3}, start};
    for (auto i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(start).count(), 0);
    EXPECT_DOUBLE_EQ(bucket.take(start).count(), 0.5);
    EXPECT_EQ(bucket.take(start + 500ms).count(), 0);
    EXPECT_GT(bucket.take(start + 500ms).count(), 0);
    EXPECT_TRUE(bucket.is_full(start + 2s));
    EXPECT_FALSE(bucket.is_full(start + 1s));
}

std::array<Rate, rate_class_count> uniform(Rate rate)
{
    auto rates = std::array<Rate, rate_class_count>{};
    rates.fill(rate);
    return rates;
}

TEST(RateLimiter, CountsAddressesAndClassesApart)
{
    auto limiter = RateLimiter{uniform({1, 1}), 100};
    EXPECT_EQ(limiter.take("a", RateClass::api, start).count(), 0);
    EXPECT_GT(limiter.take("a", RateClass::api, start).count(), 0);
    EXPECT_EQ(limiter.take("a", RateClass::sign_in, start).count(), 0);
    EXPECT_EQ(limiter.take("b", RateClass::api, start).count(), 0);
}

TEST(RateLimiter, ForgetsFullBucketsBeforeThoseThatStillLimit)
{
    auto limiter = RateLimiter{uniform({1, 2}), 10};
    for (auto i = 0; i < 9; ++i) limiter.take("old" + std::to_string(i), RateClass::api, start); // full again after a second
    auto const later = start + 5s;
    for (auto i = 0; i < 2; ++i) limiter.take("busy", RateClass::api, later);
    for (auto i = 0; i < 9; ++i) limiter.take("new" + std::to_string(i), RateClass::api, later);
    EXPECT_GT(limiter.take("busy", RateClass::api, later).count(), 0) << "the one that is limited must not be forgotten";
}

TEST(Admission, LimitsConnectionsInAllAndByAddress)
{
    auto admission = Admission{3, 2};
    auto a = admission.admit("a", true);
    auto b = std::make_unique<Admission::Ticket>(admission.admit("a", true));
    EXPECT_TRUE(a);
    EXPECT_TRUE(*b);
    EXPECT_FALSE(admission.admit("a", true)) << "two an address";
    auto c = admission.admit("c", true);
    EXPECT_FALSE(admission.admit("d", true)) << "three in all";
    b.reset();
    EXPECT_EQ(admission.total(), 2u);
    EXPECT_TRUE(admission.admit("a", true));
}

} // namespace
} // namespace assay::net::detail
