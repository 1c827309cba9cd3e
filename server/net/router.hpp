#pragma once
// Routes as data: one table that the listener serves, tests walk, and the OpenAPI document is held to.
#include "server/net/connection.hpp"
#include "server/net/http_types.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <variant>

namespace assay::net {

/// Which token bucket a request draws from, per address (ListenerSettings::rates).
enum class RateClass { assets, pages, api, sign_in, upload, verification, operations };
constexpr std::size_t rate_class_count = 7;
std::string_view to_string(RateClass rate_class) noexcept;

/// Who may call. Everything but `anyone` passes the gate first; without a gate such routes are refused at start.
enum class Access { anyone, candidate, staff, operations };
std::string_view to_string(Access access) noexcept;

using PathParameters = Parameters; ///< {tenant} in the pattern becomes ("tenant", decoded segment)

using Handler = std::function<boost::asio::awaitable<Response>(Request const&, PathParameters const&)>;

struct Route {
    Method method = Method::get;       ///< a GET route answers HEAD too
    std::string pattern;               ///< "/t/{tenant}/exam/{sitting}"; a last "{name...}" takes all remaining segments, joined by '/'
    std::size_t body_max = 0;          ///< bytes; over it 413, before the body is read
    RateClass rate_class = RateClass::pages;
    Access access = Access::anyone;
    bool camera = false;               ///< the page may ask for camera, microphone and screen (Permissions-Policy)
    std::chrono::milliseconds deadline{15'000}; ///< the handler's; then cancelled and 503
    Handler handler;
};

/// The answer to a WebSocket upgrade: a response instead, or what to do with the connection.
/// `serve` returns when it has finished; the connection is then flushed and closed.
struct Refused {
    Response response;
};
struct Accepted {
    std::function<boost::asio::awaitable<void>(std::shared_ptr<Connection>)> serve;
};
using UpgradeDecision = std::variant<Refused, Accepted>;

struct WebSocketRoute {
    std::string pattern;
    std::string subprotocol;           ///< the client must offer it; 400 otherwise
    RateClass rate_class = RateClass::api;
    Access access = Access::anyone;
    ConnectionLimits limits;
    /// Called after method, Origin (allow-list), subprotocol and gate were checked: look up session or ticket here.
    std::function<boost::asio::awaitable<UpgradeDecision>(Request const&, PathParameters const&)> decide;
};

/// Checks `access` before the handler: sets request.principal and returns nothing, or returns the refusal.
using Gate = std::function<boost::asio::awaitable<std::optional<Response>>(Request&, PathParameters const&, Access)>;

/// Immutable once it serves; shared by all threads.
class Router {
public:
    /// Expects a well-formed pattern that no other route of the same method matches (literals go before parameters).
    void add(Route route);
    void add(WebSocketRoute route);
    void add(std::vector<Route> routes);
    void set_gate(Gate gate);

    std::vector<Route> const& routes() const noexcept { return routes_; }
    std::vector<WebSocketRoute> const& websocket_routes() const noexcept { return websocket_routes_; }
    Gate const& gate() const noexcept { return gate_; }

    struct Match {
        Route const* route;
        PathParameters parameters;
    };
    struct WebSocketMatch {
        WebSocketRoute const* route;
        PathParameters parameters;
    };
    struct MethodNotAllowed {
        std::string allow; ///< for the Allow header: "GET, HEAD, POST"
    };
    struct MovedToNoSlash {
        std::string location; ///< the same address without the trailing slash, query kept: 308
    };
    struct NotFound {};
    using Outcome = std::variant<Match, MethodNotAllowed, MovedToNoSlash, NotFound>;

    /// A trailing slash is never part of a route: "/a/" moves to "/a" when that exists.
    Outcome match(Method method, Target const& target) const;
    std::optional<WebSocketMatch> match_websocket(Target const& target) const;

private:
    std::vector<Route> routes_;
    std::vector<WebSocketRoute> websocket_routes_;
    Gate gate_;
};

} // namespace assay::net
