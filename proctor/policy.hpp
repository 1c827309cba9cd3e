#pragma once
// How observations become incidents. Every number is a tenant's to set within bounds; the defaults were measured on
// recorded clips and are start values (see README.md for each one's source).
#include "core/json.hpp"
#include "core/time.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace assay::proctor {

using std::chrono::milliseconds;

/// Order is fixed: it is the order of ProctoringPolicy::rules and the tie-break between incidents of one instant.
enum class IncidentType {
    face_absent,      ///< nobody in a picture that could show somebody
    multiple_faces,   ///< two people or more
    camera_covered,   ///< dark, or an even surface, with no face
    frame_frozen,     ///< the picture does not change
    stream_lost,      ///< no readable picture arrives
    tab_hidden,       ///< the page says it is not visible
    fullscreen_left,  ///< the page says it left full screen
};
constexpr std::size_t incident_type_count = 7;
std::string_view to_string(IncidentType type) noexcept;
result<IncidentType> parse_incident_type(std::string_view text); ///< errc::malformed_record

enum class Severity { info, low, medium, high };
std::string_view to_string(Severity severity) noexcept;
result<Severity> parse_severity(std::string_view text); ///< errc::malformed_record
/// As LTI Proctoring's incident_severity wants it: 0.1, 0.3, 0.6, 0.9.
double lti_severity(Severity severity) noexcept;

/// What one type needs to be raised.
struct IncidentRule {
    bool enabled = true;
    milliseconds open_after{};              ///< the condition must hold this long without a contrary picture (debounce)
    Severity severity = Severity::medium;
    milliseconds severe_after{};            ///< after this long the severity is `severe`; 0: never
    Severity severe = Severity::medium;
    friend bool operator==(IncidentRule const&, IncidentRule const&) = default;
};

/// Two thresholds instead of one, so that a face at the edge of detection does not flicker: what a change of state needs
/// (strong) is more than what keeps the present state (weak).
struct FaceThresholds {
    double weak = 0;
    double strong = 0;
    double confidence = 1; ///< highest confidence we state for an incident that rests on this detector
    friend bool operator==(FaceThresholds const&, FaceThresholds const&) = default;
};

struct Suppression {
    IncidentType type;
    std::string accommodation; ///< id of the granted accommodation: stands in the incident as suppressed_by
    friend bool operator==(Suppression const&, Suppression const&) = default;
};

struct EvidenceRule {
    milliseconds lead{2000};   ///< the still before the start
    std::size_t stills_max = 6;///< per incident, 2…12
    friend bool operator==(EvidenceRule const&, EvidenceRule const&) = default;
};

struct ProctoringPolicy {
    double frames_per_second = 2;      ///< asked of the page, 0.5…5; the server asks for at most 1 when HOG must serve
    FaceThresholds yunet{.weak = 0.75, .strong = 0.80, .confidence = 0.95};
    FaceThresholds hog{.weak = 0.0, .strong = 0.15, .confidence = 0.80};

    double dark_below = 22;            ///< mean grey level
    double flat_sharpness_below = 15;  ///< Laplacian variance, and under 0.2 × the sitting's own median
    double flat_sharpness_ratio = 0.2;
    double flat_spread_below = 22;     ///< grey levels
    double still_below = 0.8;          ///< difference of signatures, grey levels
    milliseconds identical_ignored{1000}; ///< byte-identical pictures this close are the page repeating itself
    milliseconds still_for{3000};      ///< nearly equal, not identical, pictures must last this long to be frozen

    std::array<IncidentRule, incident_type_count> rules{{
        {.open_after = milliseconds{3000}, .severity = Severity::medium},                                                    // face_absent
        {.open_after = milliseconds{1500}, .severity = Severity::high, .severe = Severity::high},                            // multiple_faces
        {.open_after = milliseconds{2000}, .severity = Severity::medium},                                                    // camera_covered
        {.open_after = milliseconds{2000}, .severity = Severity::high, .severe = Severity::high},                            // frame_frozen
        {.open_after = milliseconds{10000}, .severity = Severity::medium},                                                   // stream_lost
        {.open_after = milliseconds{0}, .severity = Severity::low, .severe_after = milliseconds{5000}},                      // tab_hidden
        {.open_after = milliseconds{0}, .severity = Severity::medium},                                                       // fullscreen_left
    }};

    milliseconds merge_gap{3000};      ///< a condition that returns within this was never gone
    milliseconds cool_down{10000};     ///< one that returns within this joins the same incident as a further episode
    milliseconds extend_every{10000};  ///< a running incident reports itself at most this often
    milliseconds notice_every{60000};  ///< at most one word to the candidate in this time
    EvidenceRule evidence;
    std::vector<Suppression> suppressed;

    IncidentRule const& rule(IncidentType type) const noexcept { return rules[static_cast<std::size_t>(type)]; }
    IncidentRule& rule(IncidentType type) noexcept { return rules[static_cast<std::size_t>(type)]; }
    friend bool operator==(ProctoringPolicy const&, ProctoringPolicy const&) = default;
};

/// How long the shell keeps the latest pictures at hand, so that it has every still that a Monitor may ask for.
milliseconds evidence_lookback(ProctoringPolicy const& policy) noexcept;

/// The first thing wrong with the numbers, in words, or nothing: what policies/ reports beside file and line.
std::optional<std::string> fault_of(ProctoringPolicy const& policy);

} // namespace assay::proctor
