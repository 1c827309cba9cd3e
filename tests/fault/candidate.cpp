#include "tests/fault/candidate.hpp"

#include "async/with_deadline.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace assay::fault {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr auto tick = 20ms;
constexpr auto reconnect_after = 50ms;
constexpr auto clock_error_max = 250ms;

asio::awaitable<void> wait(std::chrono::milliseconds how_long)
{
    auto timer = asio::steady_timer{co_await asio::this_coro::executor, how_long};
    co_await timer.async_wait(asio::use_awaitable);
}

std::string response_in(v1::ExamClientMessage const& message)
{
    auto document = json::object{};
    for (auto const& variable : message.submit_response().response()) {
        auto values = json::array{};
        for (auto const& value : variable.values()) values.emplace_back(value);
        document[variable.identifier()] = std::move(values);
    }
    return canonical_json(document);
}

} // namespace

Candidate::Candidate(std::uint16_t port, robot::Bank const& bank, robot::Seat seat, exam::Theta theta, std::uint64_t seed, Pace pace)
    : port_{port}, bank_{bank}, seat_{std::move(seat)}, theta_{theta}, random_{seed}, pace_{pace}
{
    diary_.sitting = seat_.sitting;
}

asio::awaitable<void> Candidate::sit()
{
    while (!diary_.over && !stopped_) {
        auto const opened = co_await robot::open_exam(port_, seat_);
        if (!opened) {
            co_await wait(reconnect_after);
            continue;
        }
        auto const connection = *opened;
        co_await converse(*connection);
        diary_.closed_as.push_back(static_cast<int>(connection->closed_as().code));
        connection->drop();
        diary_.attached = false;
        if (!diary_.over && diary_.first_closes && !diary_.lost_at) diary_.lost_at = Clock::now();
        if (away_ && !diary_.over) {
            auto const how_long = *away_;
            away_.reset();
            co_await wait(how_long);
        }
    }
}

asio::awaitable<void> Candidate::converse(net::Connection& connection)
{
    robot::send(connection, robot::attach_message(seat_, diary_.attachment));
    auto heartbeat_at = Clock::now() + pace_.heartbeat;
    while (!stopped_ && !away_) {
        auto const received = co_await async::with_deadline(connection.receive(), tick);
        if (received) {
            auto const message = robot::parse_message(*received);
            take(message);
        } else if (received.error() != async::errc::deadline_exceeded) {
            co_return;
        }
        if (!diary_.attached) continue;
        auto const now = Clock::now();
        if (waiting_ && !pending_ && diary_.run_state == "running" && now >= *answer_at_) {
            pending_ = robot::answer_to(*waiting_, bank_, theta_, random_, ++client_seq_);
            robot::send(connection, *pending_);
        }
        if (pending_ && resend_at_ && now >= *resend_at_) {
            resend_at_.reset();
            ++diary_.resent;
            robot::send(connection, *pending_);
        }
        if (now >= heartbeat_at) {
            heartbeat_at = now + pace_.heartbeat;
            auto message = v1::ExamClientMessage{};
            message.mutable_heartbeat()->set_client_time_us(1);
            robot::send(connection, message);
        }
    }
}

void Candidate::take(v1::ExamServerMessage const& message)
{
    using Body = v1::ExamServerMessage;
    switch (message.body_case()) {
    case Body::kWelcome: return take(message.welcome());
    case Body::kItem: return take(message.item());
    case Body::kClock: return take(message.clock());
    case Body::kState: return take(message.state());
    case Body::kProblem: return take(message.problem());
    case Body::kAcknowledged:
        if (pending_ && message.acknowledged().client_seq() == client_seq_) stored();
        else if (message.acknowledged().client_seq() > client_seq_) complain("acknowledged what was never sent");
        return;
    case Body::kCutOff:
        diary_.cut_off = diary_.over = true;
        return;
    case Body::kDrain: ++diary_.problems["drain"]; return;
    default: complain("an unknown message");
    }
}

