#pragma once
// The transparency log as rows: checkpoints, hash tiles, and the entries that they cover.
#include "storage/pool.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"

#include <functional>

namespace assay::storage {

struct CheckpointRow {
    std::uint64_t tree_size = 0;
    Sha256Digest root_hash;
    std::string note;
    Timestamp published_at;
};
/// The newest one; behind its note the cosignatures that have come for it.
asio::awaitable<std::optional<CheckpointRow>> find_checkpoint(Pool& pool, TenantId tenant);
/// For a receipt of entry `index`: the newest that some witness cosigned and that covers it, otherwise the newest. Nothing when none covers it.
asio::awaitable<std::optional<CheckpointRow>> find_checkpoint_over(Pool& pool, TenantId tenant, std::uint64_t index);

/// Somebody who watches this log.
struct WitnessRow {
    std::string name, vkey, url;
    std::uint64_t known_size = 0; ///< of the checkpoint that it cosigned last, as far as it has told
    int failures = 0;             ///< in a row
    std::optional<Timestamp> next_at;    ///< not asked before; nothing: at once
};
json::object columns(WitnessRow const& row); ///< the setting alone
asio::awaitable<std::vector<WitnessRow>> list_witnesses(Pool& pool, TenantId tenant);
/// Those that may be asked at `now` and have not cosigned the newest checkpoint.
asio::awaitable<std::vector<WitnessRow>> list_due_witnesses(Pool& pool, TenantId tenant, Timestamp now);
/// Another node may have been faster with the same.
asio::awaitable<void> add_cosignature(Pool& pool, TenantId tenant, std::uint64_t tree_size, std::string witness, std::string line);
/// How far the witness is, and when it may be asked again.
asio::awaitable<void> note_witness(Pool& pool, TenantId tenant, WitnessRow witness);

struct TileRow {
    unsigned level = 0;
    std::uint64_t index = 0;
    unsigned width = 0;
    Bytes hashes;
};
/// The narrowest stored form of at least `width` hashes, cut to it.
asio::awaitable<std::optional<Bytes>> find_tile(Pool& pool, TenantId tenant, unsigned level, std::uint64_t index, unsigned width);

/// Canonical bytes of entries [from, from + count).
asio::awaitable<std::vector<Bytes>> find_entries(Pool& pool, TenantId tenant, std::uint64_t from, std::uint64_t count);

/// What a publisher adds, given what stands: the new tiles and the checkpoint after them.
struct LogGrowth {
    std::vector<TileRow> tiles;
    CheckpointRow checkpoint; ///< published_at is the database's
};
/// `old_size`, the leaf hashes behind it, and the partial tiles that stand there, lowest level first → what to write.
using GrowLog = std::function<LogGrowth(std::uint64_t old_size, std::vector<Sha256Digest> const& leaves, std::vector<TileRow> const& partial_tiles)>;

/// Folds committed entries into tiles and a checkpoint: one publisher a tenant at a time (advisory lock), by compare-and-set on the
/// checkpoint before it. False when there was nothing new, or somebody else is at it.
asio::awaitable<bool> publish_log(Pool& pool, TenantId tenant, std::uint64_t leaves_max, GrowLog grow);

} // namespace assay::storage
