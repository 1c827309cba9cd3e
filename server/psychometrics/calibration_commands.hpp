#pragma once
// `assay calibrate` and `assay analyse personfit | itemfit | modelfit | classical`: offline, on files. Each prints a table, or with --json one
// JSON document with all digits (17), the conventions used and the warnings. What fails throws std::runtime_error with one line to print.
#include <CLI/CLI.hpp>

#include <iosfwd>

namespace assay::server::psychometrics {

/// `out` and `progress` outlive `app`. `status` becomes the exit status: 0, or 3 when a calibration did not converge.
void add_calibration_commands(CLI::App& app, int& status, std::ostream& out, std::ostream& progress);
void add_calibration_commands(CLI::App& app, int& status); ///< std::cout, std::cerr

} // namespace assay::server::psychometrics
