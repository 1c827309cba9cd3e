#pragma once
// One connection to PostgreSQL: non-blocking libpq on an Asio descriptor, always in pipeline mode.
#include "storage/errors.hpp"
#include "storage/pg/rows.hpp"
#include "storage/pg/statement.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace assay::storage {

namespace asio = boost::asio;

/// Where, and as whom. `role` is taken on at connect (SET ROLE); empty: the address's own user stays.
struct Endpoint {
    std::string url;  ///< libpq's: a postgresql:// URL or "host=… dbname=… user=…"
    std::string role;
};

/// One statement with its parameters.
struct Query {
    Query(Statement what, Params with = {}) : statement{what}, params{std::move(with)} {} // no aggregate: see the await rule
    Statement statement;
    Params params;
};

/// Belongs to one thread: that of its executor. One caller at a time.
class Connection {
public:
    /// Throws DatabaseError when there is no connection after `timeout`.
    static asio::awaitable<std::unique_ptr<Connection>> open(
        asio::any_io_executor executor, Endpoint endpoint, std::chrono::milliseconds timeout);
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    /// Sends all, then waits for all: one round trip. Outside of BEGIN/COMMIT they are one transaction, committed when
    /// this returns. Throws the first error (the rest was not done); afterwards the connection is usable unless broken().
    asio::awaitable<std::vector<Rows>> run(std::vector<Query> queries, std::chrono::milliseconds timeout);

    /// The payloads of the next NOTIFYs on the channels that this connection LISTENs to; empty when none came within `timeout`.
    /// Throws DatabaseError when the connection is lost.
    asio::awaitable<std::vector<std::string>> notified(std::chrono::milliseconds timeout);

    /// Rolls back an open transaction without waiting for the answer, which the next run() reads first.
    /// What was interrupted in the middle of an answer is closed instead.
    void abandon_transaction() noexcept;

    /// Gone, or in an unknown state: to be closed. As far as this side knows: who is idle hears nothing.
    bool broken() const noexcept;
    /// Reads what came in while nobody asked, its server's farewell perhaps; then as broken(). Never waits.
    bool turned_out_broken() noexcept;
    /// The number of this connection's server process (pg_backend_pid).
    int backend_pid() const noexcept;

private:
    struct State;
    explicit Connection(std::shared_ptr<State> state) noexcept;
    std::shared_ptr<State> state_; // shared with the handlers of waits that may outlive the connection
};

} // namespace assay::storage
