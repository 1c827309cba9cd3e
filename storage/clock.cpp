#include "storage/clock.hpp"

#include "storage/pool.hpp"

namespace assay::storage {
namespace {

static_assert(outage_threshold == std::chrono::seconds{1} && restart_threshold == std::chrono::milliseconds{500}, "as in the statements below");

using SteadyClock = std::chrono::steady_clock;
using Microseconds = std::chrono::microseconds;

constexpr auto read_clock = Statement{"clock_read", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"};

// A beat within outage_threshold of the last one lengthens the node's span; a later one opens the next.
constexpr auto write_heartbeat = Statement{"clock_beat", R"sql(
    WITH lengthened AS (
        UPDATE node_heartbeat SET at = statement_timestamp()
         WHERE node_id = $1 AND at >= statement_timestamp() - interval '1 second' AND at <= statement_timestamp()
        RETURNING 1)
    INSERT INTO node_heartbeat (node_id, started_at, at)
    SELECT $1, statement_timestamp(), statement_timestamp() WHERE NOT EXISTS (SELECT FROM lengthened)
    RETURNING 1)sql"};

// Spans in order of their beginning; a gap is where one begins well after the latest end of all before it. When it begins with a process that
// is new, nobody was there: that is known after half a second, in which a node that lives beats twice.
constexpr auto read_outages = Statement{"clock_outages", R"sql(
    SELECT gone, back FROM (
        SELECT max(at) OVER (ORDER BY started_at, at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS gone, started_at AS back,
               started_at = min(started_at) OVER (PARTITION BY node_id) AS is_new
          FROM node_heartbeat) AS spans
     WHERE back - gone > CASE WHEN is_new THEN interval '0.5 seconds' ELSE interval '1 second' END AND back > $1
     ORDER BY gone)sql"};

constexpr auto read_last_beat = Statement{"clock_last_beat", "SELECT max(at) FROM node_heartbeat WHERE node_id = $1"};

std::int64_t steady_us() noexcept
{
    return std::chrono::duration_cast<Microseconds>(SteadyClock::now().time_since_epoch()).count();
}

} // namespace

Timestamp DatabaseClock::now() const noexcept
{
    return Timestamp{Microseconds{steady_us() + offset_us_.load(std::memory_order_relaxed)}};
}

asio::awaitable<void> DatabaseClock::measure(Pool& pool, int samples)
{
    EXPECTS(samples > 0);
    auto lease = co_await pool.acquire();
    auto best_round_trip = std::int64_t{-1}, offset = std::int64_t{0};
    for (auto sample = 0; sample < samples; ++sample) {
        auto queries = std::vector<Query>{};
        queries.emplace_back(read_clock);
        auto const sent = steady_us();
        auto const rows = co_await lease.run(std::move(queries));
        auto const received = steady_us();
        if (best_round_trip >= 0 && received - sent >= best_round_trip) continue;
        best_round_trip = received - sent;
        offset = rows.front().one().get<std::int64_t>(0) - (sent + best_round_trip / 2);
    }
    offset_us_.store(offset, std::memory_order_relaxed);
    uncertainty_us_.store((best_round_trip + 1) / 2, std::memory_order_relaxed);
    measured_.store(true, std::memory_order_release);
}

std::chrono::microseconds DatabaseClock::uncertainty() const noexcept
{
    return Microseconds{uncertainty_us_.load(std::memory_order_relaxed)};
}

std::chrono::microseconds DatabaseClock::wall_clock_error() const noexcept
{
    return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now()) - now();
}

asio::awaitable<bool> beat(Pool& pool, Uuid node)
{
    auto const opened = co_await pool.query_without_tenant(write_heartbeat, params(node));
    co_return !opened.empty();
}

asio::awaitable<std::optional<Timestamp>> last_beat(Pool& pool, Uuid node)
{
    auto const rows = co_await pool.query_without_tenant(read_last_beat, params(node));
    co_return rows.one().get<std::optional<Timestamp>>(0);
}

asio::awaitable<std::vector<Outage>> outages_since(Pool& pool, Timestamp since)
{
    auto const rows = co_await pool.query_without_tenant(read_outages, params(since));
    auto outages = std::vector<Outage>{};
    for (auto const row : rows) outages.push_back({row.get<Timestamp>(0), row.get<Timestamp>(1)});
    co_return outages;
}

} // namespace assay::storage
