#pragma once
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace assay::exam::calibration::detail {

/// Calls task(index, worker) once for each index in [0, count), on `threads` threads; worker is in [0, threads). Which worker gets which
/// index is a matter of luck, so a task writes only what belongs to its index: then the results don't depend on the number of threads.
/// The first exception is thrown again here, after all have stopped.
template <class Task>
void for_each_index(std::size_t count, unsigned threads, Task&& task)
{
    if (threads <= 1 || count <= 1) {
        for (std::size_t index = 0; index < count; ++index) task(index, 0u);
        return;
    }
    auto next = std::atomic<std::size_t>{0};
    auto failure = std::exception_ptr{};
    auto guard = std::mutex{};
    auto const work = [&](unsigned worker) {
        try {
            for (auto index = next++; index < count; index = next++) task(index, worker);
        } catch (...) {
            auto const lock = std::scoped_lock{guard};
            if (!failure) failure = std::current_exception();
            next = count;
        }
    };
    {
        auto others = std::vector<std::jthread>{};
        for (unsigned worker = 1; worker < threads && worker < count; ++worker) others.emplace_back(work, worker);
        work(0);
    }
    if (failure) std::rethrow_exception(failure);
}

} // namespace assay::exam::calibration::detail
