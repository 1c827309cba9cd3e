#include "proctor/detail/track.hpp"

#include <algorithm>

namespace assay::proctor::detail {
namespace {

using Running = ConditionTrack::Running;

ConditionTrack& track_of(Desk& desk, IncidentType type) { return desk.monitor.tracks[static_cast<std::size_t>(type)]; }

double seconds(milliseconds value) { return static_cast<double>(value.count()) / 1000.0; }

/// Pictures further apart than this say nothing about what lay between them.
milliseconds longest_silence(ProctoringPolicy const& policy)
{
    auto const three_frames = milliseconds{static_cast<std::int64_t>(3000.0 / policy.frames_per_second)};
    return std::max(policy.merge_gap, three_frames);
}

std::optional<std::string> suppressed_by(IncidentType type, ProctoringPolicy const& policy)
{
    for (auto const& suppression : policy.suppressed)
        if (suppression.type == type) return suppression.accommodation;
    return std::nullopt;
}

/// Adds the still nearest to `target` unless it was asked for, is no longer at hand, or the budget (less `reserve`) is spent.
void want(Desk& desk, Running& running, std::vector<EvidenceWanted>& wanted, Timestamp target, StillRole role, std::size_t reserve)
{
    if (running.facts.suppressed_by || running.asked.size() + reserve >= desk.policy.evidence.stills_max) return;
    auto const distance = [&](RecentFrame const& frame) {
        return frame.received_at > target ? frame.received_at - target : target - frame.received_at;
    };
    auto nearest = std::optional<RecentFrame>{};
    for (auto const& frame : desk.monitor.recent) {
        if (role == StillRole::before && frame.received_at > target) continue;
        if (!nearest || distance(frame) < distance(*nearest)) nearest = frame;
    }
    if (!nearest || std::find(running.asked.begin(), running.asked.end(), nearest->sequence) != running.asked.end()) return;
    running.asked.push_back(nearest->sequence);
    wanted.push_back({.frame_sequence = nearest->sequence, .role = role});
}

void rate(Desk& desk, Running& running, double confidence_max)
{
    auto& facts = running.facts;
    auto const& rule = desk.policy.rule(facts.type);
    facts.severity = rule.severity;
    if (rule.severe_after.count() > 0 && facts.ended - facts.started >= rule.severe_after) facts.severity = std::max(rule.severity, rule.severe);
    auto const share = running.frames_judged == 0 ? 1.0 : static_cast<double>(facts.frames) / static_cast<double>(running.frames_judged);
    facts.confidence = std::min(confidence_max, share);
}

void open(Desk& desk, ConditionTrack& track, Sighting const& sighting)
{
    auto running = Running{.ordinal = ++desk.monitor.incidents_raised,
                           .facts = {.type = sighting.type,
                                     .started = *track.holds_since,
                                     .ended = sighting.at,
                                     .frames = track.stretch_frames,
                                     .detector = sighting.detector,
                                     .thresholds = thresholds_of(sighting.type, sighting.detector, desk.policy),
                                     .client_claimed = sighting.type == IncidentType::tab_hidden || sighting.type == IncidentType::fullscreen_left,
                                     .suppressed_by = suppressed_by(sighting.type, desk.policy)},
                           .frames_judged = track.stretch_frames,
                           .reported_at = sighting.at,
                           .asked = {},
                           .next_still_after = desk.policy.extend_every};
    rate(desk, running, sighting.confidence_max);
    auto event = IncidentEvent{.change = IncidentChange::opened, .ordinal = running.ordinal, .facts = running.facts, .evidence = {}};
    want(desk, running, event.evidence, running.facts.started - desk.policy.evidence.lead, StillRole::before, 1);
    want(desk, running, event.evidence, running.facts.started, StillRole::start, 1);
    track.running = std::move(running);
    desk.events.push_back(std::move(event));
}

/// It still holds, or holds again in time: the same incident, reported when there is something to report.
void extend(Desk& desk, ConditionTrack& track, Sighting const& sighting, bool new_episode)
{
    auto& running = *track.running;
    auto const severity_before = running.facts.severity;
    running.facts.ended = sighting.at;
    if (new_episode) {
        ++running.facts.episodes;
        running.facts.frames += track.stretch_frames;
        running.frames_judged += track.stretch_frames;
    } else if (sighting.from_frame) {
        ++running.facts.frames;
        running.frames_judged += 1 + running.gap_frames;
    }
    running.gap_frames = 0;
    rate(desk, running, sighting.confidence_max);

    auto wanted = std::vector<EvidenceWanted>{};
    if (sighting.at - running.facts.started >= running.next_still_after) {
        want(desk, running, wanted, sighting.at, StillRole::during, 1);
        running.next_still_after *= 3; // ever rarer: a long incident is told by few pictures
    }
    auto const due = sighting.at - running.reported_at >= desk.policy.extend_every;
    if (!due && !new_episode && wanted.empty() && running.facts.severity == severity_before) return;
    running.reported_at = sighting.at;
    desk.events.push_back({.change = IncidentChange::extended, .ordinal = running.ordinal, .facts = running.facts, .evidence = std::move(wanted)});
}

void see_it_hold(Desk& desk, ConditionTrack& track, Sighting const& sighting)
{
    auto const silent_too_long = !sighting.continuous && sighting.at - track.last_held > longest_silence(desk.policy);
    auto const uninterrupted = track.holds_since.has_value() && !silent_too_long;
    if (!uninterrupted) {
        track.holds_since = sighting.since;
        track.stretch_frames = 0;
    }
    if (sighting.from_frame) ++track.stretch_frames;
    track.last_held = sighting.at;
    auto const long_enough = sighting.at - *track.holds_since >= desk.policy.rule(sighting.type).open_after;

    if (!track.running) {
        if (long_enough) open(desk, track, sighting);
        return;
    }
    auto& running = *track.running;
    auto const gap = sighting.since - running.facts.ended;
    if (running.in_episode && !uninterrupted && gap > desk.policy.merge_gap) running.in_episode = false;
    if (running.in_episode) {
        extend(desk, track, sighting, false);
    } else if (long_enough) { // after a longer gap the condition earns its place again, as at the start
        running.in_episode = true;
        extend(desk, track, sighting, true);
    }
}

} // namespace

void see(Desk desk, Sighting const& sighting)
{
    if (!desk.policy.rule(sighting.type).enabled) return;
    auto& track = track_of(desk, sighting.type);
    switch (sighting.finding) {
    case Finding::unknown: return;
    case Finding::contrary:
        track.holds_since.reset();
        track.stretch_frames = 0;
        if (track.running && sighting.from_frame) ++track.running->gap_frames;
        return;
    case Finding::holds: see_it_hold(desk, track, sighting); return;
    }
}

void close_now(Desk desk, IncidentType type)
{
    auto& track = track_of(desk, type);
    if (track.running) {
        auto& running = *track.running;
        auto event = IncidentEvent{.change = IncidentChange::closed, .ordinal = running.ordinal, .facts = running.facts, .evidence = {}};
        if (running.asked.size() <= 2) {
            auto const middle = running.facts.started + (running.facts.ended - running.facts.started) / 2;
            want(desk, running, event.evidence, middle, StillRole::during, 1);
        }
        want(desk, running, event.evidence, running.facts.ended, StillRole::end, 0);
        desk.events.push_back(std::move(event));
    }
    track = ConditionTrack{};
}

void close_if_over(Desk desk, IncidentType type, Timestamp now)
{
    auto const& track = track_of(desk, type);
    if (track.running && now - track.running->facts.ended > desk.policy.cool_down) close_now(desk, type);
}

std::vector<Threshold> thresholds_of(IncidentType type, std::optional<Detector> const& detector, ProctoringPolicy const& policy)
{
    auto thresholds = std::vector<Threshold>{{"open_after", seconds(policy.rule(type).open_after)},
                                             {"merge_gap", seconds(policy.merge_gap)},
                                             {"cool_down", seconds(policy.cool_down)}};
    if (detector) {
        auto const& faces = detector->kind == DetectorKind::yunet ? policy.yunet : policy.hog;
        thresholds.push_back({"weak", faces.weak});
        thresholds.push_back({"strong", faces.strong});
    }
    if (type == IncidentType::camera_covered) {
        thresholds.push_back({"dark_below", policy.dark_below});
        thresholds.push_back({"flat_sharpness_below", policy.flat_sharpness_below});
        thresholds.push_back({"flat_sharpness_ratio", policy.flat_sharpness_ratio});
        thresholds.push_back({"flat_spread_below", policy.flat_spread_below});
    }
    if (type == IncidentType::frame_frozen) {
        thresholds.push_back({"still_below", policy.still_below});
        thresholds.push_back({"still_for", seconds(policy.still_for)});
        thresholds.push_back({"identical_ignored", seconds(policy.identical_ignored)});
    }
    return thresholds;
}

} // namespace assay::proctor::detail
