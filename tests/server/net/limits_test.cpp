#include "raw_tls.hpp"
#include "test_server.hpp"

#include <thread>

namespace assay::net {
namespace {

using namespace test;

Router example()
{
    auto router = Router{};
    router.add(route(Method::get, "/", [](Request const& request, PathParameters const&) { return text(request.peer); }));
    router.add(route(Method::post, "/small", [](Request const& request, PathParameters const&) { return text(request.body); }, 10));
    auto sign_in = route(Method::post, "/sign-in", [](Request const&, PathParameters const&) { return text("in"); }, 100);
    sign_in.rate_class = RateClass::sign_in;
    router.add(sign_in);
    auto slow = Route{};
    slow.pattern = "/slow";
    slow.handler = [](Request const&, PathParameters const&) -> asio::awaitable<Response> {
        co_await test::sleep(300ms);
        co_return text("done");
    };
    router.add(slow);
    return router;
}

constexpr auto get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

auto elapsed_since(std::chrono::steady_clock::time_point from) { return std::chrono::steady_clock::now() - from; }

TEST(Limits, CutOffWhoNeverShakesHands)
{
    auto settings = quick_settings();
    settings.handshake_deadline = 200ms;
    auto server = TestServer{example(), settings};
    auto options = RawTls::Options{};
    options.handshake = false;
    auto client = RawTls{server.listener.port(), options};
    auto const from = std::chrono::steady_clock::now();
    EXPECT_TRUE(client.is_closed_by_peer());
    EXPECT_LT(elapsed_since(from), 2s);
}

TEST(Limits, CutOffWhoDribblesAHeader)
{
    auto settings = quick_settings();
    settings.header_deadline = 300ms;
    auto server = TestServer{example(), settings};
    auto client = RawTls{server.listener.port()};
    auto const from = std::chrono::steady_clock::now();
    client.send("GET / HTTP/1.1\r\n");
    for (auto i = 0; i < 20 && elapsed_since(from) < 600ms; ++i) { // each byte is in time, the whole is not
        client.send("X");
        std::this_thread::sleep_for(50ms);
    }
    EXPECT_TRUE(client.is_closed_by_peer());
    EXPECT_LT(elapsed_since(from), 2s);
}

TEST(Limits, CutOffWhoDribblesABody)
{
    auto settings = quick_settings();
    settings.body_deadline = 200ms;
    auto server = TestServer{example(), settings};
    auto client = RawTls{server.listener.port()};
    auto const from = std::chrono::steady_clock::now();
    client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123");
    client.read_to_end();
    EXPECT_LT(elapsed_since(from), 2s);
    // The client sees the end a moment before the server has put the connection away.
    for (auto i = 0; i < 100 && server.listener.connections() != 0; ++i) std::this_thread::sleep_for(20ms);
    EXPECT_EQ(server.listener.connections(), 0u);
}

TEST(Limits, CloseAConnectionThatIdles)
{
    auto settings = quick_settings();
    settings.idle_max = 200ms;
    auto server = TestServer{example(), settings};
    auto client = RawTls{server.listener.port()};
    client.send(get);
    EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(Limits, RefuseALargeHeader)
{
    auto server = TestServer{example()};
    auto client = RawTls{server.listener.port()};
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Large: " + std::string(10'000, 'x') + "\r\n\r\n");
    EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 431 "));
}

TEST(Limits, RefuseALargeBodyBeforeAndWhileItComes)
{
    auto server = TestServer{example()};
    {
        auto client = RawTls{server.listener.port()};
        client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000000\r\n\r\n");
        auto const response = client.read_response();
        EXPECT_TRUE(response.starts_with("HTTP/1.1 413 ")) << response;
        EXPECT_NE(response.find("At most 10 bytes"), std::string::npos);
        EXPECT_NE(response.find("Connection: close"), std::string::npos);
    }
    {
        auto client = RawTls{server.listener.port()};
        client.send("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n");
        EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 413 "));
    }
    {
        auto client = RawTls{server.listener.port()};
        client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 413 ")) << "a GET route takes no body";
    }
}

TEST(Limits, LetTheClientHearARefusalWhileItStillSends)
{
    auto server = TestServer{example()};
    auto client = RawTls{server.listener.port()};
    client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
    client.send(std::string(100'000, 'x'));
    EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 413 "));
}

TEST(Limits, RefuseTooManyRequestsAndSayWhenToComeBack)
{
    auto settings = quick_settings();
    settings.rates[static_cast<std::size_t>(RateClass::sign_in)] = {0.1, 2};
    auto server = TestServer{example(), settings};
    auto client = RawTls{server.listener.port()};
    auto response = std::string{};
    for (auto i = 0; i < 3; ++i) {
        client.send("POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        response = client.read_response();
    }
    EXPECT_TRUE(response.starts_with("HTTP/1.1 429 ")) << response;
    EXPECT_NE(response.find("Retry-After: 10\r\n"), std::string::npos) << response;
    client.send(get);
    EXPECT_TRUE(client.read_response().starts_with("HTTP/1.1 200")) << "another class has its own bucket";
}

TEST(Limits, CountConnectionsByAddress)
{
    auto settings = quick_settings();
    settings.connections_per_address_max = 2;
    auto server = TestServer{example(), settings};
    auto first = std::make_unique<RawTls>(server.listener.port());
    auto const second = RawTls{server.listener.port()};
    EXPECT_TRUE(second.is_connected());
    EXPECT_FALSE(RawTls{server.listener.port()}.is_connected());
    first.reset();
    for (auto i = 0; i < 100 && server.listener.connections() > 1; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(RawTls{server.listener.port()}.is_connected());
}

TEST(Limits, CloseAfterTheLastRequestThatAConnectionMayMake)
{
    auto settings = quick_settings();
    settings.requests_per_connection_max = 2;
    auto server = TestServer{example(), settings};
    auto client = RawTls{server.listener.port()};
    client.send(get);
    EXPECT_EQ(client.read_response().find("Connection: close"), std::string::npos);
    client.send(get);
    EXPECT_NE(client.read_response().find("Connection: close"), std::string::npos);
    EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(Limits, BelieveForwardedAddressesOfATrustedProxy)
{
    auto settings = quick_settings();
    settings.trusted_proxies = {"127.0.0.0/8"};
    auto server = TestServer{example(), settings};
    auto client = RawTls{server.listener.port()};
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6, 198.51.100.4\r\n\r\n");
    EXPECT_TRUE(client.read_response().ends_with("\r\n\r\n198.51.100.4"));
}

TEST(Drain, FinishesRunningRequestsAndClosesIdleConnections)
{
    auto server = TestServer{example()};
    auto idle = RawTls{server.listener.port()};
    idle.send(get);
    idle.read_response();
    auto busy = RawTls{server.listener.port()};
    busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    auto const from = std::chrono::steady_clock::now();
    auto drained = std::thread{[&] { server.drain(); }};
    EXPECT_TRUE(idle.is_closed_by_peer());
    EXPECT_TRUE(busy.read_response().ends_with("done"));
    EXPECT_TRUE(busy.is_closed_by_peer());
    drained.join();
    EXPECT_LT(elapsed_since(from), 1500ms);
    EXPECT_EQ(server.listener.connections(), 0u);
    EXPECT_FALSE(RawTls{server.listener.port()}.is_connected()) << "nobody new is let in";
}

TEST(Drain, DropsWhoDoesNotEndInTime)
{
    auto settings = quick_settings();
    settings.drain_max = 200ms;
    auto router = Router{};
    auto endless = Route{};
    endless.pattern = "/endless";
    endless.deadline = 1h;
    endless.handler = [](Request const&, PathParameters const&) -> asio::awaitable<Response> {
        co_await test::sleep(1h);
        co_return text("never");
    };
    router.add(endless);
    auto server = TestServer{std::move(router), settings};
    auto client = RawTls{server.listener.port()};
    client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    auto const from = std::chrono::steady_clock::now();
    server.drain();
    EXPECT_LT(elapsed_since(from), 2s);
    EXPECT_EQ(server.listener.connections(), 0u);
}

TEST(Drain, IsCutShortBySecondSignal)
{
    auto settings = quick_settings();
    settings.drain_max = 1h;
    auto router = Router{};
    auto endless = Route{};
    endless.pattern = "/endless";
    endless.deadline = 1h;
    endless.handler = [](Request const&, PathParameters const&) -> asio::awaitable<Response> {
        co_await test::sleep(1h);
        co_return text("never");
    };
    router.add(endless);
    auto server = TestServer{std::move(router), settings};
    auto client = RawTls{server.listener.port()};
    client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
    std::this_thread::sleep_for(100ms);
    auto drained = std::thread{[&] { server.drain(); }};
    std::this_thread::sleep_for(100ms);
    auto const from = std::chrono::steady_clock::now();
    server.listener.force();
    drained.join();
    EXPECT_LT(elapsed_since(from), 2s);
}

TEST(Listener, RefusesABusyPort)
{
    auto server = TestServer{example()};
    auto settings = quick_settings();
    settings.port = server.listener.port();
    auto threads = IoThreads{1, nullptr};
    auto second = Listener{threads, server.tls, server.router, settings, server.log, server.metrics};
    try {
        second.start();
        FAIL() << "two servers on one port";
    } catch (boost::system::system_error const& error) {
        EXPECT_EQ(error.code(), boost::system::errc::address_in_use);
    }
}

} // namespace
} // namespace assay::net
