#pragma once
// One child process and our end of its socketpair.
#include "server/proctoring/worker_pool.hpp"

namespace assay::server::proctoring {

class WorkerProcess {
public:
    /// Starts the program with one descriptor, an empty environment and default signals. It is not ready yet.
    /// Throws std::system_error when it can't be started.
    explicit WorkerProcess(WorkerProgram const& program);
    ~WorkerProcess();                     ///< kills and reaps it
    WorkerProcess(WorkerProcess const&) = delete;
    WorkerProcess& operator=(WorkerProcess const&) = delete;

    int id() const noexcept { return id_; }
    int descriptor() const noexcept { return descriptor_; }
    int release_descriptor() noexcept;    ///< the caller closes it from now on
    void kill() noexcept;                 ///< SIGKILL; works on a stopped one too

private:
    int id_ = -1;
    int descriptor_ = -1;
};

} // namespace assay::server::proctoring
