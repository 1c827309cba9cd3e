#pragma once
// The transparency log as rows: checkpoints, hash tiles, and the entries that they cover.
#include "storage/pool.hpp"
#include "core/ids.hpp"

#include <functional>

namespace assay::storage {

struct CheckpointRow {
    std::uint64_t tree_size = 0;
    Sha256Digest root_hash;
    std::string note;
    Timestamp published_at;
};
/// The newest one.
asio::awaitable<std::optional<CheckpointRow>> find_checkpoint(Pool& pool, TenantId tenant);

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
