// A graceful stop with candidates connected: they are told to come back, closed with 1012, and go on after the restart.
#include "tests/fault/arena.hpp"

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>
#include <iostream>

namespace assay::fault {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 30s;
constexpr auto drain_max = 10s; ///< server/net/listener.hpp; what comes after it is PostgreSQL's own stop

TEST(GracefulStop, TellsCandidatesToComeBackClosesWith1012AndEndsInTime)
{
    auto const bank = robot::read_demo_bank();
    auto server = robot::ServerProcess{};
    server.start();
    auto candidates = std::list<Candidate>{};
    auto arena = Arena{};
    auto taking = take_seats(server.port(), server.password_of("manager@demo.example"), 3, 1);
    auto seats = arena.run(std::move(taking));
    arena.at([&] {
        for (auto& seat : seats) {
            candidates.emplace_back(server.port(), bank, std::move(seat), exam::Theta{0.0}, 3, Pace{.think_min = 50ms, .think_max = 300ms, .heartbeat = 300ms});
            arena.spawn(candidates.back().sit());
        }
    });
    auto const everybody = [&](auto condition) {
        return [&candidates, condition] { return std::ranges::all_of(candidates, [&](Candidate const& c) { return condition(c.diary()); }); };
    };
    ASSERT_TRUE(eventually(arena, patience, everybody([](Diary const& d) { return d.acknowledged.size() >= 2; })));
    // A connection that is open and says nothing may not hold the stop up either.
    auto idle = net::HttpClient{robot::client_settings(server.port())};
    auto asking = [](net::HttpClient& client) -> asio::awaitable<int> { co_return (co_await client.get("/livez")).value().status; }(idle);
    EXPECT_EQ(arena.run(std::move(asking)), 200);

    auto const from = std::chrono::steady_clock::now();
    EXPECT_EQ(server.terminate(), 0);
    auto const took = std::chrono::steady_clock::now() - from;
    std::cout << "stopped after " << std::chrono::duration<double>(took).count() << " s" << std::endl;
    EXPECT_LT(took, drain_max);
    for (auto const& diary : arena.at([&] {
             auto all = std::vector<Diary>{};
             for (auto const& candidate : candidates) all.push_back(candidate.diary());
             return all;
         })) {
        EXPECT_EQ(diary.problems.contains("drain"), true) << "told in the protocol when to come back";
        ASSERT_FALSE(diary.closed_as.empty());
        EXPECT_EQ(diary.closed_as.front(), 1012);
    }

    server.start();
    ASSERT_TRUE(eventually(arena, patience, everybody([](Diary const& d) { return d.over; })));
    for (auto const& candidate : candidates) {
        EXPECT_EQ(candidate.diary().run_state, "submitted");
        for (auto const& complaint : candidate.diary().complaints) ADD_FAILURE() << complaint;
    }
    for (auto const& failure : arena.failures()) ADD_FAILURE() << failure;
    EXPECT_EQ(server.terminate(), 0);
}

} // namespace
} // namespace assay::fault
