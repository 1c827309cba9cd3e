#pragma once
// Pages of renewal: the holder sees which paths are open and claims credits; staff judges the claims.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET /t/{tenant}/my/certificate/{certificate}/renewal, POST …/credits (multipart, with the evidence), for its holder;
/// GET /t/{tenant}/staff/credits, POST …/credits/{credit}, GET …/credits/{credit}/evidence, for reviewers.
void add_renewal_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
