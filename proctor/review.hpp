#pragma once
// What people decide. A verdict on each incident, one review of the sitting; from both follows its validity. Nothing here
// reads or changes a score.
#include "proctor/incident.hpp"

namespace assay::proctor {

/// The fixed list from which a decision takes its reason. The first group says that nothing was wrong, the second that
/// something was.
enum class ReviewReason {
    false_detection,          ///< the program was mistaken
    poor_light,
    camera_position,
    technical_fault,          ///< camera, network, browser or our service
    accommodation,
    person_passing,           ///< somebody else in view, without part in the exam
    explained_absence,
    candidate_explanation,    ///< accepted statement

    another_person_helped,
    another_person_sat,
    prohibited_material,
    content_recorded,
    left_the_camera,
    camera_tampered,          ///< covered, frozen or replaced on purpose
    left_the_exam_page,
};
std::string_view to_string(ReviewReason reason) noexcept;
result<ReviewReason> parse_review_reason(std::string_view text); ///< errc::malformed_record
bool speaks_against_candidate(ReviewReason reason) noexcept;

constexpr std::size_t review_note_max = 2000; ///< bytes

/// A person's word on one incident: dismissed (nothing was there), noted (it was, and carries no consequence by itself) or
/// escalated (the sitting must be judged).
struct Verdict {
    IncidentState state = IncidentState::dismissed;
    ReviewReason reason = ReviewReason::false_detection;
    StaffId reviewer;
    Timestamp at{};
    std::string note;         ///< free text beside the reason: personal data, so kept encrypted, not in the journal
    friend bool operator==(Verdict const&, Verdict const&) = default;
};

/// The incident with its verdict. Errors: errc::already_decided unless it is open; errc::reason_does_not_fit when an
/// exculpating reason escalates or an accusing one dismisses; errc::still_running; errc::note_too_long;
/// errc::malformed_record for a verdict of open, which is none.
result<Incident> decide(Incident incident, Verdict const& verdict);

enum class Decision { no_action, warning, void_result, ban_until };
std::string_view to_string(Decision decision) noexcept; ///< "no_action", "warning", "void", "ban_until"
result<Decision> parse_decision(std::string_view text); ///< errc::malformed_record

struct Confirmation {
    StaffId by;
    Timestamp at{};
    friend bool operator==(Confirmation const&, Confirmation const&) = default;
};

struct Review {
    Decision decision = Decision::no_action;
    ReviewReason reason = ReviewReason::false_detection;
    std::optional<Timestamp> banned_until; ///< with ban_until only
    StaffId reviewer;
    Timestamp at{};
    std::string note;
    std::optional<Confirmation> confirmed; ///< a second person's, for void and ban_until
    friend bool operator==(Review const&, Review const&) = default;
};

bool needs_second_person(Decision decision) noexcept; ///< void and ban_until

/// Checks a proposed review against the sitting's incidents. Errors: errc::incidents_undecided (some open),
/// errc::reason_does_not_fit, errc::ban_without_end, errc::note_too_long, errc::second_person_required when it arrives confirmed.
result<Review> propose(Review review, std::span<Incident const> incidents);

/// Errors: errc::second_person_required when `by` proposed it; errc::already_decided; errc::nothing_to_confirm.
result<Review> confirm(Review review, Confirmation const& confirmation);

/// unreviewed: the sitting runs, or nobody has looked. under_review: some incident or decision is still open.
/// clear: every incident has a verdict and nothing stands against the result. upheld: the finding stands with a warning, the result
/// stands too. voided: two people took the result away.
enum class Validity { unreviewed, clear, under_review, upheld, voided };
std::string_view to_string(Validity validity) noexcept;

/// What follows. Suppressed incidents don't count. An escalated incident needs a review; without one all of them dismissed or
/// noted is clear. An unconfirmed void or ban is under_review.
Validity validity_after(bool sitting_ended, std::span<Incident const> incidents, std::optional<Review> const& review) noexcept;

/// A certificate may follow: clear or upheld.
bool allows_certificate(Validity validity) noexcept;

// For the journal: without the notes, which are personal and lie beside it, encrypted.
json::object to_json(Verdict const& verdict);
json::object to_json(Review const& review);

} // namespace assay::proctor
