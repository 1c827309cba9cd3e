#pragma once
// The sitting's clock. A deadline is derived at every read:
//     closes at = start + limit + extra minutes + minutes added by staff + credits,
// and a credit is an event. What may be credited follows from three sets of intervals: our outages and the pauses count in full;
// of each disconnect, what neither covers, at most ClockRules::disconnect_credit_each, and disconnect_credit_total in all. A moment
// is credited once, in whatever order its causes become known. No booking window cuts a deadline: this file has never heard of one.
#include "core/time.hpp"
#include "exam/exam_version.hpp"

#include <optional>
#include <vector>

namespace assay::exam {

using Microseconds = std::chrono::microseconds;

struct Interval {
    Timestamp from;
    Timestamp to; ///< exclusive, not before `from`
    friend bool operator==(Interval const&, Interval const&) = default;
};

/// Who holds the sitting. `network` is a lost connection: the clock runs on, and what the rules give back is credited on return.
enum class PauseKind { network, candidate_break, proctor, staff };
std::string_view to_string(PauseKind kind) noexcept; ///< network, break, proctor, staff

struct OpenPause {
    PauseKind kind = PauseKind::staff; ///< never network
    Timestamp since;
    friend bool operator==(OpenPause const&, OpenPause const&) = default;
};

struct Clock {
    std::optional<Timestamp> started_at;
    std::optional<std::chrono::seconds> limit; ///< nothing: untimed
    std::chrono::minutes extra{0};             ///< accommodation, granted beforehand
    std::chrono::minutes added{0};             ///< by staff, during the sitting
    Microseconds credited{0};                  ///< sum of the credit events

    std::vector<Interval> outages;
    std::vector<Interval> pauses;      ///< each as far as it may stand still
    std::vector<Interval> disconnects;
    std::optional<OpenPause> pause;
    std::optional<Timestamp> lost_since;
    int breaks_taken = 0;
    friend bool operator==(Clock const&, Clock const&) = default;
};

/// The part of a pause in which the clock stands: all of it, or a break's first ClockRules::break_each.
Interval standing_part(OpenPause const& pause, Timestamp until, ClockRules const& rules) noexcept;

/// What the rules give back in all if what is open ended at `now`. Never less than what `clock.credited` holds.
Microseconds earned_credit(Clock const& clock, ClockRules const& rules, Timestamp now);

/// Whether the recorded outages already cover all of `outage`.
bool is_known_outage(Clock const& clock, Interval const& outage);

/// The closing instant as seen at `now`; while a pause stands or a creditable disconnect lasts it moves along with `now`.
/// Nothing before the start and for an untimed sitting. Arrived at the instant is too late.
std::optional<Timestamp> closes_at(Clock const& clock, ClockRules const& rules, Timestamp now);

/// When the run will close if nothing happens any more: what a sweeper schedules. Nothing while a proctor's or staff's pause stands.
std::optional<Timestamp> closes_unattended_at(Clock const& clock, ClockRules const& rules, Timestamp now);

bool has_closed(Clock const& clock, ClockRules const& rules, Timestamp now);

/// The candidate's own time from the start to `now`: without what is credited, or would be. 0 before the start.
Microseconds time_used(Clock const& clock, ClockRules const& rules, Timestamp now);

/// Whether the candidate's time stands still at `now`, by a pause.
bool stands(Clock const& clock, ClockRules const& rules, Timestamp now) noexcept;

} // namespace assay::exam
