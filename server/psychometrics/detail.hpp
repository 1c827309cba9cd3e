#pragma once
// Shared by the commands of this folder.
#include "server/psychometrics/commands.hpp"
#include "server/psychometrics/files.hpp"
#include "server/psychometrics/output.hpp"

namespace assay::server::psychometrics::detail {

/// --nodes --range --rule --prior-mean --prior-sd, and --estimator where `with_estimator`.
struct ScoringArguments {
    std::string estimator = "eap";
    double prior_mean = 0;
    double prior_sd = 1;
    std::size_t nodes = 121;
    std::string range = "-6:6";
    std::string rule = "rectangle";

    void add_to(CLI::App& command, bool with_estimator);
    /// Throws std::runtime_error when they are not valid together.
    exam::ScoringOptions options() const;
};

struct Streams {
    std::ostream& out;
    std::ostream& progress;
};

void add_score(CLI::App& app, Streams streams);
void add_information(CLI::App& app, Streams streams);
void add_select(CLI::App& app, Streams streams);
void add_simulate(CLI::App& app, Streams streams);
void add_assemble(CLI::App& app, int& status, Streams streams);

} // namespace assay::server::psychometrics::detail
