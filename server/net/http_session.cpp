// One connection: TLS, then requests until somebody has had enough. Each wait has a deadline, each read a bound, and
// nothing that a handler throws leaves this file.
#include "async/with_deadline.hpp"
#include "core/random.hpp"
#include "server/net/cookies.hpp"
#include "server/net/detail/edge.hpp"
#include "server/net/detail/http_date.hpp"
#include "server/net/detail/security_headers.hpp"
#include "server/net/detail/text.hpp"
#include "server/net/detail/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cmath>

namespace assay::net::detail {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto leftover_max = std::size_t{256 * 1024};       ///< read and thrown away after a refusal, so that it is heard
constexpr auto leftover_deadline = std::chrono::seconds{2};
constexpr auto goodbye_deadline = std::chrono::milliseconds{300}; ///< for the peer's half of the TLS closure, which many never send

std::string_view view(beast::string_view text) noexcept { return {text.data(), text.size()}; }

Response refusal(int status, std::string_view code, std::string_view detail, std::optional<int> retry_after_s = std::nullopt)
{
    auto what = Problem{};
    what.status = status;
    what.code = code;
    what.detail = detail;
    what.retry_after_s = retry_after_s;
    return problem(what);
}

std::optional<Method> known_method(http::verb verb) noexcept
{
    switch (verb) {
    case http::verb::get: return Method::get;
    case http::verb::head: return Method::head;
    case http::verb::post: return Method::post;
    case http::verb::put: return Method::put;
    case http::verb::patch: return Method::patch;
    case http::verb::delete_: return Method::delete_;
    default: return std::nullopt;
    }
}

/// Headers of which a second one would mean that two readers of the request understand it differently.
bool must_be_single(std::string_view name) noexcept
{
    constexpr auto single = std::to_array<std::string_view>({"Host", "Cookie", "Origin", "Content-Type", "Authorization", "X-CSRF-Token"});
    return std::ranges::any_of(single, [name](std::string_view one) { return equal_ignoring_case(one, name); });
}

/// "name", "name:8443", "192.0.2.1", "[::1]:8443": nothing that could mean anything else in a header or an address.
bool is_authority(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
    });
}

std::string host_of(std::string_view authority)
{
    auto const after_brackets = authority.starts_with('[') ? authority.find(']') : 0;
    auto const colon = after_brackets == std::string_view::npos ? after_brackets : authority.find(':', after_brackets);
    return lower(authority.substr(0, colon));
}

std::string new_request_id() { return to_hex(random_array<16>()); }

/// "GET https://host/path" (RFC 9112 section 3.2.2) means "GET /path" with that host, which the Host header repeats.
std::string_view origin_form(std::string_view target) noexcept
{
    constexpr auto scheme = std::string_view{"https://"};
    if (!target.starts_with(scheme)) return target;
    auto const slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
}

class HttpSession {
public:
    HttpSession(std::shared_ptr<EdgeThread> thread, TlsStream stream, asio::ip::address peer)
        : thread_{std::move(thread)}, edge_{thread_->edge}, stream_{std::move(stream)}, peer_{std::move(peer)}
    {
        thread_->edge.metrics.connection_opened();
    }
    HttpSession(HttpSession const&) = delete;
    HttpSession& operator=(HttpSession const&) = delete;
    ~HttpSession() { edge_.metrics.connection_closed(); }

    asio::awaitable<void> run();

private:
    using Parser = http::request_parser<http::string_body>;

    /// What became of one exchange.
    enum class Next { another_request, close, gone };

