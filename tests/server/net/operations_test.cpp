#include "server/net/operations.hpp"

#include "test_server.hpp"

namespace assay::net {
namespace {

using namespace test;

/// What the route answers to a caller at `peer`.
Response ask(std::vector<Route> const& routes, std::string_view pattern, std::string peer)
{
    auto response = Response{};
    auto main = [&]() -> asio::awaitable<void> {
        auto request = Request{};
        request.peer = peer;
        auto const found = std::ranges::find(routes, pattern, &Route::pattern);
        auto const path = PathParameters{};
        response = co_await found->handler(request, path);
    };
    run(main);
    return response;
}

TEST(Readiness, SaysWhichCheckFailsToOperatorsOnly)
{
    auto readiness = Readiness{};
    auto metrics = Metrics{};
    readiness.add("disk", []() -> asio::awaitable<std::optional<std::string>> { co_return std::nullopt; });
    readiness.add("clock", []() -> asio::awaitable<std::optional<std::string>> { co_return "400 ms off"; });
    auto const routes = operations_routes(readiness, metrics, {"127.0.0.0/8"});
    auto const inside = ask(routes, "/readyz", "127.0.0.1");
    EXPECT_EQ(inside.status, 503);
    EXPECT_NE(inside.body.find("400 ms off"), std::string::npos);
    EXPECT_NE(inside.body.find("\"disk\":\"passed\""), std::string::npos);
    auto const outside = ask(routes, "/readyz", "203.0.113.1");
    EXPECT_EQ(outside.status, 503);
    EXPECT_EQ(outside.body.find("400 ms off"), std::string::npos);
}

TEST(Readiness, FailsACheckThatThrowsOrHangs)
{
    auto readiness = Readiness{};
    auto metrics = Metrics{};
    readiness.add("throws", []() -> asio::awaitable<std::optional<std::string>> {
        throw std::runtime_error{"no route to database"};
        co_return std::nullopt;
    });
    readiness.add("hangs", []() -> asio::awaitable<std::optional<std::string>> {
        co_await test::sleep(1h);
        co_return std::nullopt;
    });
    auto const response = ask(operations_routes(readiness, metrics, {"::1/128"}), "/healthz", "::1");
    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.body.find("no route to database"), std::string::npos);
    EXPECT_NE(response.body.find("\"hangs\":\"not done in the time allowed\""), std::string::npos) << response.body;
}

TEST(Readiness, EndsWhenDrainingBegins)
{
    auto readiness = Readiness{};
    auto metrics = Metrics{};
    auto const routes = operations_routes(readiness, metrics, {});
    EXPECT_EQ(ask(routes, "/readyz", "203.0.113.1").status, 200);
    readiness.set_draining();
    EXPECT_EQ(ask(routes, "/readyz", "203.0.113.1").status, 503);
    EXPECT_EQ(ask(routes, "/livez", "203.0.113.1").status, 200) << "still alive: restarting it would lose connections";
}

TEST(MetricsRoute, IsForOperatorsOnly)
{
    auto readiness = Readiness{};
    auto metrics = Metrics{};
    metrics.counter("assay_things_total", "Things");
    auto const routes = operations_routes(readiness, metrics, {"127.0.0.0/8"});
    EXPECT_NE(ask(routes, "/metrics", "127.0.0.1").body.find("assay_things_total"), std::string::npos);
    EXPECT_EQ(ask(routes, "/metrics", "203.0.113.1").status, 404);
}

} // namespace
} // namespace assay::net
