#include "async/with_deadline.hpp"

namespace assay::async::detail {

namespace asio = boost::asio;

asio::awaitable<bool> finish(std::shared_ptr<Race> race, std::chrono::steady_clock::duration limit)
{
    // Holds the race weakly: a waiting timer must not keep the work's result alive after the awaiter is gone.
    race->timer.expires_after(limit);
    race->timer.async_wait([weak = std::weak_ptr{race}](boost::system::error_code error) {
        auto const held = weak.lock();
        if (error || !held || held->done) return;
        held->expired = true;
        held->cancel.emit(asio::cancellation_type::terminal);
    });

    // Our own cancellation is passed on and waited out: the work must end before we do, since it refers to our caller's frame.
    // The flag belongs to the whole chain of awaiting coroutines, so it is put back; the chain's state stays "cancelled", and
    // the caller's next await throws.
    auto const threw_if_cancelled = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!race->done) {
        auto cancelled = false;
        try {
            co_await race->ended.wait();
        } catch (boost::system::system_error const&) {
            cancelled = true;
        }
        if (cancelled && !race->done) race->cancel.emit(asio::cancellation_type::terminal);
    }
    co_await asio::this_coro::throw_if_cancelled(threw_if_cancelled);
    race->timer.cancel();
    co_return race->expired;
}

} // namespace assay::async::detail
