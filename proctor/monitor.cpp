#include "proctor/monitor.hpp"

#include "proctor/detail/track.hpp"

#include <algorithm>

namespace assay::proctor {
namespace {

using detail::Desk;
using detail::Finding;
using detail::Sighting;

constexpr std::size_t sharpness_kept = 61;
constexpr std::size_t sharpness_needed = 11; ///< fewer say nothing about the camera
constexpr std::size_t recent_max = 160;

void for_each_type(auto&& visit)
{
    for (auto i = std::size_t{0}; i < incident_type_count; ++i) visit(static_cast<IncidentType>(i));
}

Finding holds_if(bool condition) { return condition ? Finding::holds : Finding::contrary; }

/// The states that last between pictures: hidden tab, full screen left, no picture for too long.
void judge_states(Desk desk, Timestamp now)
{
    auto const& monitor = desk.monitor;
    auto const see_state = [&](IncidentType type, bool condition, Timestamp since) {
        detail::see(desk, Sighting{.type = type, .finding = holds_if(condition), .at = now, .since = since, .continuous = true, .detector = {}});
    };
    auto const silence = now - monitor.waiting_since;
    see_state(IncidentType::stream_lost, silence >= desk.policy.rule(IncidentType::stream_lost).open_after && silence.count() > 0, monitor.waiting_since);
    see_state(IncidentType::tab_hidden, monitor.tab_is_hidden, now);
    see_state(IncidentType::fullscreen_left, monitor.fullscreen_is_left, now);
}

/// Brings everything up to `now`, before what happened at that moment is taken in.
void pass_time(Desk desk, Timestamp now)
{
    desk.monitor.now = now;
    if (desk.monitor.paused) return;
    judge_states(desk, now);
    for_each_type([&](IncidentType type) { detail::close_if_over(desk, type, now); });
}

struct FaceCount {
    std::ptrdiff_t weak = 0;   ///< enough to keep the present state
    std::ptrdiff_t strong = 0; ///< enough to change it
};

FaceCount count_faces(Measurement const& measured, FaceThresholds const& thresholds)
{
    auto const above = [&](double threshold) {
        return std::count_if(measured.faces.begin(), measured.faces.end(), [=](Face const& face) { return face.score >= threshold; });
    };
    return {.weak = above(thresholds.weak), .strong = above(thresholds.strong)};
}

bool shows_nothing(Measurement const& measured, Monitor const& monitor, ProctoringPolicy const& policy)
{
    if (measured.brightness < policy.dark_below) return true;
    if (measured.sharpness >= policy.flat_sharpness_below || measured.spread >= policy.flat_spread_below) return false;
    if (monitor.sharpness_with_face.size() < sharpness_needed) return true;
    auto usual = std::vector<double>(monitor.sharpness_with_face.begin(), monitor.sharpness_with_face.end());
    auto const middle = usual.begin() + static_cast<std::ptrdiff_t>(usual.size() / 2);
    std::nth_element(usual.begin(), middle, usual.end());
    return measured.sharpness < policy.flat_sharpness_ratio * *middle;
}

/// Since when the picture has stood still, if it has for long enough. Byte-identical pictures need no face: no camera writes the
/// same bytes twice. Merely similar ones do, because an empty room is still without anybody's doing.
std::pair<Finding, Timestamp> judge_stillness(Monitor& monitor, Observation const& observation, bool shows_face, ProctoringPolicy const& policy)
{
    auto const now = observation.frame.received_at;
    auto const* previous = monitor.previous ? &*monitor.previous : nullptr;
    auto const identical = previous != nullptr && previous->payload == observation.payload;
    auto const similar = identical || (previous != nullptr && shows_face &&
                                       difference(previous->measured->signature, observation.measured->signature) < policy.still_below);
    auto const keep = [&](std::optional<Timestamp>& since, bool condition) {
        if (!condition) since.reset();
        else if (!since) since = previous->frame.received_at;
    };
    keep(monitor.identical_since, identical);
    keep(monitor.still_since, similar);

    auto const needed = policy.rule(IncidentType::frame_frozen).open_after;
    if (identical && now - *monitor.identical_since >= std::max(needed, policy.identical_ignored)) return {Finding::holds, *monitor.identical_since};
    if (similar && now - *monitor.still_since >= std::max(needed, policy.still_for)) return {Finding::holds, *monitor.still_since};
    return {similar ? Finding::unknown : Finding::contrary, now};
}

void judge_picture(Desk desk, Observation const& observation)
{
    auto& monitor = desk.monitor;
    auto const& measured = *observation.measured;
    auto const& thresholds = measured.detector.kind == DetectorKind::yunet ? desk.policy.yunet : desk.policy.hog;
    auto const running = [&](IncidentType type) { return monitor.tracks[static_cast<std::size_t>(type)].running.has_value(); };

    auto const faces = count_faces(measured, thresholds);
    auto const nobody = (running(IncidentType::face_absent) ? faces.strong : faces.weak) == 0;
    auto const several = (running(IncidentType::multiple_faces) ? faces.weak : faces.strong) >= 2;
    auto const covered = faces.weak == 0 && shows_nothing(measured, monitor, desk.policy);
    if (faces.strong > 0) {
        monitor.sharpness_with_face.push_back(measured.sharpness);
        if (monitor.sharpness_with_face.size() > sharpness_kept) monitor.sharpness_with_face.pop_front();
    }

    auto const [stillness, still_since] = judge_stillness(monitor, observation, faces.strong > 0, desk.policy);
    auto const now = monitor.now;
    auto const see_picture = [&](IncidentType type, Finding finding, Timestamp since, bool by_faces) {
        auto sighting = Sighting{.type = type, .finding = finding, .at = now, .since = since, .from_frame = true, .detector = {}};
        if (by_faces) sighting.detector = measured.detector;
        if (by_faces) sighting.confidence_max = thresholds.confidence;
        detail::see(desk, sighting);
    };
    // A covered camera shows no face, but it is not absence; and a black picture is still without being frozen.
    see_picture(IncidentType::face_absent, covered ? Finding::unknown : holds_if(nobody), now, true);
    see_picture(IncidentType::multiple_faces, covered ? Finding::unknown : holds_if(several), now, true);
    see_picture(IncidentType::camera_covered, holds_if(covered), now, true);
    see_picture(IncidentType::frame_frozen, covered ? Finding::unknown : stillness, still_since, false);
    monitor.previous = observation;
}

void take_in(Desk desk, Observation const& observation)
{
    auto& monitor = desk.monitor;
    if (!observation.measured) {
        EXPECTS(observation.fault.has_value());
        if (!is_our_fault(*observation.fault)) ++monitor.unreadable_in_a_row;
        else monitor.waiting_since = monitor.now; // something came; that nobody looked at it is our doing
        return;
    }
    monitor.unreadable_in_a_row = 0;
    monitor.waiting_since = monitor.now;
    if (monitor.paused) return;
    if (monitor.previous && observation.frame.sequence <= monitor.previous->frame.sequence) return; // overtaken on its way
    auto const oldest = monitor.now - evidence_lookback(desk.policy);
    monitor.recent.push_back({.sequence = observation.frame.sequence, .received_at = monitor.now});
    while (monitor.recent.size() > recent_max || monitor.recent.front().received_at < oldest) monitor.recent.pop_front();

    auto now_seen = observation;
    now_seen.frame.received_at = monitor.now;
    judge_picture(desk, now_seen);
    judge_states(desk, monitor.now);
}

void take_in(Desk desk, ClientSignal const& signal)
{
    auto& monitor = desk.monitor;
    switch (signal.signal) {
    case PageSignal::tab_hidden: monitor.tab_is_hidden = true; break;
    case PageSignal::tab_visible: monitor.tab_is_hidden = false; break;
    case PageSignal::fullscreen_left: monitor.fullscreen_is_left = true; break;
    case PageSignal::fullscreen_entered: monitor.fullscreen_is_left = false; break;
    }
    if (!monitor.paused) judge_states(desk, monitor.now);
}

void take_in(Desk, Tick const&) {}

void take_in(Desk desk, Paused const&)
{
    desk.monitor.paused = true;
    for_each_type([&](IncidentType type) { detail::close_now(desk, type); });
}

void take_in(Desk desk, Resumed const&)
{
    auto& monitor = desk.monitor;
    monitor.paused = false;
    monitor.waiting_since = monitor.now;
    monitor.previous.reset();
    monitor.identical_since.reset();
    monitor.still_since.reset();
    judge_states(desk, monitor.now);
}

void take_in(Desk desk, Ended const&)
{
    desk.monitor.ended = true;
    for_each_type([&](IncidentType type) { detail::close_now(desk, type); });
}

Timestamp time_of(Observation const& observation) { return observation.frame.received_at; }
Timestamp time_of(ClientSignal const& signal) { return signal.received_at; }
Timestamp time_of(auto const& other) { return other.now; }

} // namespace

std::pair<Monitor, std::vector<IncidentEvent>> advance(Monitor monitor, MonitorInput const& input, ProctoringPolicy const& policy)
{
    auto events = std::vector<IncidentEvent>{};
    if (monitor.ended) return {std::move(monitor), std::move(events)};
    auto const desk = Desk{monitor, policy, events};
    pass_time(desk, std::max(monitor.now, std::visit([](auto const& one) { return time_of(one); }, input)));
    std::visit([&](auto const& one) { take_in(desk, one); }, input);
    return {std::move(monitor), std::move(events)};
}

} // namespace assay::proctor
