#include "storage/pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <algorithm>
#include <deque>

namespace assay::storage {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto first_backoff = std::chrono::milliseconds{50};
constexpr auto longest_backoff = std::chrono::milliseconds{400}; // what a restarted PostgreSQL waits for us is a candidate's time

constexpr auto begin_transaction = Statement{"begin", "BEGIN"};
constexpr auto commit_transaction = Statement{"commit", "COMMIT"};
// true: for this transaction only. Afterwards the setting is '', which the policies read as "no tenant".
constexpr auto set_tenant = Statement{"set_tenant", "SELECT set_config('assay.tenant', $1, true)"};

struct Waiter {
    explicit Waiter(asio::any_io_executor const& executor) : timer{executor} {}
    asio::steady_timer timer;
    bool woken = false;
    std::unique_ptr<Connection> connection; // handed over directly, so that nobody who came later gets it
};

} // namespace

struct PoolState {
    PoolState(asio::any_io_executor on, Endpoint to, PoolOptions with) : executor{std::move(on)}, endpoint{std::move(to)}, options{with} {}

    /// Until a connection is handed over, or there is reason to look again, or `until`.
    asio::awaitable<std::unique_ptr<Connection>> wait(Clock::time_point until);
    void give_back(std::unique_ptr<Connection> connection) noexcept;
    void wake_one() noexcept;
    void note_failed_connect() noexcept;

    asio::any_io_executor executor;
    Endpoint endpoint;
    PoolOptions options;
    std::vector<std::unique_ptr<Connection>> idle;
    std::size_t open = 0; // idle, lent and being opened
    std::deque<std::shared_ptr<Waiter>> waiting;
    std::chrono::milliseconds backoff{0};
    Clock::time_point connect_not_before{};
    bool closed = false;
};

asio::awaitable<std::unique_ptr<Connection>> PoolState::wait(Clock::time_point until)
{
    auto const waiter = std::make_shared<Waiter>(executor);
    waiting.push_back(waiter);
    waiter->timer.expires_at(until);
    auto const [error] = co_await waiter->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    std::erase(waiting, waiter);
    if (error && !waiter->woken) throw boost::system::system_error{asio::error::operation_aborted};
    co_return std::move(waiter->connection);
}

void PoolState::wake_one() noexcept
{
    if (waiting.empty()) return;
    auto const waiter = std::move(waiting.front());
    waiting.pop_front();
    waiter->woken = true;
    waiter->timer.cancel();
}

void PoolState::give_back(std::unique_ptr<Connection> connection) noexcept
{
    connection->abandon_transaction();
    if (closed || connection->broken()) {
        connection.reset();
        --open;
        wake_one(); // who waits may open another one
    } else if (waiting.empty()) {
        idle.push_back(std::move(connection));
    } else {
        waiting.front()->connection = std::move(connection);
        wake_one();
    }
}

void PoolState::note_failed_connect() noexcept
{
    // Attempts made at the same time that fail together are one failure: each would double the wait otherwise.
    if (Clock::now() >= connect_not_before) {
        backoff = std::clamp(backoff * 2, first_backoff, longest_backoff);
        connect_not_before = Clock::now() + backoff;
    }
    --open;
    wake_one();
}

Lease::Lease(std::shared_ptr<PoolState> pool, std::unique_ptr<Connection> connection) noexcept
    : pool_{std::move(pool)}, connection_{std::move(connection)} {}
Lease& Lease::operator=(Lease&& other) noexcept
{
    if (this != &other) {
        give_back();
        pool_ = std::move(other.pool_);
        connection_ = std::move(other.connection_);
    }
    return *this;
}
Lease::~Lease() { give_back(); }
void Lease::give_back() noexcept
{
    if (connection_) pool_->give_back(std::move(connection_));
}
asio::awaitable<std::vector<Rows>> Lease::run(std::vector<Query> queries)
{
    return connection_->run(std::move(queries), pool_->options.query_timeout);
}

Transaction::~Transaction() = default; // the lease rolls back what was not committed

