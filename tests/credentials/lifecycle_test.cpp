#include "credentials/certificate.hpp"
#include "credentials/decision.hpp"
#include "credentials/errors.hpp"
#include "credentials/schedule.hpp"
#include "core/random.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

using test::at;
using namespace std::chrono;

TEST(AddMonths, StaysInTheMonth)
{
    EXPECT_EQ(add_months(sys_days{2026y / 1 / 31}, 1), sys_days{2026y / 2 / 28});
    EXPECT_EQ(add_months(sys_days{2028y / 1 / 31}, 1), sys_days{2028y / 2 / 29});
    EXPECT_EQ(add_months(sys_days{2028y / 2 / 29}, 12), sys_days{2029y / 2 / 28});
    EXPECT_EQ(add_months(sys_days{2028y / 2 / 29}, 48), sys_days{2032y / 2 / 29});
    EXPECT_EQ(add_months(sys_days{2026y / 11 / 30}, 3), sys_days{2027y / 2 / 28});
    EXPECT_EQ(add_months(sys_days{2026y / 12 / 15}, 1), sys_days{2027y / 1 / 15});
    EXPECT_EQ(add_months(sys_days{2096y / 2 / 29}, 48), sys_days{2100y / 2 / 28}); // 2100 is no leap year
}

TEST(Schedule, ComputesTheWholeLifeAtOnce)
{
    auto const plan =
        schedule({.validity_months = 24, .renewal_window_days = 90, .reminder_days_before = {7, 90, 30}, .grace_days = 30},
                 at("2026-11-23T14:05:00Z"));
    EXPECT_EQ(plan.valid_until, at("2028-11-23T23:59:59Z"));
    EXPECT_EQ(plan.renewal_opens, at("2028-08-25T00:00:00Z"));
    EXPECT_EQ(plan.reminders, (std::vector{at("2028-08-25T08:00:00Z"), at("2028-10-24T08:00:00Z"), at("2028-11-16T08:00:00Z")}));
    EXPECT_EQ(plan.grace_until, at("2028-12-23T23:59:59Z"));
}

TEST(Schedule, LeavesOutWhatWouldComeBeforeTheCertificate)
{
    auto const plan =
        schedule({.validity_months = 1, .renewal_window_days = 28, .reminder_days_before = {60, 7}, .grace_days = 0},
                 at("2027-01-31T12:00:00Z"));
    EXPECT_EQ(plan.valid_until, at("2027-02-28T23:59:59Z"));
    EXPECT_EQ(plan.renewal_opens, at("2027-01-31T12:00:00Z"));
    EXPECT_EQ(plan.reminders, std::vector{at("2027-02-21T08:00:00Z")});
    EXPECT_EQ(plan.grace_until, plan.valid_until);
}

TEST(Schedule, IsEmptyForACertificateThatNeverExpires)
{
    auto const plan = schedule({.validity_months = 0}, at("2026-11-23T00:00:00Z"));
    EXPECT_EQ(plan, RecertificationSchedule{.valid_from = at("2026-11-23T00:00:00Z")});
}

TEST(CredentialPolicy, HasRanges)
{
    EXPECT_TRUE(check(CredentialPolicy{}));
    for (auto const& bad :
         {CredentialPolicy{.validity_months = -1}, CredentialPolicy{.validity_months = 121},
          CredentialPolicy{.validity_months = 1, .renewal_window_days = 29}, CredentialPolicy{.reminder_days_before = {7, 7}},
          CredentialPolicy{.reminder_days_before = {-1}}, CredentialPolicy{.grace_days = 366}})
        EXPECT_EQ(check(bad).error(), errc::policy_out_of_range);
}

Certificate certificate()
{
    return {.valid_from = at("2026-01-01T00:00:00Z"),
            .valid_until = at("2028-01-01T00:00:00Z"),
            .grace_until = at("2028-02-01T00:00:00Z")};
}

TEST(CertificateState, FollowsTheCalendar)
{
    auto const one = certificate();
    EXPECT_EQ(state_at(one, at("2025-12-31T23:59:59Z")), std::nullopt);
    EXPECT_EQ(state_at(one, at("2026-01-01T00:00:00Z")), CertificateState::active);
    EXPECT_EQ(state_at(one, at("2027-12-31T23:59:59Z")), CertificateState::active);
    EXPECT_EQ(state_at(one, at("2028-01-01T00:00:00Z")), CertificateState::grace);
    EXPECT_EQ(state_at(one, at("2028-02-01T00:00:00Z")), CertificateState::expired);
    EXPECT_EQ(public_state_at(one, at("2025-12-31T23:59:59Z")), PublicState::unknown);
    EXPECT_EQ(public_state_at(one, at("2027-12-31T23:59:59Z")), PublicState::valid);
    EXPECT_EQ(public_state_at(one, at("2028-01-01T00:00:00Z")), PublicState::expired); // as the signed file says
}

