#include "server/net/csrf.hpp"

#include "core/hash.hpp"
#include "server/net/detail/text.hpp"

namespace assay::net {
namespace {

constexpr std::size_t time_size = 8;

Bytes code_of(SecretBytes const& key, std::string_view session, ByteView issued)
{
    // Length before session: no two (session, time) pairs give the same bytes.
    auto message = to_bytes("assay csrf v1");
    append_big_endian(message, session.size(), 8);
    append(message, bytes_of(session));
    append(message, issued);
    auto const code = hmac_sha256(key.expose_secret(), message);
    return {code.octets.begin(), code.octets.end()};
}

} // namespace

std::string csrf_token(SecretBytes const& key, std::string_view session, Timestamp now)
{
    EXPECTS(key.size() >= 32);
    auto token = Bytes{};
    append_big_endian(token, static_cast<std::uint64_t>(now.time_since_epoch().count()), time_size);
    append(token, code_of(key, session, token));
    return to_base64url(token);
}

result<void> check_csrf_token(SecretBytes const& key, std::string_view session, std::string_view token, Timestamp now,
                              std::chrono::seconds age_max)
{
    EXPECTS(key.size() >= 32);
    if (token.size() > 64) return errc::bad_token;
    auto const bytes = from_base64url(token);
    if (!bytes || bytes->size() != time_size + 32) return errc::bad_token;
    auto const issued = ByteView{*bytes}.first(time_size);
    if (!equal_constant_time(code_of(key, session, issued), ByteView{*bytes}.subspan(time_size))) return errc::bad_token;

    auto count = std::uint64_t{0};
    for (auto const octet : issued) count = count << 8 | std::to_integer<std::uint64_t>(octet);
    auto const at = Timestamp{std::chrono::microseconds{static_cast<std::int64_t>(count)}};
    // A node's clock may be ahead of another's by as much as readiness allows, not more.
    if (at > now + std::chrono::seconds{1} || now - at > age_max) return errc::bad_token;
    return {};
}

bool is_cross_site(Request const& request, std::vector<std::string> const& origins) noexcept
{
    // Our pages ask for no referrer, and then browsers send "Origin: null" even with a form of our own: where the browser says
    // what it knows about the sender (a header that no script can set), that decides.
    if (auto const site = request.header("Sec-Fetch-Site")) return *site != "same-origin" && *site != "none";
    auto const origin = request.header("Origin");
    return origin && std::ranges::find(origins, *origin) == origins.end();
}

} // namespace assay::net
