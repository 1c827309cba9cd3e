#include "async/on_pool.hpp"

#include "core/secret_bytes.hpp"
#include "run.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>
#include <latch>
#include <thread>

namespace assay::async {
namespace {

namespace asio = boost::asio;

TEST(OnPool, ComputesElsewhereAndResumesHere)
{
    auto io = asio::io_context{};
    auto pool = ComputePool{2, 8};
    auto there = std::thread::id{}, here = std::thread::id{};
    auto main = [&]() -> asio::awaitable<void> {
        auto which = [] { return std::this_thread::get_id(); };
        there = co_await on_pool(pool, which);
        here = std::this_thread::get_id();
    };
    test::run(io, main);
    EXPECT_EQ(here, std::this_thread::get_id());
    EXPECT_NE(there, here);
    EXPECT_EQ(pool.jobs(), 0u);
}

TEST(OnPool, TakesCallablesThatOwnSecrets)
{
    auto io = asio::io_context{};
    auto pool = ComputePool{1, 1};
    auto size = std::size_t{0};
    auto main = [&]() -> asio::awaitable<void> {
        auto work = [secret = SecretBytes{32}] { return secret.size(); };
        size = co_await on_pool(pool, std::move(work));
    };
    test::run(io, main);
    EXPECT_EQ(size, 32u);
}

TEST(OnPool, BringsTheExceptionBack)
{
    auto io = asio::io_context{};
    auto pool = ComputePool{1, 1};
    auto main = [&]() -> asio::awaitable<void> {
        auto work = [] { throw std::domain_error{"no root"}; };
        co_await on_pool(pool, work);
    };
    EXPECT_THROW(test::run(io, main), std::domain_error);
}

TEST(OnPool, RefusesWhenFullInsteadOfQueueingWithoutBound)
{
    auto io = asio::io_context{};
    auto pool = ComputePool{1, 1};
    auto gate = std::latch{1};
    auto done = 0, refused = 0;
    auto task = [&]() -> asio::awaitable<void> {
        try {
            auto work = [&gate] { gate.wait(); };
            co_await on_pool(pool, work);
            ++done;
        } catch (Overloaded const&) {
            if (++refused == 2) gate.count_down();
        }
    };
    for (auto i = 0; i < 4; ++i) asio::co_spawn(io, task(), [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
    io.run();
    EXPECT_EQ(done, 2);
    EXPECT_EQ(refused, 2);
}

} // namespace
} // namespace assay::async
