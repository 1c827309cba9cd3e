#include "server/net/cookies.hpp"

#include "server/net/detail/text.hpp"

namespace assay::net {
namespace {

constexpr std::size_t cookies_max = 50;

/// RFC 6265 section 4.1.1: visible ASCII but double quote, comma, semicolon and backslash.
bool is_cookie_octet(char c) noexcept { return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'; }

} // namespace

std::string host_cookie_name(std::string_view name) { return "__Host-" + std::string{name}; }

std::string host_cookie(std::string_view name, std::string_view value, std::optional<std::chrono::seconds> lifetime)
{
    EXPECTS(detail::is_token(name));
    EXPECTS(std::ranges::all_of(value, is_cookie_octet));
    auto cookie = host_cookie_name(name) + "=" + std::string{value} + "; Path=/; Secure; HttpOnly; SameSite=Strict";
    if (lifetime) cookie += "; Max-Age=" + std::to_string(lifetime->count());
    return cookie;
}

result<Parameters> parse_cookies(std::string_view header)
{
    auto cookies = Parameters{};
    auto refusal = result<void>{};
    if (detail::trim(header).empty()) return cookies;
    detail::for_each_part(header, ';', [&](std::string_view pair) {
        auto const equals = pair.find('=');
        auto const name = pair.substr(0, equals);
        auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        if (equals == std::string_view::npos || !detail::is_token(name) || !std::ranges::all_of(value, is_cookie_octet) ||
            find(cookies, name))
            refusal = errc::malformed_cookie;
        else if (cookies.size() == cookies_max)
            refusal = errc::too_large;
        else
            cookies.emplace_back(name, value);
        return refusal.has_value();
    });
    if (!refusal) return refusal.error();
    return cookies;
}

} // namespace assay::net