    asio::awaitable<bool> handshake();
    asio::awaitable<bool> wait_for_request(bool first);
    asio::awaitable<Next> exchange();
    asio::awaitable<std::optional<Response>> read_header(Parser& parser);
    std::optional<Response> take_header(Parser const& parser);
    asio::awaitable<std::optional<Response>> read_body(Parser& parser, Route const& route);
    asio::awaitable<Response> answer(Parser& parser);
    asio::awaitable<Response> call(Route const& route, PathParameters const& parameters);
    std::optional<Response> over_rate(RateClass rate_class);
    asio::awaitable<Next> upgrade(Parser& parser, Router::WebSocketMatch const& match);
    asio::awaitable<UpgradeDecision> decide_upgrade(Parser const& parser, Router::WebSocketMatch const& match);
    asio::awaitable<void> serve_websocket(std::shared_ptr<Connection> connection, Accepted accepted, std::string route);
    Response failed(std::exception_ptr const& failure, std::string_view route);
    asio::awaitable<Next> write(Response response, bool keep_alive);
    asio::awaitable<void> say_goodbye();

    void expires_after(Clock::duration time) { beast::get_lowest_layer(stream_).expires_after(time); }

    std::shared_ptr<EdgeThread> thread_;
    Edge& edge_;
    TlsStream stream_;
    asio::ip::address const peer_;
    beast::flat_buffer buffer_;
    bool idle_ = false;
    bool last_request_ = false;

    // Of the request at hand.
    Request request_;
    std::string authority_;
    Route const* route_ = nullptr;
    bool head_ = false;
    bool unread_body_ = false; ///< refused before it was read: the connection can't go on
    Clock::time_point started_{};
};

asio::awaitable<void> HttpSession::run()
{
    if (!co_await handshake()) co_return;
    auto const on_drain = EdgeThread::DrainAction{*thread_, [this] {
        if (idle_) beast::get_lowest_layer(stream_).close(); // otherwise the exchange ends with "Connection: close"
    }};
    auto next = Next::another_request;
    for (auto served = std::size_t{0}; next == Next::another_request; ++served) {
        if (!co_await wait_for_request(served == 0)) co_return;
        last_request_ = served + 1 >= edge_.settings.requests_per_connection_max;
        next = co_await exchange();
    }
    if (next == Next::close) co_await say_goodbye();
}

asio::awaitable<bool> HttpSession::handshake()
{
    auto const from = Clock::now();
    auto error = error_code{};
    expires_after(edge_.settings.handshake_deadline);
    co_await stream_.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
    if (error) edge_.metrics.handshake_failed();
    else edge_.metrics.handshake(Clock::now() - from);
    co_return !error;
}

/// Waits for the first byte of the next request: being idle between requests is allowed for longer than dawdling within one.
asio::awaitable<bool> HttpSession::wait_for_request(bool first)
{
    if (buffer_.size() > 0) co_return true; // pipelined
    auto error = error_code{};
    expires_after(first ? edge_.settings.header_deadline : edge_.settings.idle_max);
    idle_ = true;
    auto const room = buffer_.prepare(4096);
    auto const got = edge_.draining ? 0 : co_await stream_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    idle_ = false;
    if (error || got == 0) co_return false;
    buffer_.commit(got);
    co_return true;
}

asio::awaitable<HttpSession::Next> HttpSession::exchange()
{
    started_ = Clock::now();
    request_ = Request{};
    request_.request_id = new_request_id();
    request_.peer = peer_.to_string();
    authority_.clear();
    route_ = nullptr;
    head_ = false;
    unread_body_ = true;

    auto parser = Parser{};
    auto refused = co_await read_header(parser);
    if (refused && refused->status == 0) co_return Next::gone;
    if (!refused) refused = take_header(parser);
    if (refused) co_return co_await write(std::move(*refused), false);

    if (request_.header("Upgrade")) {
        if (auto const match = edge_.router.match_websocket(request_.target)) co_return co_await upgrade(parser, *match);
    }
    auto response = co_await answer(parser);
    co_return co_await write(std::move(response), parser.keep_alive() && !unread_body_ && !last_request_ && !edge_.draining);
}

