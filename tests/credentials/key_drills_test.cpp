// What an issuer rehearses: a key is replaced, ends, is stolen. The log here is a few leaves; its key is not the credential's, which is the point.
#include "credentials/cli_verify.hpp"
#include "credentials/log/receipt.hpp"
#include "credentials/log/tiles.hpp"
#include "credentials/render/certificate_pdf.hpp"
#include "credentials/verify_main/verify_command.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

namespace assay::credentials {
namespace {

using test::at;
using test::SampleIssuer;

/// An issuer who has signed with key 1 until 2027 and signs with key 4 since.
struct Drills : testing::Test {
    SampleIssuer sample;
    KeyPair next_key = test::key_pair(4);
    KeyPair log_key = test::key_pair(3);
    tlog::VerifierKey log_name = tlog::make_verifier_key("localhost:8443/t/acme/log", tlog::KeyType::ed25519, log_key.public_key().octets);
    std::vector<Bytes> entries;

    IssuedCredential issued(KeyPair const& key, std::string const& id, std::string_view created) const
    {
        auto claim = sample.claim();
        claim.credential_id += id;
        return issue(claim, sample.status(), {sample.did, key}, at(created)).value();
    }
    Documents documents(std::vector<PublishedKey> keys) const
    {
        keys.push_back({.key = sample.status_key.public_key()});
        auto all = Documents{};
        all.by_url[did_web_url(sample.did).value()] = canonical_json(did_document(sample.did, keys));
        all.by_url[sample.list_url] = sample.status_list_json();
        return all;
    }
    Verification verify_at(std::string const& file, Documents const& documents) const { return verify(bytes_of(file), documents, sample.now); }

