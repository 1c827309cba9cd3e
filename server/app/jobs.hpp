#pragma once
// What happens without anybody asking: heartbeats, deadlines, what follows a finished sitting, the log, mail. Every job can run on
// any number of nodes at once: what it writes is guarded by the stream's version, an advisory lock or an idempotency key.
#include "server/app/sittings.hpp"

namespace assay::server {

/// Starts them in services.tasks; they end with it.
void start_jobs(Services& services, SittingNotices& notices);

} // namespace assay::server