TEST(CertificateState, TellsThePastAsItWas)
{
    auto one = certificate();
    one.events = {{CertificateAction::suspend, at("2026-06-01T00:00:00Z"), "complaint"},
                  {CertificateAction::reinstate, at("2026-07-01T00:00:00Z"), "settled"},
                  {CertificateAction::revoke, at("2026-08-01T00:00:00Z"), "voided result"}};
    EXPECT_EQ(state_at(one, at("2026-05-31T00:00:00Z")), CertificateState::active);
    EXPECT_EQ(state_at(one, at("2026-06-01T00:00:00Z")), CertificateState::suspended);
    EXPECT_EQ(state_at(one, at("2026-07-15T00:00:00Z")), CertificateState::active);
    EXPECT_EQ(state_at(one, at("2030-01-01T00:00:00Z")), CertificateState::revoked);
    EXPECT_EQ(public_state_at(one, at("2026-06-15T00:00:00Z")), PublicState::suspended);
}

TEST(CertificateState, LetsASuspensionEndInExpiry)
{
    auto one = certificate();
    one.events = {{CertificateAction::suspend, at("2026-06-01T00:00:00Z"), "complaint"}};
    EXPECT_EQ(state_at(one, at("2028-01-15T00:00:00Z")), CertificateState::suspended);
    EXPECT_EQ(state_at(one, at("2028-02-01T00:00:00Z")), CertificateState::expired);
}

TEST(CertificateAction, IsAllowedExactlyWhereTheTableSaysSo)
{
    using enum CertificateAction;
    auto const now = at("2026-09-01T00:00:00Z");
    struct Row {
        std::vector<CertificateAction> before;
        std::vector<CertificateAction> allowed;
    };
    for (auto const& row :
         {Row{{}, {suspend, revoke, supersede, surrender}}, Row{{suspend}, {reinstate, revoke}}, Row{{revoke}, {}},
          Row{{supersede}, {}}, Row{{surrender}, {}}, Row{{suspend, reinstate}, {suspend, revoke, supersede, surrender}}}) {
        auto one = certificate();
        for (auto const action : row.before) one.events.push_back({action, at("2026-06-01T00:00:00Z"), "why"});
        for (auto const action : {suspend, reinstate, revoke, supersede, surrender}) {
            auto const decided = decide(one, action, "why", now);
            auto const expected = std::ranges::find(row.allowed, action) != row.allowed.end();
            EXPECT_EQ(decided.has_value(), expected) << to_string(action);
            EXPECT_EQ(decided.error(), expected ? boost::system::error_code{} : errc::transition_not_allowed);
        }
    }
    EXPECT_EQ(decide(certificate(), revoke, "", now).error(), errc::reason_missing);
    EXPECT_TRUE(decide(certificate(), supersede, "", now));
}

TEST(Disclosure, OfAHiddenCertificateIsOnlyThatItNoLongerCounts)
{
    using enum PublicState;
    for (auto const state : {valid, expired, suspended, revoked, superseded, unknown}) {
        EXPECT_EQ(disclosure(Visibility::public_page, state), Disclosure::everything);
        EXPECT_EQ(disclosure(Visibility::link_only, state), Disclosure::everything);
    }
    for (auto const state : {suspended, revoked, superseded}) EXPECT_EQ(disclosure(Visibility::hidden, state), Disclosure::standing_only);
    for (auto const state : {valid, expired, unknown}) EXPECT_EQ(disclosure(Visibility::hidden, state), Disclosure::nothing);
    for (auto const visibility : {Visibility::public_page, Visibility::link_only, Visibility::hidden}) EXPECT_EQ(parse_visibility(to_string(visibility)), visibility);
    EXPECT_FALSE(parse_visibility("Public"));
}

TEST(IsRevoked, IsOnlyWhatIsFinal)
{
    using enum CertificateState;
    for (auto const state : {revoked, superseded, surrendered}) EXPECT_TRUE(is_revoked(state));
    for (auto const state : {active, grace, expired, suspended}) EXPECT_FALSE(is_revoked(state));
}

