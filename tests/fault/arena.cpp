#include "tests/fault/arena.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

namespace assay::fault {
namespace {

using namespace std::chrono_literals;

constexpr auto probe_every = 30ms;
constexpr auto probe_patience = 3000ms;
constexpr auto stall = 400ms;
constexpr auto for_good = 1000ms;

} // namespace

asio::awaitable<void> Prober::run()
{
    auto settings = robot::client_settings(port_);
    settings.deadline = probe_patience;
    auto client = net::HttpClient{settings};
    auto timer = asio::steady_timer{co_await asio::this_coro::executor};
    while (!stopped_) {
        auto const asked = Clock::now();
        auto const answer = co_await client.get("/readyz");
        auto const heard = Clock::now();
        auto const ready = answer && answer->status == 200;
        if (ready && heard - asked > stall) stalls_ += heard - asked;
        if (from_ && !back_ && asked >= *from_) {
            if (!ready) answered_since_.reset();
            else if (!answered_since_) answered_since_ = heard;
            else if (heard - *answered_since_ >= for_good) back_ = answered_since_;
        }
        timer.expires_after(probe_every);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

Arena::Arena() : thread_{[this] { context_.run(); }} {}

Arena::~Arena()
{
    guard_.reset();
    context_.stop();
    thread_.join();
}

void Arena::spawn(asio::awaitable<void> work)
{
    auto const on_end = [this](std::exception_ptr failure) {
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (std::exception const& error) {
            failures_.emplace_back(error.what());
        }
    };
    asio::co_spawn(context_, std::move(work), on_end);
}

std::vector<std::string> Arena::failures()
{
    return at([this] { return failures_; });
}

asio::awaitable<std::vector<robot::Seat>> take_seats(std::uint16_t port, std::string password, int count, std::uint64_t seed)
{
    auto random = std::mt19937_64{seed};
    auto staff = robot::Staff{port};
    co_await staff.sign_in("manager@demo.example", std::move(password));
    auto seats = std::vector<robot::Seat>{};
    for (auto i = 0; i < count; ++i) {
        auto invitation = co_await staff.invite("candidate" + std::to_string(i) + "@example.org");
        auto seat = co_await robot::take_seat(port, std::move(invitation), random);
        seats.push_back(std::move(seat));
    }
    co_return seats;
}

} // namespace assay::fault
