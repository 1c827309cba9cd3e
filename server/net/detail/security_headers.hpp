#pragma once
#include "server/net/http_types.hpp"

namespace assay::net::detail {

/// Adds what every response carries, unless the handler has set it: Content-Security-Policy, HSTS and their kin.
/// `authority` is the Host the client asked for, checked, with its port; empty when there was none.
void add_security_headers(Headers& headers, std::string_view authority, bool camera);

} // namespace assay::net::detail
