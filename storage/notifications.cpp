#include "storage/notifications.hpp"

#include "storage/pool.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace assay::storage {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_timeout = 5s;
constexpr auto answer_timeout = 5s;
constexpr auto still_there_every = 10s; ///< a connection that a firewall forgot stays silent for ever: only asking tells
constexpr auto first_pause = 50ms;
constexpr auto longest_pause = 400ms;

constexpr auto say = Statement{"notification_say", "SELECT pg_notify('assay_sitting', $1)"};
constexpr auto listen = Statement{"notification_listen", "LISTEN assay_sitting"};
constexpr auto are_you_there = Statement{"notification_still_there", "SELECT 1"};

asio::awaitable<void> hear(asio::any_io_executor executor, Endpoint endpoint, NotificationHandlers const& handlers, bool& connected)
{
    auto connection = co_await Connection::open(executor, std::move(endpoint), connect_timeout);
    auto queries = std::vector<Query>{};
    queries.emplace_back(listen);
    co_await connection->run(std::move(queries), answer_timeout);
    connected = true;
    handlers.listening();
    for (;;) {
        auto const payloads = co_await connection->notified(still_there_every);
        for (auto const& payload : payloads) handlers.heard(payload);
        if (!payloads.empty()) continue;
        auto question = std::vector<Query>{};
        question.emplace_back(are_you_there);
        co_await connection->run(std::move(question), answer_timeout);
    }
}

} // namespace

asio::awaitable<void> notify(Pool& pool, std::string payload)
{
    EXPECTS(payload.size() <= notification_size_max);
    co_await pool.query_without_tenant(say, params(payload));
}

asio::awaitable<void> hear_notifications(asio::any_io_executor executor, Endpoint endpoint, NotificationHandlers handlers)
{
    auto pause = std::chrono::milliseconds{first_pause};
    for (;;) {
        auto why = std::string{};
        auto connected = false;
        try {
            co_await hear(executor, endpoint, handlers, connected);
        } catch (DatabaseError const& error) {
            why = error.what();
        }
        if (connected) pause = first_pause;
        handlers.deaf(why);
        auto timer = asio::steady_timer{executor, pause};
        co_await timer.async_wait(asio::use_awaitable);
        pause = std::min<std::chrono::milliseconds>(pause * 2, longest_pause);
    }
}

} // namespace assay::storage
