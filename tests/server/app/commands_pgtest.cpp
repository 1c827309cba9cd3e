#include "core/json.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <unistd.h>

namespace assay::server::test {
namespace {

namespace fs = std::filesystem;

/// The program itself, on a private cluster of its own.
struct Commands : testing::Test {
    Commands()
    {
        auto name = std::string{"/tmp/assay-test-XXXXXX"};
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"can't make a state folder"};
        state = name;
        setenv("ASSAY_TEST_NOT_DURABLE", "1", 1);
    }
    ~Commands() override
    {
        auto ignored = std::error_code{};
        fs::remove_all(state, ignored);
        fs::remove(state.string() + ".out", ignored);
        unsetenv("ASSAY_TEST_NOT_DURABLE");
    }
    int run(std::string const& arguments)
    {
        auto const out = state.string() + ".out";
        auto const status = std::system((std::string{ASSAY_PROGRAM} + " " + arguments + " --state " + state.string() + " > " + out + " 2>&1").c_str());
        auto file = std::ifstream{out};
        output = {std::istreambuf_iterator<char>{file}, {}};
        return WEXITSTATUS(status);
    }
    fs::path state;
    std::string output;
    std::string source = std::getenv("ASSAY_SOURCE_DIR");
};

TEST_F(Commands, MakeATenantItsStaffAndItsBankAndSayWhyAnExamIsNotPublished)
{
    EXPECT_NE(run("tenant create acme --name Acme"), 0) << "addresses are not invented";
    EXPECT_NE(run("tenant create acme --name Acme --contact nowhere --sender no@acme.example"), 0);
    ASSERT_EQ(run("tenant create acme --name Acme --contact ask@acme.example --sender no@acme.example"), 0) << output;
    ASSERT_EQ(run("staff add --tenant acme --email ada@acme.example --name Ada --roles manager"), 0) << output;
    EXPECT_THAT(output, testing::StartsWith("ada@acme.example   "));
    EXPECT_NE(run("import qti " + source + "/exam/demo_bank"), 0) << "into whose bank?";
    EXPECT_NE(run("import qti " + source + "/exam/demo_bank --tenant nobody"), 0);
    ASSERT_EQ(run("import qti " + source + "/exam/demo_bank --tenant acme --author ada@acme.example --json"), 0) << output;
    auto const report = parse_json(output.substr(0, output.find('\n')), {.size_max = 8 << 20, .depth_max = 32});
    ASSERT_TRUE(report.has_value()) << output.substr(0, 300);
    EXPECT_GE(report->at("items").as_array().size(), 150u);
    EXPECT_THAT(std::string{report->at("author").as_string()}, testing::StartsWith("staff:"));
    for (auto const& item : report->at("items").as_array()) EXPECT_EQ(item.at("outcome").as_string(), "stored");
    ASSERT_EQ(run("import qti " + source + "/exam/demo_bank --tenant acme --author ada@acme.example"), 0) << output;
    EXPECT_THAT(output, testing::HasSubstr("0 stored as drafts"));

    auto const policies = source + "/policies/demo/";
    EXPECT_EQ(run("exam publish --tenant acme --identifier x --title X --policy " + policies + "exam-open.toml --programme " + policies + "programme.toml --credential " + policies +
                  "credential.toml --rules " + policies + "rules.json"),
              1);
    EXPECT_THAT(output, testing::HasSubstr("no standard-setting record"));
    EXPECT_THAT(output, testing::HasSubstr("Not published."));
    EXPECT_EQ(run("tenant set acme --retention " + source + "/policies/defaults/retention.toml --contact new@acme.example"), 0) << output;
    EXPECT_NE(run("tenant set acme --retention " + policies + "exam-open.toml"), 0);
    EXPECT_THAT(output, testing::HasSubstr("exam-open.toml:"));
}

TEST_F(Commands, RehearseWhatHappensToKeys)
{
    auto const list = [&] {
        EXPECT_EQ(run("keys list acme --json"), 0) << output;
        return parse_json(output.substr(0, output.find('\n'))).value().at("keys").as_array();
    };
    auto const key_of = [](json::array const& keys, std::string_view purpose, std::string_view wanted) {
        for (auto const& key : keys)
            if (key.at("purpose") == json::value(purpose) && key.at("state") == json::value(wanted)) return std::string{std::string_view{key.at("key").as_string()}};
        return std::string{};
    };
    ASSERT_EQ(run("tenant create acme --name Acme --contact ask@acme.example --sender no@acme.example"), 0) << output;
    auto const first = list();
    ASSERT_EQ(first.size(), 3u);
    auto const old = key_of(first, "credential", "current");
    EXPECT_EQ(run("keys rotate nobody --purpose credential"), 1);
    EXPECT_NE(run("keys rotate acme --purpose everything"), 0);
    ASSERT_EQ(run("keys rotate acme --purpose credential"), 0) << output;
    auto const second = list();
    EXPECT_EQ(key_of(second, "credential", "replaced"), old);
    auto const next = key_of(second, "credential", "current");
    EXPECT_EQ(run("keys expire acme " + next + " --at 2020-01-01T00:00:00Z"), 1);
    EXPECT_THAT(output, testing::HasSubstr("sooner than in a minute"));
    ASSERT_EQ(run("keys expire acme " + next), 0) << output;
    EXPECT_EQ(run("keys compromise acme " + old + " --since 2999-01-01T00:00:00Z"), 1);
    ASSERT_EQ(run("keys compromise acme " + old + " --since 2020-01-01T00:00:00Z"), 0) << output;
    EXPECT_THAT(output, testing::HasSubstr("0 certificates were signed"));
    EXPECT_EQ(key_of(list(), "credential", "compromised"), old);
    ASSERT_EQ(run("keys rotate acme --purpose journal"), 0) << output;
    auto const bundle = state.string() + "/bundle";
    ASSERT_EQ(run("audit export acme " + bundle), 0) << output;
    auto const checked = std::system((std::string{ASSAY_PROGRAM} + " audit verify " + bundle + " > /dev/null").c_str());
    EXPECT_EQ(WEXITSTATUS(checked), 0) << "the log holds under its new key";

    // A witness elsewhere cosigns it, once.
    auto const file = [&](char const* name) { return state.string() + "/" + name; };
    auto const offline = [&](std::string const& arguments, std::string const& into) { return WEXITSTATUS(std::system((std::string{ASSAY_PROGRAM} + " " + arguments + " > " + into + " 2>&1").c_str())); };
    auto const line_of = [](std::string const& path) {
        auto stream = std::ifstream{path};
        auto line = std::string{};
        std::getline(stream, line);
        return line;
    };
    ASSERT_EQ(offline("witness keygen witness.example/w1 --key " + file("w1"), file("w1.vkey")), 0);
    ASSERT_EQ(offline("witness request " + bundle, file("request")), 0);
    auto const cosign = "witness cosign " + file("request") + " --key " + file("w1") + " --state " + file("witness") + " --log-key " + line_of(bundle + "/vkey");
    ASSERT_EQ(offline(cosign, file("cosignature")), 0) << line_of(file("cosignature"));
    auto const verify = "verify " + bundle + " --log-key " + line_of(bundle + "/vkey") + " --witness " + line_of(file("w1.vkey"));
    EXPECT_EQ(offline(verify, file("report")), 1) << "not yet in the checkpoint";
    std::ofstream{bundle + "/checkpoint", std::ios::app} << line_of(file("cosignature")) << "\n";
    EXPECT_EQ(offline(verify, file("report")), 0);
    EXPECT_EQ(offline(cosign, file("again")), 1) << "the witness is no longer at 0";
    EXPECT_THAT(line_of(file("again")), testing::HasSubstr("409"));
}

} // namespace
} // namespace assay::server::test
