#include "storage/detail/append_store.hpp"

#include "storage/pool.hpp"

namespace assay::storage::detail {
namespace {

// One tenant a transaction. The function locks the tenant's head row, judges each append by itself (stored, repeated, stale, conflicting) and
// stores what it can: a stale sitting never fails its neighbours in the batch. It sets assay.tenant itself.
constexpr auto append_batch = Statement{"append_batch", R"sql(
    SELECT verdict, out_first_index, out_version, out_answer
      FROM append_batch($1, $2::uuid[], $3::bigint[], $4::text[], $5::bytea[], $6::text[],
                        $7::bigint[], $8::bytea[], $9::bytea[], $10::uuid[], $11::bytea[],
                        $12::bigint[], $13::text[], $14::text[], $15::uuid[], $16::bigint[], $17::bigint[]))sql"};

Judgement judgement_of(std::string_view word)
{
    if (word == "stored") return Judgement::stored;
    if (word == "repeated") return Judgement::repeated;
    if (word == "stale") return Judgement::stale;
    if (word == "conflicting") return Judgement::conflicting;
    throw DatabaseError{"", "append_batch gave an unknown verdict"};
}

Params flattened(TenantId tenant, std::vector<std::shared_ptr<PreparedAppend const>> const& batch)
{
    auto streams = std::vector<Uuid>{};
    auto expected = std::vector<std::uint64_t>{}, entry_counts = expected, row_counts = expected, also_expected = expected, also_counts = expected;
    auto keys = std::vector<std::string>{}, answers = keys, row_kinds = keys, rows = keys;
    auto requests = std::vector<Sha256Digest>{}, leaves = requests;
    auto entries = std::vector<Bytes>{};
    auto persons = std::vector<std::optional<Uuid>>{}, also_streams = persons;
    auto details = std::vector<std::optional<Bytes>>{};
    for (auto const& append : batch) {
        streams.push_back(append->stream);
        expected.push_back(append->expected_version);
        keys.push_back(append->idempotency_key);
        requests.push_back(append->request_hash);
        answers.push_back(append->answer);
        entry_counts.push_back(append->entries.size());
        for (auto const& entry : append->entries) {
            entries.push_back(entry.canonical);
            leaves.push_back(entry.leaf_hash);
            persons.push_back(entry.person);
            details.push_back(entry.sealed_detail);
        }
        also_streams.push_back(append->also_stream);
        also_expected.push_back(append->also_expected);
        also_counts.push_back(append->also_entries);
        row_counts.push_back(append->rows.size());
        for (auto const& [kind, row] : append->rows) {
            row_kinds.push_back(kind);
            rows.push_back(row);
        }
    }
    return params(tenant, streams, expected, keys, requests, answers, entry_counts, entries, leaves, persons, details, row_counts, row_kinds, rows,
        also_streams, also_expected, also_counts);
}

class PostgresAppendStore final : public AppendStore {
public:
    explicit PostgresAppendStore(Pool& pool) noexcept : pool_{pool} {}

    asio::awaitable<std::vector<Verdict>> store(TenantId tenant, std::vector<std::shared_ptr<PreparedAppend const>> batch) override
    {
        auto queries = std::vector<Query>{};
        queries.emplace_back(append_batch, flattened(tenant, batch));
        auto lease = co_await pool_.acquire();
        auto const rows = co_await lease.run(std::move(queries));

        auto verdicts = std::vector<Verdict>{};
        for (auto const row : rows.front()) {
            auto verdict = Verdict{};
            verdict.judgement = judgement_of(row.text(0));
            verdict.first_index = row.get<std::optional<std::uint64_t>>(1).value_or(0);
            verdict.version = row.get<std::uint64_t>(2);
            if (!row.is_null(3)) verdict.answer = row.get<json::value>(3);
            verdicts.push_back(std::move(verdict));
        }
        if (verdicts.size() != batch.size()) throw DatabaseError{"", "append_batch did not judge every append"};
        co_return verdicts;
    }

private:
    Pool& pool_;
};

} // namespace

std::unique_ptr<AppendStore> postgres_append_store(Pool& pool) { return std::make_unique<PostgresAppendStore>(pool); }

} // namespace assay::storage::detail
