#include "exam/sitting.hpp"

#include "exam/errors.hpp"
#include "tests/exam/support.hpp"

#include <cmath>
#include <gmock/gmock.h>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::ElementsAre;
using std::chrono::hours;
using std::chrono::microseconds;

TEST(Decide, WantsTheSittingOpenedAttachedAndStartedInThisOrder)
{
    auto run = SittingRun{};
    EXPECT_EQ(run.send(Attach{1}, noon), errc::sitting_not_open);
    EXPECT_EQ(run.send(Expire{}, noon), errc::sitting_not_open);
    ASSERT_FALSE(run.send(opening(run.version), noon));
    EXPECT_EQ(run_state(run.sitting), RunState::ready);
    EXPECT_EQ(run.send(opening(run.version), noon), errc::sitting_already_open);
    EXPECT_EQ(run.send(Start{1}, noon), errc::not_attached);
    EXPECT_EQ(run.answer(right(), noon), errc::sitting_not_started);
    ASSERT_FALSE(run.send(Attach{1}, noon));
    EXPECT_EQ(run.send(Start{2}, noon), errc::stale_attachment);
    ASSERT_FALSE(run.send(Start{1}, noon));
    EXPECT_EQ(run.send(Start{1}, noon), errc::sitting_already_started);
    EXPECT_EQ(run_state(run.sitting), RunState::running);
    EXPECT_EQ(presented_ordinal(run.sitting), 1u);
    EXPECT_EQ(run.sitting.version, run.events.size());
}

