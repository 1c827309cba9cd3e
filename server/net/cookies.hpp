#pragma once
#include "server/net/http_types.hpp"

#include <chrono>

namespace assay::net {

/// Set-Cookie for `__Host-<name>`: Secure, HttpOnly, SameSite=Strict, Path=/, no Domain. The prefix makes browsers refuse a
/// cookie planted by a sibling host or over plain HTTP (RFC 6265bis section 4.1.3.2).
/// A `lifetime` of zero deletes the cookie; none makes it end with the browser session.
/// Expects a token as name and a value of cookie-octets (base64url is fine).
std::string host_cookie(std::string_view name, std::string_view value, std::optional<std::chrono::seconds> lifetime);
std::string host_cookie_name(std::string_view name);

/// "a=1; b=2" (RFC 6265 section 4.2.1), at most 50 cookies. A name that comes twice is refused: which one counts is how cookie
/// tossing works. Errors: errc::malformed_cookie, errc::too_large.
result<Parameters> parse_cookies(std::string_view header);

} // namespace assay::net
