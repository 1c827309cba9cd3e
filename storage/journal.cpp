#include "storage/journal.hpp"

#include "storage/detail/append_store.hpp"
#include "storage/pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <unordered_map>

namespace assay::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto read_stream_entries = Statement{"journal_read_stream", R"sql(
    SELECT s.journal_index, e.entry, e.leaf_hash, d.person_id, d.sealed
      FROM stream_entry s
      JOIN journal_entry e ON e.tenant_id = s.tenant_id AND e.journal_index = s.journal_index
      LEFT JOIN entry_detail d ON d.tenant_id = s.tenant_id AND d.journal_index = s.journal_index
     WHERE s.tenant_id = $1 AND s.stream = $2 AND s.sequence >= $3
     ORDER BY s.sequence)sql"};

constexpr auto read_journal_entries = Statement{"journal_read_entries", R"sql(
    SELECT e.journal_index, e.entry, e.leaf_hash, d.person_id, d.sealed
      FROM journal_entry e
      LEFT JOIN entry_detail d ON d.tenant_id = e.tenant_id AND d.journal_index = e.journal_index
     WHERE e.tenant_id = $1 AND e.journal_index >= $2
     ORDER BY e.journal_index LIMIT $3)sql"};

constexpr auto read_head = Statement{"journal_head", "SELECT next_index FROM journal_head WHERE tenant_id = $1"};

constexpr auto read_idempotency = Statement{"journal_find_repeat", R"sql(
    SELECT request_hash, first_index, version, answer FROM idempotency WHERE tenant_id = $1 AND key = $2)sql"};

bool within_bounds(Append const& append)
{
    auto const entries = append.entries.size() + (append.also ? append.also->entries.size() : 0);
    return entries <= append_entries_max && append.rows.size() <= append_rows_max && append.idempotency_key.size() <= 200;
}

result<Appended> outcome_of(detail::Verdict verdict)
{
    switch (verdict.judgement) {
    case detail::Judgement::stale: return errc::stale;
    case detail::Judgement::conflicting: return errc::conflicting;
    case detail::Judgement::stored:
    case detail::Judgement::repeated: break;
    }
    auto const repeated = verdict.judgement == detail::Judgement::repeated;
    return Appended{verdict.first_index, verdict.version, repeated, std::move(verdict.answer)};
}

/// An append that waits for its verdict. Shared by the writer and the caller, who may leave earlier.
struct Pending {
    Pending(asio::any_io_executor const& executor, std::shared_ptr<detail::PreparedAppend const> what)
        : append{std::move(what)}, timer{executor, SteadyClock::time_point::max()} {}
    void settle(detail::Verdict given)
    {
        verdict = std::move(given);
        timer.cancel();
    }
    void fail(std::exception_ptr with)
    {
        error = std::move(with);
        timer.cancel();
    }
    std::shared_ptr<detail::PreparedAppend const> append;
    std::optional<detail::Verdict> verdict;
    std::exception_ptr error;
    asio::steady_timer timer;
};
using Batch = std::vector<std::shared_ptr<Pending>>;

} // namespace

struct Journal::State : std::enable_shared_from_this<Journal::State> {
    State(asio::any_io_executor on, Pool& the_pool, DetailSealer& the_sealer, Clock const& the_clock, JournalOptions with,
        std::unique_ptr<detail::AppendStore> to)
        : executor{std::move(on)}, pool{the_pool}, sealer{the_sealer}, clock{the_clock}, options{with}, store{std::move(to)}, idle{executor} {}

    asio::awaitable<result<std::shared_ptr<detail::PreparedAppend const>>> prepare(TenantId tenant, Append append);
    asio::awaitable<result<void>> prepare_entries(TenantId tenant, Uuid stream, std::uint64_t sequence, Timestamp at, std::vector<Entry> entries,
        detail::PreparedAppend& to);
    void enqueue(TenantId tenant, std::shared_ptr<Pending> pending);
    Batch take_batch(TenantId tenant);
    asio::awaitable<void> write(TenantId tenant);
    asio::awaitable<void> store_batch(TenantId tenant, Batch batch);
    asio::awaitable<std::exception_ptr> try_to_store(TenantId tenant, Batch const& batch);
    void end_queue(TenantId tenant, std::exception_ptr why);
    asio::awaitable<std::vector<StoredEntry>> opened(TenantId tenant, Rows rows);

    asio::any_io_executor executor;
    Pool& pool;
    DetailSealer& sealer;
    Clock const& clock;
    JournalOptions options;
    std::unique_ptr<detail::AppendStore> store;
    std::unordered_map<TenantId, std::deque<std::shared_ptr<Pending>>> queues; // a tenant is in here while it has a writer
    asio::steady_timer idle;
    bool draining = false, closed = false;
};

