#include "proctor/review.hpp"

#include "proctor/detail/words.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace assay::proctor {
namespace {

constexpr auto reason_words = std::array<std::string_view, 15>{
    "false_detection",     "poor_light",          "camera_position",  "technical_fault",  "accommodation",
    "person_passing",      "explained_absence",   "candidate_explanation",
    "another_person_helped", "another_person_sat", "prohibited_material", "content_recorded", "left_the_camera",
    "camera_tampered",     "left_the_exam_page"};
constexpr auto decision_words = std::array<std::string_view, 4>{"no_action", "warning", "void", "ban_until"};
constexpr auto validity_words = std::array<std::string_view, 5>{"unreviewed", "clear", "under_review", "upheld", "voided"};

bool counts(Incident const& incident) noexcept { return !incident.facts.suppressed_by.has_value(); }

} // namespace

std::string_view to_string(ReviewReason reason) noexcept { return detail::word(reason_words, reason); }
std::string_view to_string(Decision decision) noexcept { return detail::word(decision_words, decision); }
std::string_view to_string(Validity validity) noexcept { return detail::word(validity_words, validity); }
result<ReviewReason> parse_review_reason(std::string_view text) { return detail::value_of<ReviewReason>(reason_words, text); }
result<Decision> parse_decision(std::string_view text) { return detail::value_of<Decision>(decision_words, text); }

bool speaks_against_candidate(ReviewReason reason) noexcept { return reason >= ReviewReason::another_person_helped; }
bool needs_second_person(Decision decision) noexcept { return decision == Decision::void_result || decision == Decision::ban_until; }
bool allows_certificate(Validity validity) noexcept { return validity == Validity::clear || validity == Validity::upheld; }

result<Incident> decide(Incident incident, Verdict const& verdict)
{
    if (verdict.state == IncidentState::open) return errc::malformed_record;
    if (incident.running) return errc::still_running;
    if (incident.state != IncidentState::open) return errc::already_decided;
    if (verdict.note.size() > review_note_max) return errc::note_too_long;
    auto const against = speaks_against_candidate(verdict.reason);
    if (against && verdict.state == IncidentState::dismissed) return errc::reason_does_not_fit;
    if (!against && verdict.state == IncidentState::escalated) return errc::reason_does_not_fit;
    incident.state = verdict.state;
    return incident;
}

result<Review> propose(Review review, std::span<Incident const> incidents)
{
    if (review.confirmed) return errc::second_person_required; // a proposal can't bring its own confirmation
    if (review.note.size() > review_note_max) return errc::note_too_long;
    auto const undecided = [](Incident const& incident) { return counts(incident) && incident.state == IncidentState::open; };
    if (std::any_of(incidents.begin(), incidents.end(), undecided)) return errc::incidents_undecided;
    if (speaks_against_candidate(review.reason) != (review.decision != Decision::no_action)) return errc::reason_does_not_fit;
    auto const ban = review.decision == Decision::ban_until;
    if (ban != review.banned_until.has_value()) return errc::ban_without_end;
    if (ban && *review.banned_until <= review.at) return errc::ban_without_end;
    return review;
}

result<Review> confirm(Review review, Confirmation const& confirmation)
{
    if (!needs_second_person(review.decision)) return errc::nothing_to_confirm;
    if (review.confirmed) return errc::already_decided;
    if (confirmation.by == review.reviewer) return errc::second_person_required;
    review.confirmed = confirmation;
    return review;
}

Validity validity_after(bool sitting_ended, std::span<Incident const> incidents, std::optional<Review> const& review) noexcept
{
    if (!sitting_ended) return Validity::unreviewed;

    auto open = false, decided = false, escalated = false;
    for (auto const& incident : incidents) {
        if (!counts(incident)) continue;
        (incident.state == IncidentState::open ? open : decided) = true;
        escalated = escalated || incident.state == IncidentState::escalated;
    }
    if (open) return decided || review ? Validity::under_review : Validity::unreviewed;
    if (!review) return escalated ? Validity::under_review : Validity::clear;
    if (needs_second_person(review->decision)) return review->confirmed ? Validity::voided : Validity::under_review;
    return review->decision == Decision::warning ? Validity::upheld : Validity::clear;
}

json::object to_json(Verdict const& verdict)
{
    return {{"version", 1}, {"state", to_string(verdict.state)}, {"reason", to_string(verdict.reason)},
            {"reviewer", to_string(verdict.reviewer)}, {"at", to_rfc3339(verdict.at)}};
}

json::object to_json(Review const& review)
{
    auto object = json::object{{"version", 1}, {"decision", to_string(review.decision)}, {"reason", to_string(review.reason)},
                               {"reviewer", to_string(review.reviewer)}, {"at", to_rfc3339(review.at)}};
    if (review.banned_until) object["banned_until"] = to_rfc3339(*review.banned_until);
    if (review.confirmed)
        object["confirmed"] = json::object{{"by", to_string(review.confirmed->by)}, {"at", to_rfc3339(review.confirmed->at)}};
    return object;
}

} // namespace assay::proctor
