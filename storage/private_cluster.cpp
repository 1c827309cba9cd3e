#include "storage/private_cluster.hpp"

#include "storage/detail/cluster_files.hpp"
#include "storage/detail/files.hpp"
#include "storage/detail/postmaster.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace assay::storage {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;
constexpr auto start_timeout = std::chrono::seconds{60}; // recovery after a crash included
constexpr auto orphan_timeout = std::chrono::seconds{10}; // a backend without its postmaster notices within seconds, and ends

/// As libpq reads "keyword=value": quotes and backslashes escaped.
std::string quoted(std::string const& text)
{
    auto value = std::string{"'"};
    for (auto const letter : text) {
        if (letter == '\'' || letter == '\\') value += '\\';
        value += letter;
    }
    return value + "'";
}

DatabaseAccess access_through(detail::ClusterPaths const& paths, std::string const& database)
{
    auto const where = "host=" + quoted(paths.socket.string()) + " port=5432 dbname=" + quoted(database);
    return {.owner = {where + " user=assay_owner", {}}, .app = {where + " user=assay_app", {}}};
}

detail::File lock_state(fs::path const& state)
{
    auto const path = state / "lock";
    auto file = detail::File::open(path, O_RDWR | O_CREAT);
    if (!file) throw StorageError{detail::system_message("cannot open", path)};
    if (::flock(file->number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) throw StorageError{detail::system_message("cannot lock", path)};
        throw StorageError{"another Assay server is running with the state directory " + state.string()};
    }
    return std::move(*file);
}

} // namespace

ClusterOptions default_cluster_options()
{
    auto options = ClusterOptions{};
    if (geteuid() == 0) {
        options.state = "/var/lib/assay";
        options.user = "assay";
        return options;
    }
    auto const configured = std::getenv("XDG_STATE_HOME"), home = std::getenv("HOME");
    auto const entry = getpwuid(geteuid());
    if (configured && *configured == '/') options.state = fs::path{configured} / "assay"; // the XDG rule: a relative one is ignored
    else if (home && *home == '/') options.state = fs::path{home} / ".local/state/assay";
    else if (entry) options.state = fs::path{entry->pw_dir} / ".local/state/assay";
    else throw StorageError{"no home directory is known: set XDG_STATE_HOME"};
    return options;
}

struct PrivateCluster::State {
    std::optional<pid_t> live() const { return detail::live_postmaster(paths.data, options.binaries / "postgres"); }
    void launch();
    void await_ready() const;
    std::string log_hint() const { return " (its log: " + paths.log.string() + ")"; }

    ClusterOptions options;
    detail::Identity identity;
    detail::ClusterPaths paths;
    detail::File lock;
    bool adopted = false;
};

/// Starts the server of a data directory that no server of ours runs in. For ten seconds an orphaned backend may stand in the way.
void PrivateCluster::State::launch()
{
    detail::defuse_stale_pid_file(paths.data);
    detail::write_configuration(paths, options, identity);
    auto const arguments = std::vector<std::string>{(options.binaries / "pg_ctl").string(), "start", "-D", paths.data.string(), "-w", "-t",
        std::to_string(start_timeout.count()), "-s", "-l", paths.log.string()};
    auto const give_up_at = SteadyClock::now() + orphan_timeout;
    while (true) {
        auto const outcome = detail::run_program(arguments, identity);
        if (outcome.status == 0 && live()) return;
        if (SteadyClock::now() >= give_up_at) throw StorageError{"PostgreSQL did not start: " + outcome.output + log_hint()};
        std::this_thread::sleep_for(std::chrono::milliseconds{250});
    }
}

void PrivateCluster::State::await_ready() const
{
    auto const give_up_at = SteadyClock::now() + start_timeout;
    while (!detail::accepts_connections(paths.data)) {
        if (!live()) throw StorageError{"PostgreSQL ended while it was starting" + log_hint()};
        if (SteadyClock::now() >= give_up_at) throw StorageError{"PostgreSQL is not ready after a minute" + log_hint()};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

PrivateCluster::PrivateCluster(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
PrivateCluster::PrivateCluster(PrivateCluster&&) noexcept = default;
PrivateCluster::~PrivateCluster() = default;

PrivateCluster PrivateCluster::start(ClusterOptions options)
{
    auto const identity = detail::identity_for(options.user);
    auto const paths = detail::prepare_directories(options, identity);
    auto lock = lock_state(paths.state);
    auto state = std::unique_ptr<State>{new State{std::move(options), identity, paths, std::move(lock)}};
    detail::make_cluster_if_missing(state->paths, state->options, state->identity);
    state->adopted = state->live().has_value();
    if (!state->adopted) state->launch();
    state->await_ready();
    return PrivateCluster{std::move(state)};
}

std::optional<DatabaseAccess> PrivateCluster::running(ClusterOptions const& options, std::string const& database)
{
    if (!fs::exists(options.state / "postgres")) return std::nullopt;
    auto const paths = detail::prepare_directories(options, detail::identity_for(options.user));
    if (!detail::live_postmaster(paths.data, options.binaries / "postgres")) return std::nullopt;
    return access_through(paths, database);
}

DatabaseAccess PrivateCluster::access(std::string const& database) const { return access_through(state_->paths, database); }

bool PrivateCluster::adopted() const noexcept { return state_->adopted; }

int PrivateCluster::postmaster_pid() const
{
    auto const pid = state_->live();
    if (!pid) throw StorageError{"PostgreSQL is not running" + state_->log_hint()};
    return *pid;
}

ClusterStatus PrivateCluster::watch()
{
    if (state_->live()) return ClusterStatus::running;
    try {
        state_->launch();
        state_->await_ready();
        return ClusterStatus::restarted;
    } catch (StorageError const&) { // the watcher asks again in a second; the log has the reason
        return ClusterStatus::failed;
    }
}

void PrivateCluster::stop()
{
    if (!state_->live()) return;
    detail::run_or_throw({(state_->options.binaries / "pg_ctl").string(), "stop", "-D", state_->paths.data.string(), "-m", "fast", "-w", "-s", "-t",
                             std::to_string(start_timeout.count())}, state_->identity);
    auto ignored = std::error_code{};
    if (state_->paths.socket.parent_path() != state_->paths.state) fs::remove(state_->paths.socket, ignored); // ours, in the temporary folder; empty now
}

} // namespace assay::storage
