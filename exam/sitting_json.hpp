#pragma once
// Events as JSON: what the journal keeps. Lossless: doubles come back with the same bits through canonical JSON, instants with their
// microseconds. A response stands in the event; who stores it seals that part per person (the journal entry itself commits to it).
#include "exam/events.hpp"

namespace assay::exam {

/// {"event": "response_recorded", "v": 1, "at": "2026-…Z", …}
json::value to_json(Event const& event);

/// Accepts what to_json writes; unknown, missing or mistyped members are errc::malformed_event.
result<Event> event_from_json(json::value const& document);

json::value to_json(Outcome const& outcome);

/// The event's name in JSON: "sitting_opened", "response_recorded", …
std::string_view event_name(Event const& event) noexcept;

} // namespace assay::exam
