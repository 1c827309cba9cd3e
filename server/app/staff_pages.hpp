#pragma once
// The overview, and watching sittings: minutes, pauses, ending. Every action is journalled with who did it and why.
#include "server/app/exam_gateway.hpp"

namespace assay::server {

/// Routes: GET /t/{tenant}/staff, GET …/sittings, POST …/sittings/{sitting}/{action}.
void add_staff_routes(net::Router& router, ServicePool& services, SittingNotices& notices, OnEnded on_ended);

} // namespace assay::server
