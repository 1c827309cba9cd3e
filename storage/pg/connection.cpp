#include "storage/pg/connection.hpp"

#include "storage/detail/libpq.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <unordered_set>

namespace assay::storage {

using Deadline = std::chrono::steady_clock::time_point;

struct Connection::State : std::enable_shared_from_this<Connection::State> {
    explicit State(asio::any_io_executor const& executor) : descriptor{executor}, wake{executor} {}
    ~State() { close(); }

    void close() noexcept;
    void attach();
    void watch(asio::posix::descriptor_base::wait_type direction, bool State::*watching);
    asio::awaitable<bool> ready_before(bool for_write, Deadline deadline);
    asio::awaitable<void> wait(bool for_write, Deadline deadline);
    void send(std::vector<Query> const& queries);

    PGconn* pg = nullptr;
    asio::posix::stream_descriptor descriptor; // borrows libpq's socket
    asio::steady_timer wake;                   // expires at the deadline; cancelled when the socket is ready
    bool reading = false, writing = false;     // waits that are under way
    bool ready = false;                        // one of them came since we last looked
    unsigned generation = 0;                   // of the socket: handlers of an earlier one are ignored
    bool running = false;                      // inside run(): what leaves it by cancellation leaves a broken connection
    int syncs_to_skip = 0;                     // answers to abandoned transactions, not yet read
    std::unordered_set<std::string> prepared;

    enum class Step { prepare, execute };
    struct Expected {
        Step step;
        std::size_t query;
    };
    std::vector<Expected> expected;            // what the server will answer to, in order
    struct Answer {
        std::vector<Rows> rows;
        std::optional<DatabaseError> error;
        std::size_t next = 0;
    };
    void take(detail::Result rows, std::vector<Query> const& queries, Answer& answer);
};

void Connection::State::close() noexcept
{
    ++generation;
    if (descriptor.is_open()) descriptor.release(); // before PQfinish: the socket is libpq's to close
    if (pg) PQfinish(pg);
    pg = nullptr;
    wake.cancel();
}

void Connection::State::attach()
{
    // libpq may have closed one socket and opened another under the same number, so the old one is always let go.
    ++generation;
    reading = writing = ready = false;
    if (descriptor.is_open()) descriptor.release();
    if (PQsocket(pg) < 0) throw detail::connection_lost(pg, "no connection to PostgreSQL");
    descriptor.assign(PQsocket(pg));
}

void Connection::State::watch(asio::posix::descriptor_base::wait_type direction, bool State::*watching)
{
    if (this->*watching) return;
    this->*watching = true;
    auto woken = [self = shared_from_this(), watching, born = generation](boost::system::error_code) {
        if (self->generation != born) return;
        (*self).*watching = false;
        self->ready = true;
        self->wake.cancel();
    };
    descriptor.async_wait(direction, std::move(woken));
}

/// Until there is something to read, or room to write (a full pipe both ways would deadlock if we only did one): true. False at the deadline.
asio::awaitable<bool> Connection::State::ready_before(bool for_write, Deadline deadline)
{
    auto const self = shared_from_this();
    watch(asio::posix::descriptor_base::wait_read, &State::reading);
    if (for_write) watch(asio::posix::descriptor_base::wait_write, &State::writing);
    auto error = boost::system::error_code{};
    if (!ready) {
        wake.expires_at(deadline);
        auto const [woken] = co_await wake.async_wait(asio::as_tuple(asio::use_awaitable));
        error = woken;
    }
    if (!pg) throw DatabaseError{"", "the connection was closed"};
    if (ready) {
        ready = false;
        co_return true;
    }
    if (!error) co_return false;
    throw boost::system::system_error{asio::error::operation_aborted};
}

asio::awaitable<void> Connection::State::wait(bool for_write, Deadline deadline)
{
    auto const ready_in_time = co_await ready_before(for_write, deadline);
    if (!ready_in_time) throw DatabaseError{"", "PostgreSQL did not answer in time"};
}

Connection::Connection(std::shared_ptr<State> state) noexcept : state_{std::move(state)} {}
Connection::~Connection() { state_->close(); }
bool Connection::broken() const noexcept { return state_->running || !state_->pg || PQstatus(state_->pg) != CONNECTION_OK; }
bool Connection::turned_out_broken() noexcept
{
    // A farewell and the end of the stream are two reads; after the last one libpq says CONNECTION_BAD.
    for (auto read = 0; read < 2 && !broken(); ++read) PQconsumeInput(state_->pg);
    return broken();
}
int Connection::backend_pid() const noexcept { return state_->pg ? PQbackendPID(state_->pg) : 0; }

asio::awaitable<std::unique_ptr<Connection>> Connection::open(
    asio::any_io_executor executor, Endpoint endpoint, std::chrono::milliseconds timeout)
{
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    auto state = std::make_shared<State>(executor);
    auto connection = std::unique_ptr<Connection>{new Connection{state}};
    auto const parameters = detail::ConnectParameters{endpoint, timeout};
    state->pg = PQconnectStartParams(parameters.keywords(), parameters.values(), 0);
    if (!state->pg) throw std::bad_alloc{};
    // libpq would print what a server says to an idle connection (its farewell, mostly) on standard error.
    PQsetNoticeProcessor(state->pg, [](void*, char const*) {}, nullptr);

    auto next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED || PQstatus(state->pg) == CONNECTION_BAD)
            throw detail::connection_lost(state->pg, "no connection to PostgreSQL");
        state->attach();
        if (next == PGRES_POLLING_WRITING) {
            // A socket that is not connected yet is no news for reading: wait for room alone.
            state->reading = true;
            co_await state->wait(true, deadline);
            state->reading = false;
        } else {
            co_await state->wait(false, deadline);
        }
        next = PQconnectPoll(state->pg);
    }
    state->attach();
    if (PQsetnonblocking(state->pg, 1) != 0 || PQenterPipelineMode(state->pg) != 1)
        throw detail::connection_lost(state->pg, "PostgreSQL's connection could not be set up");
    co_return connection;
}

