#include "server/net/listener.hpp"

#include "async/with_deadline.hpp"
#include "server/net/detail/edge.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <condition_variable>

namespace assay::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
constexpr auto lag_period = std::chrono::milliseconds{250};
constexpr auto out_of_descriptors_pause = std::chrono::milliseconds{100};

void open_and_bind(tcp::acceptor& acceptor, tcp::endpoint const& endpoint, bool share_port)
{
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address{true});
    if (share_port) acceptor.set_option(ReusePort{true});
    if (endpoint.protocol() == tcp::v6()) acceptor.set_option(asio::ip::v6_only{false});
    acceptor.bind(endpoint);
}

/// SO_REUSEPORT would let us share the port with another process of the same user, which would then take half of our
/// connections; a first bind without it finds out. (In the gap between the two nothing is served, so nothing is lost.)
void refuse_busy_port(tcp::endpoint const& endpoint)
{
    if (endpoint.port() == 0) return;
    auto io = asio::io_context{};
    auto probe = tcp::acceptor{io};
    open_and_bind(probe, endpoint, false);
}

} // namespace

struct Listener::Shared {
    Shared(IoThreads& io, TlsContext& tls, Router const& router, ListenerSettings const& settings, Log& log, Metrics& metrics)
        : threads{io}, edge{tls, router, settings, log, metrics}
    {
    }
    IoThreads& threads;
    detail::Edge edge;
    std::uint16_t port = 0;
    bool started = false, drained = false;
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t still_draining = 0; ///< acceptors; under the mutex
};

/// One thread's acceptor and connections, and the probe of its event loop.
class Listener::Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    Acceptor(std::shared_ptr<Shared> shared, asio::io_context& io)
        : shared_{std::move(shared)}, io_{io}, acceptor_{io},
          thread_{std::make_shared<detail::EdgeThread>(std::shared_ptr<detail::Edge>{shared_, &shared_->edge}, io.get_executor())},
          own_tasks_{io.get_executor(), [&log = shared_->edge.log](std::string_view task, std::exception_ptr const& failure) {
                         log.error("listener task failed", {{"task", task}, {"error", describe(failure)}});
                     }}
    {
    }

    /// Before the acceptor starts. Returns the port.
    std::uint16_t bind(tcp::endpoint const& endpoint)
    {
        open_and_bind(acceptor_, endpoint, true);
        acceptor_.listen(asio::socket_base::max_listen_connections);
        return acceptor_.local_endpoint().port();
    }

    // Members of one thread, called from another: each posts itself there.
    void start()
    {
        asio::post(io_, [self = shared_from_this()] {
            self->own_tasks_.spawn("acceptor", self->accept_all(self));
            self->own_tasks_.spawn("lag probe", self->measure_lag(self));
        });
    }
    void drain()
    {
        asio::post(io_, [self = shared_from_this()] { self->own_tasks_.spawn("drain", self->drain_all(self)); });
    }
    void force()
    {
        asio::post(io_, [self = shared_from_this()] { self->thread_->tasks.cancel(); });
    }

private:
    asio::awaitable<void> accept_all(std::shared_ptr<Acceptor> self);
    asio::awaitable<void> measure_lag(std::shared_ptr<Acceptor> self);
    asio::awaitable<void> drain_all(std::shared_ptr<Acceptor> self);
    void welcome(tcp::socket socket);

    std::shared_ptr<Shared> shared_;
    asio::io_context& io_;
    tcp::acceptor acceptor_;
    std::shared_ptr<detail::EdgeThread> thread_;
    async::TaskGroup own_tasks_;
    bool stopping_ = false;
};

asio::awaitable<void> Listener::Acceptor::accept_all([[maybe_unused]] std::shared_ptr<Acceptor> self)
{
    while (!stopping_) {
        auto socket = tcp::socket{io_};
        auto error = error_code{};
        co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            welcome(std::move(socket));
        } else if (!stopping_) {
            // Out of descriptors, mostly: accepting again at once would spin.
            shared_->edge.log.warning("cannot accept", {{"error", error.message()}});
            auto pause = asio::steady_timer{io_, out_of_descriptors_pause};
            co_await pause.async_wait(asio::use_awaitable);
        }
    }
}

