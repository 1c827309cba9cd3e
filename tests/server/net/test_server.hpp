#pragma once
// A real listener on a free port of the loopback interface, and a way to run client coroutines against it.
#include "core/random.hpp"
#include "server/net/client.hpp"
#include "server/net/listener.hpp"
#include "server/net/log.hpp"
#include "server/net/metrics.hpp"
#include "server/net/tls_certificate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>
#include <mutex>

namespace assay::net::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// One certificate for the whole test program: making one costs more than most tests.
inline CertificateFiles const& certificate()
{
    struct Folder {
        std::filesystem::path path = std::filesystem::temp_directory_path() / ("assay-net-" + to_hex(random_array<8>()));
        CertificateFiles files = ensure_own_certificate(path, {}, std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
        ~Folder() { std::filesystem::remove_all(path); }
    };
    static auto const folder = Folder{};
    return folder.files;
}

inline ListenerSettings quick_settings()
{
    auto settings = ListenerSettings{};
    settings.address = "127.0.0.1";
    settings.port = 0;
    settings.origins = {"https://localhost"};
    settings.drain_max = 2s;
    settings.rates.fill({1000, 1000});
    return settings;
}

class TestServer {
public:
    explicit TestServer(Router routes, ListenerSettings settings = quick_settings())
        : router{std::move(routes)}, listener{threads, tls, router, std::move(settings), log, metrics}
    {
        listener.start();
        threads.start();
    }
    ~TestServer()
    {
        if (!drained) drain();
        threads.stop();
        threads.join();
    }
    void drain()
    {
        drained = true;
        listener.drain();
    }

    ClientSettings client() const
    {
        auto settings = ClientSettings{};
        settings.port = listener.port();
        settings.connect_to = "127.0.0.1";
        settings.pinned_certificate = certificate_fingerprint(certificate().certificate);
        settings.deadline = 10s;
        return settings;
    }
    std::string logged()
    {
        auto const lock = std::lock_guard{mutex};
        return lines;
    }

    std::mutex mutex;
    std::string lines;
    Log log{LogFormat::json, LogLevel::info, [this](std::string_view line) {
        auto const lock = std::lock_guard{mutex};
        lines.append(line).append("\n");
    }};
    Metrics metrics;
    TlsContext tls{certificate()};
    Router router;
    IoThreads threads{2, nullptr};
    Listener listener;
    bool drained = false;
};

/// Runs a client's coroutine to its end on this thread.
template <class MakeAwaitable>
void run(MakeAwaitable make)
{
    auto io = asio::io_context{1};
    auto failure = std::exception_ptr{};
    asio::co_spawn(io, make(), [&failure](std::exception_ptr thrown) { failure = thrown; });
    io.run_for(30s);
    EXPECT_TRUE(io.stopped()) << "the client still waits";
    if (failure) std::rethrow_exception(failure);
}

inline asio::awaitable<void> sleep(std::chrono::steady_clock::duration time)
{
    auto timer = asio::steady_timer{co_await asio::this_coro::executor, time};
    co_await timer.async_wait(asio::use_awaitable);
}

template <class Respond>
Route route(Method method, std::string pattern, Respond respond, std::size_t body_max = 0)
{
    auto made = Route{};
    made.method = method;
    made.pattern = std::move(pattern);
    made.body_max = body_max;
    made.handler = [respond](Request const& request, PathParameters const& path) -> asio::awaitable<Response> { co_return respond(request, path); };
    return made;
}

} // namespace assay::net::test
