#pragma once
// Incidents before a person: the queue, one incident with its evidence, the verdict.
#include "server/app/sign_in.hpp"
#include "server/app/sittings.hpp"

namespace assay::server {

void add_review_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
