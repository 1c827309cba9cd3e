#pragma once
// Staff pages of issued certificates: suspend, reinstate, revoke, supersede.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET /t/{tenant}/staff/certificates, POST …/certificates/{certificate}/{action}. Acting is for certifiers.
void add_certificate_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
