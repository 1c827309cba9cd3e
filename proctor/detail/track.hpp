#pragma once
// The life of one condition: from "it holds" to opened, extended and closed. Knows times and counts, not what is measured.
#include "proctor/monitor.hpp"

namespace assay::proctor::detail {

enum class Finding {
    holds,
    contrary,  ///< judged, and not so
    unknown,   ///< can't be judged from this
};

struct Sighting {
    IncidentType type;
    Finding finding = Finding::unknown;
    Timestamp at{};
    Timestamp since{};                 ///< when it began, if it began now; = at for what is seen picture by picture
    bool continuous = false;           ///< a state that holds between inputs too (a hidden tab), not seen picture by picture
    bool from_frame = false;
    std::optional<Detector> detector;
    double confidence_max = 1;
};

/// What all tracks share while one input is worked off.
struct Desk {
    Monitor& monitor;
    ProctoringPolicy const& policy;
    std::vector<IncidentEvent>& events;
};

void see(Desk desk, Sighting const& sighting);
void close_if_over(Desk desk, IncidentType type, Timestamp now); ///< gone for longer than the cool-down
void close_now(Desk desk, IncidentType type);                    ///< pause and end

std::vector<Threshold> thresholds_of(IncidentType type, std::optional<Detector> const& detector, ProctoringPolicy const& policy);

} // namespace assay::proctor::detail
