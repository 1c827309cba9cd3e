#pragma once
// A service as a child process, and those who use it: a manager who invites, candidates who sit exams over the real WebSocket.
#include "exam/exam_version.hpp"
#include "exam/item.hpp"
#include "exam/response.hpp"
#include "server/net/client.hpp"

#include "assay/v1/exam.pb.h"

#include <filesystem>
#include <map>
#include <random>
#include <sys/types.h>

namespace assay::robot {

/// `assay COMMAND` with a state folder of its own, removed at the end. Throws std::runtime_error when it doesn't come up.
class ServerProcess {
public:
    /// `command`: "demo" or "serve"; `options` come after --state, --port and --threads.
    explicit ServerProcess(std::string command = "demo", std::vector<std::string> options = {});
    ~ServerProcess();
    ServerProcess(ServerProcess const&) = delete;
    ServerProcess& operator=(ServerProcess const&) = delete;

    void set_options(std::vector<std::string> options) { options_ = std::move(options); } ///< for the next start
    void start();     ///< also again, on the same state; returns when the port takes connections
    void launch();    ///< the same without waiting
    int terminate();  ///< SIGTERM, waits: PostgreSQL stops too. The exit status; -1 when it was killed, or did not run
    void kill_hard(); ///< SIGKILL: PostgreSQL lives on
    pid_t pid() const noexcept { return child_; }
    std::uint16_t port() const noexcept { return port_; }
    std::filesystem::path const& state() const noexcept { return state_; }
    std::string password_of(std::string const& email) const; ///< as the service printed it
    std::string output() const;
    /// Runs `assay ARGUMENTS`; its standard output goes to `out`. Returns the exit status.
    int run(std::string const& arguments, std::filesystem::path const& out) const;

private:
    std::string command_;
    std::vector<std::string> options_;
    std::filesystem::path state_;
    std::uint16_t port_;
    pid_t child_ = -1;
};

/// A port that nobody uses, below those that the system gives to outgoing connections: a client that tries to connect while the server is
/// away could be given the very port as its own, connect to itself, and keep the server from coming back.
std::uint16_t free_port();

/// The demo bank with what is true about it.
struct BankItem {
    exam::Item item;
    exam::ItemModel model;
    exam::ResponseSet correct, wrong;
};
using Bank = std::map<std::string, BankItem, std::less<>>; ///< by the item's identifier
/// Throws when an item has no correct response that earns its maximum, or no response that earns nothing.
Bank read_demo_bank();

net::ClientSettings client_settings(std::uint16_t port);

/// Somebody of a demonstration tenant's staff, signed in.
class Staff {
public:
    explicit Staff(std::uint16_t port, std::string tenant = "demo") : port_{port}, tenant_{std::move(tenant)}, client_{client_settings(port)} {}
    boost::asio::awaitable<void> sign_in(std::string email, std::string password);
    /// Invites to the exam without camera, or to the one with it. Gives the link's path.
    boost::asio::awaitable<std::string> invite(std::string email, bool camera = false);
    /// What the page of sittings offers: "pause", "resume", "terminate", "minutes" (of which there are then `minutes`).
    boost::asio::awaitable<void> act(std::string sitting, std::string action, int minutes = 0);

    net::HttpClient& client() noexcept { return client_; }

private:
    std::uint16_t port_;
    std::string tenant_;
    net::HttpClient client_;
};

/// A candidate who has agreed to the rules and pressed start, as the exam page finds them.
struct Seat {
    std::string tenant;
    std::string sitting;
    std::string cookie;        ///< Cookie header
    std::string csrf;
    std::string device_secret; ///< 32 bytes
};
/// Opens the invitation, consents (to the camera too), starts. Throws std::runtime_error at an answer that it doesn't expect.
boost::asio::awaitable<Seat> take_seat(std::uint16_t port, std::string invitation, std::mt19937_64& random, bool camera = false);
/// What browsers send with a form of our own pages.
net::Headers same_site(std::uint16_t port);
/// application/x-www-form-urlencoded.
std::string form(std::vector<net::Parameter> const& fields);
inline constexpr auto form_type = "application/x-www-form-urlencoded";
/// What stands between `before`, searched from `from` on, and the next quotation mark. Throws when it is not there.
std::string quoted_after(std::string const& page, std::string_view before, std::size_t from = 0);
/// The exam's WebSocket. Errors: as net::connect_websocket.
boost::asio::awaitable<result<std::shared_ptr<net::Connection>>> open_exam(std::uint16_t port, Seat const& seat, int* refused_with = nullptr);
v1::ExamClientMessage attach_message(Seat const& seat, std::uint32_t attachment);
/// Right with the model's probability at `theta`, otherwise a response that earns nothing.
v1::ExamClientMessage answer_to(v1::ItemPresented const& presented, Bank const& bank, exam::Theta theta, std::mt19937_64& random, std::uint64_t client_seq);
/// The identifier of a presented item.
std::string identifier_of(v1::ItemPresented const& presented);
/// Throws std::runtime_error for what is no message.
v1::ExamServerMessage parse_message(ByteView bytes);
/// False when the connection takes no message any more.
bool send(net::Connection& connection, v1::ExamClientMessage const& message);

struct Sat {
    std::string sitting;
    int answered = 0;
    std::string run_state; ///< as the service said last
};

/// From the invitation to the end of the run. Throws std::runtime_error at an answer that it doesn't expect.
boost::asio::awaitable<Sat> sit_exam(std::uint16_t port, std::string invitation, Bank const& bank, exam::Theta theta, std::uint64_t seed);

} // namespace assay::robot
