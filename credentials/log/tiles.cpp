#include "credentials/log/tiles.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

namespace assay::credentials::tlog {
namespace {

constexpr unsigned level_max = 7; // 2^64 leaves need no more

std::string index_path(std::uint64_t index)
{
    char group[8];
    std::snprintf(group, sizeof group, "%03u", static_cast<unsigned>(index % 1000));
    auto path = std::string{group};
    for (index /= 1000; index > 0; index /= 1000) {
        std::snprintf(group, sizeof group, "x%03u/", static_cast<unsigned>(index % 1000));
        path.insert(0, group);
    }
    return path;
}

std::string with_width(std::string path, unsigned width)
{
    return width == tile_width ? path : path + ".p/" + std::to_string(width);
}

/// A place is valid only when writing it gives the same text back: no second spelling of a number.
result<TileId> parse_place(std::string_view rest, unsigned level)
{
    auto tile = TileId{.level = level};
    if (auto const partial = rest.find(".p/"); partial != std::string_view::npos) {
        auto const digits = rest.substr(partial + 3);
        auto const [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), tile.width);
        if (status != std::errc{} || end != digits.data() + digits.size() || tile.width < 1 || tile.width >= tile_width) return errc::malformed_tile;
        rest = rest.substr(0, partial);
    }
    auto digits = std::string{};
    for (auto const c : rest)
        if (c >= '0' && c <= '9') digits += c;
    auto const [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), tile.index);
    if (digits.empty() || status != std::errc{} || end != digits.data() + digits.size() || index_path(tile.index) != rest) return errc::malformed_tile;
    return tile;
}

std::uint64_t hashes_at(unsigned level, std::uint64_t size) { return level >= 8 ? 0 : size >> (8 * level); }

unsigned width_of(unsigned level, std::uint64_t index, std::uint64_t size)
{
    auto const count = hashes_at(level, size);
    auto const first = index * tile_width;
    return count <= first ? 0U : static_cast<unsigned>(std::min(tile_width, count - first));
}

} // namespace

std::string tile_path(TileId const& t) { return with_width("tile/" + std::to_string(t.level) + "/" + index_path(t.index), t.width); }
std::string entries_path(std::uint64_t index, unsigned width) { return with_width("tile/entries/" + index_path(index), width); }

result<TileId> parse_tile_path(std::string_view path)
{
    if (path.size() < 8 || path.size() > 64 || !path.starts_with("tile/") || path[5] < '0' || path[5] > '7' || path[6] != '/')
        return errc::malformed_tile;
    auto const tile = parse_place(path.substr(7), static_cast<unsigned>(path[5] - '0'));
    if (tile && with_width(std::string{path.substr(0, path.find(".p/"))}, tile->width) != path) return errc::malformed_tile;
    return tile;
}

result<TileId> parse_entries_path(std::string_view path)
{
    constexpr std::string_view prefix = "tile/entries/";
    if (path.size() > 64 || !path.starts_with(prefix)) return errc::malformed_tile;
    auto const tile = parse_place(path.substr(prefix.size()), 0);
    if (tile && entries_path(tile->index, tile->width) != path) return errc::malformed_tile;
    return tile;
}

std::vector<TileId> tiles_of(std::uint64_t size)
{
    auto tiles = std::vector<TileId>{};
    for (auto level = 0U; level <= level_max; ++level)
        for (auto index = std::uint64_t{}; width_of(level, index, size) > 0; ++index)
            tiles.push_back({level, index, width_of(level, index, size)});
    return tiles;
}

std::vector<TileId> bundles_of(std::uint64_t size)
{
    auto tiles = std::vector<TileId>{};
    for (auto index = std::uint64_t{}; width_of(0, index, size) > 0; ++index) tiles.push_back({0, index, width_of(0, index, size)});
    return tiles;
}

Bytes encode_tile(std::span<Sha256Digest const> hashes)
{
    auto bytes = Bytes{};
    for (auto const& hash : hashes) append(bytes, hash.octets);
    return bytes;
}

result<std::vector<Sha256Digest>> decode_tile(ByteView bytes)
{
    if (bytes.empty() || bytes.size() % 32 != 0 || bytes.size() > 32 * tile_width) return errc::malformed_tile;
    auto hashes = std::vector<Sha256Digest>(bytes.size() / 32);
    for (auto i = std::size_t{}; i < hashes.size(); ++i) std::ranges::copy(bytes.subspan(32 * i, 32), hashes[i].octets.begin());
    return hashes;
}

