#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace assay::async {

/// Wakes one coroutine of the same thread: "there is something new, look again". Signals that nobody has heard yet merge
/// into one. Not thread-safe: signal() from another thread goes through asio::post to the owner's executor.
class Event {
public:
    explicit Event(boost::asio::any_io_executor const& executor);

    void signal();

    /// Returns at once when signalled since the last wait, otherwise when signalled. One waiter at a time.
    /// Throws operation_aborted when the waiting coroutine is cancelled.
    boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
    bool signalled_ = false;
};

/// Wakes every coroutine of the same thread that waits; each then looks whether what it waits for has come. As with a
/// condition variable, the caller checks before and after: `while (!there) co_await changed.wait();`
class Condition {
public:
    explicit Condition(boost::asio::any_io_executor const& executor);
    void notify_all();

    /// Returns at the next notify_all. Throws operation_aborted when the waiting coroutine is cancelled.
    boost::asio::awaitable<void> wait();

private:
    boost::asio::steady_timer timer_;
};

} // namespace assay::async
