#pragma once
// A PostgreSQL of our own, for `./run` without `--database`: the same SQL, roles and row-level security as any other. Unix socket only,
// peer authentication: no TCP, no password exists. Blocking code, used at start-up.
#include "storage/migrations.hpp"

#include <filesystem>
#include <memory>

namespace assay::storage {

struct ClusterOptions {
    std::filesystem::path state;          ///< absolute; the cluster lies in state/postgres, its log in state/postgres.log
    std::string user;                     ///< as root: the system user that PostgreSQL runs as (made when missing); else empty
    std::filesystem::path binaries = "/usr/lib/postgresql/15/bin";
    bool durable = true;                  ///< false: no fsync, for tests that don't pull the plug
    bool owner_may_create_databases = false; ///< for tests: a database each
};

/// As root {/var/lib/assay, user assay}; otherwise {$XDG_STATE_HOME/assay or ~/.local/state/assay, ""}.
ClusterOptions default_cluster_options();

enum class ClusterStatus { running, restarted, failed };

/// One process at a time manages a state directory (flock); a second one gets StorageError.
/// The cluster itself outlives this object when the process is killed, and is adopted by the next one.
class PrivateCluster {
public:
    /// Makes the cluster when there is none (whole or not at all: initdb runs in a sibling that is renamed), adopts it when it
    /// still runs, starts it otherwise. Ready for connections when this returns.
    /// Throws StorageError saying what failed and where the log is.
    static PrivateCluster start(ClusterOptions options);
    /// Access to the cluster of a state directory that runs already under somebody else's management (the server's), for commands
    /// beside it. Nothing when it does not run.
    static std::optional<DatabaseAccess> running(ClusterOptions const& options, std::string const& database = "assay");

    PrivateCluster(PrivateCluster&&) noexcept;
    ~PrivateCluster(); ///< leaves PostgreSQL running: stop() is a decision

    /// Access to one of its databases ("assay" is made with the cluster).
    DatabaseAccess access(std::string const& database = "assay") const;
    /// True when start() found it running.
    bool adopted() const noexcept;
    int postmaster_pid() const;

    /// Looks whether PostgreSQL runs, and starts it again when it does not. Called by a watcher about every second.
    ClusterStatus watch();

    /// Fast shutdown: open transactions roll back, buffers are written. Never SIGKILL.
    void stop();

private:
    struct State;
    explicit PrivateCluster(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

} // namespace assay::storage
