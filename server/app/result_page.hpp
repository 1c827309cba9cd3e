#pragma once
// What the candidate learns: the result with its reasons, what was decided about it, and what comes next.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Route: GET /t/{tenant}/sitting/{sitting}/result.
void add_result_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