TEST(Decide, LeavesASittingReadyWhenEveryItemIsBanned)
{
    auto run = SittingRun{};
    auto open = opening(run.version);
    for (auto const& item : run.version.pool) open.banned.push_back(item.id);
    ASSERT_FALSE(run.send(open, noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    EXPECT_EQ(run.send(Start{1}, noon), errc::bank_exhausted);
    EXPECT_EQ(run_state(run.sitting), RunState::ready);
}

TEST(Decide, AcceptsOneResponseToTheItemThatWaits)
{
    auto run = started_run();
    EXPECT_EQ(run.send(SubmitResponse{1, 2, right()}, noon), errc::item_not_presented);
    EXPECT_EQ(run.send(SubmitResponse{1, 0, right()}, noon), errc::item_not_presented);
    ASSERT_FALSE(run.send(SubmitResponse{1, 1, right()}, noon));
    EXPECT_EQ(run.send(SubmitResponse{1, 1, wrong()}, noon), errc::item_not_presented);
    EXPECT_EQ(answered_count(run.sitting), 1u);
    EXPECT_EQ(presented_ordinal(run.sitting), 2u);
}

TEST(Decide, PassesOnWhyAnItemRefusesAResponse)
{
    auto run = started_run();
    run.scorer = [](ItemId, ResponseSet const&) -> result<ItemScore> { return make_error_code(std::errc::invalid_argument); };
    EXPECT_EQ(run.answer(right(), noon), std::errc::invalid_argument);
    EXPECT_EQ(answered_count(run.sitting), 0u);
}

TEST(Decide, RefusesAResponseBeyondItsBounds)
{
    auto run = started_run();
    EXPECT_EQ(run.answer({{"RESPONSE", {std::string(64 * 1024, 'x')}}}, noon), errc::response_too_large);
    EXPECT_EQ(run.answer({{"RESPONSE", std::vector<std::string>(256, "x")}}, noon), errc::response_too_large);
    EXPECT_FALSE(run.answer({{"RESPONSE", std::vector<std::string>(255, "x")}}, noon));
}

TEST(Decide, TellsTheModelsThatPartialCreditIsNotRight)
{
    auto run = started_run();
    run.scorer = [](ItemId, ResponseSet const&) -> result<ItemScore> { return ItemScore{1, 2}; };
    ASSERT_FALSE(run.answer(right(), noon));
    EXPECT_LT(run.estimate().theta.logits, 0);
    EXPECT_EQ(run.sitting.items[0].score, (ItemScore{1, 2})) << "the score itself is kept";
    EXPECT_FALSE(run.sitting.items[0].correct);
}

TEST(Decide, CutsTheOlderDeviceOffAndLetsTheNewOneContinue)
{
    auto run = started_run();
    ASSERT_FALSE(run.send(Attach{2}, noon + seconds{5}));
    EXPECT_EQ(run.send(SubmitResponse{1, 1, right()}, noon + seconds{6}), errc::stale_attachment);
    EXPECT_EQ(run.send(Attach{1}, noon + seconds{6}), errc::stale_attachment);
    EXPECT_EQ(run.send(LoseConnection{1, noon}, noon + seconds{6}), errc::stale_attachment);
    EXPECT_EQ(run.send(Finish{1}, noon + seconds{6}), errc::stale_attachment);
    EXPECT_FALSE(run.send(SubmitResponse{2, 1, right()}, noon + seconds{7}));
    auto const before = run.events.size();
    EXPECT_FALSE(run.send(Attach{2}, noon + seconds{8}));
    EXPECT_EQ(run.events.size(), before) << "a device that is still attached has nothing to record";
}

TEST(Decide, LetsANewDeviceTakeOverFromALostOneWithTheCredit)
{
    auto run = started_run();
    ASSERT_FALSE(run.send(LoseConnection{1, noon + seconds{10}}, noon + seconds{10}));
    ASSERT_FALSE(run.send(Attach{2}, noon + seconds{40}));
    EXPECT_EQ(run_state(run.sitting), RunState::running);
    EXPECT_EQ(run.closing(noon + seconds{40}), noon + hours{1} + seconds{30});
}

TEST(Decide, LetsOnlyStaffPauseBeyondABreakAndOnlyStaffResumeIt)
{
    auto version = demo_version();
    version.settings.clock.breaks_max = 1;
    auto run = started_run(version);
    EXPECT_EQ(run.send(Pause{PauseKind::staff, std::nullopt, "x"}, noon), errc::only_staff_may_do_this);
    EXPECT_EQ(run.send(Pause{PauseKind::staff, staff, ""}, noon), errc::reason_missing);
    EXPECT_EQ(run.send(Resume{staff}, noon), errc::not_paused);
    ASSERT_FALSE(run.send(Pause{PauseKind::candidate_break, std::nullopt, ""}, noon));
    ASSERT_FALSE(run.send(Pause{PauseKind::staff, staff, "found notes on the desk"}, noon + minutes{2})) << "staff may stop a break";
    EXPECT_EQ(paused_by(run.sitting), PauseKind::staff);
    EXPECT_EQ(run.send(Pause{PauseKind::proctor, staff, "again"}, noon + minutes{2}), errc::already_paused);
    EXPECT_EQ(run.send(Resume{}, noon + minutes{3}), errc::only_staff_may_do_this);
    ASSERT_FALSE(run.send(Resume{staff}, noon + minutes{3}));
    EXPECT_EQ(run.closing(noon + minutes{3}), noon + hours{1} + minutes{3});
}

TEST(Decide, WritesDownThatTheTimeIsUpOnceItIs)
{
    auto run = started_run();
    EXPECT_EQ(run.send(Expire{}, noon + hours{1} - microseconds{1}), errc::time_limit_not_reached);
    ASSERT_FALSE(run.send(Expire{}, noon + hours{1} + minutes{7}));
    EXPECT_EQ(run_state(run.sitting), RunState::timed_out);
    EXPECT_EQ(run.all<TimedOut>().at(0).closed_at, noon + hours{1});
    ASSERT_TRUE(run.sitting.outcome);
    EXPECT_FALSE(run.sitting.outcome->passed);
    EXPECT_EQ(run.send(Expire{}, noon + hours{2}), errc::sitting_has_ended);
    EXPECT_EQ(run.send(Attach{2}, noon + hours{2}), errc::sitting_has_ended);
    EXPECT_EQ(run.send(Terminate{staff, "late"}, noon + hours{2}), errc::sitting_has_ended);
    EXPECT_EQ(run.send(AddMinutes{staff, minutes{5}, "late"}, noon + hours{2}), errc::sitting_has_ended);
}

TEST(Decide, NeverRunsBackwardsWhenTheClockSteps)
{
    auto run = started_run();
    ASSERT_FALSE(run.answer(right(), noon + seconds{10}));
    ASSERT_FALSE(run.answer(right(), noon + seconds{9}));
    EXPECT_EQ(run.sitting.last_at, noon + seconds{10});
}

TEST(StopRule, RunsToTheMaximumLengthWhileTheCutIsNear)
{
    auto version = demo_version();
    version.settings.near_cut_z = 4;
    auto run = started_run(version);
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(i % 2 == 0 ? right() : wrong(), noon + seconds{i}));
    EXPECT_THAT(run.all<Submitted>(), ElementsAre(Submitted{run.sitting.last_at, SubmitCause::maximum_length}));
    EXPECT_EQ(answered_count(run.sitting), 30u);
    EXPECT_EQ(run.sitting.outcome->band, CutBand::near_cut);
}

TEST(StopRule, NeedsTheMinimumLengthHoweverPreciseTheEstimate)
{
    auto version = demo_version();
    version.settings.standard_error_stop = 2; // reached by the prior
    version.settings.near_cut_z = 0;
    auto run = started_run(version);
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(right(), noon + seconds{i}));
    EXPECT_EQ(answered_count(run.sitting), 15u);
    EXPECT_EQ(run.all<Submitted>().at(0).cause, SubmitCause::precision_reached);
}

