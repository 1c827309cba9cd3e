#pragma once
// What all threads of a listener share, and what each keeps for itself.
#include "async/task_group.hpp"
#include "server/net/detail/admission.hpp"
#include "server/net/detail/networks.hpp"
#include "server/net/listener.hpp"
#include "server/net/log.hpp"
#include "server/net/metrics.hpp"
#include "server/net/tls_certificate.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <map>

namespace assay::net::detail {

/// Metrics found once, so that requests take no lock.
class EdgeMetrics {
public:
    EdgeMetrics(Metrics& metrics, Router const& router);

    void request(Route const* route, int status, std::chrono::steady_clock::duration took) const;
    void connection_opened() const;
    void connection_closed() const;
    void connection_refused() const;
    void websocket_opened() const;
    void websocket_closed() const;
    void handshake(std::chrono::steady_clock::duration took) const;
    void handshake_failed() const;
    void rate_limited(RateClass rate_class) const;
    void loop_lag(std::chrono::steady_clock::duration lag) const;

private:
    Route const* first_route_;
    std::vector<std::array<prometheus::Counter*, 6>> by_route_; ///< route, then status class 1xx..5xx; the last: no route
    std::array<prometheus::Histogram*, rate_class_count + 1> latency_{};
    std::array<prometheus::Counter*, rate_class_count> rate_limited_{};
    prometheus::Gauge* connections_;
    prometheus::Gauge* websockets_;
    prometheus::Counter* refused_;
    prometheus::Counter* handshakes_failed_;
    prometheus::Histogram* handshake_;
    prometheus::Histogram* loop_lag_;
};

/// Shared by all threads: constants, and things that are thread-safe.
struct Edge {
    Edge(TlsContext& tls_context, Router const& routes, ListenerSettings const& with, Log& to, Metrics& registry)
        : tls{tls_context}, router{routes}, settings{with}, log{to}, metrics{registry, routes}, proxies{with.trusted_proxies},
          admission{with.connections_max, with.connections_per_address_max}, limiter{with.rates, with.rated_addresses_max}
    {
    }
    TlsContext& tls;
    Router const& router;
    ListenerSettings const settings;
    Log& log;
    EdgeMetrics const metrics;
    Networks const proxies;
    Admission admission;
    RateLimiter limiter;
    std::atomic<std::size_t> upgrades_pending{0};
    std::atomic<bool> draining{false};
};

/// One thread's connections. Everything here is used on that thread only.
struct EdgeThread {
    EdgeThread(std::shared_ptr<Edge> shared, boost::asio::any_io_executor const& on)
        : owned_edge{std::move(shared)}, edge{*owned_edge}, executor{on},
          tasks{on, [&log = edge.log](std::string_view task, std::exception_ptr const& failure) {
                    log.error("connection failed", {{"task", task}, {"error", describe(failure)}});
                }}
    {
    }

    /// Says what draining means for one connection at the moment; ends with the object.
    class DrainAction {
    public:
        DrainAction(EdgeThread& thread, std::function<void()> action) : thread_{thread}, number_{thread.next_action++}
        {
            thread_.drain_actions.emplace(number_, std::move(action));
        }
        DrainAction(DrainAction const&) = delete;
        DrainAction& operator=(DrainAction const&) = delete;
        ~DrainAction() { thread_.drain_actions.erase(number_); }

    private:
        EdgeThread& thread_;
        std::uint64_t number_;
    };

    std::shared_ptr<Edge> owned_edge;
    Edge& edge;
    boost::asio::any_io_executor executor;
    std::map<std::uint64_t, std::function<void()>> drain_actions{};
    std::uint64_t next_action = 0;
    async::TaskGroup tasks;
};

/// Serves one accepted connection to its end. `thread` outlives it: its TaskGroup owns this coroutine.
boost::asio::awaitable<void> serve_connection(std::shared_ptr<EdgeThread> thread, boost::asio::ip::tcp::socket socket,
                                              boost::asio::ip::address peer, Admission::Ticket ticket);

} // namespace assay::net::detail
