// The only source that sees Beast's WebSocket: a minute of compiling that nobody else pays for.
#include "async/event.hpp"
#include "async/task_group.hpp"
#include "server/net/detail/admission.hpp"
#include "server/net/detail/transport.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

namespace assay::net::detail {

namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {

constexpr std::size_t read_buffer_size = 16 * 1024;

/// A reader and a writer in the background, a queue between each of them and the user.
class WebSocket final : public Connection, public std::enable_shared_from_this<WebSocket> {
public:
    using Stream = websocket::stream<TlsStream, false>; // without permessage-deflate: not even compiled

    WebSocket(TlsStream stream, WebSocketEnd end, asio::any_io_executor const& executor)
        : stream_{std::move(stream)}, end_{std::move(end)}, executor_{executor},
          bucket_{Rate{end_.limits.messages_per_second, end_.limits.messages_burst}, TokenBucket::Clock::now()},
          incoming_changed_{executor}, outgoing_changed_{executor}, close_timer_{executor}, tasks_{executor, nullptr}
    {
        stream_.auto_fragment(false);
        stream_.binary(true);
        stream_.read_message_max(end_.limits.message_size_max);
        // close_max bounds Beast's closing handshake; with pings on, a peer that answers them is not idle.
        stream_.set_option(websocket::stream_base::timeout{end_.limits.close_max, end_.limits.silence_max, true});
        buffer_.reserve(std::min(end_.limits.message_size_max, read_buffer_size));
    }

    Stream& stream() noexcept { return stream_; }
    void start()
    {
        tasks_.spawn("websocket reader", read_all(shared_from_this()));
        tasks_.spawn("websocket writer", write_all(shared_from_this()));
    }

    asio::awaitable<result<Bytes>> receive() override
    {
        while (incoming_.empty() && !refusal_) co_await incoming_changed_.wait();
        if (incoming_.empty()) co_return refusal_;
        auto message = std::move(incoming_.front());
        incoming_.pop_front();
        incoming_changed_.notify_all(); // the reader may wait for room
        co_return message;
    }

    result<void> send(Bytes message) override
    {
        if (refusal_ || closing_) return errc::connection_closed;
        if (outgoing_.size() >= end_.limits.outgoing_messages_max ||
            outgoing_bytes_ + message.size() > end_.limits.outgoing_bytes_max)
            return errc::queue_full;
        outgoing_bytes_ += message.size();
        outgoing_.push_back(std::move(message));
        outgoing_changed_.notify_all();
        return {};
    }

    asio::awaitable<void> flush() override
    {
        while ((!outgoing_.empty() || writing_) && !writer_done_) co_await outgoing_changed_.wait();
    }

    void close(CloseCode code, std::string reason) override
    {
        EXPECTS(reason.size() <= 123);
        if (closing_ || refusal_) return;
        closing_ = true;
        close_as_ = {code, std::move(reason)};
        outgoing_changed_.notify_all();
        // Flushing to a peer that does not read, and a closing handshake that it does not answer, must end too.
        close_timer_.expires_after(end_.limits.close_max);
        close_timer_.async_wait([weak = weak_from_this()](error_code error) {
            if (auto const self = weak.lock(); self && !error) self->drop();
        });
    }

    asio::awaitable<void> closed() override
    {
        while (is_open()) co_await outgoing_changed_.wait();
    }

    bool is_open() const noexcept override { return !(reader_done_ && writer_done_); }
    ClosedAs closed_as() const override { return closed_as_; }
    void on_drain(std::function<void()> hook) override { drain_hook_ = std::move(hook); }
    std::string const& peer() const noexcept override { return end_.peer; }
    std::string const& request_id() const noexcept override { return end_.request_id; }
    asio::any_io_executor executor() const override { return executor_; }

    void drain() override
    {
        if (drain_hook_) drain_hook_();
        close(CloseCode::service_restart, "the server restarts; reconnect after a moment");
    }

    void drop() noexcept override
    {
        if (!refusal_) refusal_ = errc::connection_closed;
        beast::get_lowest_layer(stream_).close();
        incoming_changed_.notify_all();
        outgoing_changed_.notify_all();
    }

private:
    // The loops hold the object they work on: it lives until both have ended, whoever drops it.
    asio::awaitable<void> read_all(std::shared_ptr<WebSocket> self);
    asio::awaitable<void> write_all(std::shared_ptr<WebSocket> self);
    /// Why the connection must end after this message, if so.
    error_code judge_message();
    void reader_ended(error_code error);

    Stream stream_;
    WebSocketEnd const end_;
    asio::any_io_executor executor_;
    TokenBucket bucket_;
    beast::flat_buffer buffer_;
    std::deque<Bytes> incoming_, outgoing_;
    std::size_t outgoing_bytes_ = 0;
    async::Condition incoming_changed_, outgoing_changed_;
    asio::steady_timer close_timer_;
    std::function<void()> drain_hook_;
    error_code refusal_;  ///< what receive() says once the queue is empty
    ClosedAs close_as_, closed_as_;
    bool closing_ = false, writing_ = false, reader_done_ = false, writer_done_ = false;
    async::TaskGroup tasks_;
};

error_code WebSocket::judge_message()
{
    if (!stream_.got_binary()) {
        close(CloseCode::unsupported_data, "binary messages only");
        return errc::connection_closed;
    }
    if (bucket_.take(TokenBucket::Clock::now()) > std::chrono::seconds::zero()) {
        close(CloseCode::policy_violation, "too many messages");
        return errc::rate_exceeded;
    }
    return {};
}

asio::awaitable<void> WebSocket::read_all([[maybe_unused]] std::shared_ptr<WebSocket> self)
{
    auto error = error_code{};
    auto judgement = error_code{};
    for (;;) {
        while (incoming_.size() >= end_.limits.incoming_messages_max && !refusal_) co_await incoming_changed_.wait();
        co_await stream_.async_read(buffer_, asio::redirect_error(asio::use_awaitable, error));
        if (error) break;
        if (judgement) { // only waiting for the peer's close now
            buffer_.consume(buffer_.size());
            continue;
        }
        judgement = judge_message();
        if (!judgement) {
            auto const* const data = static_cast<std::byte const*>(buffer_.cdata().data());
            incoming_.emplace_back(data, data + buffer_.size());
        } else if (!refusal_) {
            refusal_ = judgement;
        }
        buffer_.consume(buffer_.size());
        incoming_changed_.notify_all();
    }
    reader_ended(error);
}

void WebSocket::reader_ended(error_code error)
{
    if (error == websocket::error::closed) {
        auto const& reason = stream_.reason();
        closed_as_ = {static_cast<CloseCode>(reason.code), std::string{reason.reason.data(), reason.reason.size()}};
        if (closing_) closed_as_ = close_as_; // the peer echoes; what counts is who said why
    } else if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
        closed_as_ = {CloseCode::message_too_big, {}};
    }
    if (!refusal_) {
        refusal_ = error == websocket::error::message_too_big || error == websocket::error::buffer_overflow ? errc::message_too_large
                   : error == beast::error::timeout                                                         ? errc::timed_out
                                                                                                            : errc::connection_closed;
    }
    reader_done_ = true;
    incoming_changed_.notify_all();
    outgoing_changed_.notify_all();
}

asio::awaitable<void> WebSocket::write_all([[maybe_unused]] std::shared_ptr<WebSocket> self)
{
    auto error = error_code{};
    while (!reader_done_) {
        if (!outgoing_.empty()) {
            auto const message = std::move(outgoing_.front());
            outgoing_.pop_front();
            outgoing_bytes_ -= message.size();
            writing_ = true;
            co_await stream_.async_write(asio::buffer(message), asio::redirect_error(asio::use_awaitable, error));
            writing_ = false;
            outgoing_changed_.notify_all();
            if (error) break;
        } else if (closing_) {
            auto reason = websocket::close_reason{static_cast<websocket::close_code>(close_as_.code), close_as_.reason};
            co_await stream_.async_close(reason, asio::redirect_error(asio::use_awaitable, error));
            if (!error) closed_as_ = close_as_;
            break;
        } else {
            co_await outgoing_changed_.wait();
        }
    }
    close_timer_.cancel();
    beast::get_lowest_layer(stream_).close(); // the reader, if it still waits, ends now
    writer_done_ = true;
    if (!refusal_) refusal_ = errc::connection_closed;
    incoming_changed_.notify_all();
    outgoing_changed_.notify_all();
}

/// What users hold: its end drops the connection, after which the loops let go of the object.
std::shared_ptr<Connection> handle_to(std::shared_ptr<WebSocket> socket)
{
    auto* const raw = socket.get();
    socket->start();
    auto drop = [socket = std::move(socket)](Connection*) { socket->drop(); };
    return std::shared_ptr<Connection>{raw, std::move(drop)};
}

} // namespace

