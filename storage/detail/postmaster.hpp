#pragma once
// What postmaster.pid and /proc say about a PostgreSQL server.
#include <filesystem>
#include <optional>
#include <sys/types.h>

namespace assay::storage::detail {

/// The running server of this data directory: postmaster.pid names a process whose program is our postgres and whose working directory is
/// `data`. A number alone proves nothing: after a crash it may be anybody's, or a zombie's that nobody reaped.
std::optional<pid_t> live_postmaster(std::filesystem::path const& data, std::filesystem::path const& postgres);

/// Line 8 of postmaster.pid says "ready": connections are accepted.
bool accepts_connections(std::filesystem::path const& data);

/// Makes a postmaster.pid that names no server of ours harmless: its first line becomes a number that no process has. The rest stays, above all
/// line 7, the shared memory key, by which PostgreSQL notices an orphaned backend that still writes. Deleting the file would lose that.
void defuse_stale_pid_file(std::filesystem::path const& data);

} // namespace assay::storage::detail
