#include "storage/repositories/log.hpp"

#include "storage/repositories/detail/read_rows.hpp"

namespace assay::storage {
namespace {

constexpr auto newest_checkpoint = Statement{"newest_checkpoint", R"sql(
    SELECT tree_size, root_hash, published_at,
           note || coalesce((SELECT string_agg(line, ''::bytea ORDER BY witness) FROM cosignature s
                              WHERE s.tenant_id = c.tenant_id AND s.tree_size = c.tree_size), ''::bytea) AS note
      FROM checkpoint c WHERE tenant_id = $1 ORDER BY tree_size DESC LIMIT 1)sql"};
constexpr auto checkpoint_over = Statement{"checkpoint_over", R"sql(
    SELECT tree_size, root_hash, published_at,
           note || coalesce((SELECT string_agg(line, ''::bytea ORDER BY witness) FROM cosignature s
                              WHERE s.tenant_id = c.tenant_id AND s.tree_size = c.tree_size), ''::bytea) AS note
      FROM checkpoint c
     WHERE tenant_id = $1
       AND tree_size = coalesce((SELECT max(tree_size) FROM cosignature WHERE tenant_id = $1 AND tree_size > $2),
                                (SELECT max(tree_size) FROM checkpoint WHERE tenant_id = $1 AND tree_size > $2)))sql"};
constexpr auto witnesses_all = Statement{"witnesses_all", R"sql(
    SELECT name, vkey, url, known_size, failures, nullif(next_at, '-infinity') AS next_at FROM witness WHERE tenant_id = $1 ORDER BY name)sql"};
constexpr auto witnesses_due = Statement{"witnesses_due", R"sql(
    SELECT name, vkey, url, known_size, failures, nullif(next_at, '-infinity') AS next_at FROM witness w
     WHERE tenant_id = $1 AND next_at <= $2
       AND NOT EXISTS (SELECT FROM cosignature s WHERE s.tenant_id = w.tenant_id AND s.witness = w.name
                                                   AND s.tree_size = (SELECT max(tree_size) FROM checkpoint WHERE tenant_id = $1))
     ORDER BY name)sql"};
constexpr auto add_cosignature_line = Statement{"add_cosignature", R"sql(
    INSERT INTO cosignature (tenant_id, tree_size, witness, line) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING)sql"};
constexpr auto witness_noted = Statement{"witness_noted", R"sql(
    UPDATE witness SET known_size = $3, failures = $4, next_at = coalesce($5, '-infinity'::timestamptz) WHERE tenant_id = $1 AND name = $2)sql"};
constexpr auto tile_at = Statement{"tile_at", R"sql(
    SELECT hashes FROM tile WHERE tenant_id = $1 AND level = $2 AND tile_index = $3 AND width >= $4 ORDER BY width LIMIT 1)sql"};
constexpr auto entries_from = Statement{"entries_from", R"sql(
    SELECT entry FROM journal_entry WHERE tenant_id = $1 AND journal_index >= $2 AND journal_index < $3 ORDER BY journal_index)sql"};
constexpr auto lock_log = Statement{"lock_log", R"sql(
    SELECT pg_try_advisory_xact_lock(hashtextextended('assay.log.' || $1::text, 0)) AS mine)sql"};
constexpr auto leaves_from = Statement{"leaves_from", R"sql(
    SELECT leaf_hash FROM journal_entry WHERE tenant_id = $1 AND journal_index >= $2 ORDER BY journal_index LIMIT $3)sql"};
// The widest partial tile of each level that the tree of $2 entries has.
constexpr auto partial_tiles = Statement{"partial_tiles", R"sql(
    SELECT level, tile_index, width, hashes FROM tile t
     WHERE tenant_id = $1 AND width < 256 AND tile_index = ($2::bigint >> (8 * level)) / 256 AND width = ($2::bigint >> (8 * level)) % 256
     ORDER BY level)sql"};
constexpr auto add_tile = Statement{"add_tile", R"sql(
    INSERT INTO tile (tenant_id, level, tile_index, width, hashes) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING)sql"};
constexpr auto add_checkpoint = Statement{"add_checkpoint", R"sql(
    INSERT INTO checkpoint (tenant_id, tree_size, previous_size, root_hash, note) VALUES ($1, $2, $3, $4, $5))sql"};

CheckpointRow checkpoint_of(Row const& r)
{
    auto const note = r.get<Bytes>("note");
    return {r.get<std::uint64_t>("tree_size"), r.get<Sha256Digest>("root_hash"), std::string{text_of(note)}, r.get<Timestamp>("published_at")};
}

WitnessRow witness_of(Row const& r)
{
    auto row = WitnessRow{};
    row.name = r.get<std::string>("name");
    row.vkey = r.get<std::string>("vkey");
    row.url = r.get<std::string>("url");
    row.known_size = r.get<std::uint64_t>("known_size");
    row.failures = r.get<int>("failures");
    row.next_at = r.get<std::optional<Timestamp>>("next_at");
    return row;
}

} // namespace

json::object columns(WitnessRow const& row) { return {{"name", row.name}, {"vkey", row.vkey}, {"url", row.url}}; }

asio::awaitable<std::optional<CheckpointRow>> find_checkpoint_over(Pool& pool, TenantId tenant, std::uint64_t index)
{
    auto const rows = co_await pool.query(tenant, checkpoint_over, params(tenant, index));
    co_return detail::first(rows, checkpoint_of);
}

asio::awaitable<std::vector<WitnessRow>> list_witnesses(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, witnesses_all, params(tenant));
    co_return detail::all(rows, witness_of);
}

