// `verify --online` against a real https server on this machine. The programs refuse it, because it is no server of the public internet: that is
// one of the cases. The others put rules of the test's own in place, which only the test's link line can.
#include "credentials/verify_main/detail/fetch_rules.hpp"
#include "credentials/verify_main/verify_command.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/support/shared_data.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace assay::credentials {
namespace {

using test::SampleIssuer;
using testing::HasSubstr;
using testing::Not;

IpAddress ip(std::string const& text)
{
    auto address = IpAddress{};
    if (text.find(':') != std::string::npos) {
        EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), address.data()), 1) << text;
        return address;
    }
    address[10] = address[11] = std::byte{0xff};
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), address.data() + 12), 1) << text;
    return address;
}

// IANA's IPv4 and IPv6 Special-Purpose Address Registries: the first and the last address of each block, and its neighbours.
TEST(PublicAddress, IsNoneOfTheSpecialPurposeBlocks)
{
    for (auto const* text :
         {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254",
          "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.0.255", "192.0.2.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7",
          "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::127.0.0.1", "64:ff9b::10.0.0.1",
          "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fdff:ffff::1", "fe80::1", "febf::1", "fec0::1",
          "ff02::1", "4000::1"})
        EXPECT_FALSE(is_public(ip(text))) << text;
    for (auto const* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255",
                             "172.32.0.0", "192.0.1.1", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808",
                             "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "2003::1"})
        EXPECT_TRUE(is_public(ip(text))) << text;
}

/// The peer as a child, its folder, and an issuer who lives there.
struct Online : testing::Test {
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("assay-online-" + std::to_string(::getpid()));
    SampleIssuer sample;
    std::string origin;
    pid_t child = -1;
    std::ostringstream out, err;

    void SetUp() override
    {
        std::filesystem::create_directories(folder / "t/acme/status");
        auto const at = folder.string();
        ASSERT_EQ(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
                               at + "/key.pem -out " + at + "/certificate.pem 2> " + at + "/openssl.log").c_str()), 0);
        auto const script = (assay::test::source_directory() / "tests/credentials/tls_peer.py").string();
        child = ::fork();
        if (child == 0) {
            if (std::freopen((at + "/log").c_str(), "w", stdout) == nullptr) ::_exit(126);
            ::execlp("python3", "python3", script.c_str(), at.c_str(), (at + "/certificate.pem").c_str(), (at + "/key.pem").c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        auto port = std::string{};
        for (auto tries = 0; tries < 200 && port.empty(); ++tries) {
            ::usleep(50'000);
            auto const log = read(folder / "log");
            if (log.starts_with("PORT ") && log.find('\n') != std::string::npos) port = log.substr(5, log.find('\n') - 5);
        }
        ASSERT_FALSE(port.empty());
        origin = "https://localhost:" + port;
        sample.did = tenant_did(origin, "acme").value();
        sample.list_url = origin + "/t/acme/status/1";
        write("t/acme/did.json", sample.did_json());
        write("t/acme/status/1", sample.status_list_json());
        write("certificate.json", sample.issued().json);
    }
    void TearDown() override
    {
        if (child > 0) {
            ::kill(child, SIGTERM);
            ::waitpid(child, nullptr, 0);
        }
        std::filesystem::remove_all(folder);
    }
    static std::string read(std::filesystem::path const& path)
    {
        auto file = std::ifstream{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    void write(std::string const& name, std::string const& bytes) const { std::ofstream{folder / name, std::ios::binary} << bytes; }

    FetchRules rules() const
    {
        auto rules = FetchRules{};
        rules.allowed = [](IpAddress const& address) { return address == ip("127.0.0.1") || is_public(address); };
        rules.certificate_authorities = (folder / "certificate.pem").string();
        rules.time_max = std::chrono::milliseconds{5'000};
        return rules;
    }
    Fetched get(std::string const& path) const { return fetch_by(rules())(origin + path); }
    json::object verify(std::vector<std::string> more, Fetch const& fetch)
    {
        auto arguments = std::vector<std::string>{(folder / "certificate.json").string(), "--now", "2026-11-24T12:00:00Z", "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        out.str("");
        EXPECT_NE(run_verify(arguments, out, err, {ASSAY_VERIFY}, fetch), 2) << err.str();
        return parse_json(out.str()).value().as_object();
    }
    std::string log() const { return read(folder / "log"); }
};

TEST_F(Online, FetchesNothingUnlessAsked)
{
    EXPECT_EQ(*find_string(verify({}, fetch_by(rules())), "verdict"), "unknown");
    EXPECT_THAT(log(), Not(HasSubstr("GET")));
}

TEST_F(Online, FetchesTheIssuersDocumentAndTheStatusList)
{
    auto const report = verify({"--online"}, fetch_by(rules()));
    EXPECT_EQ(*find_string(report, "verdict"), "valid") << out.str();
    EXPECT_EQ(report.at("fetched").as_array().size(), 2u);
    EXPECT_THAT(log(), HasSubstr("GET /t/acme/did.json"));
    EXPECT_THAT(log(), HasSubstr("GET /t/acme/status/1"));
    sample.list.set(sample.status().index, true).value();
    write("t/acme/status/1", sample.status_list_json());
    EXPECT_EQ(*find_string(verify({"--online"}, fetch_by(rules())), "verdict"), "revoked");
}

TEST_F(Online, WhatTheMapHasIsNotFetched)
{
    write("map.json", canonical_json(json::object{{origin + "/t/acme/did.json", "t/acme/did.json"}}));
    EXPECT_EQ(*find_string(verify({"--online", "--documents", (folder / "map.json").string()}, fetch_by(rules())), "verdict"), "valid");
    EXPECT_THAT(log(), Not(HasSubstr("GET /t/acme/did.json")));
}

TEST_F(Online, TheProgramsThemselvesReachNoServerOfThisMachine)
{
    auto const report = verify({"--online"}, fetch_from_the_internet());
    EXPECT_EQ(*find_string(report, "verdict"), "unknown");
    ASSERT_FALSE(report.at("fetched").as_array().empty());
    for (auto const& row : report.at("fetched").as_array()) EXPECT_EQ(*find_string(row, "reason"), "its host has no address on the public internet");
    EXPECT_THAT(log(), Not(HasSubstr("REFUSED"))) << "not even a connection";
    EXPECT_THAT(log(), Not(HasSubstr("GET")));
    // However the address is written.
    auto const port = origin.substr(origin.rfind(':'));
    for (auto const* host : {"127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0", "169.254.169.254", "10.0.0.1"})
        EXPECT_FALSE(fetch_from_the_internet()("https://" + std::string{host} + port + "/t/acme/did.json").body) << host;
    EXPECT_THAT(log(), Not(HasSubstr("GET")));
}

TEST_F(Online, FollowsNobodyElsewhere)
{
    auto const answer = get("/redirect");
    EXPECT_FALSE(answer.body);
    EXPECT_EQ(answer.why, "it leads elsewhere, where nobody follows");
    EXPECT_THAT(log(), Not(HasSubstr("did.json")));
}

TEST_F(Online, TakesNoMoreThanItsBounds)
{
    auto small = rules();
    small.size_max = 100'000;
    EXPECT_EQ(fetch_by(small)(origin + "/endless").why, "larger than 100000 bytes");
    auto hasty = rules();
    hasty.time_max = std::chrono::milliseconds{700};
    auto const begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(fetch_by(hasty)(origin + "/slow").body);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{4});
    EXPECT_EQ(get("/nothing").why, "answered 404");
    EXPECT_EQ(get("/t/acme/did.json").body, sample.did_json());
}

TEST_F(Online, BelievesNoServerWithoutACertificateAndNothingButHttps)
{
    auto trusting_nobody = rules();
    trusting_nobody.certificate_authorities.clear();
    auto const answer = fetch_by(trusting_nobody)(origin + "/t/acme/did.json");
    EXPECT_FALSE(answer.body);
    EXPECT_THAT(log(), Not(HasSubstr("GET")));
    auto const host = origin.substr(std::string{"https://"}.size());
    for (auto const& url : {"http://" + host + "/t/acme/did.json", std::string{"file:///etc/hostname"}, "https://user:word@" + host + "/t/acme/did.json", "https://" + host + "/a b",
                            "https://" + host + "\\@elsewhere/", std::string{"https:///t/acme/did.json"}, "HTTPS://" + host + "/t/acme/did.json", "https://" + host + "/t/acme/did.json#x",
                            "ftp://" + host + "/", std::string{}, "https://" + host + "/\r\nHost: x"})
        EXPECT_EQ(fetch_by(rules())(url).why, "not an https address that is fetched") << url;
    EXPECT_THAT(log(), Not(HasSubstr("GET")));
}

TEST_F(Online, FetchesSoManyDocumentsAndNoMore)
{
    auto asked = 0;
    auto const counting = Fetch{[&](std::string const&) {
        ++asked;
        return Fetched{std::nullopt, "no"};
    }};
    auto arguments = std::vector<std::string>{"--online", "--now", "2026-11-24T12:00:00Z", "--json"};
    for (auto i = 0; i < 30; ++i) {
        auto other = SampleIssuer{};
        other.did = tenant_did(origin, "tenant-" + std::to_string(i)).value();
        auto const name = "c" + std::to_string(i) + ".json";
        write(name, other.issued().json);
        arguments.push_back((folder / name).string());
    }
    EXPECT_EQ(run_verify(arguments, out, err, {ASSAY_VERIFY}, counting), 1);
    EXPECT_EQ(asked, 16);
}

} // namespace
} // namespace assay::credentials
