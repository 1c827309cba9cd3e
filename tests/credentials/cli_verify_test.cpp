#include "core/errors.hpp"
#include "credentials/cli_verify.hpp"
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
    for (auto const* check : {"shape", "proof", "issuer", "period", "status"}) {
        auto const* finding = find(*find(file, "checks"), check);
        ASSERT_NE(finding, nullptr) << check;
        EXPECT_EQ(*find_string(*finding, "result"), "passed") << check;
        EXPECT_FALSE(find_string(*finding, "detail")->empty()) << check;
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
    int run(std::vector<std::string> const& arguments) { return run_verify(arguments, out, err); }
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

// 1EdTech's public validator samples (rdfc proofs): what is structurally broken or out of its time is invalid without any
// cryptography; the rest is unknown, never valid.
TEST(OpenBadgesSamples, AreJudgedByShapeAndPeriodWhileTheirSuiteIsUnknown)
{
    constexpr auto samples = "testdata/vectors/openbadges/1edtech";
    ASSAY_NEEDS_SHARED(samples);
    auto const verdict = [&](std::string const& name) {
        auto const bytes = assay::test::read_file(assay::test::shared_directory() / samples / name);
        return verify(bytes_of(bytes), {}, test::at("2024-06-01T00:00:00Z")).verdict();
    };
    for (auto const* name :
         {"simple-err-credential-subject-achievement-result-description-type", "simple-err-credential-subject-identifier-type",
          "simple-err-credential-subject-profile-type", "simple-err-credential-subject-result-type",
          "simple-err-credential-subject-type", "simple-err-evidence-type", "simple-err-issuer-otheridentifier-type",
          "simple-err-issuer-parentorg-type", "simple-err-issuer-type", "simple-err-issuer", "simple-err-expired",
          "simple-err-issued", "simple-err-context", "simple-noproof"})
        EXPECT_EQ(verdict(std::string{name} + ".json"), Verdict::invalid) << name;
    for (auto const* name : {"simple.json", "simple-multiple-proofs.json", "complete.json", "simple-context-version.json",
                             "endorsement-valid.json", "simple.jwt", "simple-json.png", "simple-json.svg"})
        EXPECT_EQ(verdict(name), Verdict::unknown) << name;
}

} // namespace
} // namespace assay::credentials
