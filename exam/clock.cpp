#include "exam/clock.hpp"

#include <algorithm>

namespace assay::exam {
namespace {

/// Ascending, disjoint, without empty ones.
std::vector<Interval> united(std::vector<Interval> intervals)
{
    std::erase_if(intervals, [](Interval const& i) { return i.to <= i.from; });
    std::sort(intervals.begin(), intervals.end(), [](Interval const& a, Interval const& b) { return a.from < b.from; });
    auto out = std::vector<Interval>{};
    for (auto const& interval : intervals) {
        if (!out.empty() && interval.from <= out.back().to)
            out.back().to = std::max(out.back().to, interval.to);
        else
            out.push_back(interval);
    }
    return out;
}

Microseconds length_of(std::vector<Interval> const& disjoint) noexcept
{
    auto total = Microseconds{0};
    for (auto const& interval : disjoint) total += interval.to - interval.from;
    return total;
}

/// How much of `interval` none of `covers` (disjoint) covers.
Microseconds uncovered(Interval const& interval, std::vector<Interval> const& covers) noexcept
{
    auto left = interval.to - interval.from;
    for (auto const& cover : covers) {
        auto const from = std::max(cover.from, interval.from);
        auto const to = std::min(cover.to, interval.to);
        if (from < to) left -= to - from;
    }
    return left;
}

/// The deadline without anything that is still open.
Timestamp settled_close(Clock const& clock)
{
    return *clock.started_at + *clock.limit + clock.extra + clock.added + clock.credited;
}

} // namespace

std::string_view to_string(PauseKind kind) noexcept
{
    switch (kind) {
    case PauseKind::network: return "network";
    case PauseKind::candidate_break: return "break";
    case PauseKind::proctor: return "proctor";
    case PauseKind::staff: return "staff";
    }
    return "";
}

Interval standing_part(OpenPause const& pause, Timestamp until, ClockRules const& rules) noexcept
{
    auto const end = std::max(pause.since, until);
    if (pause.kind != PauseKind::candidate_break) return {pause.since, end};
    return {pause.since, std::min(end, Timestamp{pause.since + rules.break_each})};
}

Microseconds earned_credit(Clock const& clock, ClockRules const& rules, Timestamp now)
{
    auto still = clock.outages;
    still.insert(still.end(), clock.pauses.begin(), clock.pauses.end());
    if (clock.pause) still.push_back(standing_part(*clock.pause, now, rules));
    still = united(std::move(still));

    auto disconnected = Microseconds{0};
    auto give_back = [&](Interval const& interval) {
        disconnected += std::min<Microseconds>(uncovered(interval, still), rules.disconnect_credit_each);
    };
    for (auto const& interval : clock.disconnects) give_back(interval);
    if (clock.lost_since) give_back({*clock.lost_since, std::max(*clock.lost_since, now)});

    return length_of(still) + std::min<Microseconds>(disconnected, rules.disconnect_credit_total);
}

bool is_known_outage(Clock const& clock, Interval const& outage)
{
    return uncovered(outage, united(clock.outages)).count() == 0;
}

std::optional<Timestamp> closes_at(Clock const& clock, ClockRules const& rules, Timestamp now)
{
    if (!clock.started_at || !clock.limit) return std::nullopt;
    return settled_close(clock) + (earned_credit(clock, rules, now) - clock.credited);
}

std::optional<Timestamp> closes_unattended_at(Clock const& clock, ClockRules const& rules, Timestamp now)
{
    if (clock.pause && clock.pause->kind != PauseKind::candidate_break) return std::nullopt;
    // An open break or disconnect moves the deadline along with time until it is used up, and not again: far enough ahead it is.
    auto const used_up = now + rules.break_each + rules.disconnect_credit_each;
    return closes_at(clock, rules, has_closed(clock, rules, now) ? now : used_up);
}

bool has_closed(Clock const& clock, ClockRules const& rules, Timestamp now)
{
    auto const closing = closes_at(clock, rules, now);
    return closing && now >= *closing;
}

Microseconds time_used(Clock const& clock, ClockRules const& rules, Timestamp now)
{
    if (!clock.started_at) return Microseconds{0};
    return std::max(Microseconds{0}, std::chrono::duration_cast<Microseconds>(now - *clock.started_at) - earned_credit(clock, rules, now));
}

bool stands(Clock const& clock, ClockRules const& rules, Timestamp now) noexcept
{
    return clock.pause && (clock.pause->kind != PauseKind::candidate_break || now < clock.pause->since + rules.break_each);
}

} // namespace assay::exam