asio::awaitable<result<void>> Journal::State::prepare_entries(TenantId tenant, Uuid stream, std::uint64_t sequence, Timestamp at,
    std::vector<Entry> entries, detail::PreparedAppend& to)
{
    for (auto& entry : entries) {
        auto one = co_await detail::prepare_entry(sealer, tenant, stream, ++sequence, at, std::move(entry));
        if (!one) co_return one.error();
        to.size += one->canonical.size() + (one->sealed_detail ? one->sealed_detail->size() : 0);
        to.entries.push_back(std::move(*one));
    }
    co_return result<void>{};
}

asio::awaitable<result<std::shared_ptr<detail::PreparedAppend const>>> Journal::State::prepare(TenantId tenant, Append append)
{
    if (!within_bounds(append)) co_return errc::too_large;
    auto prepared = std::make_shared<detail::PreparedAppend>();
    prepared->stream = append.stream;
    prepared->expected_version = append.expected_version;
    prepared->idempotency_key = std::move(append.idempotency_key);
    prepared->request_hash = append.request_hash;
    prepared->answer = canonical_json(append.answer);
    prepared->size = prepared->answer.size();
    auto const at = clock.now(); // what happens together has one time
    auto const first = co_await prepare_entries(tenant, append.stream, append.expected_version, at, std::move(append.entries), *prepared);
    if (!first) co_return first.error();
    if (append.also) {
        prepared->also_stream = append.also->stream;
        prepared->also_expected = append.also->expected_version;
        prepared->also_entries = append.also->entries.size();
        auto const second = co_await prepare_entries(tenant, append.also->stream, append.also->expected_version, at, std::move(append.also->entries), *prepared);
        if (!second) co_return second.error();
    }
    for (auto& row : append.rows) {
        auto text = canonical_json(json::value(std::move(row.row)));
        prepared->size += text.size();
        prepared->rows.emplace_back(std::move(row.kind), std::move(text));
    }
    if (prepared->size > options.batch_bytes_max) co_return errc::too_large;
    co_return prepared;
}

void Journal::State::enqueue(TenantId tenant, std::shared_ptr<Pending> pending)
{
    auto const [queue, first] = queues.try_emplace(tenant);
    queue->second.push_back(std::move(pending));
    if (!first) return;
    // The writer lives as long as there is something to write; how it ends is heard here.
    auto ended = [self = shared_from_this(), tenant](std::exception_ptr error) {
        if (error) self->end_queue(tenant, std::move(error));
    };
    asio::co_spawn(executor, write(tenant), std::move(ended));
}

/// From here on a new append starts a new writer. In the ordinary case nobody waits any more.
void Journal::State::end_queue(TenantId tenant, std::exception_ptr why)
{
    auto const queue = queues.extract(tenant);
    if (queues.empty()) idle.cancel();
    if (queue.empty()) return;
    for (auto const& pending : queue.mapped()) pending->fail(why);
}

