#pragma once
// Picture workers as the service sees them: awaitable, bounded, and expendable.
#include "core/ids.hpp"
#include "proctor/observation.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>

namespace assay::server::proctoring {

namespace asio = boost::asio;
using std::chrono::milliseconds;

struct WorkerProgram {
    std::filesystem::path executable;                 ///< assay-proctor-worker
    std::optional<std::filesystem::path> model;       ///< YuNet file; without it HOG serves
    std::optional<Sha256Digest> model_sha256;         ///< the operator's value; none: that of YuNet 2022mar

    std::vector<std::string> arguments() const;       ///< that it is started with
};

struct WorkerPoolSettings {
    WorkerProgram program;
    std::size_t workers = 1;                ///< processes, 1…64
    milliseconds frame_deadline{2000};      ///< from the hand-over to a worker until its reply; then the worker is killed
    milliseconds start_deadline{30000};     ///< until a new worker has said that it is ready
    milliseconds backoff_min{100};          ///< before a restart, doubled by each failure in a row
    milliseconds backoff_max{30000};
    std::size_t waiting_max = 512;          ///< sittings with a picture in the queue
};

/// Since the start of the pool; for /metrics.
struct WorkerCounters {
    std::uint64_t analysed = 0;    ///< replies, refused pictures included
    std::uint64_t refused = 0;     ///< the picture's own fault (FrameFault before worker_lost)
    std::uint64_t lost = 0;        ///< the worker died with it
    std::uint64_t late = 0;        ///< the worker hung and was killed
    std::uint64_t superseded = 0;  ///< a newer picture took its place
    std::uint64_t started = 0;     ///< worker processes that said they were ready
    std::uint64_t failed_starts = 0;
    std::size_t ready = 0;         ///< workers at this moment
    std::size_t waiting = 0;       ///< pictures at this moment
};

/// Owns the worker processes. Lives on one executor; analyse, counters and detector may be called from any thread.
/// The one who makes it awaits run() (in its task group) until stop() or cancellation, and destroys it afterwards.
class WorkerPool {
public:
    /// Expects settings within their bounds and an executor that runs on one thread (or is a strand).
    WorkerPool(asio::any_io_executor executor, WorkerPoolSettings settings);
    ~WorkerPool();                          ///< kills what still runs
    WorkerPool(WorkerPool const&) = delete;
    WorkerPool& operator=(WorkerPool const&) = delete;

    /// Keeps the workers running. Returns after stop(), with every worker gone and every waiting picture answered.
    asio::awaitable<void> run();
    void stop();

    /// The observation of one picture. Each sitting has at most one picture waiting: a newer one takes its place and the older comes back
    /// as FrameFault::superseded. A crash or hang gives worker_lost or late for this picture alone. Resumes on the caller's executor.
    /// Errors: asio::error::operation_aborted when the pool stops.
    asio::awaitable<result<proctor::Observation>> analyse(SittingId sitting, Bytes jpeg, proctor::FrameMeta frame);

    WorkerCounters counters() const;
    /// Of the workers that run; none until the first is ready. `notice`: why it is not the configured one.
    std::optional<proctor::Detector> detector() const;
    std::string notice() const;
    /// Process ids of the running workers: for the log, and for tests that kill them.
    std::vector<int> process_ids() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace assay::server::proctoring