void Listener::Acceptor::welcome(tcp::socket socket)
{
    auto error = error_code{};
    auto const endpoint = socket.remote_endpoint(error);
    if (error) return; // gone already
    auto& edge = shared_->edge;
    auto const peer = detail::normalised(endpoint.address());
    auto ticket = edge.admission.admit(detail::limit_key(peer), !edge.proxies.contain(peer));
    if (!ticket) {
        edge.metrics.connection_refused();
        return; // closed: an answer would cost a TLS handshake, which is what the limit saves
    }
    socket.set_option(tcp::no_delay{true}, error);
    thread_->tasks.spawn("connection", detail::serve_connection(thread_, std::move(socket), peer, std::move(ticket)));
}

asio::awaitable<void> Listener::Acceptor::measure_lag([[maybe_unused]] std::shared_ptr<Acceptor> self)
{
    auto timer = asio::steady_timer{io_};
    for (;;) {
        auto const due = std::chrono::steady_clock::now() + lag_period;
        timer.expires_at(due);
        co_await timer.async_wait(asio::use_awaitable);
        shared_->edge.metrics.loop_lag(std::chrono::steady_clock::now() - due);
    }
}

asio::awaitable<void> Listener::Acceptor::drain_all([[maybe_unused]] std::shared_ptr<Acceptor> self)
{
    stopping_ = true;
    auto error = error_code{};
    acceptor_.close(error);
    // Numbers first: an action may end its connection at once, which erases it.
    auto numbers = std::vector<std::uint64_t>{};
    for (auto const& [number, action] : thread_->drain_actions) numbers.push_back(number);
    for (auto const number : numbers) {
        auto const found = thread_->drain_actions.find(number);
        if (found == thread_->drain_actions.end()) continue;
        auto const action = found->second;
        action();
    }
    auto const ended = co_await async::with_deadline(thread_->tasks.wait(), shared_->edge.settings.drain_max);
    if (!ended) {
        shared_->edge.log.warning("dropping connections that did not end in time", {{"connections", thread_->tasks.size()}});
        thread_->tasks.cancel();
        co_await thread_->tasks.wait();
    }
    own_tasks_.cancel();
    auto const lock = std::lock_guard{shared_->mutex};
    --shared_->still_draining;
    shared_->changed.notify_all();
}

Listener::Listener(IoThreads& threads, TlsContext& tls, Router const& router, ListenerSettings settings, Log& log, Metrics& metrics)
    : shared_{std::make_shared<Shared>(threads, tls, router, settings, log, metrics)}
{
    auto const needs_gate = [](auto const& route) { return route.access != Access::anyone; };
    EXPECTS(router.gate() || (std::ranges::none_of(router.routes(), needs_gate) && std::ranges::none_of(router.websocket_routes(), needs_gate)));
}

Listener::~Listener()
{
    if (!shared_->started || shared_->drained) return;
    force();
    drain();
}

void Listener::start()
{
    EXPECTS(!shared_->started);
    auto const& settings = shared_->edge.settings;
    auto endpoint = tcp::endpoint{asio::ip::make_address(settings.address), settings.port};
    refuse_busy_port(endpoint);
    for (auto i = std::size_t{0}; i < shared_->threads.size(); ++i) {
        auto acceptor = std::make_shared<Acceptor>(shared_, shared_->threads.context(i));
        endpoint.port(acceptor->bind(endpoint)); // with port 0 the first one chooses
        acceptors_.push_back(std::move(acceptor));
    }
    shared_->port = endpoint.port();
    shared_->started = true;
    for (auto const& acceptor : acceptors_) acceptor->start();
}

std::uint16_t Listener::port() const noexcept { return shared_->port; }
std::size_t Listener::connections() const { return shared_->edge.admission.total(); }

void Listener::drain()
{
    auto lock = std::unique_lock{shared_->mutex};
    EXPECTS(shared_->started && !shared_->drained);
    shared_->drained = true;
    shared_->edge.draining = true;
    shared_->still_draining = acceptors_.size();
    for (auto const& acceptor : acceptors_) acceptor->drain();
    // The threads may have been stopped already: then nothing will answer, and waiting for ever helps nobody.
    shared_->changed.wait_for(lock, shared_->edge.settings.drain_max * 2 + std::chrono::seconds{1},
                              [this] { return shared_->still_draining == 0; });
}

void Listener::force()
{
    for (auto const& acceptor : acceptors_) acceptor->force();
}

} // namespace assay::net
