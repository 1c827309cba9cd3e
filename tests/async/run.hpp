#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace assay::async::test {

/// Runs `main` on a fresh io_context until all its work is done; rethrows what it throws.
template <class MakeAwaitable>
void run(boost::asio::io_context& io, MakeAwaitable make)
{
    auto failure = std::exception_ptr{};
    boost::asio::co_spawn(io, make(), [&failure](std::exception_ptr thrown) { failure = thrown; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

inline boost::asio::awaitable<void> sleep(std::chrono::steady_clock::duration time)
{
    auto timer = boost::asio::steady_timer{co_await boost::asio::this_coro::executor, time};
    co_await timer.async_wait(boost::asio::use_awaitable);
}

} // namespace assay::async::test
