#include "credentials/log/audit_bundle.hpp"
#include "credentials/log/receipt.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <sodium.h>

namespace assay::credentials::tlog {
namespace {

/// A log of 300 entries in three streams, its files in memory.
class Log {
public:
    explicit Log(int count = 300)
    {
        auto seed = std::array<unsigned char, 32>{9};
        auto public_key = std::array<std::byte, 32>{};
        crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret_.data(), seed.data());
        key = make_verifier_key("localhost/audit/demo", KeyType::ed25519, public_key);
        for (auto i = 0; i < count; ++i) {
            auto entry = json::object{{"v", 1}, {"tenant", "t"}, {"stream", std::string{"s"} + std::to_string(i % 3)}, {"sequence", i / 3 + 1},
                                      {"type", "ResponseRecorded"}, {"body", json::object{{"n", i}}}};
            if (i == 10) entry["commitment"] = to_string(hmac_sha256(opening_key, bytes_of(canonical_json(json::value{{"answer", "B"}}))));
            entries.push_back(to_bytes(canonical_json(entry)));
        }
        files["openings.jsonl"] = opening_line(10, opening_key, json::value{{"answer", "B"}});
        publish();
    }

    void publish()
    {
        auto leaves = std::vector<Sha256Digest>{};
        auto tree = GrowingTree{};
        for (auto const& entry : entries) {
            leaves.push_back(leaf_hash(entry));
            tree.append(leaves.back());
        }
        auto const writes = grow(0, leaves, [](TileId const&) { return std::nullopt; }).value();
        for (auto const& write : writes) files[tile_path(write.tile)] = std::string{text_of(write.bytes)};
        for (auto const& bundle : bundles_of(entries.size())) {
            auto const part = std::span{entries}.subspan(bundle.index * tile_width, bundle.width);
            files[entries_path(bundle.index, bundle.width)] = std::string{text_of(encode_bundle(part))};
        }
        files["checkpoint"] = sign_checkpoint({key.name, entries.size(), tree.root()}, key, [&](ByteView m) {
            auto signature = std::array<std::byte, 64>{};
            crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, reinterpret_cast<unsigned char const*>(m.data()), m.size(), secret_.data());
            return signature;
        });
        files["vkey"] = to_string(key) + "\n";
    }

    AuditReport verify(AuditOptions const& options = {}) const
    {
        return verify_audit([&](std::string const& path) -> std::optional<std::string> {
            auto const found = files.find(path);
            return found == files.end() ? std::nullopt : std::optional{found->second};
        }, options);
    }

    std::vector<Bytes> entries;
    std::map<std::string, std::string> files;
    VerifierKey key;
    Bytes opening_key = Bytes(32, std::byte{5});

private:
    std::array<unsigned char, 64> secret_{};
};

bool mentions(AuditReport const& report, std::string_view words)
{
    return std::ranges::any_of(report.findings, [&](auto const& f) { return f.what.find(words) != std::string::npos; });
}

TEST(VerifyAudit, PassesAWholeLog)
{
    auto const log = Log{};
    auto const report = log.verify({.key = log.key, .old_checkpoint = Log{100}.files.at("checkpoint")});
    EXPECT_TRUE(report.passed()) << (report.findings.empty() ? "" : report.findings[0].what);
    EXPECT_TRUE(report.key_was_given);
    EXPECT_TRUE(report.consistent_with_old);
    EXPECT_EQ(report.entries, 300U);
    EXPECT_EQ(report.openings, 1U);
    EXPECT_EQ(report.commitments, 1U);
    EXPECT_EQ(report.entries_by_type.at("ResponseRecorded"), 300U);
}

TEST(VerifyAudit, FindsAnEditedEntry)
{
    auto log = Log{};
    auto& bundle = log.files.at(entries_path(0, 256));
    bundle[bundle.find("\"n\":7") + 4] = '8';
    EXPECT_TRUE(mentions(log.verify(), "do not give the root"));
}

TEST(VerifyAudit, FindsATailThatWasCut)
{
    auto log = Log{};
    auto const before = log.files.at("checkpoint");
    log.entries.resize(299);
    log.publish();
    EXPECT_TRUE(log.verify().passed()); // in itself it is whole …
    EXPECT_TRUE(mentions(log.verify({.key = log.key, .old_checkpoint = before}), "the log was cut"));
}

TEST(VerifyAudit, FindsAFork)
{
    auto log = Log{};
    auto const before = log.files.at("checkpoint");
    auto changed = std::string{text_of(log.entries[5])};
    changed.replace(changed.find("\"n\":5"), 5, "\"n\":6");
    log.entries[5] = to_bytes(changed);
    log.publish();
    EXPECT_TRUE(mentions(log.verify({.key = log.key, .old_checkpoint = before}), "not those of the old checkpoint"));
}

TEST(VerifyAudit, FindsEntriesInAnotherOrder)
{
    auto log = Log{};
    std::swap(log.entries[0], log.entries[3]);
    log.publish();
    EXPECT_TRUE(mentions(log.verify(), "expected sequence 1, found 2"));
}

TEST(VerifyAudit, FindsAnOpeningThatDoesNotFit)
{
    auto log = Log{};
    log.files["openings.jsonl"] = opening_line(10, log.opening_key, json::value{{"answer", "C"}});
    EXPECT_TRUE(mentions(log.verify(), "does not fit the entry's commitment"));
}

TEST(VerifyAudit, FindsAMissingTileAndAnotherKey)
{
    auto log = Log{};
    log.files.erase("tile/0/000");
    EXPECT_TRUE(mentions(log.verify(), "missing: tile/0/000"));
    auto const other = make_verifier_key("localhost/audit/demo", KeyType::ed25519, {});
    EXPECT_TRUE(mentions(log.verify({.key = other}), "no signature of a known key"));
}

TEST(VerifyAudit, ReceiptsOfTheLogVerify)
{
    auto const log = Log{};
    auto const read = [&](TileId const& tile) -> std::optional<Bytes> { return to_bytes(log.files.at(tile_path(tile))); };
    auto const proof = inclusion_proof(10, 300, hashes_from_tiles(300, read)).value();
    auto const receipt = parse_receipt(to_string(Receipt{10, proof, log.files.at("checkpoint")})).value();
    EXPECT_EQ(verify_receipt(receipt, log.entries[10], log.key).value().size, 300U);
    EXPECT_FALSE(verify_receipt(receipt, log.entries[11], log.key));
}

} // namespace
} // namespace assay::credentials::tlog
