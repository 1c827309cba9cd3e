#include "credentials/errors.hpp"
#include "credentials/renewal.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

using test::at;

EducationCredit credit(int credits, std::string_view earned_at, bool practice = false, bool evidence = true)
{
    return {.practice = practice, .credits = credits, .evidence = evidence ? std::optional{sha256("evidence")} : std::nullopt, .earned_at = at(earned_at)};
}

TEST(CountedCredits, AreThoseWithEvidenceFromTheCertificatesOwnTime)
{
    auto const from = at("2026-11-24T00:00:00Z"), until = at("2028-11-24T00:00:00Z");
    auto const paths = RenewalPaths{.credits = 40, .practice_credits_max = 10};
    auto const record = std::vector{credit(8, "2026-11-23T23:59:59Z"), credit(5, "2026-11-24T00:00:00Z"), credit(7, "2028-11-23T23:59:59Z"), credit(9, "2028-11-24T00:00:00Z"),
                                    credit(11, "2027-01-01T00:00:00Z", false, false), credit(0, "2027-01-01T00:00:00Z"), credit(-4, "2027-01-01T00:00:00Z")};
    EXPECT_EQ(counted_credits(paths, record, from, until), 12);
}

TEST(CountedCredits, TakePracticeUpToThePolicysCapWhichIsZero)
{
    auto const from = at("2026-11-24T00:00:00Z"), until = at("2028-11-24T00:00:00Z");
    auto const record = std::vector{credit(20, "2027-01-01T00:00:00Z", true), credit(20, "2027-02-01T00:00:00Z", true), credit(15, "2027-03-01T00:00:00Z")};
    EXPECT_EQ(counted_credits(RenewalPaths{.credits = 40}, record, from, until), 15) << "by default practice counts for nothing";
    EXPECT_EQ(counted_credits(RenewalPaths{.credits = 40, .practice_credits_max = 10}, record, from, until), 25);
    EXPECT_EQ(counted_credits(RenewalPaths{.credits = 40, .practice_credits_max = 40}, record, from, until), 55);
}

TEST(RenewalPath, IsOneThatThePolicyOpensAndTheHolderHasGone)
{
    auto const learned = std::vector{credit(30, "2027-01-01T00:00:00Z")};
    auto basis = RenewalBasis{.passed_full_exam = false, .passed_delta_exam = {}, .record = {}, .from = at("2026-11-24T00:00:00Z"), .until = at("2028-11-24T00:00:00Z")};
    auto const all = RenewalPaths{.full_exam = true, .delta_exam = "release-18", .credits = 30};
    EXPECT_EQ(renewal_path(all, basis).error(), errc::renewal_not_earned);
    basis.record = learned;
    EXPECT_EQ(renewal_path(all, basis).value(), RenewalPath::credits);
    EXPECT_EQ(renewal_path(RenewalPaths{.credits = 31}, basis).error(), errc::renewal_not_earned);
    EXPECT_EQ(renewal_path(RenewalPaths{}, basis).error(), errc::renewal_not_earned) << "no path by credits";
    basis.passed_delta_exam = "release-17";
    EXPECT_EQ(renewal_path(all, basis).value(), RenewalPath::credits) << "the exam about an older release";
    basis.passed_delta_exam = "release-18";
    EXPECT_EQ(renewal_path(all, basis).value(), RenewalPath::delta_exam);
    EXPECT_EQ(renewal_path(RenewalPaths{}, basis).error(), errc::renewal_not_earned);
    basis.passed_full_exam = true;
    EXPECT_EQ(renewal_path(all, basis).value(), RenewalPath::full_exam);
    EXPECT_EQ(renewal_path(RenewalPaths{.full_exam = false, .delta_exam = "release-18"}, basis).value(), RenewalPath::delta_exam);
}

TEST(CredentialPolicy, LeavesAWayToRenewAndCapsPractice)
{
    EXPECT_EQ(check(CredentialPolicy{.renewal = {.full_exam = false}}).error(), errc::policy_out_of_range);
    EXPECT_TRUE(check(CredentialPolicy{.renewal = {.full_exam = false, .credits = 1}}));
    EXPECT_EQ(check(CredentialPolicy{.renewal = {.credits = 10, .practice_credits_max = 11}}).error(), errc::policy_out_of_range);
    EXPECT_EQ(check(CredentialPolicy{.renewal = {.credits = 1001}}).error(), errc::policy_out_of_range);
    EXPECT_EQ(check(CredentialPolicy{.renewal = {.practice_credits_max = -1}}).error(), errc::policy_out_of_range);
}

TEST(ScheduleMove, KeepsWhatIsSignedAndMakesNothingWorse)
{
    auto const old = CredentialPolicy{}; // 24 months, 90 days, 90/60/30/7/1, 30 days
    auto const planned = schedule(old, at("2026-11-24T10:00:00Z")); // until 24 November 2028
    auto const now = at("2028-10-01T00:00:00Z");                    // two reminders have gone
    EXPECT_EQ(schedule_move(old, planned, now), std::nullopt);
    auto wider = old;
    wider.validity_months = 36;
    wider.renewal_window_days = 120;
    wider.grace_days = 60;
    wider.reminder_days_before = {90, 45, 30, 7};
    auto const move = schedule_move(wider, planned, now);
    ASSERT_TRUE(move.has_value());
    EXPECT_EQ(move->renewal_opens, at("2028-07-27T00:00:00Z")); // date -d '2028-11-24 -120 days'
    EXPECT_EQ(move->grace_until, at("2029-01-23T23:59:59Z"));   // date -d '2028-11-24 +60 days'
    EXPECT_EQ(move->reminders_added, std::vector{at("2028-10-10T08:00:00Z")});
    EXPECT_EQ(move->reminders_dropped, std::vector{at("2028-11-23T08:00:00Z")});
    auto tighter = old;
    tighter.renewal_window_days = 10;
    tighter.grace_days = 0;
    EXPECT_EQ(schedule_move(tighter, planned, now), std::nullopt) << "what was promised stays";
    EXPECT_EQ(schedule_move(wider, planned, at("2028-12-24T23:59:59Z")), std::nullopt) << "grace is over";
    EXPECT_EQ(schedule_move(wider, schedule({.validity_months = 0}, at("2026-11-24T10:00:00Z")), now), std::nullopt) << "it never expires";
}

} // namespace
} // namespace assay::credentials
