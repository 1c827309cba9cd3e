#pragma once
// Requests and responses as values. No Beast, no Asio: handlers and their tests need neither.
#include "core/bytes.hpp"
#include "core/json.hpp"
#include "server/net/errors.hpp"

#include <any>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

namespace assay::net {

/// The methods that any route may use. Others are answered 501 before a route is looked for.
enum class Method { get, head, post, put, patch, delete_ };
std::string_view to_string(Method method) noexcept;

/// Names with values in the order received; names of headers compare without case, those of parameters exactly.
class Headers {
public:
    /// Expects a token as name, and a value without control characters (a CR or LF would split the response).
    void set(std::string_view name, std::string_view value);  ///< replaces all of this name
    void add(std::string_view name, std::string_view value);
    std::optional<std::string_view> find(std::string_view name) const noexcept; ///< the first one
    auto begin() const noexcept { return fields_.begin(); }
    auto end() const noexcept { return fields_.end(); }
    std::size_t size() const noexcept { return fields_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

using Parameter = std::pair<std::string, std::string>;
using Parameters = std::vector<Parameter>;
std::optional<std::string_view> find(Parameters const& parameters, std::string_view name) noexcept; ///< the first of this name

/// A request target in origin form, decoded once and for all.
/// Path: split at '/', then each segment percent-decoded; refused are a decoded '/', '\', NUL or other control character, '.'
/// and '..' segments, empty segments inside, and what is not UTF-8: no handler can be led out of where it looks.
/// Query: application/x-www-form-urlencoded, at most 100 parameters.
struct Target {
    static result<Target> parse(std::string_view raw);  ///< errc::malformed_target, errc::too_large (over 4 KiB)

    std::string raw_path;               ///< as received, without the query: for redirects
    std::string raw_query;              ///< as received, without the '?'
    std::vector<std::string> segments;  ///< decoded; empty for "/"
    Parameters query;
    bool trailing_slash = false;        ///< the path ended in '/' and is not "/" itself
};

/// Percent-decoding; `plus_is_space` as in forms. errc::malformed_target for a bad escape.
result<std::string> percent_decode(std::string_view text, bool plus_is_space);
/// Everything but RFC 3986 unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);

struct Request {
    Method method = Method::get;
    Target target;
    Headers headers;
    Parameters cookies;         ///< strictly parsed; a malformed Cookie header never gets here (400)
    std::string body;           ///< at most the route's body_max bytes
    std::string peer;           ///< IP address as text; the client's own, if a configured proxy named it
    std::string host;           ///< lower case, without the port
    std::string request_id;     ///< ours, 32 hex digits: in every log line and problem of this request
    std::any principal;         ///< who asks, as the gate found out (Router::set_gate); empty on open routes

    std::optional<std::string_view> header(std::string_view name) const noexcept { return headers.find(name); }
    std::optional<std::string_view> cookie(std::string_view name) const noexcept { return find(cookies, name); }
    std::optional<std::string_view> query(std::string_view name) const noexcept { return find(target.query, name); }
};

/// What goes back. The listener adds the security headers, Date, Content-Length and X-Request-Id to every response.
struct Response {
    int status = 200;
    Headers headers;            ///< includes Content-Type; Cache-Control is `no-store` unless set here
    std::string body;
    std::shared_ptr<std::string const> shared_body; ///< sent instead of `body` when set: static files are not copied
    std::string_view content() const noexcept { return shared_body ? std::string_view{*shared_body} : std::string_view{body}; }
};

/// RFC 9457. `code` is our stable word for it: the type is "urn:assay:problem:<code>", or "about:blank" when empty.
struct Problem {
    int status = 500;
    std::string title;          ///< the same for every occurrence
    std::string detail;         ///< what is wrong here, and where; shown to people
    std::string code;
    std::optional<int> retry_after_s;
};

Response html(std::string body, int status = 200);
Response text(std::string body, int status = 200);
Response json_response(json::value const& value, int status = 200);
Response problem(Problem const& what);
Response see_other(std::string_view location);           ///< 303: after a POST. Expects a path or URL of printable ASCII
Response no_content();
Response bytes_response(std::string body, std::string_view content_type, int status = 200);
/// The whole file, read now: call it on a pool for anything large. Regular files only, links are not followed.
/// Errors: errc::file_not_found; errc::too_large over `size_max` bytes.
result<Response> file_response(std::filesystem::path const& path, std::string_view content_type, std::size_t size_max);

std::string_view reason_phrase(int status) noexcept;

} // namespace assay::net
