#pragma once
// Staff pages on which certifiers grant, refuse and withdraw.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET /t/{tenant}/staff/decisions, POST …/decisions/{decision}.
void add_decision_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
