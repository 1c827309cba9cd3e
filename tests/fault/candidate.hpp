#pragma once
// A robot candidate whose service may be killed at any moment: it comes back, sends again what was not acknowledged, and keeps a diary of
// its own about what it was promised. Everything runs on one io_context.
#include "core/time.hpp"
#include "tests/load/robot.hpp"

#include <boost/asio/io_context.hpp>
#include <set>

namespace assay::fault {

namespace asio = boost::asio;
using Clock = std::chrono::system_clock; ///< PostgreSQL runs on this machine: its clock is this one, as diaries check
using Instant = Clock::time_point;

struct Interval {
    Instant from, to;
};

/// What the candidate's side knows of a sitting.
struct Diary {
    std::string sitting;
    std::map<std::uint32_t, std::string> presented;    ///< item identifier by ordinal
    std::map<std::uint32_t, std::string> acknowledged; ///< canonical response by ordinal
    std::vector<Interval> disconnects;                 ///< that are over
    std::optional<Instant> lost_at;
    Instant started;                                   ///< when the service first named a deadline
    std::optional<std::chrono::microseconds> first_closes, closes; ///< since 1970
    std::string run_state, paused_by;
    std::uint32_t attachment = 0, minutes_added = 0;
    bool attached = false;                             ///< now
    bool over = false;                                 ///< the run has ended, or the device was cut off
    bool cut_off = false;
    std::vector<int> closed_as;                        ///< close codes of the connections that are over
    int resent = 0, found_stored = 0;                  ///< answers that had to be sent again; … whose acknowledgement was lost
    std::map<std::string, int> problems;               ///< by code
    std::vector<std::string> complaints;               ///< broken promises: none is the only good number
};

struct Pace {
    std::chrono::milliseconds think_min{200}, think_max{1800};
    std::chrono::milliseconds heartbeat{400};
};

class Candidate {
public:
    Candidate(std::uint16_t port, robot::Bank const& bank, robot::Seat seat, exam::Theta theta, std::uint64_t seed, Pace pace = {});

    /// Until the run has ended, the device was cut off, or stop() was called.
    asio::awaitable<void> sit();
    Diary const& diary() const noexcept { return diary_; }

    void go_away_for(std::chrono::milliseconds how_long) { away_ = how_long; } ///< the network fails, at the next moment
    void move_to(std::uint16_t port) { port_ = port; } ///< at the next connection
    void stop() { stopped_ = true; }
    void set_pace(Pace pace) { pace_ = pace; } ///< from the next item on
    /// A refusal that the test has provoked is no complaint; what was refused is forgotten, and the item answered anew.
    void forgive(std::string const& code);

private:
    asio::awaitable<void> converse(net::Connection& connection);
    void take(v1::ExamServerMessage const& message);
    void take(v1::Welcome const& welcome);
    void take(v1::ItemPresented const& item);
    void take(v1::ClockUpdate const& clock);
    void take(v1::StateChanged const& state);
    void take(v1::Problem const& problem);
    void stored();
    void complain(std::string what) { diary_.complaints.push_back(std::move(what)); }

    std::uint16_t port_;
    robot::Bank const& bank_;
    robot::Seat seat_;
    exam::Theta theta_;
    std::mt19937_64 random_;
    Pace pace_;
    Diary diary_;
    std::uint64_t client_seq_ = 0, acknowledged_seq_ = 0;
    std::optional<v1::ItemPresented> waiting_;  ///< the item that has no answer yet
    std::optional<v1::ExamClientMessage> pending_; ///< sent, not acknowledged
    std::optional<Instant> answer_at_, resend_at_;
    std::optional<std::chrono::milliseconds> away_;
    bool stopped_ = false;
};

/// What the rules give back in all, computed from what the test itself has seen and done: every outage in full, of each disconnect what no
/// outage covers, at most 60 s each and 180 s in all. Expects outages that don't overlap.
std::chrono::microseconds owed(std::vector<Interval> const& outages, std::vector<Interval> const& disconnects, Instant started);

} // namespace assay::fault