    /// The journal commits to a credential; its receipt under a checkpoint that the log signs then.
    std::string record(Sha256Digest const& digest, std::string_view time, std::string const& type = "CertificateIssued")
    {
        auto const entry = json::object{{"v", 1}, {"tenant", "t"}, {"stream", "s"}, {"sequence", entries.size() + 1}, {"time", time}, {"type", type},
                                        {"body", json::object{{"credential_sha256", to_string(digest)}}}};
        entries.push_back(to_bytes(canonical_json(entry)));
        return receipt_of(entries.size() - 1, log_name);
    }
    std::string receipt_of(std::size_t index, tlog::VerifierKey const& key) const
    {
        auto leaves = std::vector<Sha256Digest>{};
        auto tree = tlog::GrowingTree{};
        for (auto const& entry : entries) {
            leaves.push_back(tlog::leaf_hash(entry));
            tree.append(leaves.back());
        }
        auto const read = [&](tlog::TileId const& tile) -> std::optional<Bytes> {
            auto bytes = Bytes{};
            for (auto const& leaf : leaves) append(bytes, leaf.octets);
            return tile.level == 0 ? std::optional{bytes} : std::nullopt;
        };
        auto receipt = tlog::Receipt{.index = index, .proof = tlog::inclusion_proof(index, leaves.size(), tlog::hashes_from_tiles(leaves.size(), read)).value()};
        receipt.checkpoint = tlog::sign_checkpoint({key.name, leaves.size(), tree.root()}, key, [&](ByteView message) { return log_key.sign(message); });
        return canonical_json(json::object{{"entry", text_of(entries[index])}, {"receipt", tlog::to_string(receipt)}});
    }
};

TEST_F(Drills, RotationLeavesOldSignaturesGoodAndNewOnesAreByTheNewKey)
{
    auto const ends = at("2026-11-23T12:00:00Z");
    auto const all = documents({{.key = sample.credential_key.public_key(), .expires = ends}, {.key = next_key.public_key()}});
    auto const old = issued(sample.credential_key, "-old", "2026-11-23T11:59:59Z");
    auto const fresh = issued(next_key, "-new", "2026-11-23T12:00:00Z");
    for (auto const& file : {old.json, old.jwt, fresh.json, fresh.jwt}) EXPECT_EQ(verify_at(file, all).verdict(), Verdict::valid) << verify_at(file, all).proof.detail;
}

TEST_F(Drills, NothingSignedAfterAKeysEndIsGood)
{
    auto const all = documents({{.key = sample.credential_key.public_key(), .expires = at("2026-11-23T12:00:00Z")}});
    for (auto const* created : {"2026-11-23T12:00:00Z", "2026-11-23T12:00:01Z", "2026-11-23T23:00:00Z"}) {
        auto const late = issued(sample.credential_key, "-late", created);
        EXPECT_EQ(verify_at(late.json, all).verdict(), Verdict::invalid) << created;
        EXPECT_EQ(verify_at(late.jwt, all).verdict(), Verdict::invalid) << created;
    }
}

TEST_F(Drills, AfterACompromiseOnlyWhatTheJournalHadBeforeIsBelieved)
{
    auto all = documents({{.key = sample.credential_key.public_key(), .revoked = at("2026-11-23T12:00:00Z")}});
    auto const honest = issued(sample.credential_key, "-honest", "2026-11-23T10:05:00Z");
    auto const backdated = issued(sample.credential_key, "-backdated", "2026-11-23T10:05:00Z"); // the thief writes the date
    auto const open = issued(sample.credential_key, "-open", "2026-11-23T12:00:00Z");
    EXPECT_EQ(verify_at(honest.json, all).verdict(), Verdict::unknown) << "without a receipt nobody can tell the two apart";
    EXPECT_EQ(verify_at(backdated.json, all).verdict(), Verdict::unknown);

    all.recorded = {{honest.digest, log_name.name, at("2026-11-23T10:05:01Z")}, {open.digest, log_name.name, at("2026-11-23T10:05:02Z")}};
    for (auto const& file : {honest.json, honest.jwt}) {
        auto const report = verify_at(file, all);
        EXPECT_EQ(report.verdict(), Verdict::valid) << report.proof.detail;
        EXPECT_EQ(report.checks().back().name, "receipt");
    }
    for (auto const& file : {backdated.json, backdated.jwt}) EXPECT_EQ(verify_at(file, all).verdict(), Verdict::unknown);
    EXPECT_EQ(verify_at(open.json, all).verdict(), Verdict::invalid) << "it says itself that it is later";

    all.recorded = {{backdated.digest, log_name.name, at("2026-11-23T12:00:00Z")}};
    EXPECT_EQ(verify_at(backdated.json, all).verdict(), Verdict::invalid) << "the journal has it from the compromise on";
    all.recorded = {{honest.digest, "localhost:8443/t/other/log", at("2026-11-23T10:05:01Z")}};
    EXPECT_EQ(verify_at(honest.json, all).verdict(), Verdict::unknown) << "somebody else's journal";
}

TEST_F(Drills, AReplacedKeyThatIsStolenLaterStillNeedsReceipts)
{
    auto all = documents({{.key = sample.credential_key.public_key(), .expires = at("2026-11-23T12:00:00Z"), .revoked = at("2026-11-23T18:00:00Z")}, {.key = next_key.public_key()}});
    auto const honest = issued(sample.credential_key, "-honest", "2026-11-23T10:05:00Z");
    auto const late = issued(sample.credential_key, "-late", "2026-11-23T13:00:00Z");
    all.recorded = {{honest.digest, log_name.name, at("2026-11-23T10:05:01Z")}, {late.digest, log_name.name, at("2026-11-23T13:00:01Z")}};
    EXPECT_EQ(verify_at(honest.json, all).verdict(), Verdict::valid);
    EXPECT_EQ(verify_at(late.json, all).verdict(), Verdict::invalid) << "the key had ended";
    all.recorded.clear();
    EXPECT_EQ(verify_at(honest.json, all).verdict(), Verdict::unknown);
}

TEST_F(Drills, AStolenStatusKeyForgesNoList)
{
    auto const honest = sample.issued().json;
    auto all = sample.documents();
    auto const keys = std::array{PublishedKey{.key = sample.credential_key.public_key()},
                                 PublishedKey{.key = sample.status_key.public_key(), .revoked = at("2026-11-24T06:00:00Z")}};
    all.by_url[did_web_url(sample.did).value()] = canonical_json(did_document(sample.did, keys));
    EXPECT_EQ(verify_at(honest, all).verdict(), Verdict::unknown) << "the thief can write any list, and date it back";
}

TEST_F(Drills, TheKeySetKeepsWhatEndedAndLeavesOutWhatWasStolen)
{
    auto const keys = std::vector<PublishedKey>{{.key = sample.credential_key.public_key(), .expires = at("2027-01-01T00:00:00Z")},
                                                {.key = next_key.public_key()},
                                                {.key = log_key.public_key(), .revoked = at("2027-01-01T00:00:00Z")}};
    auto const set = key_set(sample.did, keys);
    auto const& listed = set.at("keys").as_array();
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(*find_string(listed[0], "kid"), sample.did + "#" + to_multikey(sample.credential_key.public_key()));
    EXPECT_EQ(listed[0].at("exp").as_int64(), 1'798'761'600); // date -d 2027-01-01T00:00:00Z +%s
    EXPECT_FALSE(listed[1].as_object().contains("exp"));
    EXPECT_EQ(parse_jwk(listed[1].as_object()).value(), VerificationKey{next_key.public_key()});
    EXPECT_EQ(log_origin(sample.did), "localhost:8443/t/acme/log");
    EXPECT_EQ(log_origin("did:web:exams.example"), "exams.example/log");
    EXPECT_EQ(log_origin("did:key:z6Mk"), "");
}

/// The same by the command that strangers have.
struct DrillsByCommand : Drills {
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("assay-drills-" + std::to_string(::getpid()));
    void SetUp() override { std::filesystem::create_directories(folder); }
    void TearDown() override { std::filesystem::remove_all(folder); }
    std::string write(std::string const& name, std::string const& bytes) const
    {
        std::ofstream{folder / name, std::ios::binary} << bytes;
        return (folder / name).string();
    }
    std::string map_of(Documents const& documents, std::string const& vkey) const
    {
        auto map = json::object{};
        auto number = 0;
        for (auto const& [url, content] : documents.by_url) {
            auto const name = "document" + std::to_string(++number);
            write(name, content);
            map[url] = name;
        }
        if (!vkey.empty()) {
            write("vkey", vkey);
            map["https://localhost:8443/t/acme/log/vkey"] = "vkey";
        }
        return write("map.json", canonical_json(map));
    }
    std::string verdict(std::string const& credential, std::vector<std::string> more) const
    {
        auto arguments = std::vector<std::string>{credential, "--now", to_rfc3339(sample.now), "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto out = std::ostringstream{}, err = std::ostringstream{};
        EXPECT_NE(run_verify(arguments, out, err, {ASSAY_VERIFY}), 2) << err.str();
        auto const report = parse_json(out.str()).value();
        for (auto const& file : report.at("files").as_array())
            if (*find_string(file, "file") == credential) return std::string{*find_string(file, "verdict")};
        return {};
    }
};

TEST_F(DrillsByCommand, AReceiptBesideItsCredentialSpeaksForIt)
{
    auto const stolen = documents({{.key = sample.credential_key.public_key(), .revoked = at("2026-11-23T12:00:00Z")}});
    auto const map = map_of(stolen, {});
    auto const honest = issued(sample.credential_key, "-honest", "2026-11-23T10:05:00Z");
    auto const forged = issued(sample.credential_key, "-forged", "2026-11-23T10:05:00Z");
    auto const file = write("honest.json", honest.json), forgery = write("forged.json", forged.json);
    record(sha256("something else"), "2026-11-23T09:00:00Z");
    auto const receipt = write("receipt.json", record(honest.digest, "2026-11-23T10:05:01Z"));
    auto const log = tlog::to_string(log_name);
    EXPECT_EQ(verdict(file, {"--documents", map}), "unknown");
    EXPECT_EQ(verdict(file, {receipt, "--documents", map}), "unknown") << "nobody gave the log's key";
    EXPECT_EQ(verdict(file, {receipt, "--documents", map, "--log-key", log}), "valid");
    EXPECT_EQ(verdict(forgery, {receipt, "--documents", map, "--log-key", log}), "unknown");
    auto const published = map_of(stolen, tlog::to_string(tlog::make_verifier_key(log_name.name, tlog::KeyType::ed25519, next_key.public_key().octets)) + "\n" + log + "\n");
    EXPECT_EQ(verdict(file, {receipt, "--documents", published}), "valid") << "the log has changed its key, and lists the older one too";

    auto const other_type = write("receipt.json", record(honest.digest, "2026-11-23T10:05:01Z", "CertificateRevoked"));
    EXPECT_EQ(verdict(file, {other_type, "--documents", map, "--log-key", log}), "unknown") << "only the entry that issued it counts";
    auto bent = receipt_of(1, log_name);
    bent.replace(bent.find("10:05:01"), 8, "08:05:01");
    EXPECT_EQ(verdict(file, {write("receipt.json", bent), "--documents", map, "--log-key", log}), "unknown") << "the time is under the root";
}

TEST_F(DrillsByCommand, APdfCarriesItsReceiptWithIt)
{
    auto const stolen = documents({{.key = sample.credential_key.public_key(), .revoked = at("2026-11-23T12:00:00Z")}});
    auto const map = map_of(stolen, tlog::to_string(log_name) + "\n");
    auto const honest = issued(sample.credential_key, "-honest", "2026-11-23T10:05:00Z");
    auto sheet = render::CertificateSheet{};
    for (auto* text : {&sheet.holder_name, &sheet.achievement, &sheet.programme, &sheet.issuer, &sheet.number, &sheet.decided_on, &sheet.valid_from,
                       &sheet.verification_url, &sheet.qr_payload})
        *text = "https://localhost:8443/x";
    auto const pdf = [&](std::optional<render::AttachedFile> const& receipt) {
        auto const bytes = render::render_pdf(sheet, {.content = to_bytes(honest.json)}, sample.now, receipt).value();
        return write("certificate.pdf", std::string{text_of(bytes)});
    };
    EXPECT_EQ(verdict(pdf(std::nullopt), {"--documents", map}), "unknown");
    auto receipt = render::AttachedFile{.name = "receipt.json", .media_type = "application/json", .content = to_bytes(record(honest.digest, "2026-11-23T10:05:01Z"))};
    EXPECT_EQ(verdict(pdf(receipt), {"--documents", map}), "valid");
    receipt.content = to_bytes(record(sha256("another"), "2026-11-23T10:06:00Z"));
    EXPECT_EQ(verdict(pdf(receipt), {"--documents", map}), "unknown") << "of something else";
}

} // namespace
} // namespace assay::credentials
