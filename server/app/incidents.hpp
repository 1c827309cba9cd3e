#pragma once
#include "server/app/services.hpp"

namespace assay::server {

/// Closes the incidents of a sitting that a connection which is gone left open: at a server's end nothing else does.
asio::awaitable<void> close_left_incidents(Services& services, TenantId tenant, SittingId sitting);

} // namespace assay::server
