#include "exam/adaptive/exposure.hpp"
#include "exam/adaptive/stopping.hpp"
#include "support.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace assay::exam::adaptive {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Scene {
    BankTables tables{std::vector(8, ItemModel::dichotomous(ModelKind::two_parameter, 1.5, 0)), {}};
    NodePosterior posterior{tables, {}};
    std::vector<double> estimates{0.1, 0.4, 0.42, 0.41};

    StopEvidence evidence(int answered, double theta, double se) const
    {
        return {.answered = answered, .theta = theta, .standard_error = se, .mass_at_or_above_cut = posterior.mass_at_or_above(tables, 0), .best_information = 0.3,
                .estimates = estimates, .tables = tables, .posterior = posterior};
    }
};

TEST(Stopping, CountsNoRuleBeforeTheMinimumAndNoneButLengthAtTheMaximum)
{
    auto const scene = Scene{};
    auto const rules = StopRules{.minimum = 5, .maximum = 20, .standard_error = 0.3};
    EXPECT_THAT(stops(rules, scene.evidence(4, 0, 0.1)), IsEmpty());
    EXPECT_THAT(stops(rules, scene.evidence(5, 0, 0.3)), ElementsAre(StopReason::standard_error)); // at the target
    EXPECT_THAT(stops(rules, scene.evidence(5, 0, 0.31)), IsEmpty());
    EXPECT_THAT(stops(rules, scene.evidence(20, 0, 0.31)), ElementsAre(StopReason::maximum));
}

TEST(Stopping, CombinesRulesAsAnyOrAll)
{
    auto const scene = Scene{};
    auto rules = StopRules{.standard_error = 0.3, .confidence_z = 1.96, .minimum_information = 0.5};
    EXPECT_THAT(stops(rules, scene.evidence(9, 1, 0.4)), ElementsAre(StopReason::confidence, StopReason::minimum_information));
    rules.all = true;
    EXPECT_THAT(stops(rules, scene.evidence(9, 1, 0.4)), IsEmpty());
    EXPECT_THAT(stops(rules, scene.evidence(9, 1, 0.2)), ElementsAre(StopReason::standard_error, StopReason::confidence, StopReason::minimum_information));
    rules = StopRules{.all = true};
    EXPECT_THAT(stops(rules, scene.evidence(9, 1, 0.2)), IsEmpty()); // no rule is no reason
}

TEST(Stopping, RunsToTheMaximumNearTheCut)
{
    auto const scene = Scene{};
    auto const rules = StopRules{.maximum = 20, .standard_error = 0.3, .near_cut_z = 1.645};
    EXPECT_THAT(stops(rules, scene.evidence(9, 0.4, 0.25)), IsEmpty());
    EXPECT_THAT(stops(rules, scene.evidence(9, 0.5, 0.25)), ElementsAre(StopReason::standard_error));
    EXPECT_THAT(stops(rules, scene.evidence(20, 0, 0.25)), ElementsAre(StopReason::maximum));
}

TEST(Stopping, CurtailsOnceTheRestOfTheTestWouldKeepTheClassWithTheProbabilityAsked)
{
    // By hand from Bayes' rule: the posterior N(m, s²) and an estimate of variance 1/J to come have the mean (m/s² + y J)/(1/s² + J), y ~ N(m, s² + 1/J).
    auto const scene = Scene{};
    auto const keeps = [](double m, double s, double to_come) {
        auto const weight = to_come / (1 / (s * s) + to_come);
        auto const moves = weight * std::sqrt(s * s + 1 / to_come);
        return 0.5 * std::erfc(-m / moves / std::sqrt(2.0));
    };
    auto checked = 0;
    for (auto const m : {0.05, 0.2, 0.45, 0.8})
        for (auto const s : {0.25, 0.4, 0.6})
            for (auto const to_come : {0.5, 4.0, 25.0}) {
                auto evidence = scene.evidence(9, m, s);
                evidence.information_to_come = to_come;
                auto const stopped = !stops({.curtailment_z = 2.0}, evidence).empty();
                EXPECT_EQ(stopped, keeps(m, s, to_come) > 0.5 * std::erfc(-2.0 / std::sqrt(2.0))) << m << ' ' << s << ' ' << to_come;
                checked += stopped;
            }
    EXPECT_GT(checked, 5);
    EXPECT_LT(checked, 31);
    EXPECT_THAT(stops({.curtailment_z = 2.0}, scene.evidence(9, 0.001, 0.5)), ElementsAre(StopReason::curtailed)) << "nothing is to come";
    EXPECT_THAT(stops({.curtailment_z = 2.0, .near_cut_z = 1}, scene.evidence(9, 0.001, 0.5)), IsEmpty());
}

