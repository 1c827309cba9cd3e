#pragma once
#include "server/app/services.hpp"

namespace CLI {
class App;
}

namespace assay::server {

/// `assay routes [--json]`: every address that the service answers and who may call it. Needs neither database nor state.
/// `defaults` outlives the parsing.
void add_route_commands(CLI::App& app, Settings const& defaults);

} // namespace assay::server