/// Nothing when the header is there. A refusal of status 0 means that nobody is left to hear one.
asio::awaitable<std::optional<Response>> HttpSession::read_header(Parser& parser)
{
    parser.header_limit(static_cast<std::uint32_t>(edge_.settings.header_max));
    parser.body_limit(boost::none); // the route's own limit is applied before the body is read
    auto error = error_code{};
    expires_after(edge_.settings.header_deadline);
    co_await http::async_read_header(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return std::nullopt;
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        co_return refusal(431, "header_too_large", "The request's header is too large.");
    auto const is_ours = error.category() == http::make_error_code(http::error::bad_method).category();
    if (is_ours && error != http::error::end_of_stream && error != http::error::partial_message)
        co_return refusal(400, "malformed_request", "This is not a well-formed HTTP/1.1 request: " + error.message() + ".");
    auto nobody = Response{};
    nobody.status = 0;
    co_return nobody;
}

/// The parsed header as our own Request, or why it is not accepted.
std::optional<Response> HttpSession::take_header(Parser const& parser)
{
    auto const& message = parser.get();
    for (auto const& field : message) {
        auto const name = view(field.name_string()), value = view(field.value());
        if (!is_token(name) || std::ranges::any_of(value, is_control))
            return refusal(400, "malformed_request", "A header field holds characters that it must not.");
        if (must_be_single(name) && request_.headers.find(name))
            return refusal(400, "malformed_request", "The header field " + std::string{name} + " comes twice.");
        request_.headers.add(name, value);
    }
    if (message.version() != 11 && message.version() != 10) return refusal(505, "http_version", "HTTP/1.1 is spoken here.");

    authority_ = request_.header("Host").value_or("");
    if (!is_authority(authority_)) {
        authority_.clear();
        return refusal(400, "malformed_request", "A Host header with a host name or address is needed.");
    }
    request_.host = host_of(authority_);
    request_.peer = client_address(peer_, request_.header("X-Forwarded-For").value_or(""), edge_.proxies).to_string();

    auto const method = known_method(message.method());
    if (!method) return refusal(501, "method_not_implemented", "This method is not used here.");
    request_.method = *method;
    head_ = *method == Method::head;

    auto target = Target::parse(origin_form(view(message.target())));
    if (!target && target.error() == errc::too_large) return refusal(414, "target_too_long", "The address is too long.");
    if (!target) return refusal(400, "malformed_target", "The address is malformed.");
    request_.target = std::move(*target);

    auto cookies = parse_cookies(request_.header("Cookie").value_or(""));
    if (!cookies) return refusal(400, "malformed_cookie", "The Cookie header is malformed or names a cookie twice.");
    request_.cookies = std::move(*cookies);
    return std::nullopt;
}

std::optional<Response> HttpSession::over_rate(RateClass rate_class)
{
    auto error = error_code{};
    auto const address = asio::ip::make_address(request_.peer, error);
    auto const wait = edge_.limiter.take(limit_key(address), rate_class, Clock::now());
    if (wait <= wait.zero()) return std::nullopt;
    edge_.metrics.rate_limited(rate_class);
    return refusal(429, "too_many_requests", "Too many requests from this address. Please wait a moment.",
                   static_cast<int>(std::ceil(wait.count())));
}

asio::awaitable<Response> HttpSession::answer(Parser& parser)
{
    auto const has_body = !parser.is_done();
    unread_body_ = has_body;
    auto outcome = edge_.router.match(request_.method, request_.target);
    if (std::holds_alternative<Router::NotFound>(outcome)) {
        if (auto limited = over_rate(RateClass::pages)) co_return std::move(*limited); // guessing addresses is rated too
        co_return refusal(404, "not_found", "There is nothing at this address.");
    }
    if (auto const* const moved = std::get_if<Router::MovedToNoSlash>(&outcome)) {
        auto response = Response{};
        response.status = 308;
        response.headers.set("Location", moved->location);
        co_return response;
    }
    if (auto const* const wrong = std::get_if<Router::MethodNotAllowed>(&outcome)) {
        auto response = refusal(405, "method_not_allowed", "This address answers " + wrong->allow + ".");
        response.headers.set("Allow", wrong->allow);
        co_return response;
    }
    auto const& match = std::get<Router::Match>(outcome);
    route_ = match.route;
    if (auto limited = over_rate(route_->rate_class)) co_return std::move(*limited);
    if (has_body) {
        if (auto refused = co_await read_body(parser, *route_)) co_return std::move(*refused);
        unread_body_ = false;
        request_.body = std::move(parser.get().body());
    }
    co_return co_await call(*route_, match.parameters);
}

asio::awaitable<std::optional<Response>> HttpSession::read_body(Parser& parser, Route const& route)
{
    auto const too_large = [&] {
        return refusal(413, "body_too_large", "At most " + std::to_string(route.body_max) + " bytes are accepted at this address.");
    };
    auto const length = parser.content_length();
    if (length && *length > route.body_max) co_return too_large();
    parser.body_limit(route.body_max); // for chunked bodies, whose length nobody has announced
    auto error = error_code{};
    expires_after(edge_.settings.body_deadline);
    if (auto const expect = request_.header("Expect")) {
        if (!equal_ignoring_case(*expect, "100-continue")) co_return refusal(417, "expectation_failed", "Only 100-continue can be expected.");
        constexpr auto go_on = std::string_view{"HTTP/1.1 100 Continue\r\n\r\n"};
        co_await asio::async_write(stream_, asio::buffer(go_on), asio::redirect_error(asio::use_awaitable, error));
    }
    if (!error) co_await http::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return std::nullopt;
    if (error == http::error::body_limit) co_return too_large();
    if (error == beast::error::timeout) co_return refusal(408, "body_too_slow", "The body took too long.");
    co_return refusal(400, "malformed_request", "The body is not what its header announces.");
}

/// Gate and handler, under the route's deadline, with the boundary that everything thrown ends at.
asio::awaitable<Response> HttpSession::call(Route const& route, PathParameters const& parameters)
{
    auto failure = std::exception_ptr{};
    try {
        if (route.access != Access::anyone) {
            auto refused = co_await edge_.router.gate()(request_, parameters, route.access);
            if (refused) co_return std::move(*refused);
        }
        auto response = co_await async::with_deadline(route.handler(request_, parameters), route.deadline);
        if (response) co_return std::move(*response);
        edge_.log.error("handler took too long", {{"request_id", request_.request_id}, {"route", route.pattern}});
        co_return refusal(503, "too_slow", "This took too long. Please try again.", 5);
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failed(failure, route.pattern);
}

Response HttpSession::failed(std::exception_ptr const& failure, std::string_view route)
{
    edge_.log.error("request failed", {{"request_id", request_.request_id}, {"route", route}, {"error", describe(failure)}});
    auto const reference = "Our reference: " + request_.request_id + ".";
    try {
        std::rethrow_exception(failure);
    } catch (async::Overloaded const&) {
        return refusal(503, "overloaded", "The service is busy. Please try again in a moment. " + reference, 2);
    } catch (std::logic_error const&) { // ContractViolation is one: trying again will not help
        return refusal(500, "internal_error", "Something went wrong on our side. " + reference);
    } catch (...) {
        return refusal(503, "unavailable", "The service can't do this at the moment. Please try again. " + reference, 5);
    }
}

asio::awaitable<HttpSession::Next> HttpSession::write(Response response, bool keep_alive)
{
    auto message = http::response<http::span_body<char const>>{static_cast<http::status>(response.status), 11};
    message.reason({reason_phrase(response.status).data(), reason_phrase(response.status).size()});
    add_security_headers(response.headers, authority_, route_ != nullptr && route_->camera);
    for (auto const& [name, value] : response.headers) message.insert(name, value);
    message.set("X-Request-Id", request_.request_id);
    // RFC 9110 section 6.6.1 asks it of whoever has a clock; the system check compares the device's with it.
    message.set(http::field::date, http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())));
    message.keep_alive(keep_alive);
    auto const content = response.content();
    auto const may_have_body = response.status != 204 && response.status != 304;
    if (may_have_body) {
        message.content_length(content.size());
        message.body() = beast::span<char const>{content.data(), content.size()};
    }
    auto serializer = http::response_serializer<http::span_body<char const>>{message};
    auto error = error_code{};
    expires_after(edge_.settings.write_deadline);
    if (head_ || !may_have_body) {
        serializer.split(true);
        co_await http::async_write_header(stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
    } else {
        co_await http::async_write(stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
    }
    auto const took = Clock::now() - started_;
    edge_.metrics.request(route_, response.status, took);
    auto const milliseconds = std::chrono::duration<double, std::milli>{took}.count();
    edge_.log.info("request", {{"request_id", request_.request_id}, {"method", to_string(request_.method)},
                               {"route", route_ != nullptr ? std::string_view{route_->pattern} : std::string_view{"none"}},
                               {"status", response.status}, {"ms", milliseconds}, {"bytes", content.size()}, {"peer", request_.peer}});
    co_return error ? Next::gone : keep_alive ? Next::another_request : Next::close;
}

/// Closes so that the last response is heard: what the client still sends is read for a while, since a socket closed over
/// unread data answers with a reset, and that can overtake the response.
asio::awaitable<void> HttpSession::say_goodbye()
{
    auto error = error_code{};
    expires_after(leftover_deadline);
    auto read = std::size_t{0};
    while (unread_body_ && !error && read < leftover_max) {
        buffer_.clear();
        read += co_await stream_.async_read_some(buffer_.prepare(16 * 1024), asio::redirect_error(asio::use_awaitable, error));
    }
    if (!error || error == beast::error::timeout) {
        expires_after(goodbye_deadline);
        co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    }
}

asio::awaitable<HttpSession::Next> HttpSession::upgrade(Parser& parser, Router::WebSocketMatch const& match)
{
    unread_body_ = !parser.is_done();
    auto failure = std::exception_ptr{};
    auto decision = UpgradeDecision{};
    if (edge_.upgrades_pending.fetch_add(1) >= edge_.settings.upgrades_pending_max) {
        decision = Refused{refusal(503, "overloaded", "Too many connections are being opened. Please try again.", 2)};
    } else {
        try {
            decision = co_await decide_upgrade(parser, match);
        } catch (...) {
            failure = std::current_exception();
        }
    }
    edge_.upgrades_pending.fetch_sub(1);
    if (failure) decision = Refused{failed(failure, match.route->pattern)};
    if (auto* const refused = std::get_if<Refused>(&decision)) co_return co_await write(std::move(refused->response), false);

    auto end = WebSocketEnd{match.route->limits, match.route->subprotocol, request_.peer, request_.request_id};
    auto request = parser.release();
    expires_after(edge_.settings.handshake_deadline);
    auto connection = co_await accept_websocket(std::move(stream_), std::move(request), std::move(end));
    if (connection) co_await serve_websocket(std::move(connection), std::get<Accepted>(std::move(decision)), match.route->pattern);
    co_return Next::gone;
}

asio::awaitable<UpgradeDecision> HttpSession::decide_upgrade(Parser const& parser, Router::WebSocketMatch const& match)
{
    auto const refuse = [](Response response) { return UpgradeDecision{Refused{std::move(response)}}; };
    if (auto limited = over_rate(match.route->rate_class)) co_return refuse(std::move(*limited));
    auto const lists = [this](std::string_view name, std::string_view wanted, bool exactly) {
        auto found = false;
        for_each_part(request_.header(name).value_or(""), ',', [&](std::string_view part) {
            found = exactly ? part == wanted : equal_ignoring_case(part, wanted);
            return !found;
        });
        return found;
    };
    auto const key = from_base64(request_.header("Sec-WebSocket-Key").value_or(""));
    if (request_.method != Method::get || !parser.is_done() || !lists("Upgrade", "websocket", false) ||
        !lists("Connection", "upgrade", false) || !key || key->size() != 16)
        co_return refuse(refusal(400, "malformed_upgrade", "This is not a WebSocket upgrade (RFC 6455 section 4.1)."));
    if (request_.header("Sec-WebSocket-Version") != "13") {
        auto response = refusal(426, "websocket_version", "WebSocket version 13 is spoken here.");
        response.headers.set("Sec-WebSocket-Version", "13");
        co_return refuse(std::move(response));
    }
    // Browsers send cookies with WebSockets from any page: the Origin is what tells our own pages from others. Programs that
    // are no browsers send none; without a browser's cookies they have only what they were given.
    if (auto const origin = request_.header("Origin"); origin && std::ranges::find(edge_.settings.origins, *origin) == edge_.settings.origins.end())
        co_return refuse(refusal(403, "origin_refused", "WebSockets are opened from our own pages only."));
    if (!lists("Sec-WebSocket-Protocol", match.route->subprotocol, true))
        co_return refuse(refusal(400, "subprotocol_missing", "The subprotocol " + match.route->subprotocol + " is spoken here."));
    if (edge_.draining) co_return refuse(refusal(503, "draining", "The server restarts. Please reconnect.", 1));
    if (match.route->access != Access::anyone) {
        auto refused = co_await edge_.router.gate()(request_, match.parameters, match.route->access);
        if (refused) co_return refuse(std::move(*refused));
    }
    auto decision = co_await async::with_deadline(match.route->decide(request_, match.parameters), edge_.settings.handshake_deadline);
    if (decision) co_return std::move(*decision);
    co_return refuse(refusal(503, "too_slow", "This took too long. Please try again.", 5));
}

asio::awaitable<void> HttpSession::serve_websocket(std::shared_ptr<Connection> connection, Accepted accepted, std::string route)
{
    auto const opened = Clock::now();
    edge_.metrics.websocket_opened();
    auto const counted = std::shared_ptr<void>{nullptr, [this](void*) { edge_.metrics.websocket_closed(); }};
    // However this ends, cancelled included, the TCP connection ends with it, also when the handler's registry keeps a reference.
    auto const dropped = std::shared_ptr<void>{nullptr, [connection](void*) { connection->drop(); }};
    auto const on_drain = EdgeThread::DrainAction{*thread_, [connection] { connection->drain(); }};
    edge_.log.info("websocket opened", {{"request_id", connection->request_id()}, {"route", route}, {"peer", connection->peer()}});
    auto failure = std::exception_ptr{};
    try {
        co_await accepted.serve(connection);
    } catch (...) {
        failure = std::current_exception();
    }
    auto const state = co_await asio::this_coro::cancellation_state;
    if (failure && state.cancelled() == asio::cancellation_type::none)
        edge_.log.error("websocket failed", {{"request_id", connection->request_id()}, {"route", route}, {"error", describe(failure)}});
    if (failure) connection->close(CloseCode::internal_error, "something went wrong on our side");
    else connection->close(CloseCode::normal, "");
    if (state.cancelled() == asio::cancellation_type::none) co_await connection->closed();
    auto const seconds = std::chrono::duration<double>{Clock::now() - opened}.count();
    edge_.log.info("websocket closed", {{"request_id", connection->request_id()}, {"route", route},
                                        {"code", static_cast<int>(connection->closed_as().code)}, {"s", seconds}});
}

} // namespace

asio::awaitable<void> serve_connection(std::shared_ptr<EdgeThread> thread, asio::ip::tcp::socket socket, asio::ip::address peer,
                                       [[maybe_unused]] Admission::Ticket ticket)
{
    auto const tls = thread->edge.tls.current();
    auto stream = TlsStream{beast::tcp_stream{std::move(socket)}, *tls};
    auto session = HttpSession{std::move(thread), std::move(stream), std::move(peer)};
    co_await session.run();
}

} // namespace assay::net::detail