Batch Journal::State::take_batch(TenantId tenant)
{
    auto batch = Batch{};
    auto& queue = queues.at(tenant);
    for (auto size = std::size_t{0}; !queue.empty() && batch.size() < options.batch_appends_max;) {
        size += queue.front()->append->size;
        if (!batch.empty() && size > options.batch_bytes_max) break;
        batch.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    return batch;
}

asio::awaitable<void> Journal::State::write(TenantId tenant)
{
    auto const self = shared_from_this();
    while (!closed && !queues.at(tenant).empty()) {
        auto batch = take_batch(tenant);
        co_await store_batch(tenant, std::move(batch));
    }
    end_queue(tenant, std::make_exception_ptr(DatabaseError{"", "the journal was closed"}));
}

/// Tries once. Gives the verdicts to those who wait, or says what went wrong.
asio::awaitable<std::exception_ptr> Journal::State::try_to_store(TenantId tenant, Batch const& batch)
{
    auto appends = std::vector<std::shared_ptr<detail::PreparedAppend const>>{};
    for (auto const& pending : batch) appends.push_back(pending->append);
    try {
        auto verdicts = co_await store->store(tenant, std::move(appends));
        for (auto i = std::size_t{0}; i < batch.size(); ++i) batch[i]->settle(std::move(verdicts.at(i)));
        co_return nullptr;
    } catch (...) {
        co_return std::current_exception();
    }
}

asio::awaitable<void> Journal::State::store_batch(TenantId tenant, Batch batch)
{
    auto const give_up_at = SteadyClock::now() + options.retry_for;
    auto pause = std::chrono::milliseconds{20};
    while (true) {
        auto const error = co_await try_to_store(tenant, batch);
        if (!error) co_return;

        auto transient = false, refused = false;
        try {
            std::rethrow_exception(error);
        } catch (DatabaseError const& what) {
            transient = what.is_transient();
            refused = what.is_refusal_of_values();
        } catch (...) { // a bug, or the end of the process: told to the callers as it is
        }
        // Whether the lost commit happened is unknown; the same bytes again are safe: append_batch finds them by key or leaf hash.
        if (transient && !closed && SteadyClock::now() + pause < give_up_at) {
            auto timer = asio::steady_timer{executor, pause};
            co_await timer.async_wait(asio::use_awaitable);
            pause = std::min(pause * 2, std::chrono::milliseconds{250});
            continue;
        }
        if (refused && batch.size() > 1) { // one of them: each alone, so that only the culprit fails
            for (auto& pending : batch) {
                auto alone = Batch{std::move(pending)};
                co_await store_batch(tenant, std::move(alone));
            }
            co_return;
        }
        for (auto const& pending : batch) pending->fail(error);
        co_return;
    }
}

asio::awaitable<std::vector<StoredEntry>> Journal::State::opened(TenantId tenant, Rows rows)
{
    auto entries = std::vector<StoredEntry>{};
    entries.reserve(static_cast<std::size_t>(rows.size()));
    for (auto const row : rows) {
        auto entry = co_await detail::read_entry(sealer, tenant, row.get<std::uint64_t>(0), row.get<Bytes>(1), row.get<Sha256Digest>(2),
            row.get<std::optional<PersonId>>(3), row.get<std::optional<Bytes>>(4));
        entries.push_back(std::move(entry));
    }
    co_return entries;
}

Journal::Journal(asio::any_io_executor executor, Pool& pool, DetailSealer& sealer, Clock const& clock, JournalOptions options)
    : Journal{std::move(executor), pool, sealer, clock, options, detail::postgres_append_store(pool)} {}

Journal::Journal(asio::any_io_executor executor, Pool& pool, DetailSealer& sealer, Clock const& clock, JournalOptions options,
    std::unique_ptr<detail::AppendStore> store)
    : state_{std::make_shared<State>(std::move(executor), pool, sealer, clock, options, std::move(store))} {}

Journal::~Journal()
{
    state_->closed = true;
    state_->idle.cancel();
}

asio::awaitable<result<Appended>> Journal::append(TenantId tenant, Append append)
{
    auto const state = state_;
    if (state->draining) throw DatabaseError{"", "the journal takes no more appends: the server is stopping"};
    EXPECTS(!append.entries.empty());
    EXPECTS(!append.also || (!append.also->entries.empty() && append.also->stream != append.stream));
    auto prepared = co_await state->prepare(tenant, std::move(append));
    if (!prepared) co_return prepared.error();

    auto const pending = std::make_shared<Pending>(state->executor, std::move(*prepared));
    state->enqueue(tenant, pending);
    if (!pending->verdict && !pending->error) { // a store that did not have to wait has judged already
        auto woken = boost::system::error_code{}; // always "cancelled": by the verdict, or by whoever cancels the caller
        co_await pending->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (pending->error) std::rethrow_exception(pending->error);
    if (!pending->verdict) throw boost::system::system_error{asio::error::operation_aborted}; // we are cancelled, the append is not
    co_return outcome_of(std::move(*pending->verdict));
}

asio::awaitable<result<std::optional<Appended>>> Journal::find_repeat(TenantId tenant, std::string key, Sha256Digest request_hash)
{
    auto const rows = co_await state_->pool.query(tenant, read_idempotency, params(tenant, key));
    if (rows.empty()) co_return std::optional<Appended>{};
    auto const row = rows.one();
    if (row.get<Sha256Digest>(0) != request_hash) co_return errc::conflicting;
    co_return std::optional{Appended{row.get<std::uint64_t>(1), row.get<std::uint64_t>(2), true, row.get<json::value>(3)}};
}

asio::awaitable<std::vector<StoredEntry>> Journal::read_stream(TenantId tenant, Uuid stream, std::uint64_t from_sequence)
{
    auto const state = state_;
    auto rows = co_await state->pool.query(tenant, read_stream_entries, params(tenant, stream, from_sequence));
    co_return co_await state->opened(tenant, std::move(rows));
}

asio::awaitable<std::vector<StoredEntry>> Journal::read_entries(TenantId tenant, std::uint64_t from_index, std::uint64_t limit)
{
    auto const state = state_;
    auto rows = co_await state->pool.query(tenant, read_journal_entries, params(tenant, from_index, limit));
    co_return co_await state->opened(tenant, std::move(rows));
}

asio::awaitable<std::uint64_t> Journal::head(TenantId tenant)
{
    auto const rows = co_await state_->pool.query(tenant, read_head, params(tenant));
    co_return rows.empty() ? 0 : rows.one().get<std::uint64_t>(0);
}

asio::awaitable<void> Journal::drain()
{
    auto const state = state_;
    state->draining = true;
    while (!state->queues.empty() && !state->closed) {
        state->idle.expires_at(SteadyClock::time_point::max());
        co_await state->idle.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

} // namespace assay::storage
