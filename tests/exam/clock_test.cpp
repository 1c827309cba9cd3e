#include "exam/clock.hpp"

#include "exam/errors.hpp"
#include "tests/exam/support.hpp"

namespace assay::exam {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::microseconds;

TEST(Clock, ClosesOneLimitAfterTheStartAndTheInstantItselfIsTooLate)
{
    auto run = started_run();
    EXPECT_EQ(run.closing(noon), noon + hours{1});
    EXPECT_EQ(run.answer(right(), noon + hours{1}), errc::time_limit_reached);
    EXPECT_FALSE(run.answer(right(), noon + hours{1} - microseconds{1}));
}

TEST(Clock, GivesAnAccommodationItsExtraMinutes)
{
    auto run = SittingRun{};
    auto open = opening(run.version);
    open.extra = minutes{30};
    ASSERT_FALSE(run.send(open, noon - minutes{20}));
    EXPECT_EQ(run.closing(noon), std::nullopt) << "nothing runs before the start";
    ASSERT_FALSE(run.send(Attach{1}, noon - minutes{10}));
    ASSERT_FALSE(run.send(Start{1}, noon));
    EXPECT_EQ(run.closing(noon), noon + minutes{90});
}

TEST(Clock, StandsWhileStaffHoldTheSittingAndCreditsThePauseAtItsEnd)
{
    auto run = started_run();
    ASSERT_FALSE(run.send(Pause{PauseKind::proctor, staff, "identity check"}, noon + minutes{10}));
    EXPECT_EQ(run_state(run.sitting), RunState::paused);
    EXPECT_EQ(paused_by(run.sitting), PauseKind::proctor);
    EXPECT_TRUE(stands(run.clock(), run.version.settings.clock, noon + hours{5}));
    EXPECT_EQ(closes_unattended_at(run.clock(), run.version.settings.clock, noon + minutes{11}), std::nullopt);
    EXPECT_EQ(run.closing(noon + hours{5}), noon + hours{5} + minutes{50}) << "fifty minutes are left, whenever it goes on";
    EXPECT_EQ(run.answer(right(), noon + minutes{11}), errc::sitting_paused);

    ASSERT_FALSE(run.send(Resume{staff}, noon + hours{5}));
    EXPECT_EQ(run_state(run.sitting), RunState::running);
    EXPECT_EQ(run.all<TimeCredited>(),
              (std::vector<TimeCredited>{{noon + hours{5}, CreditReason::pause, noon + minutes{10}, noon + hours{5}, hours{5} - minutes{10}}}));
    EXPECT_EQ(run.closing(noon + hours{5}), noon + hours{5} + minutes{50});
}

TEST(Clock, CreditsADisconnectUpToSixtySecondsEachAndThreeMinutesInAll)
{
    auto run = started_run();
    auto now = noon;
    auto expected = std::vector<seconds>{seconds{20}, seconds{60}, seconds{60}, seconds{40}, seconds{0}};
    auto away = std::vector<seconds>{seconds{20}, seconds{61}, seconds{60}, seconds{60}, seconds{60}};
    auto total = seconds{0};
    for (auto i = std::size_t{0}; i < away.size(); ++i) {
        now += minutes{2};
        ASSERT_FALSE(run.send(LoseConnection{1, now}, now));
        EXPECT_EQ(paused_by(run.sitting), PauseKind::network);
        EXPECT_EQ(run.answer(right(), now), errc::not_attached);
        now += away[i];
        ASSERT_FALSE(run.send(Attach{1}, now));
        total += expected[i];
        EXPECT_EQ(run.closing(now), noon + hours{1} + total) << i;
    }
    EXPECT_EQ(total, seconds{180});
    EXPECT_EQ(run.all<TimeCredited>().size(), 4u) << "nothing is recorded where nothing is credited";
}

TEST(Clock, CountsADisconnectFromWhenTheDeviceWasLastHeardOf)
{
    auto run = started_run();
    ASSERT_FALSE(run.answer(right(), noon + seconds{100}));
    ASSERT_FALSE(run.send(LoseConnection{1, noon + seconds{110}}, noon + seconds{130}));
    ASSERT_FALSE(run.send(Attach{1}, noon + seconds{140}));
    EXPECT_EQ(run.closing(noon + seconds{140}), noon + hours{1} + seconds{30});

    // An earlier claim than the last answer is not believed.
    ASSERT_FALSE(run.answer(right(), noon + seconds{200}));
    ASSERT_FALSE(run.send(LoseConnection{1, noon + seconds{150}}, noon + seconds{205}));
    ASSERT_FALSE(run.send(Attach{1}, noon + seconds{210}));
    EXPECT_EQ(run.closing(noon + seconds{210}), noon + hours{1} + seconds{40});
}

TEST(Clock, DoesNotRunOutWhileADisconnectIsStillWithinItsAllowance)
{
    auto run = started_run();
    auto const lost = noon + hours{1} - seconds{10};
    ASSERT_FALSE(run.send(LoseConnection{1, lost}, lost));
    EXPECT_EQ(closes_unattended_at(run.clock(), run.version.settings.clock, lost), noon + hours{1} + minutes{1});
    EXPECT_EQ(run.send(Expire{}, lost + seconds{69}), errc::time_limit_not_reached);
    auto copy = run;
    ASSERT_FALSE(copy.send(Attach{1}, lost + seconds{30}));
    EXPECT_EQ(copy.closing(lost + seconds{30}), noon + hours{1} + seconds{30});
    ASSERT_FALSE(run.send(Expire{}, lost + seconds{70}));
    EXPECT_EQ(run.all<TimedOut>().at(0).closed_at, noon + hours{1} + minutes{1});
}

TEST(Clock, CreditsOurOwnOutageInFullEvenPastTheDeadline)
{
    auto run = started_run();
    ASSERT_FALSE(run.send(CreditOutage{noon + minutes{50}, noon + minutes{75}}, noon + minutes{76}));
    EXPECT_EQ(run.closing(noon + minutes{76}), noon + minutes{85});
    EXPECT_FALSE(run.answer(right(), noon + minutes{84}));
}

TEST(Clock, CreditsNoMomentTwice)
{
    auto run = started_run();
    ASSERT_FALSE(run.send(CreditOutage{noon + minutes{5}, noon + minutes{10}}, noon + minutes{10}));
    auto const before = run.events.size();
    ASSERT_FALSE(run.send(CreditOutage{noon + minutes{5}, noon + minutes{10}}, noon + minutes{11}));
    EXPECT_EQ(run.events.size(), before) << "a repeated outage has nothing to record";
    ASSERT_FALSE(run.send(CreditOutage{noon + minutes{8}, noon + minutes{12}}, noon + minutes{13}));
    EXPECT_EQ(run.closing(noon + minutes{13}), noon + minutes{67});

    ASSERT_FALSE(run.send(Pause{PauseKind::staff, staff, "fire drill"}, noon + minutes{20}));
    ASSERT_FALSE(run.send(CreditOutage{noon + minutes{22}, noon + minutes{24}}, noon + minutes{25}));
    EXPECT_EQ(run.closing(noon + minutes{25}), noon + minutes{72}) << "five minutes of pause, two of them also an outage";
    ASSERT_FALSE(run.send(Resume{staff}, noon + minutes{30}));
    EXPECT_EQ(run.closing(noon + minutes{30}), noon + minutes{77});
    EXPECT_EQ(run.clock().credited, minutes{17});
}

TEST(Clock, CreditsAnOutageThatShowsUpAfterTheDisconnectItCausedAndReturnsTheAllowance)
{
    auto run = started_run();
    auto now = noon + minutes{5};
    ASSERT_FALSE(run.send(LoseConnection{1, now}, now));
    ASSERT_FALSE(run.send(Attach{1}, now + seconds{50}));
    EXPECT_EQ(run.closing(now + seconds{50}), noon + hours{1} + seconds{50});
    ASSERT_FALSE(run.send(CreditOutage{now, now + seconds{45}}, now + seconds{51}));
    EXPECT_EQ(run.closing(now + seconds{51}), noon + hours{1} + seconds{50}) << "45 seconds ours, 5 the candidate's";

    for (auto i = 0; i < 3; ++i) { // 175 of the candidate's 180 seconds are left
        now += minutes{5};
        ASSERT_FALSE(run.send(LoseConnection{1, now}, now));
        ASSERT_FALSE(run.send(Attach{1}, now + seconds{90}));
    }
    EXPECT_EQ(run.closing(now + seconds{90}), noon + hours{1} + seconds{50 + 175});
    EXPECT_EQ(run.clock().credited, seconds{225});
}

TEST(Clock, RefusesAnOutageThatIsEmptyOrNotOverAndIgnoresOneBeforeTheStart)
{
    auto run = started_run();
    EXPECT_EQ(run.send(CreditOutage{noon + minutes{2}, noon + minutes{2}}, noon + minutes{3}), errc::outage_out_of_range);
    EXPECT_EQ(run.send(CreditOutage{noon + minutes{2}, noon + minutes{4}}, noon + minutes{3}), errc::outage_out_of_range);
    EXPECT_FALSE(run.send(CreditOutage{noon - minutes{5}, noon}, noon + minutes{3}));
    EXPECT_EQ(run.closing(noon + minutes{3}), noon + hours{1});
    EXPECT_FALSE(run.send(CreditOutage{noon - minutes{5}, noon + minutes{1}}, noon + minutes{3}));
    EXPECT_EQ(run.closing(noon + minutes{3}), noon + minutes{61}) << "of the rest only what lies after the start";
}

TEST(Clock, LetsABreakStandForItsLengthAndThenRunsAgain)
{
    auto version = demo_version();
    version.settings.clock.breaks_max = 1;
    version.settings.clock.break_each = minutes{5};
    auto run = started_run(version);
    ASSERT_FALSE(run.send(Pause{PauseKind::candidate_break, std::nullopt, ""}, noon + minutes{10}));
    EXPECT_TRUE(stands(run.clock(), version.settings.clock, noon + minutes{15} - microseconds{1}));
    EXPECT_FALSE(stands(run.clock(), version.settings.clock, noon + minutes{15}));
    EXPECT_EQ(closes_unattended_at(run.clock(), version.settings.clock, noon + minutes{11}), noon + minutes{65});
    ASSERT_FALSE(run.send(Resume{}, noon + minutes{18}));
    EXPECT_EQ(run.closing(noon + minutes{18}), noon + minutes{65});
    EXPECT_EQ(run.send(Pause{PauseKind::candidate_break, std::nullopt, ""}, noon + minutes{20}), errc::break_not_allowed);
}

TEST(Clock, AddsMinutesByStaffWithAReasonOnly)
{
    auto run = started_run();
    EXPECT_EQ(run.send(AddMinutes{staff, minutes{10}, ""}, noon), errc::reason_missing);
    EXPECT_EQ(run.send(AddMinutes{staff, minutes{0}, "late"}, noon), errc::minutes_out_of_range);
    EXPECT_EQ(run.send(AddMinutes{staff, minutes{601}, "late"}, noon), errc::minutes_out_of_range);
    EXPECT_FALSE(run.send(AddMinutes{staff, minutes{10}, "the room was noisy"}, noon + minutes{59}));
    EXPECT_EQ(run.closing(noon + minutes{59}), noon + minutes{70});
    EXPECT_EQ(run.send(AddMinutes{staff, minutes{10}, "more"}, noon + minutes{70}), errc::time_limit_reached);
}

TEST(Clock, NeverClosesAnUntimedSitting)
{
    auto version = demo_version();
    version.settings.time_limit.reset();
    auto run = started_run(version);
    EXPECT_EQ(run.closing(noon + hours{100}), std::nullopt);
    EXPECT_EQ(run.send(Expire{}, noon + hours{100}), errc::time_limit_not_reached);
    EXPECT_EQ(run.send(AddMinutes{staff, minutes{10}, "late"}, noon), errc::no_time_limit);
    EXPECT_FALSE(run.answer(right(), noon + hours{100}));
}

} // namespace
} // namespace assay::exam