asio::awaitable<std::shared_ptr<Connection>> accept_websocket(TlsStream stream, http::request<http::string_body> upgrade, WebSocketEnd end)
{
    beast::get_lowest_layer(stream).expires_never(); // from here on the WebSocket keeps its own time
    auto const executor = co_await asio::this_coro::executor;
    auto const socket = std::make_shared<WebSocket>(std::move(stream), end, executor);
    auto add_fields = [subprotocol = end.subprotocol](websocket::response_type& response) {
        response.set(http::field::sec_websocket_protocol, subprotocol);
    };
    socket->stream().set_option(websocket::stream_base::decorator{std::move(add_fields)});
    auto error = error_code{};
    co_await socket->stream().async_accept(upgrade, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return nullptr;
    co_return handle_to(socket);
}

asio::awaitable<result<std::shared_ptr<Connection>>> open_websocket(TlsStream stream, WebSocketSettings settings, int* refused_with)
{
    beast::get_lowest_layer(stream).expires_never();
    auto const executor = co_await asio::this_coro::executor;
    auto const authority = settings.client.host + ":" + std::to_string(settings.client.port);
    auto end = WebSocketEnd{};
    end.limits = settings.limits;
    end.subprotocol = settings.subprotocol;
    end.peer = settings.client.host;
    auto const socket = std::make_shared<WebSocket>(std::move(stream), end, executor);

    auto add_fields = [settings](websocket::request_type& request) {
        if (!settings.subprotocol.empty()) request.set(http::field::sec_websocket_protocol, settings.subprotocol);
        if (!settings.origin.empty()) request.set(http::field::origin, settings.origin);
        for (auto const& [name, value] : settings.headers) request.insert(name, value);
    };
    socket->stream().set_option(websocket::stream_base::decorator{std::move(add_fields)});
    auto response = websocket::response_type{};
    auto error = error_code{};
    co_await socket->stream().async_handshake(response, authority, settings.target, asio::redirect_error(asio::use_awaitable, error));
    if (error == beast::error::timeout) co_return errc::timed_out;
    if (error) {
        if (refused_with != nullptr) *refused_with = static_cast<int>(response.result_int());
        co_return errc::upgrade_refused;
    }
    auto const chosen = response[http::field::sec_websocket_protocol];
    if (std::string_view{chosen.data(), chosen.size()} != settings.subprotocol) co_return errc::upgrade_refused;
    co_return handle_to(socket);
}

} // namespace assay::net::detail
