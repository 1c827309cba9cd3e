#pragma once
#include "proctor/channel/worker_channel.hpp"
#include "sandbox/child.hpp"
#include "server/proctoring/worker_pool.hpp"

namespace assay::server::proctoring {

/// A worker for tools that may wait. A picture that kills or stalls it costs a restart and is reported as such.
class BlockingWorker {
public:
    /// Throws std::runtime_error (or system_error) when the program does not become ready.
    explicit BlockingWorker(WorkerProgram program, milliseconds frame_deadline = milliseconds{10000});

    proctor::channel::Ready const& ready() const noexcept { return ready_; }

    /// FrameFault::worker_lost or late when the process did not survive; too_many_bytes without asking it.
    std::variant<proctor::Measurement, proctor::FrameFault> measure(ByteView jpeg);

private:
    void start();

    WorkerProgram program_;
    milliseconds frame_deadline_;
    std::unique_ptr<sandbox::Child> process_;
    proctor::channel::Ready ready_;
    std::uint64_t sequence_ = 0;
};

} // namespace assay::server::proctoring
