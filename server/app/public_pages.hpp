#pragma once
// What anybody may see, without an account and without JavaScript: what one can be certified in, a certificate and whether it
// stands, the documents that verifiers need.
#include "server/app/certification.hpp"
#include "server/app/sign_in.hpp"

namespace assay::server {

void add_public_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
