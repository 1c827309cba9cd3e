#include "tests/storage/postgres_fixture.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/steady_timer.hpp>

namespace assay::storage::test {
namespace {

using namespace std::chrono_literals;

constexpr auto one = Statement{"one", "SELECT 1"};
constexpr auto add = Statement{"add", "SELECT $1::bigint + $2::bigint AS sum"};
constexpr auto divide = Statement{"divide", "SELECT 1 / $1::bigint"};
constexpr auto doze = Statement{"doze", "SELECT pg_sleep($1::float8)"};
constexpr auto echo_bytes = Statement{"echo_bytes", "SELECT $1::bytea AS bytes"};
constexpr auto count_prepared = Statement{"count_prepared", "SELECT count(*) FROM pg_prepared_statements WHERE name = 'add'"};

struct ConnectionTest : testing::Test {
    asio::awaitable<std::unique_ptr<Connection>> open() { return Connection::open(context.get_executor(), cluster().access().app, 5s); }
    asio::io_context context;
};

TEST_F(ConnectionTest, AnswersSeveralStatementsInOneRoundTripInOrder)
{
    auto test = [this]() -> asio::awaitable<void> {
        auto connection = co_await open();
        auto queries = std::vector<Query>{};
        for (auto i = 0; i < 5; ++i) queries.emplace_back(add, params(i, 10));
        auto const rows = co_await connection->run(std::move(queries), 5s);
        EXPECT_EQ(rows.size(), 5u);
        for (auto i = 0; i < 5; ++i) EXPECT_EQ(rows[static_cast<std::size_t>(i)].one().get<std::int64_t>("sum"), i + 10);
        auto again = std::vector<Query>{};
        again.emplace_back(count_prepared);
        auto const prepared = co_await connection->run(std::move(again), 5s);
        EXPECT_EQ(prepared[0].one().get<std::int64_t>(0), 1) << "a statement is prepared once";
    };
    run(context, test());
}

TEST_F(ConnectionTest, SaysWhichErrorAndGoesOnAfterwards)
{
    auto test = [this]() -> asio::awaitable<void> {
        auto connection = co_await open();
        auto sqlstate = std::string{};
        try {
            auto queries = std::vector<Query>{};
            queries.emplace_back(one);
            queries.emplace_back(divide, params(0));
            queries.emplace_back(add, params(1, 1));
            co_await connection->run(std::move(queries), 5s);
        } catch (DatabaseError const& error) {
            sqlstate = error.sqlstate();
        }
        EXPECT_EQ(sqlstate, "22012"); // division_by_zero, PostgreSQL appendix A
        EXPECT_FALSE(connection->broken());
        auto after = std::vector<Query>{};
        after.emplace_back(add, params(20, 22));
        auto const rows = co_await connection->run(std::move(after), 5s);
        EXPECT_EQ(rows[0].one().get<std::int64_t>(0), 42);
    };
    run(context, test());
}

TEST_F(ConnectionTest, SendsAndReceivesMoreThanTheSocketHoldsWithoutDeadlock)
{
    auto test = [this]() -> asio::awaitable<void> {
        auto connection = co_await open();
        auto const large = Bytes(4 << 20, std::byte{'x'});
        auto queries = std::vector<Query>{};
        for (auto i = 0; i < 6; ++i) queries.emplace_back(echo_bytes, params(large));
        auto const rows = co_await connection->run(std::move(queries), 30s);
        for (auto const& row : rows) EXPECT_EQ(row.one().get<Bytes>("bytes"), large);
    };
    run(context, test());
}

TEST_F(ConnectionTest, GivesUpAtItsDeadlineAndIsBrokenThen)
{
    auto test = [this]() -> asio::awaitable<void> {
        auto connection = co_await open();
        auto const begun = std::chrono::steady_clock::now();
        auto refused = false;
        try {
            auto queries = std::vector<Query>{};
            queries.emplace_back(doze, params(30.0));
            co_await connection->run(std::move(queries), 200ms);
        } catch (DatabaseError const& error) {
            refused = error.sqlstate().empty();
        }
        EXPECT_TRUE(refused);
        EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
        EXPECT_TRUE(connection->broken());
    };
    run(context, test());
}

TEST_F(ConnectionTest, IsBrokenAfterItsServerProcessWasEnded)
{
    auto test = [this]() -> asio::awaitable<void> {
        auto connection = co_await open();
        // The owner may end a process of its own role's only, so the connection ends itself.
        auto suicide = std::vector<Query>{};
        suicide.emplace_back(Statement{"suicide", "SELECT pg_terminate_backend(pg_backend_pid())"});
        auto transient = false;
        try {
            co_await connection->run(std::move(suicide), 5s);
        } catch (DatabaseError const& error) {
            transient = error.is_transient();
        }
        EXPECT_TRUE(transient);
        EXPECT_TRUE(connection->broken());
    };
    run(context, test());
}

TEST_F(ConnectionTest, ThrowsForAnAddressWhereNobodyListens)
{
    auto test = [this]() -> asio::awaitable<void> {
        auto refused = false;
        try {
            auto nowhere = Endpoint{"host=/nonexistent dbname=x", {}};
            co_await Connection::open(context.get_executor(), std::move(nowhere), 1s);
        } catch (DatabaseError const&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    };
    run(context, test());
}

TEST_F(ConnectionTest, LeavesABrokenConnectionWhenItsCallerIsCancelled)
{
    auto connection = run(context, open());
    auto cancel = asio::cancellation_signal{};
    auto ended = false;
    auto work = [&]() -> asio::awaitable<void> {
        auto queries = std::vector<Query>{};
        queries.emplace_back(doze, params(30.0));
        co_await connection->run(std::move(queries), 30s);
    };
    asio::co_spawn(context, work(), asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error) { ended = error != nullptr; }));
    auto timer = asio::steady_timer{context, 100ms};
    timer.async_wait([&](auto) { cancel.emit(asio::cancellation_type::terminal); });
    context.restart();
    context.run_for(5s);
    EXPECT_TRUE(ended);
    EXPECT_TRUE(connection->broken());
}

} // namespace
} // namespace assay::storage::test
