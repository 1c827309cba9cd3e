#include "proctor/policy.hpp"

#include "proctor/detail/words.hpp"

#include <algorithm>
#include <cmath>

namespace assay::proctor {
namespace {

constexpr auto type_words = std::array<std::string_view, incident_type_count>{
    "face_absent", "multiple_faces", "camera_covered", "frame_frozen", "stream_lost", "tab_hidden", "fullscreen_left"};
constexpr auto severity_words = std::array<std::string_view, 4>{"info", "low", "medium", "high"};

using namespace std::chrono_literals;

bool within(milliseconds value, milliseconds low, milliseconds high) { return value >= low && value <= high; }
bool within(double value, double low, double high) { return value >= low && value <= high; } // false for NaN

std::optional<std::string> fault_of_faces(std::string_view name, FaceThresholds const& faces, double low, double high)
{
    if (!within(faces.weak, low, high)) return std::string{name} + ".weak is out of range";
    if (!within(faces.strong, faces.weak, high)) return std::string{name} + ".strong must be at least weak";
    if (!within(faces.confidence, 0.0, 1.0)) return std::string{name} + ".confidence must lie in 0…1";
    return std::nullopt;
}

} // namespace

std::string_view to_string(IncidentType type) noexcept { return detail::word(type_words, type); }
std::string_view to_string(Severity severity) noexcept { return detail::word(severity_words, severity); }
result<IncidentType> parse_incident_type(std::string_view text) { return detail::value_of<IncidentType>(type_words, text); }
result<Severity> parse_severity(std::string_view text) { return detail::value_of<Severity>(severity_words, text); }

double lti_severity(Severity severity) noexcept
{
    switch (severity) {
    case Severity::info: return 0.1;
    case Severity::low: return 0.3;
    case Severity::medium: return 0.6;
    case Severity::high: return 0.9;
    }
    return 0.1;
}

milliseconds evidence_lookback(ProctoringPolicy const& policy) noexcept
{
    auto longest = policy.cool_down; // the last picture of an incident is asked for when it closes
    for (auto const& rule : policy.rules) longest = std::max(longest, rule.open_after);
    return longest + policy.evidence.lead + 1s;
}

std::optional<std::string> fault_of(ProctoringPolicy const& policy)
{
    if (!within(policy.frames_per_second, 0.5, 5.0)) return "frames_per_second must lie in 0.5…5";
    if (auto fault = fault_of_faces("yunet", policy.yunet, 0.5, 1.0)) return fault;
    if (auto fault = fault_of_faces("hog", policy.hog, 0.0, 3.0)) return fault;
    if (!within(policy.dark_below, 0.0, 255.0)) return "dark_below must lie in 0…255";
    if (!within(policy.flat_sharpness_below, 0.0, 1000.0)) return "flat_sharpness_below must lie in 0…1000";
    if (!within(policy.flat_sharpness_ratio, 0.0, 1.0)) return "flat_sharpness_ratio must lie in 0…1";
    if (!within(policy.flat_spread_below, 0.0, 128.0)) return "flat_spread_below must lie in 0…128";
    if (!within(policy.still_below, 0.0, 10.0)) return "still_below must lie in 0…10";
    if (!within(policy.identical_ignored, 0ms, 10s)) return "identical_ignored must lie in 0…10 s";
    if (!within(policy.still_for, 1s, 120s)) return "still_for must lie in 1…120 s";
    for (auto i = std::size_t{0}; i < incident_type_count; ++i) {
        auto const& rule = policy.rules[i];
        if (!within(rule.open_after, 0ms, 120s)) return std::string{type_words[i]} + ".open_after must lie in 0…120 s";
        if (!within(rule.severe_after, 0ms, 3600s)) return std::string{type_words[i]} + ".severe_after must lie in 0…3600 s";
    }
    if (!within(policy.merge_gap, 0ms, 30s)) return "merge_gap must lie in 0…30 s";
    if (!within(policy.cool_down, policy.merge_gap, 120s)) return "cool_down must lie in merge_gap…120 s";
    if (!within(policy.extend_every, 1s, 600s)) return "extend_every must lie in 1…600 s";
    if (!within(policy.notice_every, 10s, 3600s)) return "notice_every must lie in 10…3600 s";
    if (!within(policy.evidence.lead, 0ms, 10s)) return "evidence.lead must lie in 0…10 s";
    if (policy.evidence.stills_max < 2 || policy.evidence.stills_max > 12) return "evidence.stills_max must lie in 2…12";
    return std::nullopt;
}

} // namespace assay::proctor