TEST(Stopping, CountsWhatIsToComeByWorthAnItemAndWholeTestlets)
{
    auto const items = std::vector<ItemToCome>{{.worth = 1, .information = 0.1}, {.worth = 9, .information = 2, .items = 3}, {.worth = 2, .information = 0.5}, {.worth = 2, .information = 0.7}};
    EXPECT_DOUBLE_EQ(information_to_come(items, 4), 2 + 0.5);
    EXPECT_DOUBLE_EQ(information_to_come(items, 2), 0.5 + 0.7) << "the testlet does not fit";
    EXPECT_DOUBLE_EQ(information_to_come(items, 9), 3.3);
    EXPECT_EQ(information_to_come(items, 0), 0);
}

TEST(Stopping, SeesAPlateauOfTheLastEstimates)
{
    auto const scene = Scene{};
    EXPECT_THAT(stops({.plateau = Plateau{3, 0.05}}, scene.evidence(4, 0.4, 0.5)), ElementsAre(StopReason::plateau));
    EXPECT_THAT(stops({.plateau = Plateau{4, 0.05}}, scene.evidence(4, 0.4, 0.5)), IsEmpty());
    EXPECT_THAT(stops({.plateau = Plateau{5, 9}}, scene.evidence(4, 0.4, 0.5)), IsEmpty()); // too few
}

TEST(Stopping, DecidesByLikelihoodRatiosAtTheirBoundaries)
{
    auto scene = Scene{};
    auto const test = CutTest{.alpha = 0.05, .beta = 0.1, .delta = 0.25};
    auto evidence = CutEvidence{test, 0};
    auto expected = 0.0;
    for (auto i = std::size_t{0}; i < 8; ++i) {
        evidence.update(scene.tables.items()[i], 1);
        scene.posterior.update(scene.tables, i, 1);
        expected += std::log((1 / (1 + std::exp(-1.5 * 0.25))) / (1 / (1 + std::exp(1.5 * 0.25))));
        EXPECT_NEAR(evidence.sprt(), expected, 1e-12);
        EXPECT_EQ(evidence.decides(evidence.sprt()), expected >= std::log(0.9 / 0.05));
        // All right: the likelihood rises to the end of the range, which the generalised ratio takes instead of cut + delta.
        auto const best = static_cast<double>(i + 1) * -std::log1p(std::exp(-1.5 * 6));
        auto const below = static_cast<double>(i + 1) * -std::log1p(std::exp(1.5 * 0.25));
        EXPECT_NEAR(evidence.glr(scene.tables, scene.posterior), best - below, 1e-12);
    }
    auto state = scene.evidence(8, 1, 0.5);
    state.glr = &evidence;
    EXPECT_THAT(stops({.glr = test}, state), ElementsAre(StopReason::glr));
}

TEST(Stopping, StopsOnTheProbabilityOfTheClass)
{
    auto scene = Scene{};
    for (auto i = std::size_t{0}; i < 8; ++i) scene.posterior.update(scene.tables, i, 0);
    auto const evidence = scene.evidence(8, -1, 0.5);
    EXPECT_LT(evidence.mass_at_or_above_cut, 0.1);
    EXPECT_THAT(stops({.class_probability = 0.9}, evidence), ElementsAre(StopReason::class_probability));
    EXPECT_THAT(stops({.class_probability = 0.9999}, evidence), IsEmpty());
}

TEST(Exposure, ReadsRulesWithAndWithoutTheirNumbers)
{
    EXPECT_EQ(exposure("none")->rule, ExposureRule::none);
    EXPECT_EQ(exposure("eligibility:0.2")->rate, 0.2);
    EXPECT_EQ(exposure("randomesque:7")->best, 7);
    EXPECT_EQ(exposure("priority:0.2")->rule, ExposureRule::priority);
    for (auto const* wrong : {"", "eligibility:", "eligibility:2", "randomesque:0.5", "restricted:x", "cap"}) EXPECT_FALSE(exposure(wrong)) << wrong;
}

