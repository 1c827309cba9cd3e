#pragma once
// Staff pages of people: who is known, what lies with us, erasing and holding.
#include "server/app/services.hpp"
#include "server/net/router.hpp"

namespace assay::server {

/// Routes: GET /t/{tenant}/staff/people, GET …/people/{person}, POST …/people/{person}/{action} (erase, hold, release). For managers.
void add_people_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
