#pragma once
// The composition root: database, threads, services, routes, jobs; started in order, stopped in the reverse one.
#include "server/app/services.hpp"

namespace assay::server {

struct Database {
    std::string url;      ///< empty: a private cluster below the state folder
    bool durable = true;  ///< false only in tests
};

/// What is to happen before the first request, on an io thread: the demo tenant, for instance.
using Prepare = std::function<asio::awaitable<void>(Services&)>;
/// Called once the port is open, with the port.
using OnListening = std::function<void(std::uint16_t)>;

/// Runs until SIGINT or SIGTERM, then drains: not ready, connections told to come back, queues flushed, PostgreSQL stopped. A second
/// signal drops what is left. Returns the exit code. Throws when it can't start, with one sentence that says why.
int run_service(Settings settings, Database const& database, Prepare prepare, OnListening on_listening);

/// As root: makes the system user `assay` when it is missing, moves what the service reads into its state folder, and becomes
/// that user for good. Does nothing for anybody else. Throws when the system refuses.
void become_service_user(Settings& settings);
/// The same for a command that writes into `output`, which becomes that user's.
void become_service_user(std::filesystem::path const& output);

/// The folder that state lies in by default: /var/lib/assay for root, otherwise $XDG_STATE_HOME/assay or ~/.local/state/assay.
std::filesystem::path default_state_folder();

/// Runs one coroutine with Services on the database of `settings.state` (its private cluster, or `database.url`), for commands.
void with_services(Settings settings, Database const& database, std::function<asio::awaitable<void>(Services&)> work);

} // namespace assay::server
