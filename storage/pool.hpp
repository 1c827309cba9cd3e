#pragma once
// The connections of one io_context, and transactions on them that belong to one tenant each.
#include "core/ids.hpp"
#include "storage/pg/connection.hpp"

#include <boost/asio/awaitable.hpp>

namespace assay::storage {

struct PoolOptions {
    std::size_t connections_max = 8;
    std::chrono::milliseconds acquire_timeout{5'000};  ///< waiting for a free connection, reconnecting included
    std::chrono::milliseconds query_timeout{15'000};   ///< one round trip; a connection that is later is closed
};

class Pool;
struct PoolState;

/// A connection borrowed from the pool; goes back when destroyed (a broken one is closed).
class Lease {
public:
    Lease() noexcept = default; ///< of nothing: co_spawn wants to be able to make one
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();
    Connection& connection() const noexcept { return *connection_; }
    /// As Connection::run with the pool's timeout.
    asio::awaitable<std::vector<Rows>> run(std::vector<Query> queries);

private:
    friend class Pool;
    Lease(std::shared_ptr<PoolState> pool, std::unique_ptr<Connection> connection) noexcept;
    void give_back() noexcept;
    std::shared_ptr<PoolState> pool_;
    std::unique_ptr<Connection> connection_;
};

/// One transaction of one tenant (or of none). Rolled back unless committed. Must not outlive the thread's io_context.
class Transaction {
public:
    Transaction() noexcept = default; ///< of nothing, as above
    Transaction(Transaction&&) noexcept = default;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    /// The first statement travels together with BEGIN and the tenant setting. After an error only rollback is left.
    asio::awaitable<Rows> query(Statement statement, Params parameters = {});
    /// Durable when this returns. Throws DatabaseError; with an empty sqlstate the outcome is unknown.
    asio::awaitable<void> commit();

private:
    friend class Pool;
    Transaction(Lease lease, std::optional<TenantId> tenant) noexcept : lease_{std::move(lease)}, tenant_{tenant} {}
    std::optional<Lease> lease_;
    std::optional<TenantId> tenant_;
    bool begun_ = false;
};

/// Bounded; used from one thread only, that of `executor` (a server with N threads has N pools: neither locks nor strands).
/// Connects on demand, closes what is broken, and after a failed connect waits 50, 100, 200, 400 ms before the next.
/// All functions throw DatabaseError (empty sqlstate) when no connection is free in time.
class Pool {
public:
    Pool(asio::any_io_executor executor, Endpoint endpoint, PoolOptions options = {});
    /// Idle connections close now, lent ones when they come back; who waits is told (DatabaseError).
    ~Pool();
    Pool(Pool const&) = delete;
    Pool& operator=(Pool const&) = delete;

    /// A transaction that sees this tenant's rows only. Costs no round trip by itself.
    asio::awaitable<Transaction> begin(TenantId tenant);
    /// For what is no tenant's: finding the tenant by host or slug, the due list, heartbeats. Sees no tenant's rows.
    asio::awaitable<Transaction> begin_without_tenant();

    /// One statement in a transaction of its own, in one round trip; committed when this returns.
    asio::awaitable<Rows> query(TenantId tenant, Statement statement, Params parameters = {});
    asio::awaitable<Rows> query_without_tenant(Statement statement, Params parameters = {});

    asio::awaitable<Lease> acquire();

    struct Occupancy {
        std::size_t idle, lent, waiting;
    };
    Occupancy occupancy() const noexcept;

private:
    std::shared_ptr<PoolState> state_;
};

} // namespace assay::storage
