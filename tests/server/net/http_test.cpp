#include "raw_tls.hpp"
#include "test_server.hpp"

#include "async/on_pool.hpp"
#include "server/net/cookies.hpp"
#include "server/net/detail/http_date.hpp"

#include <openssl/ssl.h>

namespace assay::net {
namespace {

using namespace test;

Router example()
{
    auto router = Router{};
    router.add(route(Method::get, "/hello/{name}", [](Request const&, PathParameters const& path) { return text("hello " + path[0].second); }));
    router.add(route(Method::post, "/echo", [](Request const& request, PathParameters const&) {
        return bytes_response(request.body, "application/octet-stream");
    }, 1000));
    router.add(route(Method::get, "/who", [](Request const& request, PathParameters const&) { return text(request.peer + " " + request.host); }));
    router.add(route(Method::get, "/sign-in", [](Request const&, PathParameters const&) {
        auto response = see_other("/me");
        response.headers.add("Set-Cookie", host_cookie("login", "token-1", std::chrono::hours{1}));
        return response;
    }));
    router.add(route(Method::get, "/me", [](Request const& request, PathParameters const&) {
        return text(std::string{request.cookie("__Host-login").value_or("nobody")});
    }));
    auto camera = route(Method::get, "/exam", [](Request const&, PathParameters const&) { return html("<!doctype html>"); });
    camera.camera = true;
    router.add(camera);
    router.add(route(Method::get, "/broken", [](Request const&, PathParameters const&) -> Response { throw std::runtime_error{"secret database detail"}; }));
    router.add(route(Method::get, "/bug", [](Request const&, PathParameters const&) -> Response { EXPECTS(false); }));
    router.add(route(Method::get, "/busy", [](Request const&, PathParameters const&) -> Response { throw async::Overloaded{"full"}; }));
    auto slow = Route{};
    slow.pattern = "/slow";
    slow.deadline = 50ms;
    slow.handler = [](Request const&, PathParameters const&) -> asio::awaitable<Response> {
        co_await test::sleep(1h);
        co_return text("late");
    };
    router.add(slow);
    return router;
}

std::string status_line(std::string const& response) { return response.substr(0, response.find("\r\n")); }

class Http : public testing::Test {
protected:
    TestServer server{example()};
    std::uint16_t port() const { return server.listener.port(); }
    std::string exchange(std::string_view request)
    {
        auto client = RawTls{port()};
        client.send(request);
        return client.read_response();
    }
};

TEST_F(Http, AnswersAndKeepsTheConnection)
{
    auto client = RawTls{port()};
    for (auto const* name : {"Ada", "Grace", "Edsger"}) {
        client.send(std::string{"GET /hello/"} + name + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        auto const response = client.read_response();
        EXPECT_EQ(status_line(response), "HTTP/1.1 200 OK");
        EXPECT_TRUE(response.ends_with(std::string{"\r\n\r\nhello "} + name)) << response;
    }
}

TEST_F(Http, AnswersPipelinedRequestsInOrder)
{
    auto client = RawTls{port()};
    client.send("GET /hello/1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ntwoGET /hello/3 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.read_response().ends_with("hello 1"));
    EXPECT_TRUE(client.read_response().ends_with("two"));
    EXPECT_TRUE(client.read_response().ends_with("hello 3"));
}

TEST_F(Http, AnswersHeadLikeGetWithoutABody)
{
    auto client = RawTls{port()};
    client.send("HEAD /hello/Ada HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hello/Bob HTTP/1.1\r\nHost: localhost\r\n\r\n");
    auto const head = client.read_response(true);
    EXPECT_EQ(status_line(head), "HTTP/1.1 200 OK");
    EXPECT_NE(head.find("Content-Length: 9\r\n"), std::string::npos) << head;
    EXPECT_TRUE(client.read_response().ends_with("hello Bob")) << "a body after HEAD would have been read as this response";
}

TEST_F(Http, CarriesTheSecurityHeadersOnEveryAnswer)
{
    for (auto const* target : {"/hello/x", "/nothing/here", "/broken", "/%00"}) {
        auto const response = exchange(std::string{"GET "} + target + " HTTP/1.1\r\nHost: localhost:8443\r\n\r\n");
        for (auto const* header : {"default-src 'none'", "connect-src 'self' wss://localhost:8443;", "frame-ancestors 'none'",
                                   "Strict-Transport-Security: max-age=31536000", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
                                   "Cross-Origin-Opener-Policy: same-origin", "Cross-Origin-Resource-Policy: same-origin", "camera=()",
                                   "Cache-Control: no-store", "X-Request-Id: ", "Date: "})
            EXPECT_NE(response.find(header), std::string::npos) << header << " of " << target << "\n" << response;
    }
}

TEST(HttpDate, IsWrittenAsTheStandardShowsIt)
{
    using namespace std::chrono;
    EXPECT_EQ(detail::http_date(sys_days{1994y / November / 6} + 8h + 49min + 37s), "Sun, 06 Nov 1994 08:49:37 GMT"); // RFC 9110, 5.6.7
    EXPECT_EQ(detail::http_date(sys_days{2000y / February / 29}), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST_F(Http, AllowsTheCameraOnlyWhereTheRouteSaysSo)
{
    auto const response = exchange("GET /exam HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_NE(response.find("camera=(self)"), std::string::npos) << response;
}

TEST_F(Http, RefusesMethodsThatTheAddressOrTheServerDoesNotAnswer)
{
    auto const response = exchange("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(status_line(response), "HTTP/1.1 405 Method Not Allowed");
    EXPECT_NE(response.find("Allow: POST\r\n"), std::string::npos);
    for (auto const* method : {"OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW"})
        EXPECT_EQ(status_line(exchange(std::string{method} + " /echo HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 501 Not Implemented") << method;
}

TEST_F(Http, AnswersWithProblemsInJson)
{
    auto const response = exchange("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_line(response), "HTTP/1.1 404 Not Found");
    EXPECT_NE(response.find("Content-Type: application/problem+json"), std::string::npos);
    EXPECT_NE(response.find("urn:assay:problem:not_found"), std::string::npos);
}

TEST_F(Http, SendsATrailingSlashAway)
{
    auto const response = exchange("GET /hello/x/?a=b HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_line(response), "HTTP/1.1 308 Permanent Redirect");
    EXPECT_NE(response.find("Location: /hello/x?a=b\r\n"), std::string::npos);
}

class Malformed : public Http, public testing::WithParamInterface<std::pair<std::string, int>> {};

TEST_P(Malformed, IsRefusedWithAClearStatusAndClosed)
{
    auto client = RawTls{port()};
    client.send(GetParam().first);
    auto const response = client.read_response();
    EXPECT_TRUE(response.starts_with("HTTP/1.1 " + std::to_string(GetParam().second) + " ")) << response;
    EXPECT_TRUE(client.is_closed_by_peer());
}

INSTANTIATE_TEST_SUITE_P(
    Requests, Malformed,
    testing::Values(std::pair{"nonsense\r\n\r\n", 400}, std::pair{"GET /hello/x HTTP/1.1\r\n\r\n", 400},
                    std::pair{"GET /hello/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
                    std::pair{"GET /hello/x HTTP/1.1\r\nHost: a;script-src *\r\n\r\n", 400},
                    std::pair{"GET /hello/.. HTTP/1.1\r\nHost: a\r\n\r\n", 400},
                    std::pair{"GET /hello/x HTTP/1.1\r\nHost: a\r\nCookie: a=1; a=2\r\n\r\n", 400},
                    std::pair{"GET /hello/x HTTP/3.0\r\nHost: a\r\n\r\n", 400},
                    // The two ways to say where the body ends: who believes the other one smuggles a request.
                    std::pair{"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /who HTTP/1.1\r\n\r\n", 400},
                    std::pair{"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
                    std::pair{"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400}));

TEST_F(Http, EchoesABodyAndTellsWhoMayGoOn)
{
    auto client = RawTls{port()};
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nhello"));
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\nabcde"));
}

TEST_F(Http, WhatHandlersThrowEndsAtTheBoundary)
{
    EXPECT_EQ(status_line(exchange("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 503 Service Unavailable");
    EXPECT_EQ(status_line(exchange("GET /bug HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 500 Internal Server Error");
    auto const busy = exchange("GET /busy HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_line(busy), "HTTP/1.1 503 Service Unavailable");
    EXPECT_NE(busy.find("Retry-After: "), std::string::npos);
    EXPECT_EQ(status_line(exchange("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")), "HTTP/1.1 503 Service Unavailable");
}

TEST_F(Http, TellsTheClientAReferenceAndTheLogTheReason)
{
    auto const response = exchange("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(response.find("secret database detail"), std::string::npos);
    auto const at = response.find("X-Request-Id: ");
    ASSERT_NE(at, std::string::npos);
    auto const id = response.substr(at + 14, 32);
    auto const log = server.logged();
    auto const line = log.find("request failed");
    ASSERT_NE(line, std::string::npos) << log;
    EXPECT_NE(log.find(id), std::string::npos) << log;
    EXPECT_NE(log.find("secret database detail"), std::string::npos);
}

TEST_F(Http, DoesNotBelieveAForwardedAddress)
{
    EXPECT_TRUE(exchange("GET /who HTTP/1.1\r\nHost: LOCALHOST:8443\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n").ends_with("127.0.0.1 localhost"));
}

TEST_F(Http, CountsRequestsByRoutePattern)
{
    exchange("GET /hello/x HTTP/1.1\r\nHost: a\r\n\r\n");
    auto const wanted = "assay_http_requests_total{method=\"GET\",route=\"/hello/{name}\",status=\"2xx\"} 1";
    auto const counted = [&] { return server.metrics.exposition().find(wanted) != std::string::npos; };
    for (auto i = 0; i < 100 && !counted(); ++i) std::this_thread::sleep_for(10ms); // counted once it is written, after we have read it
    EXPECT_TRUE(counted()) << server.metrics.exposition();
}

TEST_F(Http, OurClientKeepsCookiesAndTheConnection)
{
    auto main = [&]() -> asio::awaitable<void> {
        auto client = HttpClient{server.client()};
        auto const signed_in = co_await client.get("/sign-in");
        EXPECT_EQ(signed_in.value().status, 303);
        EXPECT_EQ(signed_in.value().headers.find("Location"), "/me");
        auto const me = co_await client.get("/me");
        EXPECT_EQ(me.value().body, "token-1");
        auto const echoed = co_await client.post("/echo", "body", "text/plain");
        EXPECT_EQ(echoed.value().body, "body");
        auto const no_headers = Headers{};
        auto const head = co_await client.request("HEAD", "/me", "", no_headers);
        EXPECT_EQ(head.value().status, 200);
    };
    run(main);
    EXPECT_EQ(server.metrics.exposition().find("assay_tls_handshake_seconds_count 2"), std::string::npos) << "one connection did";
}

TEST_F(Http, OurClientRefusesAnotherCertificate)
{
    auto code = boost::system::error_code{};
    auto main = [&]() -> asio::awaitable<void> {
        auto settings = server.client();
        settings.pinned_certificate = std::string(64, '0');
        auto client = HttpClient{settings};
        auto const response = co_await client.get("/me");
        code = response.error();
    };
    run(main);
    EXPECT_EQ(code, errc::connect_failed);
}

TEST_F(Http, SpeaksTls12And13WithForwardSecrecyAndNothingOlder)
{
    EXPECT_EQ(RawTls{port()}.version(), "TLSv1.3");
    auto options = RawTls::Options{};
    options.version_max = TLS1_2_VERSION;
    auto const older = RawTls{port(), options};
    EXPECT_EQ(older.version(), "TLSv1.2");
    EXPECT_TRUE(older.cipher().starts_with("ECDHE-ECDSA-")) << older.cipher();
    options.version_max = TLS1_1_VERSION;
    EXPECT_FALSE((RawTls{port(), options}.is_connected()));
}

TEST_F(Http, AgreesOnHttp11AndRefusesAnotherProtocol)
{
    auto options = RawTls::Options{};
    options.alpn = "http/1.1";
    EXPECT_EQ((RawTls{port(), options}.protocol()), "http/1.1");
    options.alpn = "imap";
    EXPECT_FALSE((RawTls{port(), options}.is_connected()));
}

TEST(HttpGate, StandsBeforeEveryRouteThatIsNotOpen)
{
    auto router = Router{};
    auto closed = route(Method::get, "/staff", [](Request const& request, PathParameters const&) {
        return text(std::any_cast<std::string>(request.principal));
    });
    closed.access = Access::staff;
    router.add(closed);
    {
        auto threads = IoThreads{1, nullptr};
        auto tls = TlsContext{certificate()};
        auto log = Log{LogFormat::json, LogLevel::error};
        auto metrics = Metrics{};
        EXPECT_THROW((Listener{threads, tls, router, quick_settings(), log, metrics}), ContractViolation) << "no gate, no service";
    }
    router.set_gate([](Request& request, PathParameters const&, Access access) -> asio::awaitable<std::optional<Response>> {
        if (request.cookie("__Host-login") != "good" || access != Access::staff) {
            auto what = Problem{};
            what.status = 403;
            co_return problem(what);
        }
        request.principal = std::string{"grace"};
        co_return std::nullopt;
    });
    auto server = TestServer{std::move(router)};
    auto main = [&]() -> asio::awaitable<void> {
        auto client = HttpClient{server.client()};
        auto const refused = co_await client.get("/staff");
        EXPECT_EQ(refused.value().status, 403);
        client.cookies().emplace_back("__Host-login", "good");
        auto const welcome = co_await client.get("/staff");
        EXPECT_EQ(welcome.value().body, "grace");
    };
    run(main);
}

} // namespace
} // namespace assay::net
