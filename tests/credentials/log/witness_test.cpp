#include "credentials/log/witness.hpp"

#include "core/json.hpp"
#include "credentials/log/merkle.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

namespace assay::credentials::tlog {
namespace {

struct TestKey {
    explicit TestKey(unsigned char first)
    {
        auto seed = std::array<unsigned char, 32>{first};
        crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret.data(), seed.data());
    }
    SignBytes signing() const
    {
        return [this](ByteView message) {
            auto signature = std::array<std::byte, 64>{};
            crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, reinterpret_cast<unsigned char const*>(message.data()), message.size(), secret.data());
            return signature;
        };
    }
    std::array<std::byte, 32> public_key{};
    std::array<unsigned char, 64> secret{};
};

/// A log of numbered leaves, and a fork of it from leaf 3 on.
struct Watching : testing::Test {
    std::vector<Sha256Digest> leaves_of(std::uint64_t size, bool forked = false) const
    {
        auto leaves = std::vector<Sha256Digest>{};
        for (auto i = std::uint64_t{}; i < size; ++i) leaves.push_back(leaf_hash(bytes_of((forked && i >= 3 ? "forked " : "entry ") + std::to_string(i))));
        return leaves;
    }
    Checkpoint checkpoint_of(std::uint64_t size, bool forked = false) const
    {
        auto tree = GrowingTree{};
        for (auto const& leaf : leaves_of(size, forked)) tree.append(leaf);
        return {log.name, size, tree.root()};
    }
    AddCheckpoint request(std::uint64_t old_size, std::uint64_t size, bool forked = false) const
    {
        auto const leaves = leaves_of(size, forked);
        auto const read = [&](unsigned level, std::uint64_t index) -> result<Sha256Digest> { return subtree(leaves, level, index); };
        return {old_size, consistency_proof(old_size, size, read).value(), sign_checkpoint(checkpoint_of(size, forked), log, log_key.signing())};
    }
    static result<Sha256Digest> subtree(std::vector<Sha256Digest> const& leaves, unsigned level, std::uint64_t index)
    {
        if (level == 0) return leaves.at(index);
        return node_hash(subtree(leaves, level - 1, 2 * index).value(), subtree(leaves, level - 1, 2 * index + 1).value());
    }
    Refusal refused(AddCheckpoint const& what, std::optional<Checkpoint> const& latest) const { return std::get<Refusal>(judge(what, latest, {&log, 1})); }

    TestKey log_key{1}, witness_key{2};
    VerifierKey log = make_verifier_key("localhost:8443/audit/acme", KeyType::ed25519, log_key.public_key);
    VerifierKey witness = make_verifier_key("witness.example/w1", KeyType::cosignature, witness_key.public_key);
};

TEST_F(Watching, CosignsWhatExtendsTheLastCheckpoint)
{
    auto latest = std::optional<Checkpoint>{};
    for (auto const& [from, to] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 1}, {1, 6}, {6, 6}, {6, 13}, {13, 64}}) {
        auto const parsed = parse_add_checkpoint(to_string(request(from, to)));
        ASSERT_TRUE(parsed) << from;
        auto const verdict = judge(*parsed, latest, {&log, 1});
        ASSERT_TRUE(std::holds_alternative<Checkpoint>(verdict)) << from << " to " << to;
        EXPECT_EQ(std::get<Checkpoint>(verdict), checkpoint_of(to));
        latest = std::get<Checkpoint>(verdict);
    }
}

TEST_F(Watching, NeverCosignsTwoHistories)
{
    auto const latest = std::optional{checkpoint_of(6)};
    EXPECT_EQ(refused(request(6, 6, true), latest), Refusal::other_size) << "the same size, another root";
    EXPECT_EQ(refused(request(6, 9, true), latest), Refusal::not_consistent);
    EXPECT_EQ(refused(request(5, 9), latest), Refusal::other_size) << "the witness is at 6";
    EXPECT_EQ(refused(request(0, 9), latest), Refusal::other_size) << "and does not begin anew";
    auto without_proof = request(6, 9);
    without_proof.proof.clear();
    EXPECT_EQ(refused(without_proof, latest), Refusal::not_consistent);
    auto shrunk = request(3, 4);
    shrunk.old_size = 6;
    EXPECT_EQ(refused(shrunk, latest), Refusal::malformed) << "a log does not shrink";
}

