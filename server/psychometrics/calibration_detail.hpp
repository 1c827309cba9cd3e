#pragma once
#include "server/psychometrics/calibration_commands.hpp"
#include "server/psychometrics/detail.hpp"

namespace assay::server::psychometrics::detail {

void add_calibrate(CLI::App& app, int& status, Streams streams);
void add_analyse(CLI::App& app, Streams streams);

/// std::cerr: the one stream that may be a terminal on which a progress bar makes sense.
std::ostream& default_progress();

} // namespace assay::server::psychometrics::detail
