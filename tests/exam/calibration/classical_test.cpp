#include "exam/calibration/fit/classical.hpp"
#include "tests/exam/calibration/support.hpp"

using namespace calibration_testing;

// Six persons, three items, worked by hand: sums 0 1 2 2 3 1, item variances 0.3 0.3 0.3 (3 of 6 right each: p (1 − p) 6/5), variance of
// the sums 1.1, so alpha = 3/2 (1 − 0.9/1.1) = 0.272727…
TEST(Classical, HasTheStatisticsOfASmallTable)
{
    auto const responses = table(3, {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 1}, {1, 1, 1}, {0, 0, 1}});
    auto const result = classical(responses, {});
    EXPECT_EQ(result.complete, 6u);
    EXPECT_NEAR(*result.mean, 1.5, 1e-15);
    EXPECT_NEAR(*result.sd, std::sqrt(1.1), 1e-15);
    EXPECT_NEAR(*result.alpha, 1.5 * (1 - 0.9 / 1.1), 1e-14);
    auto const& first = result.items[0];
    EXPECT_EQ(first.p, 0.5);
    // with the sums: covariance (1 + 2 + 3)/6 − 0.5 · 1.5 = 0.25; deviations √0.25 and √(5.5/6)
    EXPECT_NEAR(*first.point_biserial, 0.25 / std::sqrt(0.25 * 5.5 / 6), 1e-14);
    // with the rest 0 0 1 2 2 1: mean 1, covariance (0 + 1 + 2)/6 − 0.5 = 0, no correlation
    EXPECT_NEAR(*first.corrected, 0, 1e-14);
    // the other two: variance of sums 0 0 1 2 2 1 is 0.8, alpha = 2 (1 − 0.6/0.8)
    EXPECT_NEAR(*first.alpha_without, 0.5, 1e-14);
}

TEST(Classical, ScoresOptionsByTheirKeyAndTabulatesDistractors)
{
    auto const responses = table(2, {{1, 3}, {1, 3}, {2, 3}, {3, 1}, {2, 2}, {1, 1}});
    auto const keys = std::vector<std::optional<Category>>{Category{1}, Category{3}};
    auto const result = classical(responses, keys);
    auto const& first = result.items[0];
    EXPECT_EQ(first.p, 0.5);
    ASSERT_EQ(first.categories.size(), 3u);
    EXPECT_EQ(first.categories[0].category, 1);
    EXPECT_EQ(first.categories[0].persons, 3u);
    EXPECT_NEAR(*first.categories[0].mean_rest, 2.0 / 3, 1e-15);
    EXPECT_NEAR(*first.categories[1].mean_rest, 0.5, 1e-15);
    EXPECT_NEAR(*first.categories[2].mean_rest, 0, 1e-15);
    // choosing option 3 (one of six) against rests 1 1 1 0 0 0: covariance 0/6 − 1/6 · 1/2; variances 5/36, 1/4
    EXPECT_NEAR(*first.categories[2].point_biserial, (-1.0 / 12) / std::sqrt(5.0 / 36 / 4), 1e-14);
}

TEST(Classical, SaysNothingWhereThereIsNothingToSay)
{
    auto const constant = classical(table(2, {{1, 0}, {1, 1}, {1, 0}, {1, 1}}), {});
    EXPECT_FALSE(constant.items[0].point_biserial);
    EXPECT_FALSE(constant.items[0].corrected);
    EXPECT_EQ(constant.items[0].p, 1);
    auto const nobody = classical(table(2, {{-1, -1}, {-1, 1}}), {});
    EXPECT_EQ(nobody.complete, 0u);
    EXPECT_FALSE(nobody.alpha);
    EXPECT_EQ(nobody.items[0].answers, 0u);
    EXPECT_FALSE(classical(table(1, {{1}, {0}}), {}).alpha);
    EXPECT_EQ(classical(table(2, {}), {}).persons, 0u);
}