TEST(StopRule, NeedsEveryBlueprintMinimumAndEndsWhenThePoolIsUsedUp)
{
    auto run = SittingRun{};
    run.version.settings.standard_error_stop = 2;
    run.version.settings.near_cut_z = 0;
    run.version.settings.length.maximum = 200;
    auto open = opening(run.version);
    for (auto const& item : run.version.pool)
        if (item.area == "tuning") open.banned.push_back(item.id); // its minimum of 3 can't be met
    ASSERT_FALSE(run.send(open, noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    ASSERT_FALSE(run.send(Start{1}, noon));
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(right(), noon + seconds{i}));
    EXPECT_EQ(answered_count(run.sitting), 160u);
    EXPECT_EQ(run.all<Submitted>().at(0).cause, SubmitCause::bank_exhausted);
    EXPECT_FALSE(run.sitting.outcome->passed);
    EXPECT_THAT(run.sitting.outcome->reasons,
                ElementsAre(OutcomeReason::estimate_reaches_cut, OutcomeReason::blueprint_minimum_not_reached));
}

TEST(Outcome, PassesACompleteRunWhoseEstimateReachesTheCut)
{
    auto run = started_run();
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(right(), noon + seconds{i}));
    auto const& outcome = *run.sitting.outcome;
    EXPECT_TRUE(outcome.passed);
    EXPECT_THAT(outcome.reasons, ElementsAre(OutcomeReason::estimate_reaches_cut));
    EXPECT_EQ(outcome.band, CutBand::above);
    EXPECT_EQ(outcome.items.size(), answered_count(run.sitting));
    EXPECT_GT(outcome.scaled, outcome.scaled_cut);
    auto answered = 0;
    for (auto const& area : outcome.areas) {
        EXPECT_EQ(area.correct, area.answered);
        EXPECT_NE(area.feedback, AreaFeedback::weaker);
        EXPECT_EQ(area.feedback == AreaFeedback::too_few_items, area.answered < 5) << area.area;
        answered += area.answered;
    }
    EXPECT_EQ(std::cmp_equal(answered, outcome.items.size()), true);
}

TEST(Outcome, ReachesTheCutAtTheCutItself)
{
    auto run = started_run();
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(i % 3 == 0 ? wrong() : right(), noon + seconds{i}));
    auto version = run.version;
    version.settings.cut = run.sitting.outcome->estimate.theta;
    EXPECT_TRUE(outcome_of(run.sitting, *prepared(version), false).passed);
    version.settings.cut.logits = std::nextafter(version.settings.cut.logits, 9);
    EXPECT_FALSE(outcome_of(run.sitting, *prepared(version), false).passed);
}

TEST(Outcome, DoesNotPassARunThatWasHandedInTooEarlyOrTerminated)
{
    auto early = started_run();
    for (auto i = 0; i < 5; ++i) ASSERT_FALSE(early.answer(right(), noon + seconds{i}));
    auto stopped = early;
    ASSERT_FALSE(early.send(Finish{1}, noon + seconds{6}));
    EXPECT_EQ(run_state(early.sitting), RunState::submitted);
    EXPECT_FALSE(early.sitting.outcome->passed);
    EXPECT_THAT(early.sitting.outcome->reasons,
                ElementsAre(OutcomeReason::estimate_reaches_cut, OutcomeReason::minimum_length_not_reached,
                            OutcomeReason::blueprint_minimum_not_reached));

    EXPECT_EQ(stopped.send(Terminate{staff, ""}, noon + seconds{6}), errc::reason_missing);
    ASSERT_FALSE(stopped.send(Terminate{staff, "another person took the seat"}, noon + seconds{6}));
    EXPECT_EQ(run_state(stopped.sitting), RunState::terminated);
    EXPECT_EQ(stopped.sitting.outcome->reasons.back(), OutcomeReason::run_terminated);
    EXPECT_EQ(stopped.sitting.outcome->estimate, early.sitting.outcome->estimate) << "ending a run changes no score";
}

TEST(Apply, RefusesAnEventThatCannotComeNext)
{
    auto const run = started_run();
    EXPECT_THROW(apply(run.sitting, run.version, SittingStarted{noon}), ContractViolation);
    EXPECT_THROW(apply(run.sitting, run.version, ItemPresented{noon, 2, run.version.pool[0].id}), ContractViolation);
    EXPECT_THROW(apply(run.sitting, run.version, ScoreFinalised{noon, {}}), ContractViolation);
    EXPECT_THROW(apply({}, run.version, SittingStarted{noon}), ContractViolation);
}

} // namespace
} // namespace assay::exam
