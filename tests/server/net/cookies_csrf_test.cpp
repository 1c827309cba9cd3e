#include "server/net/cookies.hpp"
#include "server/net/csrf.hpp"

#include <gtest/gtest.h>

namespace assay::net {
namespace {

using namespace std::chrono_literals;

constexpr auto noon = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};

TEST(Cookies, AreSetForThisHostOnlyAndOutOfReachOfScripts)
{
    EXPECT_EQ(host_cookie("login", "abc_-123", 3600s), "__Host-login=abc_-123; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=3600");
    EXPECT_EQ(host_cookie("login", "", 0s), "__Host-login=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    EXPECT_EQ(host_cookie("login", "x", std::nullopt), "__Host-login=x; Path=/; Secure; HttpOnly; SameSite=Strict");
    EXPECT_THROW(host_cookie("login", "a; Domain=evil", 1s), ContractViolation);
}

TEST(Cookies, AreParsedAsRfc6265WritesThem)
{
    EXPECT_EQ(parse_cookies("SID=31d4d96e407aad42; lang=en-US").value(), (Parameters{{"SID", "31d4d96e407aad42"}, {"lang", "en-US"}}));
    EXPECT_EQ(parse_cookies("a=\"b\"").value(), (Parameters{{"a", "b"}}));
    EXPECT_EQ(parse_cookies("a=b=c").value(), (Parameters{{"a", "b=c"}}));
    EXPECT_TRUE(parse_cookies("").value().empty());
}

TEST(Cookies, RefuseANameThatComesTwiceAndWhateverIsNotACookie)
{
    for (auto const* header : {"a=1; a=2", "a", "a=1;", "=1", "a b=1", "a=1 2", "a=\"1", "a=1, b=2", "a=\x01", "a=ü", "a=b\\c"})
        EXPECT_EQ(parse_cookies(header).error(), errc::malformed_cookie) << header;
    auto many = std::string{"c0=1"};
    for (auto i = 1; i < 51; ++i) many += "; c" + std::to_string(i) + "=1";
    EXPECT_EQ(parse_cookies(many).error(), errc::too_large);
}

TEST(CsrfToken, IsGoodForItsSessionAndTimeOnly)
{
    auto const key = SecretBytes::copy_of(Bytes(32, std::byte{1}));
    auto const other_key = SecretBytes::copy_of(Bytes(32, std::byte{2}));
    auto const token = csrf_token(key, "session-a", noon);
    EXPECT_TRUE(check_csrf_token(key, "session-a", token, noon + 1h, 2h));
    EXPECT_EQ(check_csrf_token(key, "session-b", token, noon, 2h).error(), errc::bad_token);
    EXPECT_EQ(check_csrf_token(other_key, "session-a", token, noon, 2h).error(), errc::bad_token);
    EXPECT_EQ(check_csrf_token(key, "session-a", token, noon + 2h + 1s, 2h).error(), errc::bad_token);
    EXPECT_EQ(check_csrf_token(key, "session-a", token, noon - 2s, 2h).error(), errc::bad_token);
    EXPECT_EQ(check_csrf_token(key, "session-a", "", noon, 2h).error(), errc::bad_token);
    EXPECT_EQ(check_csrf_token(key, "session-a", token + "AAAA", noon, 2h).error(), errc::bad_token);
}

TEST(CsrfToken, FailsWhenAnyOneCharacterChanges)
{
    auto const key = SecretBytes::copy_of(Bytes(32, std::byte{1}));
    auto const token = csrf_token(key, "s", noon);
    for (auto i = std::size_t{0}; i < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(check_csrf_token(key, "s", changed, noon, 2h)) << i;
    }
}

TEST(CrossSite, BelievesWhatTheBrowserSaysOfWhereTheRequestComesFrom)
{
    auto const origins = std::vector<std::string>{"https://localhost:8443"};
    auto const with = [&](std::string_view name, std::string_view value) {
        auto request = Request{};
        request.headers.set(name, value);
        return is_cross_site(request, origins);
    };
    EXPECT_FALSE(is_cross_site(Request{}, origins));
    EXPECT_FALSE(with("Origin", "https://localhost:8443"));
    EXPECT_TRUE(with("Origin", "https://evil.example"));
    EXPECT_TRUE(with("Origin", "null"));
    EXPECT_FALSE(with("Sec-Fetch-Site", "same-origin"));
    EXPECT_FALSE(with("Sec-Fetch-Site", "none"));
    EXPECT_TRUE(with("Sec-Fetch-Site", "cross-site"));
    EXPECT_TRUE(with("Sec-Fetch-Site", "same-site"));
}

} // namespace
} // namespace assay::net
