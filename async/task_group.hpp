#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace assay::async {

/// Owns coroutines that nobody awaits: it hears how each ends, and shutdown cancels them and waits for the last.
/// Lives on one thread, with its tasks: all members are called on the executor given.
/// What is spawned takes its arguments by value: the spawner does not wait.
class TaskGroup {
public:
    /// Hears of a task that ended by an exception other than its own cancellation. Must not throw.
    using OnFailure = std::function<void(std::string_view task, std::exception_ptr failure)>;

    TaskGroup(boost::asio::any_io_executor executor, OnFailure on_failure);
    TaskGroup(TaskGroup const&) = delete;
    TaskGroup& operator=(TaskGroup const&) = delete;
    ~TaskGroup(); ///< cancels; the tasks end on their executor, or with their io_context

    /// Starts `task` (named for logs). After cancel() nothing starts any more: the task is destroyed unrun.
    void spawn(std::string name, boost::asio::awaitable<void> task);

    /// Asks every task to end: what it awaits now, or next, throws operation_aborted.
    void cancel();

    /// Returns when no task is left. Throws operation_aborted when the waiting coroutine itself is cancelled.
    boost::asio::awaitable<void> wait();

    std::size_t size() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace assay::async
