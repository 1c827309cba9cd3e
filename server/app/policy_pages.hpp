#pragma once
// The page on which managers see what a changed policy would move, before anybody does it (assay programme apply).
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET and POST /t/{tenant}/staff/policy.
void add_policy_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
