#pragma once
// The staff page that invites.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET and POST /t/{tenant}/staff/invite. For managers.
void add_invite_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
