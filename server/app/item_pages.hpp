#pragma once
// Staff pages of the item bank: what there is, how a candidate would see it, and carrying it through review.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET /t/{tenant}/staff/items, GET …/items/{item}, POST …/items/{item}/{action}. For managers.
void add_item_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
