#pragma once
#include "async/errors.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

namespace assay::async {

/// Threads for what computes longer than ~100 µs (Argon2id, PDF, solvers), so that io threads never do. Thread-safe.
class ComputePool {
public:
    /// Expects threads >= 1. At most `waiting_max` jobs are held beyond those that run.
    ComputePool(std::size_t threads, std::size_t waiting_max);
    ComputePool(ComputePool const&) = delete;
    ComputePool& operator=(ComputePool const&) = delete;
    ~ComputePool(); ///< waits for every accepted job

    std::size_t jobs() const noexcept { return jobs_.load(std::memory_order_relaxed); } ///< running and waiting

    /// Use on_pool, which returns values. Throws Overloaded when full, and what `job` throws.
    boost::asio::awaitable<void> run(std::function<void()> job);

private:
    boost::asio::thread_pool pool_;
    std::size_t const jobs_max_;
    std::atomic<std::size_t> jobs_{0};
};

/// Runs `work()` on a thread of the pool and resumes here, on the awaiting coroutine's own executor, with what it returned
/// or threw. Throws Overloaded when the pool is full. A job that has been accepted is run even if the awaiter is cancelled.
/// Name the callable, then move it in: a capturing lambda temporary inside a co_await is destroyed twice by g++ 12.
template <class F>
boost::asio::awaitable<std::invoke_result_t<F&>> on_pool(ComputePool& pool, F work)
{
    using R = std::invoke_result_t<F&>;
    if constexpr (std::is_void_v<R>) {
        // Shared, since the pool may still run the job when the awaiting frame is gone; and F may be move-only (secrets).
        auto const task = std::make_shared<F>(std::move(work));
        auto job = std::function<void()>{[task] { (*task)(); }};
        co_await pool.run(std::move(job));
    } else {
        struct Task {
            F work;
            std::optional<R> value;
        };
        auto const task = std::make_shared<Task>(Task{std::move(work), std::nullopt});
        auto job = std::function<void()>{[task] { task->value.emplace(task->work()); }};
        co_await pool.run(std::move(job));
        co_return std::move(*task->value);
    }
}

} // namespace assay::async