void Candidate::take(v1::Welcome const& welcome)
{
    auto const now = Clock::now();
    auto const ended = !welcome.state().result_path().empty(); // then there is nothing left to attach to
    if (!ended && diary_.attachment != 0 && welcome.attachment() != diary_.attachment) complain("the same device got another attachment");
    if (!ended) diary_.attachment = welcome.attachment();
    diary_.attached = true;
    if (diary_.lost_at) diary_.disconnects.push_back({*diary_.lost_at, now});
    diary_.lost_at.reset();

    auto const known = welcome.acknowledged_client_seq();
    if (known < acknowledged_seq_) complain("acknowledged answer " + std::to_string(acknowledged_seq_) + " was lost: the service knows " + std::to_string(known));
    if (known > client_seq_) complain("the service knows an answer that was never sent");
    if (pending_ && known == client_seq_) {
        ++diary_.found_stored;
        stored();
    } else if (pending_) {
        resend_at_ = now;
    }
    take(welcome.clock());
    take(welcome.state());
    if (welcome.has_item()) take(welcome.item());
}

void Candidate::stored()
{
    acknowledged_seq_ = client_seq_;
    diary_.acknowledged[pending_->submit_response().item_ordinal()] = response_in(*pending_);
    pending_.reset();
    resend_at_.reset();
    waiting_.reset();
}

void Candidate::take(v1::ItemPresented const& item)
{
    auto const identifier = robot::identifier_of(item);
    auto const known = diary_.presented.find(item.ordinal());
    if (known != diary_.presented.end() && known->second != identifier) complain("item " + std::to_string(item.ordinal()) + " changed from " + known->second + " to " + identifier);
    if (known == diary_.presented.end()) {
        auto const first = diary_.presented.empty(); // a device that takes over comes in the middle
        if (!first && item.ordinal() != diary_.presented.rbegin()->first + 1) complain("an ordinal was left out before " + std::to_string(item.ordinal()));
        if (std::ranges::any_of(diary_.presented, [&](auto const& one) { return one.second == identifier; })) complain(identifier + " was shown twice");
        diary_.presented[item.ordinal()] = identifier;
    }
    if (diary_.acknowledged.contains(item.ordinal())) return complain("item " + std::to_string(item.ordinal()) + " was asked again after its acknowledgement");
    if (waiting_ && waiting_->ordinal() == item.ordinal()) return; // after a reconnect
    waiting_ = item;
    answer_at_ = Clock::now() + std::uniform_int_distribution<std::int64_t>{pace_.think_min.count(), pace_.think_max.count()}(random_) * 1ms;
}

void Candidate::take(v1::ClockUpdate const& clock)
{
    auto const skew = microseconds{clock.server_now_us()} - std::chrono::duration_cast<microseconds>(Clock::now().time_since_epoch());
    if (skew > clock_error_max) complain("the service's clock is ahead of the machine's by " + std::to_string(skew.count()) + " us");
    if (clock.closes_at_us() == 0) return;
    diary_.closes = microseconds{clock.closes_at_us()};
    diary_.minutes_added = clock.minutes_added();
    if (diary_.first_closes) return;
    diary_.first_closes = diary_.closes;
    diary_.started = Clock::now();
}

void Candidate::take(v1::StateChanged const& state)
{
    diary_.run_state = state.run_state();
    diary_.paused_by = state.paused_by();
    if (state.items_answered() < diary_.acknowledged.size()) complain("fewer answers than were acknowledged");
    if (!state.result_path().empty()) diary_.over = true;
}

void Candidate::take(v1::Problem const& problem)
{
    ++diary_.problems[problem.code()];
    if (problem.retry_after_ms() == 0) return complain("refused: " + problem.code());
    if (pending_ && problem.client_seq() == client_seq_) resend_at_ = Clock::now() + problem.retry_after_ms() * 1ms;
}

void Candidate::forgive(std::string const& code)
{
    std::erase(diary_.complaints, "refused: " + code);
    if (!pending_) return;
    pending_.reset();
    --client_seq_;
    answer_at_ = Clock::now();
}

microseconds owed(std::vector<Interval> const& outages, std::vector<Interval> const& disconnects, Instant started)
{
    auto const length = [](Interval const& i) { return std::chrono::duration_cast<microseconds>(std::max(i.to - i.from, Clock::duration::zero())); };
    auto total = microseconds{}, given_back = microseconds{};
    for (auto const& outage : outages) total += length({std::max(outage.from, started), outage.to});
    for (auto const& disconnect : disconnects) {
        auto left = length(disconnect);
        for (auto const& outage : outages) left -= length({std::max(outage.from, disconnect.from), std::min(outage.to, disconnect.to)});
        given_back += std::min<microseconds>(left, 60s);
    }
    return total + std::min<microseconds>(given_back, 180s);
}

} // namespace assay::fault