TEST_F(Watching, BelievesOnlyTheLogsOwnKey)
{
    auto const others = make_verifier_key("localhost:8443/audit/other", KeyType::ed25519, log_key.public_key);
    EXPECT_EQ(std::get<Refusal>(judge(request(0, 4), std::nullopt, {&others, 1})), Refusal::unknown_log);
    auto altered = request(0, 4);
    altered.checkpoint.replace(altered.checkpoint.find("\n4\n"), 3, "\n5\n");
    EXPECT_EQ(refused(altered, std::nullopt), Refusal::not_signed);
    EXPECT_EQ(http_status(Refusal::not_signed), 403);
    EXPECT_EQ(http_status(Refusal::other_size), 409);
    for (auto const* body : {"", "old 1\n", "old 01\n\nx", "old 1\nnot a hash\n\nx", "new 1\n\nx"}) EXPECT_FALSE(parse_add_checkpoint(body)) << body;
}

TEST_F(Watching, AddsALineThatVerifiersAccept)
{
    auto note = request(0, 4).checkpoint;
    note += cosignature_line(note, witness, 1'795'000'000, witness_key.signing());
    auto const verified = verify_note(note, std::array{log, witness});
    ASSERT_TRUE(verified);
    ASSERT_EQ(verified->size(), 2u);
    EXPECT_EQ(verified->at(1).time, 1'795'000'000u);
    EXPECT_EQ(open_checkpoint(note, log).value(), checkpoint_of(4)) << "the log's own signature stands beside it";
    auto const impostor = make_verifier_key(witness.name, KeyType::cosignature, TestKey{9}.public_key);
    EXPECT_EQ(verify_note(note, {&impostor, 1})->size(), 0u) << "another key has another id";
}

TEST_F(Watching, GivesTheLogThatAskedALineToPublish)
{
    auto const note = request(0, 4).checkpoint;
    auto const line = cosignature_line(note, witness, 1'795'000'000, witness_key.signing());
    EXPECT_EQ(cosignature_in(note, line, witness).value(), line);
    auto const other_key = TestKey{9};
    auto const other = make_verifier_key("witness.example/w2", KeyType::cosignature, other_key.public_key);
    auto const others = cosignature_line(note, other, 1'795'000'000, other_key.signing());
    EXPECT_EQ(cosignature_in(note, others + line, witness).value(), line) << "lines of others are passed over";
    EXPECT_EQ(cosignature_in(note, others, witness).error(), errc::unsigned_note);
    EXPECT_EQ(cosignature_in(note, line + line, witness).error(), errc::unsigned_note) << "twice";
    EXPECT_EQ(cosignature_in(note, cosignature_line(request(0, 5).checkpoint, witness, 1, witness_key.signing()), witness).error(), errc::bad_signature)
        << "of another checkpoint";
    for (auto const* answer : {"", "\n", "<html>", "\xe2\x80\x94 witness.example/w1 AAAA\n", "\n\n"}) EXPECT_FALSE(cosignature_in(note, answer, witness)) << answer;
    EXPECT_FALSE(cosignature_in(note, line.substr(0, line.size() - 1), witness)) << "no newline at its end";
}

TEST_F(Watching, SaysHowFarItIsInOneSpelling)
{
    EXPECT_EQ(parse_size_answer("0\n").value(), 0u);
    EXPECT_EQ(parse_size_answer("18446744073709551615\n").value(), 18446744073709551615u);
    for (auto const* answer : {"", "\n", "1", "01\n", "+1\n", "1\n\n", " 1\n", "1 \n", "18446744073709551616\n", "-1\n"}) EXPECT_FALSE(parse_size_answer(answer)) << answer;
}

} // namespace
} // namespace assay::credentials::tlog
