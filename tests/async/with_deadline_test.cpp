#include "async/with_deadline.hpp"

#include "run.hpp"

#include <gtest/gtest.h>

namespace assay::async {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::sleep;

asio::awaitable<std::unique_ptr<int>> answer_after(std::chrono::milliseconds time)
{
    co_await sleep(time);
    co_return std::make_unique<int>(42);
}

asio::awaitable<void> ends_late(bool& ended)
{
    try {
        co_await sleep(1h);
    } catch (boost::system::system_error const&) {
    }
    // Cleaning up takes time too, and the caller's frame must outlive it.
    co_await asio::this_coro::reset_cancellation_state();
    co_await sleep(20ms);
    ended = true;
    throw boost::system::system_error{asio::error::operation_aborted};
}

TEST(WithDeadline, GivesWhatTheWorkReturnedInTime)
{
    auto io = asio::io_context{};
    auto got = 0;
    auto main = [&got]() -> asio::awaitable<void> {
        auto answer = co_await with_deadline(answer_after(1ms), 10s);
        got = **answer;
    };
    test::run(io, main);
    EXPECT_EQ(got, 42);
}

TEST(WithDeadline, SaysThatTheDeadlinePassedOnlyAfterTheWorkHasEnded)
{
    auto io = asio::io_context{};
    auto ended = false, ended_first = false;
    auto code = boost::system::error_code{};
    auto main = [&]() -> asio::awaitable<void> {
        auto const done = co_await with_deadline(ends_late(ended), 10ms);
        ended_first = ended;
        code = done.error();
    };
    test::run(io, main);
    EXPECT_TRUE(ended_first);
    EXPECT_EQ(code, errc::deadline_exceeded);
}

TEST(WithDeadline, KeepsAValueThatWasThereDespiteTheCancellation)
{
    auto io = asio::io_context{};
    auto got = 0;
    auto stubborn = []() -> asio::awaitable<int> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await sleep(30ms);
        co_return 7;
    };
    auto main = [&]() -> asio::awaitable<void> {
        auto work = stubborn();
        auto const value = co_await with_deadline(std::move(work), 5ms);
        got = value.value();
    };
    test::run(io, main);
    EXPECT_EQ(got, 7);
}

TEST(WithDeadline, PassesExceptionsOfTheWorkThrough)
{
    auto io = asio::io_context{};
    auto failing = []() -> asio::awaitable<int> {
        co_await sleep(1ms);
        throw std::runtime_error{"disk on fire"};
    };
    auto main = [&]() -> asio::awaitable<void> {
        auto work = failing();
        co_await with_deadline(std::move(work), 10s);
    };
    EXPECT_THROW(test::run(io, main), std::runtime_error);
}

TEST(WithDeadline, FlattensAWorkThatItselfReturnsAResult)
{
    auto io = asio::io_context{};
    auto refusing = []() -> asio::awaitable<result<int>> {
        co_await sleep(1ms);
        co_return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
    };
    auto code = boost::system::error_code{};
    auto main = [&]() -> asio::awaitable<void> {
        auto work = refusing();
        result<int> const value = co_await with_deadline(std::move(work), 10s);
        code = value.error();
    };
    test::run(io, main);
    EXPECT_EQ(code, boost::system::errc::no_such_file_or_directory);
}

TEST(WithDeadline, CancellingTheWaiterCancelsTheWorkAndWaitsForIt)
{
    auto io = asio::io_context{};
    auto ended = false, ended_first = false;
    auto waiter = [&]() -> asio::awaitable<void> {
        try {
            co_await with_deadline(ends_late(ended), 1h);
        } catch (boost::system::system_error const&) {
            ended_first = ended;
            throw;
        }
    };
    auto signal = asio::cancellation_signal{};
    auto failure = std::exception_ptr{};
    asio::co_spawn(io, waiter(), asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { failure = e; }));
    auto timer = asio::steady_timer{io, 10ms};
    timer.async_wait([&](boost::system::error_code) { signal.emit(asio::cancellation_type::terminal); });
    io.run();
    EXPECT_TRUE(ended_first);
    EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
}

} // namespace
} // namespace assay::async
