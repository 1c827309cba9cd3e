#pragma once
// The exam's WebSocket, assay.exam.v1: what a candidate's page says becomes commands, what follows is acknowledged once it is
// durable. A connection's view of the sitting is a cache; the stream decides.
#include "server/app/sign_in.hpp"
#include "server/app/sittings.hpp"

namespace assay::server {

/// Called after a run has ended, with the journal holding its outcome.
using OnEnded = std::function<void(Services&, storage::TenantRow, SittingId)>;

/// WebSocket /t/{tenant}/ws/exam/{sitting}, for the candidate whose sitting it is; anybody else's id is 404.
void add_exam_gateway(net::Router& router, ServicePool& services, SittingNotices& notices, OnEnded on_ended);

/// The code of a refusal on the wire: stable words, one for each rule.
std::string problem_code(boost::system::error_code const& error);

} // namespace assay::server
