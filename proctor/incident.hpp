#pragma once
// An incident is what the policy made of observations: a question to a person, with the evidence beside it.
#include "core/ids.hpp"
#include "proctor/observation.hpp"
#include "proctor/policy.hpp"

namespace assay::proctor {

enum class StillRole { before, start, during, end };
std::string_view to_string(StillRole role) noexcept;
result<StillRole> parse_still_role(std::string_view text); ///< errc::malformed_record

/// A picture worth keeping: the shell finds it by sequence among the latest ones and stores it in the evidence vault.
struct EvidenceWanted {
    std::uint64_t frame_sequence = 0;
    StillRole role = StillRole::start;
    friend bool operator==(EvidenceWanted const&, EvidenceWanted const&) = default;
};

struct Threshold {
    std::string name; ///< the policy's key
    double value = 0; ///< in that key's unit; times in seconds
    friend bool operator==(Threshold const&, Threshold const&) = default;
};

/// What is known of an incident at one moment.
struct IncidentFacts {
    IncidentType type = IncidentType::face_absent;
    Severity severity = Severity::medium;
    Timestamp started{};                  ///< receipt of the first picture (or signal) that showed the condition
    Timestamp ended{};                    ///< the last moment at which it was known to hold; ≥ started
    std::uint32_t episodes = 1;           ///< times it was raised, when it came back within the cool-down
    double confidence = 0;                ///< 0…1: share of the pictures in its episodes that show it, capped by detector
    std::uint64_t frames = 0;             ///< pictures that show it
    std::optional<Detector> detector;     ///< none when no detector was asked (signals, stream)
    std::vector<Threshold> thresholds;    ///< those that were applied
    bool client_claimed = false;          ///< rests on the page's word alone
    std::optional<std::string> suppressed_by; ///< an accommodation: counted, not shown as a flag, no evidence
    friend bool operator==(IncidentFacts const&, IncidentFacts const&) = default;
};

enum class IncidentChange { opened, extended, closed };
std::string_view to_string(IncidentChange change) noexcept;

/// The Monitor's word. Exactly one opened comes first and one closed last for each ordinal; extended ones lie between.
struct IncidentEvent {
    IncidentChange change = IncidentChange::opened;
    std::uint32_t ordinal = 0;            ///< of the incident in its sitting, from 1
    IncidentFacts facts;                  ///< the whole of it, so that each event can stand for its predecessors
    std::vector<EvidenceWanted> evidence; ///< new wishes of this event
    friend bool operator==(IncidentEvent const&, IncidentEvent const&) = default;
};

/// The same (sitting, ordinal) gives the same id on every node.
IncidentId incident_id(SittingId sitting, std::uint32_t ordinal);

enum class IncidentState { open, dismissed, noted, escalated };
std::string_view to_string(IncidentState state) noexcept;
result<IncidentState> parse_incident_state(std::string_view text); ///< errc::malformed_record

/// One kept still: the name of the encrypted file is the hash of the plain picture.
struct Still {
    Sha256Digest content;
    StillRole role = StillRole::start;
    Timestamp received_at{};
    friend bool operator==(Still const&, Still const&) = default;
};

/// The record that reviewers read and the journal holds.
struct Incident {
    SittingId sitting;
    std::uint32_t ordinal = 0;
    IncidentFacts facts;
    bool running = true;                  ///< no closed event yet
    std::vector<Still> stills;
    IncidentState state = IncidentState::open;

    IncidentId id() const { return incident_id(sitting, ordinal); }
    friend bool operator==(Incident const&, Incident const&) = default;
};

/// The record after `event`. Expects opened for none, and extended or closed of the same ordinal for an existing one.
Incident apply(std::optional<Incident> incident, SittingId sitting, IncidentEvent const& event);

json::object to_json(IncidentFacts const& facts);
json::object to_json(IncidentEvent const& event);
json::object to_json(Incident const& incident);
json::object to_json(Observation const& observation); ///< signature as base64
/// Reads what to_json wrote. Errors: errc::malformed_record.
result<Incident> parse_incident(json::value const& value);

} // namespace assay::proctor