asio::awaitable<Rows> Transaction::query(Statement statement, Params parameters)
{
    EXPECTS(lease_);
    auto queries = std::vector<Query>{};
    if (!begun_) {
        queries.emplace_back(begin_transaction);
        if (tenant_) queries.emplace_back(set_tenant, params(tenant_->uuid));
        begun_ = true;
    }
    queries.emplace_back(statement, std::move(parameters));
    auto rows = co_await lease_->run(std::move(queries));
    co_return std::move(rows.back());
}

asio::awaitable<void> Transaction::commit()
{
    EXPECTS(lease_);
    if (begun_) {
        auto queries = std::vector<Query>{};
        queries.emplace_back(commit_transaction);
        auto const rows = co_await lease_->run(std::move(queries));
        // PostgreSQL answers COMMIT in a failed transaction with success and the word ROLLBACK.
        if (rows.back().command() != "COMMIT") throw DatabaseError{"25P02", "the transaction had failed and was rolled back"};
    }
    lease_.reset();
}

Pool::Pool(asio::any_io_executor executor, Endpoint endpoint, PoolOptions options)
    : state_{std::make_shared<PoolState>(std::move(executor), std::move(endpoint), options)}
{
    EXPECTS(options.connections_max > 0);
}

Pool::~Pool()
{
    state_->closed = true;
    state_->open -= state_->idle.size();
    state_->idle.clear();
    while (!state_->waiting.empty()) state_->wake_one();
}

asio::awaitable<Lease> Pool::acquire()
{
    auto const state = state_;
    auto const deadline = Clock::now() + state->options.acquire_timeout;
    auto why = std::string{"every connection is in use"};
    while (true) {
        if (state->closed) throw DatabaseError{"", "the pool is closed"};
        if (!state->idle.empty() && state->waiting.empty()) {
            auto connection = std::move(state->idle.back());
            state->idle.pop_back();
            // After a crash of PostgreSQL all of them are gone: who comes first must not be failed once for each.
            if (!connection->turned_out_broken()) co_return Lease{state, std::move(connection)};
            --state->open;
            continue;
        }
        if (Clock::now() >= deadline) throw DatabaseError{"", "no database connection in time: " + why};

        auto const may_open = state->open < state->options.connections_max;
        if (may_open && Clock::now() >= state->connect_not_before) {
            ++state->open;
            auto const remaining = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
            try {
                auto connection = co_await Connection::open(state->executor, state->endpoint, remaining);
                state->backoff = {};
                co_return Lease{state, std::move(connection)};
            } catch (DatabaseError const& error) {
                state->note_failed_connect();
                why = error.what();
            } catch (...) {
                state->note_failed_connect();
                throw;
            }
            continue;
        }
        auto const until = may_open ? std::min(deadline, state->connect_not_before) : deadline;
        if (auto handed = co_await state->wait(until)) co_return Lease{state, std::move(handed)};
    }
}

asio::awaitable<Transaction> Pool::begin(TenantId tenant)
{
    auto lease = co_await acquire();
    co_return Transaction{std::move(lease), tenant};
}

asio::awaitable<Transaction> Pool::begin_without_tenant()
{
    auto lease = co_await acquire();
    co_return Transaction{std::move(lease), std::nullopt};
}

asio::awaitable<Rows> Pool::query(TenantId tenant, Statement statement, Params parameters)
{
    auto lease = co_await acquire();
    auto queries = std::vector<Query>{};
    queries.emplace_back(set_tenant, params(tenant.uuid));
    queries.emplace_back(statement, std::move(parameters));
    auto rows = co_await lease.run(std::move(queries));
    co_return std::move(rows.back());
}

asio::awaitable<Rows> Pool::query_without_tenant(Statement statement, Params parameters)
{
    auto lease = co_await acquire();
    auto queries = std::vector<Query>{};
    queries.emplace_back(statement, std::move(parameters));
    auto rows = co_await lease.run(std::move(queries));
    co_return std::move(rows.back());
}

Pool::Occupancy Pool::occupancy() const noexcept
{
    return {state_->idle.size(), state_->open - state_->idle.size(), state_->waiting.size()};
}

} // namespace assay::storage
