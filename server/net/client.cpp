#include "server/net/client.hpp"

#include "async/with_deadline.hpp"
#include "server/net/detail/text.hpp"
#include "server/net/detail/transport.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

namespace assay::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

struct HttpClient::Implementation {
    ClientSettings settings;
    std::optional<detail::TlsStream> stream{};
    boost::beast::flat_buffer buffer{};
    Parameters cookies{};

    std::string cookie_header() const
    {
        auto header = std::string{};
        for (auto const& [name, value] : cookies) header += (header.empty() ? "" : "; ") + name + "=" + value;
        return header;
    }
    void take_cookie(std::string_view set_cookie);
    asio::awaitable<result<ClientResponse>> exchange(http::request<http::string_body> request);
    asio::awaitable<result<ClientResponse>> call(http::request<http::string_body> request);
};

/// Name and value; of the attributes only the one that deletes. Enough for the cookies that we set ourselves.
void HttpClient::Implementation::take_cookie(std::string_view set_cookie)
{
    auto const pair = set_cookie.substr(0, set_cookie.find(';'));
    auto const equals = pair.find('=');
    if (equals == std::string_view::npos) return;
    auto const name = pair.substr(0, equals);
    std::erase_if(cookies, [name](Parameter const& cookie) { return cookie.first == name; });
    if (detail::lower(set_cookie).find("max-age=0") == std::string::npos) cookies.emplace_back(name, pair.substr(equals + 1));
}

asio::awaitable<result<ClientResponse>> HttpClient::Implementation::exchange(http::request<http::string_body> request)
{
    auto error = error_code{};
    co_await http::async_write(*stream, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return errc::connection_closed;
    auto parser = http::response_parser<http::string_body>{};
    parser.body_limit(settings.body_max);
    parser.skip(request.method() == http::verb::head); // its Content-Length announces nothing that comes
    co_await http::async_read(*stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error == http::error::end_of_stream || error == asio::ssl::error::stream_truncated || error == asio::error::connection_reset)
        co_return errc::connection_closed;
    if (error) co_return errc::malformed_response;

    auto response = ClientResponse{};
    response.status = static_cast<int>(parser.get().result_int());
    for (auto const& field : parser.get()) {
        auto const name = std::string_view{field.name_string().data(), field.name_string().size()};
        auto const value = std::string_view{field.value().data(), field.value().size()};
        response.headers.add(name, value);
        if (detail::equal_ignoring_case(name, "Set-Cookie")) take_cookie(value);
    }
    auto const keep_alive = parser.keep_alive();
    response.body = std::move(parser.get().body());
    if (!keep_alive) stream.reset();
    co_return response;
}

asio::awaitable<result<ClientResponse>> HttpClient::Implementation::call(http::request<http::string_body> request)
{
    auto const reused = stream.has_value();
    for (auto attempt = 0;; ++attempt) {
        if (!stream) {
            auto connected = co_await detail::connect_tls(settings);
            if (!connected) co_return connected.error();
            stream.emplace(std::move(*connected));
            buffer.clear();
        }
        auto response = co_await exchange(request);
        if (response) co_return response;
        stream.reset();
        // The server may have closed the idle connection while we wrote. Only what changes nothing may be sent twice.
        auto const safe = request.method() == http::verb::get || request.method() == http::verb::head;
        if (!(reused && safe && attempt == 0 && response.error() == errc::connection_closed)) co_return response;
    }
}

HttpClient::HttpClient(ClientSettings settings) : implementation_{std::make_shared<Implementation>(Implementation{std::move(settings)})} {}
HttpClient::~HttpClient() = default;

asio::awaitable<result<ClientResponse>> HttpClient::get(std::string target, Headers headers)
{
    return request("GET", std::move(target), {}, std::move(headers));
}

asio::awaitable<result<ClientResponse>> HttpClient::post(std::string target, std::string body, std::string content_type, Headers headers)
{
    headers.set("Content-Type", content_type);
    return request("POST", std::move(target), std::move(body), std::move(headers));
}

asio::awaitable<result<ClientResponse>> HttpClient::request(std::string method, std::string target, std::string body, Headers headers)
{
    auto const implementation = implementation_; // outlives a client that is destroyed meanwhile
    auto const& settings = implementation->settings;
    auto message = http::request<http::string_body>{};
    message.method_string(method);
    message.target(target);
    message.version(11);
    message.set(http::field::host, settings.host + ":" + std::to_string(settings.port));
    if (auto const cookies = implementation->cookie_header(); !cookies.empty()) message.set(http::field::cookie, cookies);
    for (auto const& [name, value] : headers) message.set(name, value);
    message.body() = std::move(body);
    message.prepare_payload();
    auto response = co_await async::with_deadline(implementation->call(std::move(message)), settings.deadline);
    if (response) co_return std::move(*response);
    implementation->stream.reset();
    co_return response.error() == async::errc::deadline_exceeded ? make_error_code(errc::timed_out) : response.error();
}

Parameters& HttpClient::cookies() noexcept { return implementation_->cookies; }
std::string HttpClient::cookie_header() const { return implementation_->cookie_header(); }

namespace {

asio::awaitable<result<std::shared_ptr<Connection>>> connect_and_upgrade(WebSocketSettings settings, int* refused_with)
{
    auto stream = co_await detail::connect_tls(settings.client);
    if (!stream) co_return stream.error();
    co_return co_await detail::open_websocket(std::move(*stream), std::move(settings), refused_with);
}

} // namespace

asio::awaitable<result<std::shared_ptr<Connection>>> connect_websocket(WebSocketSettings settings, int* refused_with)
{
    auto const deadline = settings.client.deadline;
    auto connection = co_await async::with_deadline(connect_and_upgrade(std::move(settings), refused_with), deadline);
    if (!connection && connection.error() == async::errc::deadline_exceeded) co_return errc::timed_out;
    co_return connection;
}

} // namespace assay::net
