#include "raw_tls.hpp"
#include "test_server.hpp"

#include "async/with_deadline.hpp"

namespace assay::net {
namespace {

using namespace test;

asio::awaitable<void> echo(std::shared_ptr<Connection> connection)
{
    for (;;) {
        auto message = co_await connection->receive();
        if (!message) co_return;
        if (!connection->send(std::move(*message))) co_return;
    }
}

WebSocketRoute websocket(std::function<asio::awaitable<void>(std::shared_ptr<Connection>)> serve, ConnectionLimits limits = {})
{
    auto made = WebSocketRoute{};
    made.pattern = "/t/{tenant}/exam/ws";
    made.subprotocol = "assay.exam.v1";
    made.limits = limits;
    made.decide = [serve](Request const& request, PathParameters const& path) -> asio::awaitable<UpgradeDecision> {
        if (path[0].second != "demo" || request.query("ticket") == "bad") {
            auto what = Problem{};
            what.status = 401;
            auto refused = Refused{problem(what)};
            co_return refused;
        }
        auto accepted = Accepted{serve};
        co_return accepted;
    };
    return made;
}

Router with(WebSocketRoute route)
{
    auto router = Router{};
    router.add(std::move(route));
    return router;
}

WebSocketSettings settings_for(TestServer const& server)
{
    auto settings = WebSocketSettings{};
    settings.client = server.client();
    settings.target = "/t/demo/exam/ws?ticket=good";
    settings.subprotocol = "assay.exam.v1";
    settings.origin = "https://localhost";
    return settings;
}

/// The HTTP status that refuses this upgrade; 0 when it is accepted.
int refusal_of(WebSocketSettings settings)
{
    auto status = -1;
    auto main = [&]() -> asio::awaitable<void> {
        auto refused_with = 0;
        auto const connection = co_await connect_websocket(settings, &refused_with);
        status = connection ? 0 : refused_with;
    };
    run(main);
    return status;
}

/// How receive() ends on the client's side, and how the server closed.
struct End {
    boost::system::error_code error;
    ClosedAs as;
};
asio::awaitable<End> wait_for_end(std::shared_ptr<Connection> connection)
{
    auto end = End{};
    for (;;) {
        auto const message = co_await connection->receive();
        if (message) continue;
        end.error = message.error();
        break;
    }
    co_await connection->closed();
    end.as = connection->closed_as();
    co_return end;
}

TEST(WebSocket, EchoesMessagesOfEverySizeInOrder)
{
    auto limits = ConnectionLimits{};
    limits.message_size_max = 300'000;
    auto server = TestServer{with(websocket(echo, limits))};
    auto main = [&]() -> asio::awaitable<void> {
        auto settings = settings_for(server);
        settings.limits.message_size_max = 300'000;
        auto const connection = (co_await connect_websocket(settings)).value();
        auto const sizes = std::vector<std::size_t>{0, 1, 125, 126, 65'535, 65'536, 300'000};
        for (auto const size : sizes) EXPECT_TRUE(connection->send(Bytes(size, static_cast<std::byte>(size % 251))));
        for (auto const size : sizes) {
            auto const message = co_await connection->receive();
            EXPECT_EQ(message.value(), Bytes(size, static_cast<std::byte>(size % 251))) << size;
        }
        connection->close(CloseCode::normal, "done");
        co_await connection->closed();
        EXPECT_EQ(connection->closed_as().code, CloseCode::normal);
        EXPECT_FALSE(connection->is_open());
        EXPECT_EQ(connection->send(Bytes{}).error(), errc::connection_closed);
    };
    run(main);
}

TEST(WebSocket, RefusesWrongOriginsSubprotocolsTicketsAndAddresses)
{
    auto server = TestServer{with(websocket(echo))};
    auto const good = settings_for(server);
    EXPECT_EQ(refusal_of(good), 0);
    auto settings = good;
    settings.origin = "https://evil.example";
    EXPECT_EQ(refusal_of(settings), 403);
    settings = good;
    settings.origin = "null";
    EXPECT_EQ(refusal_of(settings), 403);
    settings = good;
    settings.subprotocol = "assay.exam.v2";
    EXPECT_EQ(refusal_of(settings), 400);
    settings = good;
    settings.subprotocol = "";
    EXPECT_EQ(refusal_of(settings), 400);
    settings = good;
    settings.target = "/t/demo/exam/ws?ticket=bad";
    EXPECT_EQ(refusal_of(settings), 401);
    settings = good;
    settings.target = "/t/demo/elsewhere";
    EXPECT_EQ(refusal_of(settings), 404);
}

TEST(WebSocket, RefusesMalformedUpgrades)
{
    auto server = TestServer{with(websocket(echo))};
    auto const upgrade = [&](std::string const& headers) {
        auto client = RawTls{server.listener.port()};
        client.send("GET /t/demo/exam/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" + headers + "\r\n");
        return client.read_response().substr(9, 3);
    };
    auto const rest = std::string{"Sec-WebSocket-Protocol: assay.exam.v1\r\n"};
    auto const key = std::string{"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"};
    auto const connection = std::string{"Connection: keep-alive, Upgrade\r\n"};
    auto const version = std::string{"Sec-WebSocket-Version: 13\r\n"};
    EXPECT_EQ(upgrade(connection + version + key + rest), "101");
    EXPECT_EQ(upgrade(connection + version + rest), "400");
    EXPECT_EQ(upgrade(connection + version + "Sec-WebSocket-Key: short\r\n" + rest), "400");
    EXPECT_EQ(upgrade(version + key + rest), "400");
    EXPECT_EQ(upgrade(connection + "Sec-WebSocket-Version: 8\r\n" + key + rest), "426");
}

TEST(WebSocket, AcceptsTheKeyAsRfc6455Computes)
{
    auto server = TestServer{with(websocket(echo))};
    auto client = RawTls{server.listener.port()};
    client.send("GET /t/demo/exam/ws HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: other, assay.exam.v1\r\nSec-WebSocket-Version: 13\r\n\r\n");
    auto const response = client.read_response();
    EXPECT_NE(response.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos) << response; // section 1.3
    EXPECT_NE(response.find("Sec-WebSocket-Protocol: assay.exam.v1\r\n"), std::string::npos) << response;
    // An unmasked frame from a client must end the connection (section 5.1); a text frame, since ours are binary.
    client.send(std::string_view{"\x82\x01x", 3});
    EXPECT_FALSE(client.read_to_end().empty()) << "a close frame says why";
}

TEST(WebSocket, ClosesOnATextMessage)
{
    auto server = TestServer{with(websocket(echo))};
    auto client = RawTls{server.listener.port()};
    client.send("GET /t/demo/exam/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: assay.exam.v1\r\nSec-WebSocket-Version: 13\r\n\r\n");
    client.read_response();
    client.send(std::string_view{"\x81\x81\0\0\0\0x", 7});
    auto const frame = client.read_some();
    ASSERT_GE(frame.size(), 4u);
    EXPECT_EQ(static_cast<unsigned char>(frame[0]), 0x88);
    EXPECT_EQ((static_cast<unsigned char>(frame[2]) << 8) | static_cast<unsigned char>(frame[3]), 1003);
}

TEST(WebSocket, ClosesOnATooLargeMessage)
{
    auto limits = ConnectionLimits{};
    limits.message_size_max = 1000;
    auto server = TestServer{with(websocket(echo, limits))};
    auto main = [&]() -> asio::awaitable<void> {
        auto const connection = (co_await connect_websocket(settings_for(server))).value();
        EXPECT_TRUE(connection->send(Bytes(1001)));
        auto const end = co_await wait_for_end(connection);
        EXPECT_EQ(end.as.code, CloseCode::message_too_big);
    };
    run(main);
}

TEST(WebSocket, ClosesOnTooManyMessages)
{
    auto limits = ConnectionLimits{};
    limits.messages_per_second = 1;
    limits.messages_burst = 5;
    auto server = TestServer{with(websocket(echo, limits))};
    auto main = [&]() -> asio::awaitable<void> {
        auto const connection = (co_await connect_websocket(settings_for(server))).value();
        for (auto i = 0; i < 10; ++i) EXPECT_TRUE(connection->send(Bytes(1)));
        auto const end = co_await wait_for_end(connection);
        EXPECT_EQ(end.as.code, CloseCode::policy_violation);
        EXPECT_EQ(end.as.reason, "too many messages");
    };
    run(main);
}

TEST(WebSocket, DropsAPeerThatGoesSilent)
{
    auto limits = ConnectionLimits{};
    limits.silence_max = 400ms;
    auto ended = std::atomic<bool>{false};
    auto code = boost::system::error_code{};
    auto serve = [&](std::shared_ptr<Connection> connection) -> asio::awaitable<void> {
        auto const message = co_await connection->receive();
        code = message.error();
        ended = true;
    };
    auto server = TestServer{with(websocket(serve, limits))};
    auto client = RawTls{server.listener.port()}; // never answers the ping
    client.send("GET /t/demo/exam/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: assay.exam.v1\r\nSec-WebSocket-Version: 13\r\n\r\n");
    client.read_response();
    for (auto i = 0; i < 300 && !ended; ++i) std::this_thread::sleep_for(10ms);
    ASSERT_TRUE(ended);
    EXPECT_EQ(code, errc::timed_out);
}

TEST(WebSocket, KeepsAQuietPeerThatAnswersPings)
{
    auto limits = ConnectionLimits{};
    limits.silence_max = 300ms;
    auto server = TestServer{with(websocket(echo, limits))};
    auto main = [&]() -> asio::awaitable<void> {
        auto const connection = (co_await connect_websocket(settings_for(server))).value();
        co_await test::sleep(1s);
        EXPECT_TRUE(connection->send(Bytes(3)));
        auto const message = co_await connection->receive();
        EXPECT_EQ(message.value().size(), 3u);
    };
    run(main);
}

TEST(WebSocket, RefusesToQueueWithoutBoundForAPeerThatDoesNotRead)
{
    auto full = std::atomic<bool>{false};
    auto serve = [&](std::shared_ptr<Connection> connection) -> asio::awaitable<void> {
        for (auto i = 0; i < 100 && !full; ++i) {
            auto const sent = connection->send(Bytes(900'000));
            full = !sent && sent.error() == errc::queue_full;
            co_await test::sleep(1ms);
        }
    };
    auto limits = ConnectionLimits{};
    limits.close_max = 300ms;
    auto server = TestServer{with(websocket(serve, limits))};
    auto client = RawTls{server.listener.port()};
    client.send("GET /t/demo/exam/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: assay.exam.v1\r\nSec-WebSocket-Version: 13\r\n\r\n");
    for (auto i = 0; i < 500 && !full; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(full);
    for (auto i = 0; i < 300 && server.listener.connections() > 0; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(server.listener.connections(), 0u) << "closing must not wait for ever for what cannot be flushed";
}

TEST(WebSocket, LosesNothingWhenAWaitIsCancelled)
{
    auto server = TestServer{with(websocket(echo))};
    auto main = [&]() -> asio::awaitable<void> {
        auto const connection = (co_await connect_websocket(settings_for(server))).value();
        for (auto i = 0; i < 5; ++i) {
            auto const nothing = co_await async::with_deadline(connection->receive(), 20ms);
            EXPECT_EQ(nothing.error(), async::errc::deadline_exceeded);
        }
        EXPECT_TRUE(connection->send(Bytes(7)));
        auto const message = co_await connection->receive();
        EXPECT_EQ(message.value().size(), 7u);
    };
    run(main);
}

TEST(WebSocket, ClosesWithItsCodeAfterWhatWasQueued)
{
    auto serve = [](std::shared_ptr<Connection> connection) -> asio::awaitable<void> {
        for (auto i = 0; i < 10; ++i) EXPECT_TRUE(connection->send(Bytes(1000, static_cast<std::byte>(i))));
        connection->close(CloseCode::fenced, "another device has taken over");
        co_return;
    };
    auto server = TestServer{with(websocket(serve))};
    auto main = [&]() -> asio::awaitable<void> {
        auto const connection = (co_await connect_websocket(settings_for(server))).value();
        for (auto i = 0; i < 10; ++i) {
            auto const message = co_await connection->receive();
            EXPECT_EQ(message.value(), Bytes(1000, static_cast<std::byte>(i)));
        }
        auto const end = co_await wait_for_end(connection);
        EXPECT_EQ(end.error, errc::connection_closed);
        EXPECT_EQ(end.as.code, CloseCode::fenced);
        EXPECT_EQ(end.as.reason, "another device has taken over");
    };
    run(main);
}

TEST(WebSocket, AHandlerThatThrowsClosesWithAnInternalError)
{
    auto serve = [](std::shared_ptr<Connection>) -> asio::awaitable<void> {
        throw std::runtime_error{"the journal is gone"};
        co_return;
    };
    auto server = TestServer{with(websocket(serve))};
    auto main = [&]() -> asio::awaitable<void> {
        auto const connection = (co_await connect_websocket(settings_for(server))).value();
        auto const end = co_await wait_for_end(connection);
        EXPECT_EQ(end.as.code, CloseCode::internal_error);
    };
    run(main);
    EXPECT_NE(server.logged().find("the journal is gone"), std::string::npos);
}

TEST(WebSocket, AHandleThatGoesDropsTheConnection)
{
    auto server = TestServer{with(websocket(echo))};
    auto main = [&]() -> asio::awaitable<void> {
        auto connection = (co_await connect_websocket(settings_for(server))).value();
        EXPECT_TRUE(connection->send(Bytes(1)));
        connection.reset();
        co_return;
    };
    run(main);
    for (auto i = 0; i < 300 && server.listener.connections() > 0; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(server.listener.connections(), 0u);
}

TEST(Drain, TellsWebSocketsInTheirOwnProtocolAndClosesThemWith1012)
{
    auto serve = [](std::shared_ptr<Connection> connection) -> asio::awaitable<void> {
        connection->on_drain([weak = std::weak_ptr{connection}] {
            auto const open = weak.lock();
            EXPECT_TRUE(open && open->send(to_bytes("come back in 3 s")));
        });
        EXPECT_TRUE(connection->send(to_bytes("ready")));
        while ((co_await connection->receive()).has_value()) {
        }
    };
    auto server = TestServer{with(websocket(serve))};
    auto drained = std::thread{};
    auto main = [&]() -> asio::awaitable<void> {
        auto const connection = (co_await connect_websocket(settings_for(server))).value();
        auto const ready = co_await connection->receive();
        EXPECT_EQ(text_of(ready.value()), "ready");
        drained = std::thread{[&] { server.drain(); }};
        auto const notice = co_await connection->receive();
        EXPECT_EQ(text_of(notice.value()), "come back in 3 s");
        auto const end = co_await wait_for_end(connection);
        EXPECT_EQ(end.as.code, CloseCode::service_restart);
    };
    run(main);
    drained.join();
    EXPECT_EQ(server.listener.connections(), 0u);
}

} // namespace
} // namespace assay::net
