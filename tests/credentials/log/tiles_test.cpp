#include "credentials/log/checkpoint.hpp"
#include "credentials/log/receipt.hpp"
#include "credentials/log/tiles.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <map>

namespace assay::credentials::tlog {
namespace {

// C2SP tlog-tiles names this path.
TEST(TilePath, WritesIndicesInGroupsOfThreeDigits)
{
    EXPECT_EQ(tile_path({0, 1234067, 256}), "tile/0/x001/x234/067");
    EXPECT_EQ(tile_path({1, 0, 5}), "tile/1/000.p/5");
    EXPECT_EQ(entries_path(1000, 256), "tile/entries/x001/000");
    for (auto const& tile : {TileId{0, 1234067, 256}, TileId{7, 0, 1}, TileId{2, 999, 255}, TileId{3, 1000, 17}}) {
        EXPECT_EQ(parse_tile_path(tile_path(tile)).value(), tile);
        EXPECT_EQ(parse_entries_path(entries_path(tile.index, tile.width)).value(), (TileId{0, tile.index, tile.width}));
    }
    for (auto const* path : {"tile/8/000", "tile/0/00", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/05", "tile/0/../000", "tile/0/1000", "tile/0/x001000", ""})
        EXPECT_FALSE(parse_tile_path(path)) << path;
}

TEST(Tiles, GrowTheSameTreeInAnySteps)
{
    auto leaves = std::vector<Sha256Digest>{};
    for (auto i = 0; i < 70'000; ++i) leaves.push_back(leaf_hash(bytes_of(std::to_string(i))));
    auto stored = std::map<TileId, Bytes>{};
    auto const read = [&](TileId const& tile) -> std::optional<Bytes> {
        auto const found = stored.find(tile);
        return found == stored.end() ? std::nullopt : std::optional{found->second};
    };
    auto tree = GrowingTree{};
    auto size = std::uint64_t{};
    for (auto const next : {1ULL, 2ULL, 255ULL, 256ULL, 257ULL, 600ULL, 65'535ULL, 65'536ULL, 65'537ULL, 70'000ULL}) {
        auto const writes = grow(size, std::span{leaves}.subspan(size, next - size), read).value();
        for (auto const& write : writes) stored[write.tile] = write.bytes;
        for (; size < next; ++size) tree.append(leaves[size]);
        EXPECT_EQ(root_of(size, hashes_from_tiles(size, read)).value(), tree.root()) << size;
        for (auto const& tile : tiles_of(size)) EXPECT_TRUE(stored.contains(tile)) << tile_path(tile);
    }
    auto const hashes = hashes_from_tiles(size, read);
    for (auto const index : {0ULL, 255ULL, 256ULL, 65'536ULL, 69'999ULL})
        EXPECT_TRUE(verify_inclusion(leaves[index], index, size, inclusion_proof(index, size, hashes).value(), tree.root()));
}

// A log that another program wrote: every checkpoint must verify with its key, and its root must follow from the files.
TEST(Tiles, ReadARealLog)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/tlog/tessera-log");
    auto const log = test::shared_directory() / "testdata/vectors/tlog/tessera-log";
    auto const key = parse_verifier_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx").value();
    auto const bundle = decode_bundle(bytes_of(test::read_file(log / entries_path(0, 15)))).value();
    ASSERT_EQ(bundle.size(), 15U);
    auto tree = GrowingTree{};
    for (auto size = 0U; size <= 15; ++size) {
        auto const checkpoint = open_checkpoint(test::read_file(log / ("checkpoint." + std::to_string(size))), key).value();
        EXPECT_EQ(checkpoint.size, size);
        EXPECT_EQ(checkpoint.root, tree.root());
        auto const read = [&](TileId const& tile) -> std::optional<Bytes> { return to_bytes(test::read_file(log / tile_path(tile))); };
        EXPECT_EQ(root_of(size, hashes_from_tiles(size, read)).value(), checkpoint.root);
        if (size < 15) tree.append(leaf_hash(bundle[size]));
    }
}

TEST(EntryBundle, ReadsWhatItWroteAndRefusesARest)
{
    auto const entries = std::vector<Bytes>{to_bytes("a"), {}, Bytes(65'535)};
    auto bytes = encode_bundle(entries);
    EXPECT_EQ(decode_bundle(bytes).value(), entries);
    bytes.pop_back();
    EXPECT_EQ(decode_bundle(bytes).error(), errc::malformed_bundle);
}

TEST(Receipt, ReadsWhatItWrote)
{
    auto const receipt = Receipt{.index = 17, .proof = {sha256("a"), sha256("b")}, .checkpoint = "o\n1\nx\n\n\xe2\x80\x94 k AAAAAAA=\n"};
    auto const text = to_string(receipt);
    auto const read = parse_receipt(text).value();
    EXPECT_EQ(read.index, 17U);
    EXPECT_EQ(read.proof, receipt.proof);
    EXPECT_EQ(read.checkpoint, receipt.checkpoint);
    EXPECT_FALSE(parse_receipt("c2sp.org/tlog-proof@v1\nindex 017\n\nx\n"));
    EXPECT_FALSE(parse_receipt("c2sp.org/tlog-proof@v2\nindex 1\n\nx\n"));
}

} // namespace
} // namespace assay::credentials::tlog
