#pragma once
// The one transport: TLS over TCP. Each further stream type would compile Beast once more.
#include "server/net/client.hpp"
#include "server/net/connection.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace assay::net::detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using TlsStream = beast::ssl_stream<beast::tcp_stream>;

struct WebSocketEnd {
    ConnectionLimits limits;
    std::string subprotocol;
    std::string peer;
    std::string request_id;
};

/// Completes the server's handshake for a request that has been checked. nullptr when the peer went away meanwhile.
asio::awaitable<std::shared_ptr<Connection>> accept_websocket(TlsStream stream, http::request<http::string_body> upgrade, WebSocketEnd end);

/// The client's handshake. errc::upgrade_refused, and the status in `refused_with` when there is one.
asio::awaitable<result<std::shared_ptr<Connection>>> open_websocket(TlsStream stream, WebSocketSettings settings, int* refused_with);

/// Connects, shakes hands, compares the pin. No deadline of its own.
asio::awaitable<result<TlsStream>> connect_tls(ClientSettings settings);

} // namespace assay::net::detail
