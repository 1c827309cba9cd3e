#include "core/errors.hpp"
#include "credentials/cli_verify.hpp"
#include "credentials/foreign/contents.hpp"
#include "credentials/log/receipt.hpp"
#include "credentials/log/tiles.hpp"
#include "credentials/log/witness.hpp"
#include "credentials/render/certificate_pdf.hpp"
#include "credentials/verify_main/verify_command.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/support/shared_data.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace assay::credentials {
namespace {

using test::SampleIssuer;

TEST(CliVerify, IsZeroOnlyWhenEveryFileIsValid)
{
    auto const sample = SampleIssuer{};
    auto const documents = sample.documents();
    auto const good = NamedFile{"good.json", sample.issued().json};
    auto const bad = NamedFile{"bad.json", "{}"};
    auto const exit_code = [&](std::vector<NamedFile> const& files) { return cli_verify(files, documents, sample.now).exit_code; };
    EXPECT_EQ(exit_code({good, good}), 0);
    EXPECT_EQ(exit_code({good, bad}), 1);
    EXPECT_EQ(exit_code({}), 1);
    EXPECT_EQ(cli_verify(std::vector{good}, {}, sample.now).exit_code, 1) << "unknown is not valid";
}

TEST(CliVerify, ReportsEachCheckInJson)
{
    auto const sample = SampleIssuer{};
    auto const files = std::vector{NamedFile{"a.json", sample.issued().json}};
    auto const report = cli_verify(files, sample.documents(), sample.now).json;
    auto const& file = find_array(report, "files")->at(0);
    EXPECT_EQ(*find_string(file, "file"), "a.json");
    EXPECT_EQ(*find_string(file, "verdict"), "valid");
    auto const expected = std::array{"shape", "proof", "issuer", "period", "status"};
    EXPECT_EQ(*find_string(report, "verdict"), "valid");
    EXPECT_EQ(*find(report, "checks"), *find(file, "checks"));
    auto const& checks = *find_array(report, "checks");
    ASSERT_EQ(checks.size(), expected.size());
    for (auto i = std::size_t{}; i < expected.size(); ++i) {
        EXPECT_EQ(checks[i].as_object().size(), 3U);
        EXPECT_EQ(*find_string(checks[i], "name"), expected[i]);
        EXPECT_EQ(*find_string(checks[i], "outcome"), "passed") << expected[i];
        EXPECT_FALSE(find_string(checks[i], "reason")->empty()) << expected[i];
    }
    EXPECT_EQ(*find_string(file, "issuer"), sample.did);
    EXPECT_EQ(*find_string(file, "valid_until"), "2028-11-23T23:59:59Z");
    EXPECT_EQ(*find_string(file, "digest"), to_string(sample.issued().digest));
}

TEST(CliVerify, PrintsNoControlCharactersOfAFile)
{
    auto const files = std::vector{NamedFile{"a\x1b[2J", R"({"name":"\u001b]0;x\u0007"})"}};
    auto const text = cli_verify(files, {}, test::at("2026-11-24T00:00:00Z")).text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\a'), std::string::npos);
}

