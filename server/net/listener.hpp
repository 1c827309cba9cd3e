#pragma once
#include "server/net/io_threads.hpp"
#include "server/net/router.hpp"

#include <array>
#include <chrono>

namespace assay::net {

class Log;
class Metrics;
class TlsContext;

/// A token bucket: `per_second` refills it, `burst` is its size.
struct Rate {
    double per_second;
    double burst;
};

struct ListenerSettings {
    std::string address = "::";                    ///< "::" takes IPv4 too
    std::uint16_t port = 8443;                     ///< 0: any free one (tests); a busy one is an error
    std::vector<std::string> origins;              ///< allowed Origin values of WebSocket upgrades, "https://localhost:8443"
    std::vector<std::string> trusted_proxies;      ///< networks ("10.0.0.0/8") whose X-Forwarded-For is believed

    std::size_t connections_max = 8192;
    std::size_t connections_per_address_max = 128; ///< an IPv6 address counts by its /64
    std::size_t upgrades_pending_max = 256;        ///< WebSocket upgrades not yet decided
    std::size_t header_max = 8 * 1024;             ///< bytes; over it 431
    std::chrono::milliseconds handshake_deadline{10'000};
    std::chrono::milliseconds header_deadline{10'000}; ///< from its first byte to its last: slow senders are cut off
    std::chrono::milliseconds body_deadline{30'000};
    std::chrono::milliseconds write_deadline{30'000};
    std::chrono::milliseconds idle_max{60'000};    ///< between requests of one connection
    std::chrono::milliseconds drain_max{10'000};
    std::size_t requests_per_connection_max = 1000;

    /// By RateClass, in its order: assets, pages, api, sign_in, upload, verification, operations.
    std::array<Rate, rate_class_count> rates{{{200, 400}, {20, 60}, {50, 100}, {0.5, 10}, {2, 20}, {5, 30}, {10, 30}}};
    std::size_t rated_addresses_max = 65'536;      ///< buckets kept; full ones go first
};

/// HTTPS and WebSocket over TLS 1.2/1.3, one acceptor a thread (SO_REUSEPORT).
/// Every response carries the security headers; every request gets an id, a log line and a place in the histograms. What a
/// handler throws ends here: logged with the request id, answered 503 (world broken, overloaded) or 500 (our bug).
class Listener {
public:
    /// Expects a gate when any route needs one. The router is complete by now. All references outlive the threads' contexts.
    Listener(IoThreads& threads, TlsContext& tls, Router const& router, ListenerSettings settings, Log& log, Metrics& metrics);
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;
    ~Listener(); ///< drops what has not been drained; the threads must still run then

    /// Binds and starts to accept. Throws boost::system::system_error when the port is busy or not ours to take.
    void start();
    std::uint16_t port() const noexcept;
    std::size_t connections() const;

    /// Thread-safe: stops accepting, lets running requests finish, calls on_drain of every WebSocket, closes them with 1012, and
    /// returns when the last connection has ended, or drops the rest after drain_max. Blocks: not for io threads.
    /// Call it after readiness has turned false and the load balancer has had time to see it.
    void drain();
    /// Thread-safe, the second signal: a drain() that is waiting drops the rest now.
    void force();

private:
    struct Shared;
    class Acceptor;
    std::shared_ptr<Shared> shared_;
    std::vector<std::shared_ptr<Acceptor>> acceptors_;
};

} // namespace assay::net
