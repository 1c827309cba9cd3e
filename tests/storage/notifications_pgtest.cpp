#include "storage/notifications.hpp"
#include "tests/storage/postgres_fixture.hpp"

namespace assay::storage::test {
namespace {

using namespace std::chrono_literals;

struct Notifications : testing::Test {
    NotificationHandlers handlers()
    {
        auto h = NotificationHandlers{};
        h.heard = [this](std::string_view payload) { heard.emplace_back(payload); };
        h.listening = [this] { ++listening; };
        h.deaf = [this](std::string const&) { ++deaf; };
        return h;
    }
    template <class Condition>
    bool eventually(Condition condition)
    {
        auto const give_up_at = std::chrono::steady_clock::now() + 10s;
        bench.context.restart();
        while (!condition() && std::chrono::steady_clock::now() < give_up_at) bench.context.run_one_for(10ms);
        return condition();
    }
    void listen() { asio::co_spawn(bench.context, hear_notifications(bench.context.get_executor(), bench.access.app, handlers()), [](std::exception_ptr) {}); }

    Bench bench;
    std::vector<std::string> heard;
    int listening = 0, deaf = 0;
};

TEST_F(Notifications, ReachWhoeverListensInTheOrderTheyWereSaid)
{
    listen();
    ASSERT_TRUE(eventually([&] { return listening == 1; }));
    for (auto const* what : {"one", "two", "three"}) run(bench.context, notify(bench.pool, what));
    EXPECT_TRUE(eventually([&] { return heard.size() == 3; }));
    EXPECT_EQ(heard, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(Notifications, ComeAgainAfterTheListeningConnectionWasKilled)
{
    listen();
    ASSERT_TRUE(eventually([&] { return listening == 1; }));
    // Anybody who may be the role may end its sessions.
    auto database = BlockingConnection{bench.access.app};
    auto const ended = database.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'LISTEN assay_sitting' AND datname = current_database()");
    EXPECT_EQ(ended.one().get<std::int64_t>(0), 1);
    ASSERT_TRUE(eventually([&] { return listening == 2; }));
    EXPECT_GE(deaf, 1);
    run(bench.context, notify(bench.pool, "still here"));
    EXPECT_TRUE(eventually([&] { return heard.size() == 1; }));
}

TEST_F(Notifications, StayWithinTheirDatabase)
{
    listen();
    ASSERT_TRUE(eventually([&] { return listening == 1; }));
    auto other = Bench{};
    run(other.context, notify(other.pool, "elsewhere"));
    run(bench.context, notify(bench.pool, "here"));
    EXPECT_TRUE(eventually([&] { return !heard.empty(); }));
    EXPECT_EQ(heard, (std::vector<std::string>{"here"}));
}

} // namespace
} // namespace assay::storage::test