struct DecisionTest : testing::Test {
    StaffId trainer = random_id<StaffId>(), proctor = random_id<StaffId>(), reviewer = random_id<StaffId>(),
            outsider = random_id<StaffId>();
    CertificationDecision pending{.basis = {.candidate = random_id<PersonId>(),
                                            .result_passed = true,
                                            .validity = ResultValidity::clear,
                                            .trained_by = {trainer},
                                            .watched_by = {proctor},
                                            .reviewed_by = {reviewer}}};
    Timestamp now = at("2026-11-23T10:00:00Z");

    auto grant_by(Decider decider) { return decide_certification(pending, DecisionState::granted, std::move(decider), "", now); }
};

TEST_F(DecisionTest, IsGrantedByAPersonWithoutAPartInIt)
{
    auto const granted = grant_by(PersonDecides{outsider}).value();
    EXPECT_EQ(granted.state, DecisionState::granted);
    EXPECT_EQ(granted.decided_at, now);
    EXPECT_EQ(std::get<PersonDecides>(*granted.decider).person, outsider);
}

TEST_F(DecisionTest, IsNotMadeByWhoTrainedWatchedReviewedOrSat)
{
    EXPECT_EQ(grant_by(PersonDecides{trainer}).error(), errc::decider_trained_candidate);
    EXPECT_EQ(grant_by(PersonDecides{proctor}).error(), errc::decider_watched_sitting);
    EXPECT_EQ(grant_by(PersonDecides{reviewer}).error(), errc::decider_reviewed_sitting);
    EXPECT_EQ(grant_by(PersonDecides{outsider, pending.basis.candidate}).error(), errc::decider_is_candidate);
    EXPECT_EQ(decide_certification(pending, DecisionState::refused, PersonDecides{reviewer}, "why", now).error(),
              errc::decider_reviewed_sitting);
}

TEST_F(DecisionTest, NeedsAPassedResultOfClearValidity)
{
    pending.basis.result_passed = false;
    EXPECT_EQ(grant_by(PersonDecides{outsider}).error(), errc::result_not_passed);
    pending.basis.result_passed = true;
    for (auto const validity :
         {ResultValidity::unreviewed, ResultValidity::under_review, ResultValidity::upheld, ResultValidity::voided}) {
        pending.basis.validity = validity;
        EXPECT_EQ(grant_by(PersonDecides{outsider}).error(), errc::result_not_clear);
    }
    EXPECT_TRUE(decide_certification(pending, DecisionState::refused, PersonDecides{outsider}, "voided", now));
}

TEST_F(DecisionTest, MayFollowARuleThatTwoPeopleApproved)
{
    EXPECT_TRUE(grant_by(RuleDecides{sha256("rule"), {outsider, reviewer}}));
    EXPECT_EQ(grant_by(RuleDecides{sha256("rule"), {outsider}}).error(), errc::rule_needs_two_approvals);
    EXPECT_EQ(grant_by(RuleDecides{sha256("rule"), {outsider, outsider}}).error(), errc::rule_needs_two_approvals);
    EXPECT_EQ(grant_by(RuleDecides{sha256("rule"), {}}).error(), errc::rule_needs_two_approvals);
    auto const refused =
        decide_certification(pending, DecisionState::refused, RuleDecides{sha256("rule"), {outsider, reviewer}}, "rule", now);
    EXPECT_EQ(refused.error(), errc::rule_needs_two_approvals); // people refuse people
}

TEST_F(DecisionTest, IsMadeOnceAndCanOnlyBeWithdrawn)
{
    auto const granted = grant_by(PersonDecides{outsider}).value();
    auto const decide_again = [&](CertificationDecision const& current, DecisionState to) {
        return decide_certification(current, to, PersonDecides{outsider}, "why", now);
    };
    EXPECT_EQ(decide_again(granted, DecisionState::refused).error(), errc::decision_already_made);
    EXPECT_EQ(decide_again(granted, DecisionState::granted).error(), errc::decision_already_made);
    auto const withdrawn = decide_again(granted, DecisionState::withdrawn).value();
    for (auto const to : {DecisionState::pending, DecisionState::granted, DecisionState::refused, DecisionState::withdrawn})
        EXPECT_EQ(decide_again(withdrawn, to).error(), errc::decision_already_made);
    EXPECT_EQ(decide_certification(granted, DecisionState::withdrawn, PersonDecides{outsider}, "", now).error(),
              errc::reason_missing);
}

} // namespace
} // namespace assay::credentials
