#pragma once
// A log as static files, C2SP tlog-tiles: hash tiles of 256 hashes (8 tree levels), entry bundles of 256 entries. A tile at
// level L holds the hashes at tree level 8L. Full tiles never change; the last one of a level is partial, by its width.
#include "core/bytes.hpp"
#include "credentials/log/merkle.hpp"

#include <optional>

namespace assay::credentials::tlog {

constexpr std::uint64_t tile_width = 256;
constexpr std::size_t entry_size_max = 65'535;

struct TileId {
    unsigned level = 0;      ///< 0..7
    std::uint64_t index = 0;
    unsigned width = 256;    ///< 1..256
    friend auto operator<=>(TileId const&, TileId const&) = default;
};

/// "tile/0/x001/x234/067", with ".p/5" for a partial one; "tile/entries/…" for the bundle of the same place at level 0.
std::string tile_path(TileId const& tile);
std::string entries_path(std::uint64_t index, unsigned width);
/// What tile_path wrote, and nothing else: errc::malformed_tile.
result<TileId> parse_tile_path(std::string_view path);
result<TileId> parse_entries_path(std::string_view path);

/// The tiles that a tree of `size` leaves has: full ones, and at each level the partial last one (never of width 0).
std::vector<TileId> tiles_of(std::uint64_t size);
std::vector<TileId> bundles_of(std::uint64_t size); ///< level 0 only

/// 32 bytes a hash.
Bytes encode_tile(std::span<Sha256Digest const> hashes);
result<std::vector<Sha256Digest>> decode_tile(ByteView bytes); ///< errc::malformed_tile: empty, over 256, or a rest

/// Each entry behind its length, u16 big-endian. Expects entries of at most 65,535 bytes.
Bytes encode_bundle(std::span<Bytes const> entries);
result<std::vector<Bytes>> decode_bundle(ByteView bytes); ///< errc::malformed_bundle; at most 256 entries

/// Bytes of a tile of at least the asked width, or nothing.
using TileReader = std::function<std::optional<Bytes>(TileId const&)>;

/// Hashes of a tree of `size` leaves from its tiles: the widest form that the tree has of each is asked for.
HashReader hashes_from_tiles(std::uint64_t size, TileReader read);

struct TileWrite {
    TileId tile;
    Bytes bytes;
};

/// What is new when `leaves` come behind the first `old_size`: full tiles and the partial last ones of every level, lower levels
/// first. `read` gives the tiles that the old tree had. errc::hash_missing, malformed_tile.
result<std::vector<TileWrite>> grow(std::uint64_t old_size, std::span<Sha256Digest const> leaves, TileReader const& read);

} // namespace assay::credentials::tlog
