#pragma once
// Observations → incidents: a pure state machine, one per sitting. Debounced (a blink is nothing), with hysteresis (the edge
// of detection does not flicker) and merging (what comes back soon is the same incident).
//
// A condition that holds for open_after raises an incident. When it stops, the incident waits: back within merge_gap it
// was never gone; held again (for open_after) within cool_down it becomes a further episode of the same incident; after cool_down it
// closes, with `ended` at the last moment the condition held. So an incident reports opened once, closed once and never repeats.
#include "proctor/incident.hpp"

#include <deque>
#include <utility>
#include <variant>

namespace assay::proctor {

enum class PageSignal { tab_hidden, tab_visible, fullscreen_left, fullscreen_entered };

/// What the page itself says; the time is that of receipt.
struct ClientSignal {
    PageSignal signal;
    Timestamp received_at;
};

/// Time passes: send one each second, or nothing notices a stream that stopped.
struct Tick { Timestamp now; };
/// The run was paused (nothing is watched: what is open closes) or goes on; the page may need a moment for its camera, so
/// waiting for pictures starts anew.
struct Paused { Timestamp now; };
struct Resumed { Timestamp now; };
/// The sitting is over: everything open closes.
struct Ended { Timestamp now; };

using MonitorInput = std::variant<Observation, ClientSignal, Tick, Paused, Resumed, Ended>;

/// One condition's memory.
struct ConditionTrack {
    std::optional<Timestamp> holds_since;      ///< start of the present uninterrupted stretch
    Timestamp last_held{};                     ///< in the present stretch
    std::uint64_t stretch_frames = 0;          ///< pictures in the present stretch
    struct Running {
        std::uint32_t ordinal = 0;
        IncidentFacts facts;
        bool in_episode = true;                ///< false once it was gone for longer than merge_gap
        std::uint64_t frames_judged = 0;       ///< within episodes, showing it or not
        std::uint64_t gap_frames = 0;          ///< contrary ones since it last held: judged only if it returns in time
        Timestamp reported_at{};
        std::vector<std::uint64_t> asked;      ///< stills asked for, by sequence; at most EvidenceRule::stills_max
        milliseconds next_still_after{};       ///< since the start
        friend bool operator==(Running const&, Running const&) = default;
    };
    std::optional<Running> running;
    friend bool operator==(ConditionTrack const&, ConditionTrack const&) = default;
};

struct RecentFrame {
    std::uint64_t sequence = 0;
    Timestamp received_at{};
    friend bool operator==(RecentFrame const&, RecentFrame const&) = default;
};

/// A value: copy it, compare it, store it. Bounded: at most about 160 small entries whatever arrives.
struct Monitor {
    explicit Monitor(Timestamp started) : now{started}, waiting_since{started} {}

    Timestamp now;                              ///< latest time seen; never runs backwards
    Timestamp waiting_since;                    ///< last picture that arrived in readable form, or the start
    bool paused = false;
    bool ended = false;
    bool tab_is_hidden = false;
    bool fullscreen_is_left = false;
    std::array<ConditionTrack, incident_type_count> tracks;
    std::uint32_t incidents_raised = 0;

    std::optional<Observation> previous;        ///< last measured picture
    std::optional<Timestamp> identical_since;   ///< byte-identical with its predecessors since then
    std::optional<Timestamp> still_since;       ///< nearly equal to its predecessors since then
    std::deque<double> sharpness_with_face;     ///< the latest 61: the camera's own median
    std::deque<RecentFrame> recent;             ///< within evidence_lookback
    std::uint32_t unreadable_in_a_row = 0;      ///< malformed pictures; from 3 on the gateway should end the stream

    friend bool operator==(Monitor const&, Monitor const&) = default;
};

/// The monitor after `input`, and what it has to say. Inputs older than `monitor.now` count as of now. After Ended nothing
/// follows. Expects a policy without fault.
std::pair<Monitor, std::vector<IncidentEvent>> advance(Monitor monitor, MonitorInput const& input, ProctoringPolicy const& policy);

} // namespace assay::proctor