Bytes encode_bundle(std::span<Bytes const> entries)
{
    auto bytes = Bytes{};
    for (auto const& entry : entries) {
        EXPECTS(entry.size() <= entry_size_max);
        append_big_endian(bytes, entry.size(), 2);
        append(bytes, entry);
    }
    return bytes;
}

result<std::vector<Bytes>> decode_bundle(ByteView bytes)
{
    auto entries = std::vector<Bytes>{};
    while (!bytes.empty()) {
        if (bytes.size() < 2 || entries.size() == tile_width) return errc::malformed_bundle;
        auto const size = std::to_integer<std::size_t>(bytes[0]) * 256 + std::to_integer<std::size_t>(bytes[1]);
        if (bytes.size() < 2 + size) return errc::malformed_bundle;
        entries.push_back(to_bytes(bytes.subspan(2, size)));
        bytes = bytes.subspan(2 + size);
    }
    return entries;
}

HashReader hashes_from_tiles(std::uint64_t size, TileReader read)
{
    return [size, read = std::move(read), cache = std::map<TileId, std::vector<Sha256Digest>>{}](
               unsigned level, std::uint64_t index) mutable -> result<Sha256Digest> {
        auto const tile_level = level / 8, height = level % 8;
        auto const first = index << height; // in hashes of the tile's own level
        auto const place = first / tile_width;
        auto const offset = static_cast<std::size_t>(first % tile_width), count = std::size_t{1} << height;
        auto const tile = TileId{tile_level, place, width_of(tile_level, place, size)};
        if (tile.width < offset + count) return errc::out_of_tree;
        auto known = cache.find(tile);
        if (known == cache.end()) {
            auto const bytes = read(tile);
            if (!bytes) return errc::hash_missing;
            auto hashes = decode_tile(*bytes);
            if (!hashes) return hashes.error();
            if (hashes->size() < tile.width) return errc::malformed_tile;
            known = cache.emplace(tile, std::move(*hashes)).first;
        }
        auto row = std::vector<Sha256Digest>(known->second.begin() + static_cast<std::ptrdiff_t>(offset),
                                             known->second.begin() + static_cast<std::ptrdiff_t>(offset + count));
        for (; row.size() > 1; row.resize(row.size() / 2))
            for (auto i = std::size_t{}; i < row.size() / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
        return row.front();
    };
}

result<std::vector<TileWrite>> grow(std::uint64_t old_size, std::span<Sha256Digest const> leaves, TileReader const& read)
{
    auto writes = std::vector<TileWrite>{};
    auto fresh = std::vector<Sha256Digest>(leaves.begin(), leaves.end()); // new hashes of the current level
    for (auto level = 0U; level <= level_max && !fresh.empty(); ++level) {
        auto const old_count = hashes_at(level, old_size);
        auto index = old_count / tile_width;
        auto hashes = std::vector<Sha256Digest>{};
        if (old_count % tile_width != 0) {
            auto const bytes = read({level, index, static_cast<unsigned>(old_count % tile_width)});
            if (!bytes) return errc::hash_missing;
            auto decoded = decode_tile(*bytes);
            if (!decoded) return decoded.error();
            if (decoded->size() < old_count % tile_width) return errc::malformed_tile;
            hashes.assign(decoded->begin(), decoded->begin() + static_cast<std::ptrdiff_t>(old_count % tile_width));
        }
        auto above = std::vector<Sha256Digest>{};
        for (auto const& hash : fresh) {
            hashes.push_back(hash);
            if (hashes.size() < tile_width) continue;
            writes.push_back({{level, index, static_cast<unsigned>(tile_width)}, encode_tile(hashes)});
            auto tree = GrowingTree{};
            for (auto const& h : hashes) tree.append(h);
            above.push_back(tree.root());
            hashes.clear();
            ++index;
        }
        if (!hashes.empty()) writes.push_back({{level, index, static_cast<unsigned>(hashes.size())}, encode_tile(hashes)});
        fresh = std::move(above);
    }
    return writes;
}

} // namespace assay::credentials::tlog
