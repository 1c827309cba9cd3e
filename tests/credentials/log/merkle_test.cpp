#include "credentials/log/merkle.hpp"
#include "core/json.hpp"
#include "tests/support/shared_data.hpp"

#include <bit>
#include <gtest/gtest.h>
#include <random>

namespace assay::credentials::tlog {
namespace {

// Hashes of another length than 32 bytes can't be said in our types: such a vector is refused by reading it.

std::optional<Sha256Digest> digest_of(json::value const& base64)
{
    auto const bytes = from_base64(base64.as_string()).value();
    if (bytes.size() != 32) return std::nullopt;
    auto digest = Sha256Digest{};
    std::ranges::copy(bytes, digest.octets.begin());
    return digest;
}

/// Some cases name roots by words ("don't care 1"): any digest does for those, the same one for the same words.
Sha256Digest root_named(json::value const& base64)
{
    auto const digest = digest_of(base64);
    return digest ? *digest : sha256(std::string_view{base64.as_string()});
}

std::optional<std::vector<Sha256Digest>> proof_of(json::value const& proof)
{
    auto hashes = std::vector<Sha256Digest>{};
    if (proof.is_null()) return hashes;
    for (auto const& hash : proof.as_array()) {
        auto const digest = digest_of(hash);
        if (!digest) return std::nullopt;
        hashes.push_back(*digest);
    }
    return hashes;
}

std::optional<std::uint64_t> size_of(json::value const& number)
{
    if (number.is_uint64()) return number.get_uint64();
    if (number.is_int64() && number.get_int64() >= 0) return static_cast<std::uint64_t>(number.get_int64());
    return std::nullopt;
}

json::array vectors(char const* name)
{
    return parse_json(test::read_file(test::shared_directory() / "testdata/vectors/merkle" / name)).value().as_array();
}

TEST(VerifyInclusion, AgreesWithThePublishedCases)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/merkle/inclusion.json");
    auto refused = 0, accepted = 0;
    for (auto const& c : vectors("inclusion.json")) {
        auto const proof = proof_of(c.at("proof"));
        auto const index = size_of(c.at("leafIdx")), size = size_of(c.at("treeSize"));
        auto const leaf = digest_of(c.at("leafHash")), root = digest_of(c.at("root"));
        auto const ok = proof && index && size && leaf && root && verify_inclusion(*leaf, *index, *size, *proof, *root);
        EXPECT_EQ(ok, !c.at("wantErr").as_bool()) << c.at("case");
        ++(ok ? accepted : refused);
    }
    EXPECT_GT(refused, 50);
    EXPECT_GT(accepted, 3);
}

TEST(VerifyConsistency, AgreesWithThePublishedCases)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/merkle/consistency.json");
    auto refused = 0, accepted = 0;
    for (auto const& c : vectors("consistency.json")) {
        auto const proof = proof_of(c.at("proof"));
        auto const old_size = size_of(c.at("size1")), size = size_of(c.at("size2"));
        auto const old_root = root_named(c.at("root1")), root = root_named(c.at("root2"));
        auto const ok = proof && old_size && size && verify_consistency(*old_size, *size, old_root, root, *proof);
        EXPECT_EQ(ok, !c.at("wantErr").as_bool()) << c.at("case");
        ++(ok ? accepted : refused);
    }
    EXPECT_GT(refused, 50);
    EXPECT_GT(accepted, 3);
}

TEST(GrowingTree, GivesTheRootsOfTheReferenceTree)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/merkle/rfc6962-roots.json");
    auto const v = parse_json(test::read_file(test::shared_directory() / "testdata/vectors/merkle/rfc6962-roots.json")).value();
    auto tree = GrowingTree{};
    auto const& roots = v.at("rootHashesHexBySize").as_array();
    EXPECT_EQ(to_string(tree.root()), std::string_view{roots[0].as_string()});
    for (auto i = std::size_t{}; i < v.at("leafInputsHex").as_array().size(); ++i) {
        tree.append(leaf_hash(from_hex(v.at("leafInputsHex").as_array()[i].as_string()).value()));
        EXPECT_EQ(to_string(tree.root()), std::string_view{roots[i + 1].as_string()});
    }
}

/// MTH of RFC 6962 section 2.1, as it is written there.
Sha256Digest recursive_root(std::span<Sha256Digest const> leaves)
{
    if (leaves.empty()) return empty_root();
    if (leaves.size() == 1) return leaves[0];
    auto const k = std::bit_ceil(leaves.size()) / 2;
    return node_hash(recursive_root(leaves.first(k)), recursive_root(leaves.subspan(k)));
}

TEST(Proofs, AgreeWithTheRecursiveDefinitionForEveryTreeUpToSeventyLeaves)
{
    auto leaves = std::vector<Sha256Digest>{};
    auto growing = GrowingTree{};
    for (auto i = 0; i < 70; ++i) {
        leaves.push_back(leaf_hash(bytes_of(std::to_string(i))));
        growing.append(leaves.back());
        EXPECT_EQ(growing.root(), recursive_root(leaves));
    }
    auto const read = [&](unsigned level, std::uint64_t index) -> result<Sha256Digest> {
        return recursive_root(std::span{leaves}.subspan(index << level, std::size_t{1} << level));
    };
    auto random = std::mt19937{6962};
    for (auto size = std::uint64_t{1}; size <= leaves.size(); ++size) {
        auto const root = recursive_root(std::span{leaves}.first(size));
        EXPECT_EQ(root_of(size, read).value(), root);
        for (auto i = std::uint64_t{}; i < size; ++i) {
            auto proof = inclusion_proof(i, size, read).value();
            ASSERT_TRUE(verify_inclusion(leaves[i], i, size, proof, root)) << i << " of " << size;
            ASSERT_FALSE(verify_inclusion(leaves[i], i + 1, size, proof, root));
            if (proof.empty()) continue;
            proof[random() % proof.size()].octets[random() % 32] ^= static_cast<std::byte>(1U << random() % 8);
            ASSERT_FALSE(verify_inclusion(leaves[i], i, size, proof, root));
        }
        for (auto old_size = std::uint64_t{1}; old_size <= size; ++old_size) {
            auto proof = consistency_proof(old_size, size, read).value();
            auto const old_root = recursive_root(std::span{leaves}.first(old_size));
            ASSERT_TRUE(verify_consistency(old_size, size, old_root, root, proof)) << old_size << " of " << size;
            if (proof.empty()) continue;
            proof[random() % proof.size()].octets[random() % 32] ^= static_cast<std::byte>(1U << random() % 8);
            ASSERT_FALSE(verify_consistency(old_size, size, old_root, root, proof));
        }
    }
    EXPECT_EQ(inclusion_proof(5, 5, read).error(), errc::out_of_tree);
    EXPECT_EQ(consistency_proof(6, 5, read).error(), errc::out_of_tree);
}

} // namespace
} // namespace assay::credentials::tlog
