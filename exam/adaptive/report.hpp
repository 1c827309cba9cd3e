#pragma once
#include "exam/adaptive/simulation.hpp"

namespace assay::exam::adaptive {

/// What a simulation was about, for its report.
struct ReportHeading {
    std::string title;                   ///< "bank.csv, 1000 simulated candidates"
    std::vector<std::string> item_names; ///< by item
    std::vector<std::pair<std::string, std::string>> conditions; ///< "stop", "standard error at most 0.3; 5 to 30 items" …
    double cut = 0;
    bool has_cut = false;
};

/// One HTML document without scripts or outside resources; charts are SVG with texts beside them, so that it can be read aloud and printed.
/// First what a programme owner asks (how long, how sure, how fair), then what a psychometrician checks (by ability, by item).
std::string simulation_report(Simulation const& simulation, ReportHeading const& heading);

} // namespace assay::exam::adaptive
