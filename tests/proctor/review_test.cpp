#include "proctor/errors.hpp"
#include "proctor/review.hpp"

#include <gtest/gtest.h>

namespace assay::proctor {
namespace {

using namespace std::chrono_literals;
auto const now = Timestamp{std::chrono::seconds{1'795'000'000}};
auto const first = StaffId{uuid_from_name("staff", "first")};
auto const second = StaffId{uuid_from_name("staff", "second")};

Incident incident(IncidentState state = IncidentState::open)
{
    return {.sitting = {}, .ordinal = 1, .facts = {}, .running = false, .stills = {}, .state = state};
}

Verdict verdict(IncidentState state, ReviewReason reason)
{
    return {.state = state, .reason = reason, .reviewer = first, .at = now, .note = {}};
}

Review review(Decision decision, ReviewReason reason = ReviewReason::another_person_helped)
{
    auto made = Review{.decision = decision, .reason = reason, .banned_until = {}, .reviewer = first, .at = now, .note = {}, .confirmed = {}};
    if (decision == Decision::ban_until) made.banned_until = now + 24h * 365;
    return made;
}

TEST(Decide, GivesAnOpenIncidentItsVerdictOnce)
{
    auto const dismissed = decide(incident(), verdict(IncidentState::dismissed, ReviewReason::false_detection));
    ASSERT_TRUE(dismissed.has_value());
    EXPECT_EQ(dismissed->state, IncidentState::dismissed);
    EXPECT_EQ(decide(*dismissed, verdict(IncidentState::noted, ReviewReason::person_passing)).error(), errc::already_decided);
}

TEST(Decide, HoldsTheReasonToTheVerdict)
{
    EXPECT_EQ(decide(incident(), verdict(IncidentState::dismissed, ReviewReason::another_person_sat)).error(), errc::reason_does_not_fit);
    EXPECT_EQ(decide(incident(), verdict(IncidentState::escalated, ReviewReason::poor_light)).error(), errc::reason_does_not_fit);
    EXPECT_TRUE(decide(incident(), verdict(IncidentState::escalated, ReviewReason::another_person_sat)).has_value());
    EXPECT_TRUE(decide(incident(), verdict(IncidentState::noted, ReviewReason::left_the_camera)).has_value());
}

TEST(Decide, WaitsForTheEndOfTheIncident)
{
    auto running = incident();
    running.running = true;
    EXPECT_EQ(decide(running, verdict(IncidentState::dismissed, ReviewReason::poor_light)).error(), errc::still_running);
}

TEST(Decide, OpenIsNoVerdictAndANoteIsBounded)
{
    EXPECT_EQ(decide(incident(), verdict(IncidentState::open, ReviewReason::poor_light)).error(), errc::malformed_record);
    auto wordy = verdict(IncidentState::dismissed, ReviewReason::poor_light);
    wordy.note = std::string(review_note_max + 1, 'x');
    EXPECT_EQ(decide(incident(), wordy).error(), errc::note_too_long);
}

TEST(Propose, ComesAfterEveryIncidentHasAVerdict)
{
    auto incidents = std::vector{incident(IncidentState::escalated), incident()};
    EXPECT_EQ(propose(review(Decision::warning), incidents).error(), errc::incidents_undecided);
    incidents[1].facts.suppressed_by = "accommodation"; // not for review
    EXPECT_TRUE(propose(review(Decision::warning), incidents).has_value());
}

TEST(Propose, HoldsReasonAndEndToTheDecision)
{
    EXPECT_EQ(propose(review(Decision::void_result, ReviewReason::technical_fault), {}).error(), errc::reason_does_not_fit);
    EXPECT_EQ(propose(review(Decision::no_action, ReviewReason::another_person_sat), {}).error(), errc::reason_does_not_fit);
    auto endless = review(Decision::ban_until);
    endless.banned_until.reset();
    EXPECT_EQ(propose(endless, {}).error(), errc::ban_without_end);
    endless.banned_until = now;
    EXPECT_EQ(propose(endless, {}).error(), errc::ban_without_end);
    auto ended_warning = review(Decision::warning);
    ended_warning.banned_until = now + 24h;
    EXPECT_EQ(propose(ended_warning, {}).error(), errc::ban_without_end);
}

TEST(Confirm, NeedsASecondPersonForVoidAndBan)
{
    for (auto const decision : {Decision::void_result, Decision::ban_until}) {
        EXPECT_EQ(confirm(review(decision), {.by = first, .at = now}).error(), errc::second_person_required);
        auto const confirmed = confirm(review(decision), {.by = second, .at = now});
        ASSERT_TRUE(confirmed.has_value());
        EXPECT_EQ(confirm(*confirmed, {.by = second, .at = now}).error(), errc::already_decided);
        EXPECT_EQ(propose(*confirmed, {}).error(), errc::second_person_required);
    }
    EXPECT_EQ(confirm(review(Decision::warning), {.by = second, .at = now}).error(), errc::nothing_to_confirm);
}

struct Situation {
    std::vector<IncidentState> incidents;
    std::optional<Decision> decision;
    bool confirmed = false;
    Validity follows;
};

TEST(ValidityAfter, FollowsFromVerdictsAndReview)
{
    using enum IncidentState;
    auto const table = std::vector<Situation>{
        {{}, {}, false, Validity::clear},
        {{open}, {}, false, Validity::unreviewed},
        {{open, dismissed}, {}, false, Validity::under_review},
        {{dismissed}, {}, false, Validity::clear},
        {{dismissed, noted}, {}, false, Validity::clear},
        {{escalated}, {}, false, Validity::under_review},
        {{escalated}, Decision::no_action, false, Validity::clear},
        {{escalated}, Decision::warning, false, Validity::upheld},
        {{escalated}, Decision::void_result, false, Validity::under_review},
        {{escalated}, Decision::void_result, true, Validity::voided},
        {{escalated}, Decision::ban_until, false, Validity::under_review},
        {{escalated}, Decision::ban_until, true, Validity::voided},
        {{escalated, open}, Decision::no_action, false, Validity::under_review},
    };
    for (auto const& situation : table) {
        auto incidents = std::vector<Incident>{};
        for (auto const state : situation.incidents) incidents.push_back(incident(state));
        auto decided = std::optional<Review>{};
        if (situation.decision) decided = review(*situation.decision);
        if (situation.confirmed) decided = *confirm(*decided, {.by = second, .at = now});
        EXPECT_EQ(validity_after(true, incidents, decided), situation.follows) << &situation - table.data();
        EXPECT_EQ(validity_after(false, incidents, decided), Validity::unreviewed);
    }
}

TEST(ValidityAfter, DoesNotCountWhatAnAccommodationCovers)
{
    auto covered = incident();
    covered.facts.suppressed_by = "accommodation";
    EXPECT_EQ(validity_after(true, std::vector{covered}, std::nullopt), Validity::clear);
}

TEST(Validity, OnlyClearAndUpheldAllowACertificate)
{
    EXPECT_TRUE(allows_certificate(Validity::clear));
    EXPECT_TRUE(allows_certificate(Validity::upheld));
    for (auto const other : {Validity::unreviewed, Validity::under_review, Validity::voided}) EXPECT_FALSE(allows_certificate(other));
}

TEST(ReviewReason, EveryWordReadsBack)
{
    for (auto i = 0; i <= static_cast<int>(ReviewReason::left_the_exam_page); ++i) {
        auto const reason = static_cast<ReviewReason>(i);
        EXPECT_EQ(*parse_review_reason(to_string(reason)), reason);
    }
    EXPECT_EQ(parse_review_reason("unknown").error(), errc::malformed_record);
}

} // namespace
} // namespace assay::proctor
