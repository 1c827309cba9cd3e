#include "tests/storage/postgres_fixture.hpp"

#include <boost/asio/steady_timer.hpp>

namespace assay::storage::test {
namespace {

using namespace std::chrono_literals;

constexpr auto tenant_setting = Statement{"tenant_setting", "SELECT coalesce(current_setting('assay.tenant', true), '') AS tenant"};
constexpr auto add_host = Statement{"add_host", "INSERT INTO tenant_host (tenant_id, host) VALUES ($1, $2)"};
constexpr auto count_hosts = Statement{"count_hosts", "SELECT count(*) FROM tenant_host"};
constexpr auto fail = Statement{"fail", "SELECT 1 / 0"};
constexpr auto end_myself = Statement{"end_myself", "SELECT pg_terminate_backend(pg_backend_pid())"};

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    auto timer = asio::steady_timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<std::int64_t> hosts(Pool& pool)
{
    auto const rows = co_await pool.query_without_tenant(count_hosts);
    co_return rows.one().get<std::int64_t>(0);
}

TEST(Transaction, SetsTheTenantForItselfAndLeavesNoneBehind)
{
    auto bench = Bench{fresh_database(), {.connections_max = 1}};
    auto const tenant = bench.add_tenant("one");
    auto test = [&]() -> asio::awaitable<void> {
        {
            auto transaction = co_await bench.pool.begin(tenant);
            auto const inside = co_await transaction.query(tenant_setting);
            EXPECT_EQ(inside.one().get<std::string>("tenant"), to_string(tenant));
            co_await transaction.commit();
        }
        auto const alone = co_await bench.pool.query(tenant, tenant_setting);
        EXPECT_EQ(alone.one().get<std::string>("tenant"), to_string(tenant));
        auto const after = co_await bench.pool.query_without_tenant(tenant_setting);
        EXPECT_EQ(after.one().get<std::string>("tenant"), "");
    };
    run(bench.context, test());
}

TEST(Transaction, RollsBackUnlessCommitted)
{
    auto bench = Bench{fresh_database(), {.connections_max = 1}};
    auto const tenant = bench.add_tenant("one");
    auto test = [&]() -> asio::awaitable<void> {
        {
            auto transaction = co_await bench.pool.begin(tenant);
            co_await transaction.query(add_host, params(tenant, "a.example"));
        }
        EXPECT_EQ(co_await hosts(bench.pool), 0);
        {
            auto transaction = co_await bench.pool.begin(tenant);
            co_await transaction.query(add_host, params(tenant, "a.example"));
            co_await transaction.commit();
        }
        EXPECT_EQ(co_await hosts(bench.pool), 1);
    };
    run(bench.context, test());
}

TEST(Transaction, DoesNotReportACommitThatWasARollback)
{
    auto bench = Bench{};
    auto const tenant = bench.add_tenant("one");
    auto test = [&]() -> asio::awaitable<void> {
        auto transaction = co_await bench.pool.begin(tenant);
        co_await transaction.query(add_host, params(tenant, "a.example"));
        auto failed = false, refused = false;
        try {
            co_await transaction.query(fail);
        } catch (DatabaseError const&) {
            failed = true;
        }
        try {
            co_await transaction.commit();
        } catch (DatabaseError const&) {
            refused = true;
        }
        EXPECT_TRUE(failed);
        EXPECT_TRUE(refused);
        EXPECT_EQ(co_await hosts(bench.pool), 0);
    };
    run(bench.context, test());
}

TEST(Transaction, NamesTheViolatedConstraint)
{
    auto bench = Bench{};
    auto const tenant = bench.add_tenant("one");
    auto test = [&]() -> asio::awaitable<void> {
        co_await bench.pool.query(tenant, add_host, params(tenant, "a.example"));
        auto unique = false;
        try {
            co_await bench.pool.query(tenant, add_host, params(tenant, "a.example"));
        } catch (DatabaseError const& error) {
            unique = error.is_unique_violation() && !error.constraint().empty();
            EXPECT_EQ(std::string{error.what()}.find("a.example"), std::string::npos) << "values don't belong into logs";
        }
        EXPECT_TRUE(unique);
    };
    run(bench.context, test());
}

TEST(Pool, MakesCallersWaitForAFreeConnectionInTheirOrder)
{
    auto bench = Bench{fresh_database(), {.connections_max = 1}};
    auto order = std::vector<int>{};
    auto done = 0;
    auto held = std::optional<Lease>{run(bench.context, bench.pool.acquire())};
    auto waiter = [&](int number) -> asio::awaitable<void> {
        auto lease = co_await bench.pool.acquire();
        order.push_back(number);
    };
    for (auto i = 0; i < 3; ++i) asio::co_spawn(bench.context, waiter(i), [&](std::exception_ptr) { ++done; });
    bench.context.restart();
    bench.context.run_for(50ms);
    EXPECT_EQ(bench.pool.occupancy().waiting, 3u);
    EXPECT_TRUE(order.empty());
    held.reset();
    bench.context.restart();
    bench.context.run_for(500ms);
    EXPECT_EQ(done, 3);
    EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST(Pool, TellsACallerWhoWaitedTooLong)
{
    auto bench = Bench{fresh_database(), {.connections_max = 1, .acquire_timeout = 100ms}};
    auto test = [&]() -> asio::awaitable<void> {
        auto const held = co_await bench.pool.acquire();
        auto told = false;
        try {
            auto const second = co_await bench.pool.acquire();
        } catch (DatabaseError const& error) {
            told = error.sqlstate().empty();
        }
        EXPECT_TRUE(told);
    };
    run(bench.context, test());
    EXPECT_EQ(bench.pool.occupancy().idle, 1u) << "the connection came back";
}

TEST(Pool, ReplacesABrokenConnection)
{
    auto bench = Bench{fresh_database(), {.connections_max = 1}};
    auto test = [&]() -> asio::awaitable<void> {
        auto broken = false;
        try {
            co_await bench.pool.query_without_tenant(end_myself);
        } catch (DatabaseError const&) {
            broken = true;
        }
        EXPECT_TRUE(broken);
        EXPECT_EQ(co_await hosts(bench.pool), 0);
    };
    run(bench.context, test());
}

TEST(Pool, FailsNobodyWithAConnectionThatWasLostWhileItWasIdle)
{
    auto bench = Bench{fresh_database(), {.connections_max = 4}};
    auto test = [&]() -> asio::awaitable<void> {
        {
            auto leases = std::vector<Lease>{};
            while (leases.size() < 4) {
                auto lease = co_await bench.pool.acquire();
                leases.push_back(std::move(lease));
            }
        }
        EXPECT_EQ(bench.pool.occupancy().idle, 4u);
        auto database = BlockingConnection{bench.access.app};
        auto const ended = database.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        EXPECT_EQ(ended.one().get<std::int64_t>(0), 4);
        EXPECT_EQ(co_await hosts(bench.pool), 0) << "the first caller already gets an answer";
        EXPECT_EQ(bench.pool.occupancy().idle, 1u) << "none of the lost ones was kept";
    };
    run(bench.context, test());
}

TEST(Pool, RollsBackWhatACancelledCallerLeftHalfDone)
{
    auto bench = Bench{fresh_database(), {.connections_max = 2, .query_timeout = 200ms}};
    auto const tenant = bench.add_tenant("one");
    auto test = [&]() -> asio::awaitable<void> {
        auto late = false;
        try {
            auto transaction = co_await bench.pool.begin(tenant);
            co_await transaction.query(add_host, params(tenant, "a.example"));
            constexpr auto long_doze = Statement{"long_doze", "SELECT pg_sleep(5)"};
            co_await transaction.query(long_doze);
        } catch (DatabaseError const&) {
            late = true;
        }
        EXPECT_TRUE(late);
        EXPECT_EQ(co_await hosts(bench.pool), 0);
        EXPECT_EQ(bench.pool.occupancy().idle, 1u);
        EXPECT_EQ(bench.pool.occupancy().lent, 0u);
        co_await pause(1ms);
    };
    run(bench.context, test());
}

} // namespace
} // namespace assay::storage::test
