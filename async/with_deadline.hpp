#pragma once
#include "async/errors.hpp"
#include "async/event.hpp"
#include "core/contract.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>

namespace assay::async {

namespace detail {

template <class T>
struct Flattened {
    using type = result<T>;
};
template <class T>
struct Flattened<result<T>> {
    using type = result<T>;
};

/// Shared between the work and the one who waits for it; all on one thread.
struct Race {
    explicit Race(boost::asio::any_io_executor const& executor) : timer{executor}, ended{executor} {}
    boost::asio::steady_timer timer;
    Event ended;
    boost::asio::cancellation_signal cancel;
    std::exception_ptr failure;
    bool done = false;
    bool expired = false;
};

/// Waits until the work ended; cancels it when `limit` passes or the waiter is cancelled. True when the limit passed first.
boost::asio::awaitable<bool> finish(std::shared_ptr<Race> race, std::chrono::steady_clock::duration limit);

} // namespace detail

/// What `work` returns, or errc::deadline_exceeded: then it has been cancelled and has ended, so that what it refers to may
/// go. The wait lasts as long as the work takes to notice. A value that was there despite the cancellation is returned, not
/// lost; exceptions of the work pass through. awaitable<result<T>> gives result<T>, not a result of a result.
/// Call on a single-threaded executor (an io thread's or a strand).
template <class T>
boost::asio::awaitable<typename detail::Flattened<T>::type> with_deadline(boost::asio::awaitable<T> work,
                                                                          std::chrono::steady_clock::duration limit)
{
    namespace asio = boost::asio;
    auto const executor = co_await asio::this_coro::executor;
    auto const race = std::make_shared<detail::Race>(executor);
    if constexpr (std::is_void_v<T>) {
        auto ended = [race](std::exception_ptr failure) {
            race->failure = failure;
            race->done = true;
            race->ended.signal();
        };
        asio::co_spawn(executor, std::move(work), asio::bind_cancellation_slot(race->cancel.slot(), std::move(ended)));
        auto const expired = co_await detail::finish(race, limit);
        if (race->failure && expired) co_return errc::deadline_exceeded;
        if (race->failure) std::rethrow_exception(race->failure);
        co_return result<void>{};
    } else {
        auto const value = std::make_shared<std::optional<T>>();
        // The value travels beside the completion, so that T need not be default-constructible.
        auto store = [](asio::awaitable<T> inner, std::shared_ptr<std::optional<T>> to) -> asio::awaitable<void> {
            to->emplace(co_await std::move(inner));
        };
        auto ended = [race](std::exception_ptr failure) {
            race->failure = failure;
            race->done = true;
            race->ended.signal();
        };
        asio::co_spawn(executor, store(std::move(work), value),
                       asio::bind_cancellation_slot(race->cancel.slot(), std::move(ended)));
        auto const expired = co_await detail::finish(race, limit);
        if (race->failure && expired) co_return errc::deadline_exceeded;
        if (race->failure) std::rethrow_exception(race->failure);
        co_return std::move(**value);
    }
}

} // namespace assay::async
