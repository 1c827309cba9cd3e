#pragma once
// The other end, for tests, the load generator and the robot candidate: HTTPS with cookies, and WebSockets.
#include "server/net/connection.hpp"
#include "server/net/http_types.hpp"

#include <boost/asio/awaitable.hpp>

namespace assay::net {

struct ClientSettings {
    std::string host = "localhost";
    std::uint16_t port = 8443;
    std::string connect_to;               ///< address to connect to when it is not what `host` resolves to
    std::string pinned_certificate;       ///< SHA-256 of the DER leaf, hex; empty: any certificate (tests on loopback only)
    std::chrono::milliseconds deadline{15'000}; ///< of one call, connecting included
    std::size_t body_max = 16 << 20;
};

struct ClientResponse {
    int status = 0;
    Headers headers;
    std::string body;
};

/// One keep-alive connection and a cookie jar. Redirects are answers, not followed. One call at a time; it runs on the executor
/// of the coroutine that awaits it.
/// Errors: errc::connect_failed, timed_out, malformed_response, connection_closed.
class HttpClient {
public:
    explicit HttpClient(ClientSettings settings);
    ~HttpClient();

    boost::asio::awaitable<result<ClientResponse>> get(std::string target, Headers headers = {});
    boost::asio::awaitable<result<ClientResponse>> post(std::string target, std::string body, std::string content_type,
                                                        Headers headers = {});
    /// Any method, also ones that a server must refuse.
    boost::asio::awaitable<result<ClientResponse>> request(std::string method, std::string target, std::string body, Headers headers);

    Parameters& cookies() noexcept;       ///< names with their __Host- prefix
    std::string cookie_header() const;    ///< for connect_websocket

private:
    struct Implementation;
    std::shared_ptr<Implementation> implementation_;
};

struct WebSocketSettings {
    ClientSettings client;
    std::string target;                   ///< "/t/demo/exam/ws"
    std::string subprotocol;
    std::string origin;                   ///< "https://localhost:8443"; empty: none is sent
    Headers headers;                      ///< cookies and others
    ConnectionLimits limits;
};

/// Connects and upgrades. Errors: errc::connect_failed, timed_out; errc::upgrade_refused, `refused_with` then has the status.
boost::asio::awaitable<result<std::shared_ptr<Connection>>> connect_websocket(WebSocketSettings settings, int* refused_with = nullptr);

} // namespace assay::net