class CappedExposure : public testing::TestWithParam<ExposureRule> {};
INSTANTIATE_TEST_SUITE_P(Rules, CappedExposure, testing::Values(ExposureRule::restricted, ExposureRule::priority), [](auto const& rule) { return std::string{name(rule.param)}; });

TEST_P(CappedExposure, NeverLetsAnItemPassItsCap)
{
    auto control = ExposureControl{{.rule = GetParam(), .rate = 0.25}, 20};
    auto random = Random{1};
    auto used = std::vector<int>(20);
    for (auto sitting = 1; sitting <= 200; ++sitting) {
        auto const bans = control.draw(random);
        auto record = SittingRecord{};
        for (auto i = std::size_t{0}; i < 20 && record.items.size() < 4; ++i) // greedy: always the first ones allowed
            if (!bans.at(i, 0)) {
                record.items.push_back(i);
                record.thetas.push_back(0);
                ++used[i];
            }
        control.record(record, bans);
        EXPECT_LE(*std::max_element(used.begin(), used.end()), std::max(1.0, 0.25 * sitting));
    }
}

TEST(Exposure, HoldsThePopularItemAtItsRateByEligibility)
{
    for (auto const rule : {ExposureRule::eligibility, ExposureRule::eligibility_theta}) {
        auto control = ExposureControl{{.rule = rule, .rate = 0.2}, 10};
        auto random = Random{4};
        auto used = 0.0;
        constexpr auto sittings = 4000;
        for (auto s = 0; s < sittings; ++s) {
            auto const bans = control.draw(random);
            auto const item = bans.at(3, 0) ? std::size_t{5} : std::size_t{3}; // item 3 is always wanted
            used += item == 3;
            control.record({{item}, {0.0}}, bans);
        }
        EXPECT_NEAR(used / sittings, 0.2, 0.02);
    }
}

TEST(Exposure, CountsASittingOnceInTheBandWhereItEndedWithAllItsItems)
{
    // Everybody starts in the middle and wants item 0, there or where the sitting ends, which for half of them is further up.
    auto control = ExposureControl{{.rule = ExposureRule::eligibility_theta, .rate = 0.2}, 4};
    auto random = Random{4};
    auto used = 0.0;
    constexpr auto sittings = 4000;
    for (auto s = 0; s < sittings; ++s) {
        auto const end = s % 2 == 0 ? 0.0 : 1.0;
        auto const bans = control.draw(random);
        auto record = SittingRecord{{1, 2}, {0.0, end}};
        if (!bans.at(0, 0.0)) record.items[0] = 0;
        else if (!bans.at(0, end)) record.items[1] = 0;
        used += record.items[0] == 0 || record.items[1] == 0;
        control.record(record, bans);
    }
    EXPECT_NEAR(used / sittings, 0.2, 0.03);
}

TEST(Exposure, WeighsAnItemLessTheMoreItWasUsed)
{
    auto control = ExposureControl{{.rule = ExposureRule::priority, .rate = 0.5}, 3};
    auto random = Random{1};
    for (auto s = 0; s < 10; ++s) // item 0 in every tenth sitting, item 1 in four of ten, item 2 in none
        control.record(s == 0 ? SittingRecord{{0, 1}, {0, 0}} : s < 4 ? SittingRecord{{1}, {0}} : SittingRecord{}, control.draw(random));
    auto const bans = control.draw(random);
    EXPECT_THAT(bans.level, ElementsAre(0, 3, 0)); // 1/11 of 0.5: the first fifth; 4/11: the fourth
    EXPECT_NEAR(priority_weight(0), std::pow(0.9, 0.25), 1e-15);
    EXPECT_NEAR(priority_weight(3), std::pow(0.3, 0.25), 1e-15);
    for (auto level = std::size_t{1}; level <= use_levels; ++level) EXPECT_LT(priority_weight(level), priority_weight(level - 1));
    EXPECT_GT(priority_weight(use_levels), 0);
}

TEST(Exposure, AdjustsSympsonHetterByTheShareSelected)
{
    auto control = ExposureControl{{.rule = ExposureRule::sympson_hetter, .rate = 0.25}, 3};
    control.adjust(std::vector{0.5, 0.25, 0.1});
    EXPECT_THAT(control.administration_probability(), ElementsAre(0.5, 1.0, 1.0));
}

} // namespace
} // namespace assay::exam::adaptive
