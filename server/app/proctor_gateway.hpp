#pragma once
// The proctoring WebSocket, assay.proctor.v1: pictures in, observations through the worker processes, incidents into the journal.
// Frames are not stored; the few stills that an incident asks for are, encrypted under the candidate's key.
#include "server/app/sign_in.hpp"
#include "server/app/sittings.hpp"

namespace assay::server {

/// WebSocket /t/{tenant}/ws/proctor/{sitting}, for the candidate whose sitting it is and who agreed to the camera.
void add_proctor_gateway(net::Router& router, ServicePool& services, SittingNotices& notices);

} // namespace assay::server
