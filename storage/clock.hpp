#pragma once
// The clock that decides is the database's (design law 2). A node measures how far its own monotonic clock is from it.
#include "storage/journal.hpp"

#include <atomic>

namespace assay::storage {

struct Outage {
    Timestamp from;  ///< the last sign of life of any node
    Timestamp until; ///< the first one afterwards
};

/// One a process. now() is for any thread; measure() and beat() for the thread of their pool.
class DatabaseClock final : public Clock {
public:
    /// Expects measure() to have succeeded once.
    Timestamp now() const noexcept override;
    /// Round trips to clock_timestamp(); the quickest counts, and is off by at most half its duration.
    asio::awaitable<void> measure(Pool& pool, int samples = 8);
    /// Largest error of the last measurement.
    std::chrono::microseconds uncertainty() const noexcept;
    /// This machine's wall clock minus the database's: over 250 ms either way the node is not ready.
    std::chrono::microseconds wall_clock_error() const noexcept;
    bool measured() const noexcept { return measured_.load(std::memory_order_acquire); }

private:
    std::atomic<std::int64_t> offset_us_{0};      // database time since the epoch minus steady_clock
    std::atomic<std::int64_t> uncertainty_us_{0};
    std::atomic<bool> measured_{false};
};

constexpr auto heartbeat_interval = std::chrono::milliseconds{250};
constexpr auto outage_threshold = std::chrono::seconds{1}; ///< a shorter gap is not told from a late beat (docs/decisions/0001)
constexpr auto restart_threshold = std::chrono::milliseconds{500}; ///< … unless it ends with a process that has just started

/// Says that `node` takes requests at the database's now. Every heartbeat_interval; one later than outage_threshold opens a new span, so
/// that the gap stays readable. True when it opened one: outages_since() may then say more than before.
asio::awaitable<bool> beat(Pool& pool, Uuid node);

/// The times that ended after `since` and in which no node was alive for over outage_threshold (restart_threshold when a new node ends them), oldest first; what is going on now (nobody
/// has beaten yet) is not among them, so beat first. Read from the database's own record, so every node gives the same credits.
asio::awaitable<std::vector<Outage>> outages_since(Pool& pool, Timestamp since);

/// When `node` was last heard of; nothing for one that never was.
asio::awaitable<std::optional<Timestamp>> last_beat(Pool& pool, Uuid node);

} // namespace assay::storage