void Connection::State::send(std::vector<Query> const& queries)
{
    expected.clear();
    auto preparing = std::unordered_set<std::string_view>{};
    auto const sent = [this](int outcome) {
        if (outcome != 1) throw detail::connection_lost(pg, "a statement could not be sent");
    };
    for (auto i = std::size_t{0}; i < queries.size(); ++i) {
        auto const& [name, sql] = queries[i].statement;
        auto const key = std::string{name};
        if (!prepared.contains(key) && preparing.insert(name).second) {
            sent(PQsendPrepare(pg, key.c_str(), std::string{sql}.c_str(), 0, nullptr));
            expected.push_back({Step::prepare, i});
        }
        auto const wire = queries[i].params.wire();
        sent(PQsendQueryPrepared(pg, key.c_str(), static_cast<int>(queries[i].params.size()), wire.values.data(),
            wire.lengths.data(), wire.formats.data(), 0));
        expected.push_back({Step::execute, i});
    }
    sent(PQpipelineSync(pg));
}

void Connection::State::take(detail::Result rows, std::vector<Query> const& queries, Answer& answer)
{
    auto const status = PQresultStatus(rows.get());
    if (status == PGRES_FATAL_ERROR) {
        // An error beyond the last statement is the commit's own (a deferred constraint).
        if (!answer.error) answer.error = detail::error_of(rows.get());
        ++answer.next;
        return;
    }
    if (answer.next >= expected.size()) throw DatabaseError{"", "PostgreSQL answered more than was asked"};
    auto const what = expected[answer.next++];
    if (status == PGRES_PIPELINE_ABORTED) return;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw DatabaseError{"", "PostgreSQL answered in an unexpected way"};
    if (what.step == Step::prepare) prepared.emplace(queries[what.query].statement.name);
    else answer.rows.emplace_back(std::move(rows));
}

asio::awaitable<std::vector<Rows>> Connection::run(std::vector<Query> queries, std::chrono::milliseconds timeout)
{
    auto const state = state_;
    if (broken()) throw detail::connection_lost(state->pg, "the connection to PostgreSQL is gone");
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    state->running = true; // stays so when an exception or a cancellation passes: broken() then, and nobody reads half an answer
    state->send(queries);

    auto answer = State::Answer{};
    for (auto finished = false; !finished;) {
        auto const flushed = PQflush(state->pg);
        while (!finished && !PQisBusy(state->pg)) {
            auto const rows = detail::own(PQgetResult(state->pg));
            if (!rows) { // between two statements, or after the end of a connection
                if (PQstatus(state->pg) != CONNECTION_OK) throw detail::connection_lost(state->pg, "the connection to PostgreSQL was lost");
                continue;
            }
            if (PQresultStatus(rows.get()) == PGRES_PIPELINE_SYNC) {
                finished = state->syncs_to_skip == 0;
                if (!finished) --state->syncs_to_skip;
            } else if (state->syncs_to_skip == 0) {
                state->take(rows, queries, answer);
            }
            if (PQstatus(state->pg) != CONNECTION_OK) throw detail::connection_lost(state->pg, "the connection to PostgreSQL was lost");
        }
        if (finished) break;
        if (flushed < 0) throw detail::connection_lost(state->pg, "the connection to PostgreSQL was lost");
        co_await state->wait(flushed == 1, deadline);
        if (PQconsumeInput(state->pg) != 1) throw detail::connection_lost(state->pg, "the connection to PostgreSQL was lost");
    }
    // After a migration under our feet a prepared plan can be void (0A000, 26000): a new connection prepares anew.
    auto const void_plan = answer.error && (answer.error->sqlstate() == "0A000" || answer.error->sqlstate() == "26000");
    state->running = void_plan;
    if (answer.error) throw *answer.error;
    co_return std::move(answer.rows);
}

asio::awaitable<std::vector<std::string>> Connection::notified(std::chrono::milliseconds timeout)
{
    auto const state = state_;
    if (broken()) throw detail::connection_lost(state->pg, "the connection to PostgreSQL is gone");
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    auto payloads = std::vector<std::string>{};
    for (;;) {
        while (auto const notification = std::shared_ptr<PGnotify>{PQnotifies(state->pg), [](PGnotify* n) { PQfreemem(n); }})
            payloads.emplace_back(notification->extra);
        if (!payloads.empty()) co_return payloads;
        auto const ready = co_await state->ready_before(false, deadline);
        if (!ready) co_return payloads;
        if (PQconsumeInput(state->pg) != 1 || PQstatus(state->pg) != CONNECTION_OK)
            throw detail::connection_lost(state->pg, "the connection to PostgreSQL was lost");
    }
}

void Connection::abandon_transaction() noexcept
{
    auto& state = *state_;
    if (broken()) return state.close();
    auto const status = PQtransactionStatus(state.pg);
    if (status == PQTRANS_IDLE || state.syncs_to_skip > 0) return;
    auto const sent = PQsendQueryParams(state.pg, "ROLLBACK", 0, nullptr, nullptr, nullptr, nullptr, 0) == 1
        && PQpipelineSync(state.pg) == 1 && PQflush(state.pg) == 0; // thirty bytes: room for them is the rule
    if (sent) ++state.syncs_to_skip;
    else state.close();
}

} // namespace assay::storage
