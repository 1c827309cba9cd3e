#pragma once
// Every route of the service, in one table: what it serves, what `assay routes` prints, what tests walk.
#include "server/app/exam_gateway.hpp"
#include "server/net/operations.hpp"
#include "server/net/static_files.hpp"

namespace assay::server {

/// All references outlive the router.
struct RouteDependencies {
    ServicePool& pool;
    SittingNotices& notices;
    net::Readiness const& readiness;
    net::StaticFiles const& files;
    OnEnded on_ended;
};
net::Router make_router(RouteDependencies const& dependencies);

} // namespace assay::server
