#pragma once
// The staff page of outgoing mail: what was refused, what waits, what left.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET /t/{tenant}/staff/mail, POST …/mail/{mail}/again. For managers.
void add_mail_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
