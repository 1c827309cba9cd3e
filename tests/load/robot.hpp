#pragma once
// A service as a child process, and those who use it: a manager who invites, candidates who sit exams over the real WebSocket.
#include "exam/irt.hpp"
#include "exam/item.hpp"
#include "exam/response.hpp"
#include "server/net/client.hpp"

#include <filesystem>
#include <map>
#include <random>
#include <sys/types.h>

namespace assay::robot {

/// `assay demo` with a state folder of its own, removed at the end. Throws std::runtime_error when it doesn't come up.
class ServerProcess {
public:
    ServerProcess();
    ~ServerProcess();
    ServerProcess(ServerProcess const&) = delete;
    ServerProcess& operator=(ServerProcess const&) = delete;

    void start();     ///< also again, on the same state; returns when the port takes connections
    void terminate(); ///< SIGTERM, waits: PostgreSQL stops too
    std::uint16_t port() const noexcept { return port_; }
    std::filesystem::path const& state() const noexcept { return state_; }
    std::string password_of(std::string const& email) const; ///< as the service printed it
    std::string output() const;
    /// Runs `assay ARGUMENTS`; its standard output goes to `out`. Returns the exit status.
    int run(std::string const& arguments, std::filesystem::path const& out) const;

private:
    std::filesystem::path state_;
    std::uint16_t port_;
    pid_t child_ = -1;
};

/// The demo bank with what is true about it.
struct BankItem {
    exam::Item item;
    exam::ItemParameters parameters;
    exam::ResponseSet correct, wrong;
};
using Bank = std::map<std::string, BankItem, std::less<>>; ///< by the item's identifier
/// Throws when an item has no correct response that earns its maximum, or no response that earns nothing.
Bank read_demo_bank();

net::ClientSettings client_settings(std::uint16_t port);

/// Signed in as the manager of the tenant "demo".
class Staff {
public:
    explicit Staff(std::uint16_t port) : port_{port}, client_{client_settings(port)} {}
    boost::asio::awaitable<void> sign_in(std::string email, std::string password);
    /// Invites to the exam without camera. Gives the link's path.
    boost::asio::awaitable<std::string> invite(std::string email);

private:
    std::uint16_t port_;
    net::HttpClient client_;
};

struct Sat {
    std::string sitting;
    int answered = 0;
    std::string run_state; ///< as the service said last
};

/// From the invitation to the end of the run. Throws std::runtime_error at an answer that it doesn't expect.
boost::asio::awaitable<Sat> sit_exam(std::uint16_t port, std::string invitation, Bank const& bank, exam::Theta theta, std::uint64_t seed);

} // namespace assay::robot
