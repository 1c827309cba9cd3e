#pragma once
#include "core/secret_bytes.hpp"
#include "core/time.hpp"
#include "server/net/http_types.hpp"

namespace assay::net {

constexpr std::string_view csrf_field = "csrf_token";       ///< of forms
constexpr std::string_view csrf_header = "X-CSRF-Token";    ///< of scripts

/// A token for the forms of one sign-in: issue time and HMAC-SHA-256 over (purpose, session, time) under `key`. Stateless:
/// any node checks it. `session` is what identifies the sign-in (the session token's hash), or a pre-session cookie's value.
std::string csrf_token(SecretBytes const& key, std::string_view session, Timestamp now);

/// Errors: errc::bad_token when forged, of another session, from the future, or older than `age_max`. Constant time.
result<void> check_csrf_token(SecretBytes const& key, std::string_view session, std::string_view token, Timestamp now,
                              std::chrono::seconds age_max);

/// Does the browser say that another site sent this? Sec-Fetch-Site other than same-origin or none, or an Origin that is not in
/// `origins`. The second lock beside the token, and the only one for requests before sign-in.
bool is_cross_site(Request const& request, std::vector<std::string> const& origins) noexcept;

} // namespace assay::net
