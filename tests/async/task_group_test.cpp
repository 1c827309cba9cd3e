#include "async/task_group.hpp"

#include "async/event.hpp"
#include "run.hpp"

#include <gtest/gtest.h>

namespace assay::async {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::sleep;

asio::awaitable<void> throw_after(std::chrono::milliseconds time)
{
    co_await sleep(time);
    throw std::runtime_error{"broken"};
}

TEST(TaskGroup, CancelsItsTasksAndWaitsForTheLast)
{
    auto io = asio::io_context{};
    auto failures = 0, unwound = 0;
    auto group = TaskGroup{io.get_executor(), [&](std::string_view, std::exception_ptr) { ++failures; }};
    auto sleeper = [](int& count) -> asio::awaitable<void> {
        struct AtEnd {
            int& count;
            ~AtEnd() { ++count; }
        } const at_end{count};
        co_await sleep(1h);
    };
    auto main = [&]() -> asio::awaitable<void> {
        for (auto i = 0; i < 5; ++i) group.spawn("sleeper", sleeper(unwound));
        co_await sleep(5ms);
        EXPECT_EQ(group.size(), 5u);
        group.cancel();
        co_await group.wait();
        EXPECT_EQ(unwound, 5);
    };
    test::run(io, main);
    EXPECT_EQ(failures, 0) << "a cancelled task has not failed";
    EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, HearsWhichTaskFailed)
{
    auto io = asio::io_context{};
    auto failed = std::string{};
    auto group = TaskGroup{io.get_executor(), [&](std::string_view task, std::exception_ptr) { failed = task; }};
    group.spawn("publisher", throw_after(1ms));
    io.run();
    EXPECT_EQ(failed, "publisher");
}

TEST(TaskGroup, StartsNothingAfterCancel)
{
    auto io = asio::io_context{};
    auto started = false;
    auto group = TaskGroup{io.get_executor(), nullptr};
    auto task = [&]() -> asio::awaitable<void> {
        started = true;
        co_return;
    };
    group.cancel();
    group.spawn("late", task());
    io.run();
    EXPECT_FALSE(started);
}

TEST(Event, MergesSignalsThatNobodyHasHeard)
{
    auto io = asio::io_context{};
    auto event = Event{io.get_executor()};
    auto woken = 0;
    auto group = TaskGroup{io.get_executor(), nullptr};
    auto waiter = [&]() -> asio::awaitable<void> {
        for (;;) {
            co_await event.wait();
            ++woken;
        }
    };
    auto main = [&]() -> asio::awaitable<void> {
        event.signal();
        event.signal();
        group.spawn("waiter", waiter());
        co_await sleep(5ms);
        EXPECT_EQ(woken, 1);
        event.signal();
        co_await sleep(5ms);
        EXPECT_EQ(woken, 2);
        group.cancel();
        co_await group.wait();
    };
    test::run(io, main);
}

} // namespace
} // namespace assay::async
