#pragma once
// Candidates on a thread of their own, so that the test's own thread can kill, wait and look.
#include "tests/fault/candidate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <list>
#include <thread>

namespace assay::fault {

/// Asks a service all the time whether it can answer (its readiness, database included).
class Prober {
public:
    explicit Prober(std::uint16_t port) : port_{port} {}
    asio::awaitable<void> run(); ///< until stop()
    void stop() { stopped_ = true; }
    /// From here on; `back` is then the moment at which a question asked after `from` had been answered, and no later one failed for a
    /// while: PostgreSQL answers a few more before it notices that one of its processes was killed, and ends all of them.
    void watch(Instant from)
    {
        from_ = from;
        back_.reset();
        answered_since_.reset();
    }
    std::optional<Instant> back() const { return back_; }
    /// Answers that took longer than this machine should need, since the last call: time that nobody had.
    Clock::duration take_stalls() { return std::exchange(stalls_, Clock::duration{}); }

private:
    std::uint16_t port_;
    std::optional<Instant> from_, answered_since_, back_;
    Clock::duration stalls_{};
    bool stopped_ = false;
};

class Arena {
public:
    Arena();
    ~Arena();

    asio::io_context& context() { return context_; }
    /// Runs `work` on the arena's thread to its end; gives its value, or throws what it throws.
    template <class T>
    T run(asio::awaitable<T> work)
    {
        return asio::co_spawn(context_, std::move(work), asio::use_future).get();
    }
    /// Calls `look` on the arena's thread.
    template <class Look>
    auto at(Look look)
    {
        auto promise = std::promise<decltype(look())>{};
        auto future = promise.get_future();
        asio::post(context_, [&] {
            if constexpr (std::is_void_v<decltype(look())>) {
                look();
                promise.set_value();
            } else {
                promise.set_value(look());
            }
        });
        return future.get();
    }
    /// Starts it; what it throws is kept for failures().
    void spawn(asio::awaitable<void> work);
    std::vector<std::string> failures();

private:
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
    std::vector<std::string> failures_;
    std::thread thread_;
};

/// Seats for `count` candidates, invited by the demo's manager.
asio::awaitable<std::vector<robot::Seat>> take_seats(std::uint16_t port, std::string password, int count, std::uint64_t seed);

/// Polls until `condition`, asked on the arena's thread, holds; false after `patience`.
template <class Condition>
bool eventually(Arena& arena, std::chrono::milliseconds patience, Condition condition)
{
    auto const give_up_at = std::chrono::steady_clock::now() + patience;
    for (;;) {
        if (arena.at(condition)) return true;
        if (std::chrono::steady_clock::now() > give_up_at) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

} // namespace assay::fault
