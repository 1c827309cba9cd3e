#include "storage/clock.hpp"
#include "tests/storage/postgres_fixture.hpp"

namespace assay::storage::test {
namespace {

using namespace std::chrono_literals;

TEST(DatabaseClock, TellsTheDatabasesTimeWithinItsUncertainty)
{
    auto bench = Bench{};
    auto clock = DatabaseClock{};
    run(bench.context, clock.measure(bench.pool));
    auto database = BlockingConnection{bench.access.app};
    auto const before = clock.now();
    auto const there = database.execute("SELECT clock_timestamp()").one().get<Timestamp>(0);
    auto const after = clock.now();
    EXPECT_GE(there, before - clock.uncertainty() - 1ms);
    EXPECT_LE(there, after + clock.uncertainty() + 1ms);
    EXPECT_LT(clock.uncertainty(), 100ms);
    EXPECT_LT(std::chrono::abs(clock.wall_clock_error()), 250ms) << "both run on this machine";
}

struct Heartbeats : testing::Test {
    void span(char const* from, char const* until, Uuid node = random_uuid())
    {
        database.execute("INSERT INTO node_heartbeat VALUES ($1, $2::timestamptz, $3::timestamptz)", params(node, from, until));
    }
    Bench bench;
    BlockingConnection database{bench.access.app};
};

TEST_F(Heartbeats, ShowAsOutageWhatNoNodeCovered)
{
    auto const node = random_uuid();
    span("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z", node);
    span("2026-01-01T11:00:00Z", "2026-01-01T11:30:00Z"); // within another node's life
    span("2026-01-01T12:00:00.9Z", "2026-01-01T13:00:00Z", node); // 0.9 s: the same node, late: no outage
    span("2026-01-01T13:02:00Z", "2026-01-01T14:00:00Z");
    span("2026-01-01T14:00:01.5Z", "2026-01-01T15:00:00Z");
    auto const outages = run(bench.context, outages_since(bench.pool, parse_rfc3339("2026-01-01T10:00:00Z").value()));
    ASSERT_EQ(outages.size(), 2u);
    EXPECT_EQ(to_rfc3339(outages[0].from), "2026-01-01T13:00:00Z");
    EXPECT_EQ(to_rfc3339(outages[0].until), "2026-01-01T13:02:00Z");
    EXPECT_EQ(to_rfc3339(outages[1].until), "2026-01-01T14:00:01.5Z");
    EXPECT_EQ(run(bench.context, outages_since(bench.pool, parse_rfc3339("2026-01-01T13:30:00Z").value())).size(), 1u);
}

TEST_F(Heartbeats, ShowAShorterOutageWhenANewProcessEndsIt)
{
    span("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z");
    span("2026-01-01T12:00:00.7Z", "2026-01-01T13:00:00Z");
    span("2026-01-01T13:00:00.3Z", "2026-01-01T14:00:00Z"); // joins one that was just about to beat
    auto const outages = run(bench.context, outages_since(bench.pool, Timestamp{}));
    ASSERT_EQ(outages.size(), 1u);
    EXPECT_EQ(to_rfc3339(outages[0].until), "2026-01-01T12:00:00.7Z");
}

TEST_F(Heartbeats, LengthenASpanAndOpenANewOneWhenTheyComeLate)
{
    auto const node = random_uuid();
    EXPECT_EQ(run(bench.context, last_beat(bench.pool, node)), std::nullopt);
    EXPECT_TRUE(run(bench.context, beat(bench.pool, node)));
    EXPECT_FALSE(run(bench.context, beat(bench.pool, node)));
    EXPECT_EQ(run(bench.context, last_beat(bench.pool, node)), database.execute("SELECT at FROM node_heartbeat").one().get<Timestamp>(0));
    EXPECT_EQ(database.execute("SELECT count(*) FROM node_heartbeat").one().get<std::int64_t>(0), 1);
    database.execute("DELETE FROM node_heartbeat");
    database.execute("INSERT INTO node_heartbeat VALUES ($1, now() - interval '2 minutes', now() - interval '1 minute')", params(node));
    EXPECT_TRUE(run(bench.context, beat(bench.pool, node)));
    EXPECT_EQ(database.execute("SELECT count(*) FROM node_heartbeat").one().get<std::int64_t>(0), 2);
    auto const outages = run(bench.context, outages_since(bench.pool, Timestamp{}));
    ASSERT_EQ(outages.size(), 1u) << "the node lived, but the database or its process stood still for a minute";
    EXPECT_GE(outages[0].until - outages[0].from, 59s);
}

} // namespace
} // namespace assay::storage::test
