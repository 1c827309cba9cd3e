#pragma once
// A WebSocket as its users see it. One source knows Beast's (websocket.cpp); this keeps 60 s of compiling away from the rest.
#include "core/bytes.hpp"
#include "server/net/errors.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>

namespace assay::net {

struct ConnectionLimits {
    std::size_t message_size_max = 64 * 1024;     ///< bytes received in one message; over it: closed with 1009
    double messages_per_second = 20;              ///< sustained; over it: closed with 1008
    double messages_burst = 60;
    std::size_t outgoing_messages_max = 64;       ///< waiting to be sent; over it: errc::queue_full
    std::size_t outgoing_bytes_max = 1 << 20;
    std::size_t incoming_messages_max = 8;        ///< read ahead of receive(); then the peer has to wait (TCP)
    std::chrono::milliseconds silence_max{30'000};///< nothing heard, not even a pong (we ping at half of it): dropped
    std::chrono::milliseconds close_max{5'000};   ///< the closing handshake, and flushing what is queued before it
};

/// RFC 6455 section 7.4.1, and ours from 4000 on.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    unsupported_data = 1003,
    abnormal = 1006,        ///< never sent: the connection just ended
    policy_violation = 1008,
    message_too_big = 1009,
    internal_error = 1011,
    service_restart = 1012, ///< drain: come back after a random pause
    fenced = 4001,          ///< another connection has taken over this sitting
};

struct ClosedAs {
    CloseCode code = CloseCode::abnormal; ///< also a code that the peer made up
    std::string reason;
};

/// One WebSocket connection, server or client side, binary messages only. Lives on one thread: all members are called there.
/// Reading and sending go on in the background, owned by the connection; destroying it drops the TCP connection.
class Connection {
public:
    virtual ~Connection() = default;

    /// The next message. One caller at a time; cancelling the wait (with_deadline) loses nothing.
    /// Errors: errc::connection_closed, message_too_large, rate_exceeded, timed_out. After an error, always that error.
    virtual boost::asio::awaitable<result<Bytes>> receive() = 0;

    /// Queues one message; returns at once. Errors: errc::queue_full (nothing queued), errc::connection_closed.
    virtual result<void> send(Bytes message) = 0;

    /// Returns when all that was queued has been given to the operating system, or the connection has ended.
    virtual boost::asio::awaitable<void> flush() = 0;

    /// Closes after what is queued has been sent. The first call counts. Expects a reason of at most 123 bytes of UTF-8.
    virtual void close(CloseCode code, std::string reason) = 0;

    /// Returns when the connection has ended: closing handshake done, or dropped.
    virtual boost::asio::awaitable<void> closed() = 0;
    virtual bool is_open() const noexcept = 0;
    virtual ClosedAs closed_as() const = 0; ///< how the peer closed, or we did; `abnormal` while open or when dropped

    /// Called when the server drains, before it closes with 1012: the place to tell the client, in its own protocol, when
    /// to come back. Must not throw.
    virtual void on_drain(std::function<void()> hook) = 0;

    /// The listener's part: the hook, then close with 1012.
    virtual void drain() = 0;
    /// Ends the TCP connection now, without a closing handshake.
    virtual void drop() noexcept = 0;

    virtual std::string const& peer() const noexcept = 0;        ///< IP address as text
    virtual std::string const& request_id() const noexcept = 0;  ///< of the upgrade request; empty on a client
    virtual boost::asio::any_io_executor executor() const = 0;
};

} // namespace assay::net