asio::awaitable<std::vector<WitnessRow>> list_due_witnesses(Pool& pool, TenantId tenant, Timestamp now)
{
    auto const rows = co_await pool.query(tenant, witnesses_due, params(tenant, now));
    co_return detail::all(rows, witness_of);
}

asio::awaitable<void> add_cosignature(Pool& pool, TenantId tenant, std::uint64_t tree_size, std::string witness, std::string line)
{
    auto const bytes = ByteView{bytes_of(line)};
    co_await pool.query(tenant, add_cosignature_line, params(tenant, tree_size, witness, bytes));
}

asio::awaitable<void> note_witness(Pool& pool, TenantId tenant, WitnessRow witness)
{
    co_await pool.query(tenant, witness_noted, params(tenant, witness.name, witness.known_size, witness.failures, witness.next_at));
}

asio::awaitable<std::optional<CheckpointRow>> find_checkpoint(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, newest_checkpoint, params(tenant));
    co_return detail::first(rows, checkpoint_of);
}

asio::awaitable<std::optional<Bytes>> find_tile(Pool& pool, TenantId tenant, unsigned level, std::uint64_t index, unsigned width)
{
    auto const rows = co_await pool.query(tenant, tile_at, params(tenant, static_cast<int>(level), index, static_cast<int>(width)));
    if (rows.empty()) co_return std::nullopt;
    auto hashes = rows[0].get<Bytes>("hashes");
    hashes.resize(std::size_t{32} * width);
    co_return hashes;
}

asio::awaitable<std::vector<Bytes>> find_entries(Pool& pool, TenantId tenant, std::uint64_t from, std::uint64_t count)
{
    auto const rows = co_await pool.query(tenant, entries_from, params(tenant, from, from + count));
    auto entries = std::vector<Bytes>{};
    for (auto const row : rows) entries.push_back(row.get<Bytes>("entry"));
    co_return entries;
}

asio::awaitable<bool> publish_log(Pool& pool, TenantId tenant, std::uint64_t leaves_max, GrowLog grow)
{
    auto transaction = co_await pool.begin(tenant);
    auto const lock = co_await transaction.query(lock_log, params(to_string(tenant)));
    if (!lock.one().get<bool>("mine")) co_return false;
    auto const last = co_await transaction.query(newest_checkpoint, params(tenant));
    auto const old_size = last.empty() ? 0 : checkpoint_of(last[0]).tree_size;
    auto const rows = co_await transaction.query(leaves_from, params(tenant, old_size, leaves_max));
    if (rows.empty()) co_return false;
    auto leaves = std::vector<Sha256Digest>{};
    for (auto const row : rows) leaves.push_back(row.get<Sha256Digest>("leaf_hash"));
    auto const partial_rows = co_await transaction.query(partial_tiles, params(tenant, old_size));
    auto partial = std::vector<TileRow>{};
    for (auto const row : partial_rows)
        partial.push_back({static_cast<unsigned>(row.get<std::int16_t>("level")), row.get<std::uint64_t>("tile_index"),
                           static_cast<unsigned>(row.get<std::int16_t>("width")), row.get<Bytes>("hashes")});

    auto const growth = grow(old_size, leaves, partial);
    for (auto const& tile : growth.tiles)
        co_await transaction.query(add_tile, params(tenant, static_cast<int>(tile.level), tile.index, static_cast<int>(tile.width), tile.hashes));
    auto const& next = growth.checkpoint;
    auto const note = ByteView{bytes_of(next.note)};
    co_await transaction.query(add_checkpoint, params(tenant, next.tree_size, old_size, next.root_hash, note));
    co_await transaction.commit();
    co_return true;
}

} // namespace assay::storage
