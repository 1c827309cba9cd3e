#include "async/event.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace assay::async {

namespace asio = boost::asio;

namespace {

/// A timer that never expires ends the same way for a wake-up and for a cancelled waiter; the waiter's own state tells.
asio::awaitable<void> until_cancelled(asio::steady_timer& timer)
{
    auto error = boost::system::error_code{};
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error{asio::error::operation_aborted};
}

} // namespace

Event::Event(asio::any_io_executor const& executor) : timer_{executor, asio::steady_timer::time_point::max()} {}

void Event::signal()
{
    signalled_ = true;
    timer_.cancel();
}

asio::awaitable<void> Event::wait()
{
    while (!signalled_) co_await until_cancelled(timer_);
    signalled_ = false;
}

Condition::Condition(asio::any_io_executor const& executor) : timer_{executor, asio::steady_timer::time_point::max()} {}

void Condition::notify_all() { timer_.cancel(); }

asio::awaitable<void> Condition::wait() { co_await until_cancelled(timer_); }

} // namespace assay::async
