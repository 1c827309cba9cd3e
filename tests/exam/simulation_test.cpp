// A thousand candidates of known ability take the demo exam: do the estimates and their standard errors mean what they say?
#include "tests/exam/support.hpp"

#include <cmath>
#include <set>

namespace assay::exam {
namespace {

using namespace test;

TEST(Simulation, CoversTheTrueAbilityInNinetyFiveOfAHundredPosteriorIntervals)
{
    constexpr auto seed = std::uint64_t{20261124};
    constexpr auto count = 1000;
    auto const version = demo_version();
    auto random = std::mt19937_64{seed};
    auto normal = std::normal_distribution<double>{};
    auto covered = 0;
    auto right_decisions = 0;
    auto standardised = 0.0;
    auto length = 0.0;
    for (auto i = std::uint64_t{0}; i < count; ++i) {
        auto const theta = Theta{normal(random)};
        auto const run = simulated_run(version, theta, seed + i);
        auto const& outcome = run.sitting.outcome.value();
        auto const z = (outcome.estimate.theta.logits - theta.logits) / outcome.estimate.standard_error;
        covered += std::abs(z) <= 1.959964 ? 1 : 0;
        standardised += z / count;
        length += static_cast<double>(outcome.items.size()) / count;
        right_decisions += outcome.passed == (theta >= version.settings.cut) ? 1 : 0;

        EXPECT_GE(outcome.items.size(), 15u);
        EXPECT_LE(outcome.items.size(), 30u);
        EXPECT_EQ(std::set<ItemId>(outcome.items.begin(), outcome.items.end()).size(), outcome.items.size());
        for (auto const& area : outcome.areas) EXPECT_GE(area.answered, 3);
    }
    std::printf("seed %llu: coverage %.3f, mean z %.3f, mean length %.1f, right decisions %.3f\n",
                static_cast<unsigned long long>(seed), covered / 1000.0, standardised, length, right_decisions / 1000.0);
    EXPECT_GE(covered, 930); // 95 % ± 3 SD of a binomial of 1000
    EXPECT_LE(covered, 970);
    EXPECT_NEAR(standardised, 0, 0.1); // 3 SD of a mean of 1000
    EXPECT_GE(right_decisions, 900);
}

} // namespace
} // namespace assay::exam
