#include "server/net/http_types.hpp"

#include "server/net/detail/text.hpp"

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::net {

std::string_view to_string(Method method) noexcept
{
    switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    }
    return "?";
}

void Headers::set(std::string_view name, std::string_view value)
{
    std::erase_if(fields_, [&](auto const& field) { return detail::equal_ignoring_case(field.first, name); });
    add(name, value);
}

void Headers::add(std::string_view name, std::string_view value)
{
    EXPECTS(detail::is_token(name));
    EXPECTS(std::ranges::none_of(value, [](char c) { return detail::is_control(c) && c != '\t'; }));
    fields_.emplace_back(name, value);
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept
{
    for (auto const& [field, value] : fields_)
        if (detail::equal_ignoring_case(field, name)) return value;
    return std::nullopt;
}

std::optional<std::string_view> find(Parameters const& parameters, std::string_view name) noexcept
{
    for (auto const& [parameter, value] : parameters)
        if (parameter == name) return value;
    return std::nullopt;
}

Response bytes_response(std::string body, std::string_view content_type, int status)
{
    auto response = Response{};
    response.status = status;
    response.headers.set("Content-Type", content_type);
    response.body = std::move(body);
    return response;
}

Response html(std::string body, int status) { return bytes_response(std::move(body), "text/html; charset=utf-8", status); }
Response text(std::string body, int status) { return bytes_response(std::move(body), "text/plain; charset=utf-8", status); }
Response json_response(json::value const& value, int status)
{
    return bytes_response(json::serialize(value), "application/json", status);
}

Response problem(Problem const& what)
{
    auto body = json::object{};
    body["type"] = what.code.empty() ? "about:blank" : "urn:assay:problem:" + what.code;
    body["title"] = what.title.empty() ? std::string{reason_phrase(what.status)} : what.title;
    body["status"] = what.status;
    if (!what.detail.empty()) body["detail"] = what.detail;
    if (what.retry_after_s) body["retry_after"] = *what.retry_after_s;
    auto response = bytes_response(json::serialize(body), "application/problem+json", what.status);
    if (what.retry_after_s) response.headers.set("Retry-After", std::to_string(*what.retry_after_s));
    return response;
}

Response see_other(std::string_view location)
{
    EXPECTS(std::ranges::all_of(location, [](char c) { return c > 0x20 && c < 0x7f; }));
    auto response = Response{};
    response.status = 303;
    response.headers.set("Location", location);
    return response;
}

Response no_content()
{
    auto response = Response{};
    response.status = 204;
    return response;
}

result<Response> file_response(std::filesystem::path const& path, std::string_view content_type, std::size_t size_max)
{
    struct File {
        int descriptor;
        ~File() { if (descriptor >= 0) ::close(descriptor); }
    } const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (file.descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return errc::file_not_found;
        throw std::system_error{errno, std::generic_category(), "cannot open " + path.string()};
    }
    struct stat status {};
    if (::fstat(file.descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return errc::file_not_found;
    if (static_cast<std::uintmax_t>(status.st_size) > size_max) return errc::too_large;

    auto content = std::string(static_cast<std::size_t>(status.st_size), '\0');
    for (auto done = std::size_t{0}; done < content.size();) {
        auto const got = ::read(file.descriptor, content.data() + done, content.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw std::system_error{got < 0 ? errno : EIO, std::generic_category(), "cannot read " + path.string()};
        done += static_cast<std::size_t>(got);
    }
    return bytes_response(std::move(content), content_type);
}

std::string_view reason_phrase(int status) noexcept
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
    }
}

} // namespace assay::net
