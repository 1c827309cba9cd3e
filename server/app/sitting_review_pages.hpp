#pragma once
// The staff page on which a sitting is judged as a whole.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET and POST /t/{tenant}/staff/reviews/{sitting}, POST …/confirm, POST …/decline. For reviewers.
void add_sitting_review_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