TEST(DocumentMap, IsAnObjectOfTexts)
{
    EXPECT_EQ(parse_document_map(R"({"https://a":"b.json"})").value().front().path, "b.json");
    EXPECT_EQ(parse_document_map(R"({"https://a":1})").error(), core::errc::malformed);
    EXPECT_EQ(parse_document_map(R"([])").error(), core::errc::malformed);
    EXPECT_EQ(parse_document_map(R"({"a":"b","a":"c"})").error(), core::errc::duplicate_member);
}

struct VerifyCommand : testing::Test {
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("assay-verify-test-" + std::to_string(::getpid()));
    SampleIssuer sample;
    std::ostringstream out, err;

    void SetUp() override
    {
        std::filesystem::create_directories(folder / "documents");
        write("certificate.json", sample.issued().json);
        write("certificate.jwt", sample.issued().jwt);
        write("documents/did.json", sample.did_json());
        write("documents/list.json", sample.status_list_json());
        write("documents/map.json",
              canonical_json(json::object{{did_web_url(sample.did).value(), "did.json"}, {sample.list_url, "list.json"}}));
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    void write(std::string const& name, std::string const& bytes) const { std::ofstream{folder / name, std::ios::binary} << bytes; }
    std::string path(std::string const& name) const { return (folder / name).string(); }
    int run(std::vector<std::string> const& arguments) { return run_verify(arguments, out, err, {ASSAY_VERIFY}); }
};

TEST_F(VerifyCommand, FindsDocumentsBesideTheMap)
{
    auto const now = std::vector<std::string>{path("certificate.json"),
                                              path("certificate.jwt"),
                                              "--documents",
                                              path("documents/map.json"),
                                              "--now",
                                              "2026-11-24T12:00:00Z",
                                              "--json"};
    EXPECT_EQ(run(now), 0) << out.str() << err.str();
    EXPECT_EQ(find_array(parse_json(out.str()).value(), "files")->size(), 2U);
    EXPECT_EQ(run({path("certificate.json"), "--now", "2026-11-24T12:00:00Z"}), 1);
}

TEST_F(VerifyCommand, WithoutANetworkRefusesOnline)
{
    EXPECT_EQ(run({path("certificate.json"), "--online"}), 2);
    EXPECT_NE(err.str().find("has no network in it"), std::string::npos) << err.str();
    EXPECT_EQ(out.str(), "");
}

TEST_F(VerifyCommand, SaysInOneLineWhatItCantDo)
{
    for (auto const& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"--now"},
                                               {"--now", "yesterday", "x"},
                                               {"--nonsense", "x"},
                                               {path("absent.json")},
                                               {path("documents")},
                                               {"--issuer-key", "x", path("certificate.json")},
                                               {path("certificate.json"), "--documents", path("certificate.jwt")}}) {
        err.str("");
        EXPECT_EQ(run(arguments), 2);
        EXPECT_EQ(std::ranges::count(err.str(), '\n'), 1) << err.str();
    }
    EXPECT_TRUE(out.str().empty());
}

TEST_F(VerifyCommand, TakesTheCredentialOutOfAPdf)
{
    auto sheet = render::CertificateSheet{};
    for (auto* text : {&sheet.holder_name, &sheet.achievement, &sheet.programme, &sheet.issuer, &sheet.number, &sheet.decided_on, &sheet.valid_from,
                       &sheet.verification_url, &sheet.qr_payload})
        *text = "https://localhost:8443/x";
    auto const pdf = [&](std::string const& credential) {
        return std::string{text_of(render::render_pdf(sheet, {.content = to_bytes(credential)}, sample.now).value())};
    };
    auto const verdict = [&](std::string const& bytes) {
        write("certificate.pdf", bytes);
        out.str("");
        EXPECT_EQ(run({path("certificate.pdf"), "--documents", path("documents/map.json"), "--now", "2026-11-24T12:00:00Z", "--json"}) == 2, false);
        auto const report = parse_json(out.str()).value();
        EXPECT_EQ(*find_string(find_array(report, "files")->at(0), "found_in"), "pdf");
        return std::string{*find_string(report, "verdict")};
    };
    auto const good = pdf(sample.issued().json);
    EXPECT_EQ(verdict(good), "valid") << out.str();
    EXPECT_EQ(verdict(pdf(sample.issued().jwt)), "valid");
    auto altered = sample.issued().json;
    altered.replace(altered.find("Lovelace"), 8, "Loveless");
    EXPECT_EQ(verdict(pdf(altered)), "invalid");
    EXPECT_EQ(verdict(pdf("no credential")), "invalid");
    EXPECT_EQ(verdict(good.substr(0, good.size() / 2)), "invalid");
    EXPECT_EQ(verdict("%PDF-1.7\n"), "invalid");
}

/// An exported journal of a few entries, as files below `folder`.
struct JournalExport : VerifyCommand {
    KeyPair pair = test::key_pair(3);
    tlog::VerifierKey key = tlog::make_verifier_key("localhost:8443/audit/acme", tlog::KeyType::ed25519, pair.public_key().octets);
    std::vector<Bytes> entries;
    std::string checkpoint;

    void publish(int count)
    {
        entries.clear();
        auto leaves = std::vector<Sha256Digest>{};
        auto tree = tlog::GrowingTree{};
        for (auto i = 0; i < count; ++i) {
            auto const entry = json::object{{"v", 1}, {"tenant", "t"}, {"stream", "s"}, {"sequence", i + 1}, {"type", "CertificateIssued"}, {"body", json::object{{"n", i}}}};
            entries.push_back(to_bytes(canonical_json(entry)));
            leaves.push_back(tlog::leaf_hash(entries.back()));
            tree.append(leaves.back());
        }
        for (auto const& tile : tlog::grow(0, leaves, [](tlog::TileId const&) { return std::nullopt; }).value()) put(tlog::tile_path(tile.tile), text_of(tile.bytes));
        put(tlog::entries_path(0, static_cast<unsigned>(count)), text_of(tlog::encode_bundle(entries)));
        checkpoint = tlog::sign_checkpoint({key.name, entries.size(), tree.root()}, key, [&](ByteView message) { return pair.sign(message); });
        put("checkpoint", checkpoint);
        put("vkey", tlog::to_string(key) + "\n");
        auto const reader = [&](unsigned level, std::uint64_t index) -> result<Sha256Digest> {
            EXPECTS(level == 0);
            return leaves.at(index);
        };
        auto receipt = tlog::Receipt{.index = 1, .proof = tlog::inclusion_proof(1, 2, reader).value()};
        auto two = tlog::GrowingTree{};
        two.append(leaves[0]);
        two.append(leaves[1]);
        receipt.checkpoint = tlog::sign_checkpoint({key.name, 2, two.root()}, key, [&](ByteView message) { return pair.sign(message); });
        write("receipt.json", canonical_json(json::object{{"entry", text_of(entries[1])}, {"receipt", tlog::to_string(receipt)}}));
    }
    void put(std::string const& name, std::string_view bytes) const
    {
        std::filesystem::create_directories((folder / "journal" / name).parent_path());
        write("journal/" + name, std::string{bytes});
    }
    std::string verdict(std::vector<std::string> arguments)
    {
        out.str("");
        arguments.push_back("--json");
        EXPECT_NE(run(arguments), 2) << err.str();
        return std::string{*find_string(parse_json(out.str()).value(), "verdict")};
    }
};

TEST_F(JournalExport, IsValidOnlyWithTheLogsKey)
{
    publish(5);
    auto const log_key = tlog::to_string(key);
    EXPECT_EQ(verdict({path("journal")}), "unknown") << "it vouches for itself";
    EXPECT_EQ(verdict({path("journal"), "--log-key", log_key}), "valid") << out.str();
    EXPECT_EQ(verdict({path("receipt.json")}), "unknown");
    EXPECT_EQ(verdict({path("receipt.json"), "--log-key", log_key}), "valid") << out.str();
    auto receipt = assay::test::read_file(folder / "receipt.json");
    receipt.replace(receipt.find("CertificateIssued"), 4, "cert");
    write("receipt.json", receipt);
    EXPECT_EQ(verdict({path("receipt.json"), "--log-key", log_key}), "invalid");
    write("documents/vkey", log_key + "\n");
    write("documents/keys.json", canonical_json(json::object{{"https://localhost:8443/audit/acme/vkey", "vkey"}}));
    EXPECT_EQ(verdict({path("journal"), "--documents", path("documents/keys.json")}), "valid");
}

TEST_F(JournalExport, AsksForTheCosignaturesOfTheGivenWitnesses)
{
    publish(5);
    auto const log_key = tlog::to_string(key);
    auto const first = test::key_pair(11), second = test::key_pair(12);
    auto const name_of = [](std::string const& name, KeyPair const& of) { return tlog::make_verifier_key(name, tlog::KeyType::cosignature, of.public_key().octets); };
    auto const one = name_of("witness.example/one", first), two = name_of("witness.example/two", second);
    auto const line = [&](tlog::VerifierKey const& witness, KeyPair const& by) {
        return tlog::cosignature_line(checkpoint, witness, 1'795'000'000, [&](ByteView message) { return by.sign(message); });
    };
    auto const both = std::vector<std::string>{path("journal"), "--log-key", log_key, "--witness", tlog::to_string(one), "--witness", tlog::to_string(two)};
    auto const any = [&] {
        auto all = both;
        all.insert(all.end(), {"--witnesses", "1"});
        return all;
    }();
    EXPECT_EQ(verdict(both), "unknown") << "nobody cosigned";
    put("checkpoint", checkpoint + line(one, first));
    EXPECT_EQ(verdict(any), "valid") << out.str();
    EXPECT_EQ(verdict(both), "unknown") << "one of two";
    put("checkpoint", checkpoint + line(one, first) + line(two, second));
    EXPECT_EQ(verdict(both), "valid") << out.str();
    EXPECT_NE(out.str().find("witness.example/two on 2026-11-18"), std::string::npos) << out.str();
    put("checkpoint", checkpoint + line(one, first) + line(two, first));
    EXPECT_EQ(verdict(any), "invalid") << "somebody signed in the other's name";
    EXPECT_EQ(verdict({path("receipt.json"), "--log-key", log_key, "--witness", tlog::to_string(one)}), "unknown") << "its checkpoint has no cosignature";
    EXPECT_EQ(run({path("journal"), "--witness", log_key}), 2) << "a log is not its own witness";
    EXPECT_EQ(run({path("journal"), "--witness", tlog::to_string(one), "--witnesses", "2"}), 2);
}

TEST_F(JournalExport, ShowsCuttingAndEditing)
{
    publish(5);
    auto const log_key = tlog::to_string(key);
    write("old", checkpoint);
    publish(4);
    EXPECT_EQ(verdict({path("journal"), "--log-key", log_key}), "valid");
    EXPECT_EQ(verdict({path("journal"), "--log-key", log_key, "--old-checkpoint", path("old")}), "invalid") << "the tail was cut";
    entries[2][40] ^= std::byte{1};
    put(tlog::entries_path(0, 4), text_of(tlog::encode_bundle(entries)));
    EXPECT_EQ(verdict({path("journal"), "--log-key", log_key}), "invalid");
}

// 1EdTech's public validator samples, with the one issuer whose keys we have. Expected: what their names and the specification say; a sample
// of another issuer or of a context that we don't have can't be judged.
TEST(OpenBadgesSamples, AreJudgedAsTheirNamesSay)
{
    constexpr auto samples = "testdata/vectors/openbadges/1edtech";
    ASSAY_NEEDS_SHARED(samples);
    auto const folder = assay::test::shared_directory() / samples;
    auto documents = Documents{};
    documents.by_url["https://example.com/issuers/876543"] = assay::test::read_file(folder / "issuer-876543.json");
    auto const verdict = [&](std::string const& name) {
        auto bytes = assay::test::read_file(folder / name);
        auto opened = foreign::contents_of(bytes_of(bytes));
        if (auto* contents = std::get_if<foreign::Contents>(&opened)) bytes = std::move(contents->credential);
        return verify(bytes_of(bytes), documents, test::at("2024-06-01T00:00:00Z")).verdict();
    };
    for (auto const* name : {"simple.json", "simple-multiple-proofs.json", "simple-context-alias.json", "simple-json.png", "simple-json.svg"})
        EXPECT_EQ(verdict(name), Verdict::valid) << name;
    EXPECT_EQ(verdict("simple-err-expired.json"), Verdict::expired);
    for (auto const* name :
         {"simple-err-credential-subject-achievement-result-description-type", "simple-err-credential-subject-identifier-type",
          "simple-err-credential-subject-profile-type", "simple-err-credential-subject-result-type",
          "simple-err-credential-subject-type", "simple-err-evidence-type", "simple-err-issuer-otheridentifier-type",
          "simple-err-issuer-parentorg-type", "simple-err-issuer-type", "simple-err-issuer", "simple-err-type",
          "simple-err-issued", "simple-err-context", "simple-noproof", "simple-err-proof-value", "simple-err-proof-method-no-scheme",
          "simple-err-proof-method-unknown-scheme", "simple-err-proof-method-unknown-did-method", "simple-did-key-method"})
        EXPECT_EQ(verdict(std::string{name} + ".json"), Verdict::invalid) << name;
    for (auto const* name : {"simple-jwt.png", "simple-jwt.svg"}) EXPECT_EQ(verdict(name), Verdict::invalid) << name << " brings its own key";
    for (auto const* name : {"complete.json", "simple-context-version.json", "endorsement-valid.json", "simple-did-web-method.json", "simple.jwt"})
        EXPECT_EQ(verdict(name), Verdict::unknown) << name;
}

} // namespace
} // namespace assay::credentials
