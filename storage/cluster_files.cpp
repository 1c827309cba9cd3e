#include "storage/detail/cluster_files.hpp"

#include "core/hash.hpp"
#include "core/random.hpp"
#include "storage/detail/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace assay::storage::detail {
namespace {

namespace fs = std::filesystem;
constexpr auto socket_path_max = std::size_t{107};
constexpr auto socket_file = std::string_view{"/.s.PGSQL.5432"};

void hand_over(fs::path const& path, Identity const& identity)
{
    if (identity.change && ::lchown(path.c_str(), identity.uid, identity.gid) != 0) throw StorageError{system_message("cannot hand over", path)};
}

/// A directory that is `identity`'s and nobody else's. Somebody else's in its place (in a shared temporary folder) is refused.
void own_directory(fs::path const& path, Identity const& identity)
{
    if (::mkdir(path.c_str(), 0700) == 0) return hand_over(path, identity);
    if (errno != EEXIST) throw StorageError{system_message("cannot make the directory", path)};
    struct stat about {};
    if (::lstat(path.c_str(), &about) != 0) throw StorageError{system_message("cannot look at", path)};
    if (!S_ISDIR(about.st_mode) || about.st_uid != identity.uid || (about.st_mode & 077) != 0)
        throw StorageError{path.string() + " must be a directory that belongs to " + identity.name + " and that only it can read (0700)"};
}

/// PostgreSQL's user must be able to get there: as root one easily chooses a place under /root.
void expect_reachable(fs::path const& path, Identity const& identity)
{
    if (!identity.change) return;
    for (auto directory = path.parent_path(); directory != directory.root_path(); directory = directory.parent_path()) {
        struct stat about {};
        if (::stat(directory.c_str(), &about) != 0) throw StorageError{system_message("cannot look at", directory)};
        auto const bit = about.st_uid == identity.uid ? S_IXUSR : about.st_gid == identity.gid ? S_IXGRP : S_IXOTH;
        if ((about.st_mode & bit) == 0)
            throw StorageError{"user " + identity.name + " cannot enter " + directory.string() + ": choose another state directory"};
    }
}

void write_file(fs::path const& path, std::string const& content, Identity const& identity)
{
    replace_durably(path, bytes_of(content));
    hand_over(path, identity);
}

/// A directory as postgresql.conf wants it: one quoted name in a list of them, within a string that knows backslashes.
std::string quoted_directory(std::string const& path)
{
    auto value = std::string{"'\""};
    for (auto const letter : path) {
        if (letter == '\'' || letter == '"' || letter == '\\') value += letter; // doubled
        value += letter;
    }
    return value + "\"'";
}

} // namespace

ClusterPaths prepare_directories(ClusterOptions const& options, Identity const& identity)
{
    if (!options.state.is_absolute()) throw StorageError{"the state directory must be an absolute path: " + options.state.string()};
    auto error = std::error_code{};
    fs::create_directories(options.state.parent_path(), error);
    if (error) throw StorageError{"cannot make " + options.state.parent_path().string() + ": " + error.message()};
    expect_reachable(options.state, identity);
    own_directory(options.state, identity);

    auto const state = fs::canonical(options.state);
    auto paths = ClusterPaths{state, state / "postgres", state / "run", state / "postgres.log"};
    if (paths.socket.string().size() + socket_file.size() > socket_path_max)
        paths.socket = fs::temp_directory_path() / ("assay-" + to_string(sha256(state.string())).substr(0, 24));
    if (paths.socket.string().size() + socket_file.size() > socket_path_max)
        throw StorageError{"the temporary directory's name is too long for a socket: " + paths.socket.string()};
    own_directory(paths.socket, identity);
    return paths;
}

void make_cluster_if_missing(ClusterPaths const& paths, ClusterOptions const& options, Identity const& identity)
{
    if (fs::exists(paths.data / "PG_VERSION")) return;
    if (fs::exists(paths.data)) throw StorageError{paths.data.string() + " exists, but is no PostgreSQL cluster"};
    // What an interrupted attempt left has never been anybody's data: only the renamed directory is.
    for (auto const& entry : fs::directory_iterator{paths.state})
        if (entry.path().filename().string().starts_with("postgres.new-")) fs::remove_all(entry.path());

    auto const fresh = paths.state / ("postgres.new-" + to_string(random_uuid()));
    // The first role is a superuser that nobody can log in as: no line of pg_ident.conf names it.
    auto arguments = std::vector<std::string>{(options.binaries / "initdb").string(), "-D", fresh.string(), "-U", "assay_cluster", "-E", "UTF8",
        "--locale=C.UTF-8", "--data-checksums", "--auth-local=peer", "--auth-host=reject"};
    if (!options.durable) arguments.emplace_back("--no-sync");
    run_or_throw(arguments, identity);

    // Roles and database are made before anybody can connect (single-user mode reads one statement a line).
    auto const setup = std::string{"CREATE ROLE assay_owner LOGIN"} + (options.owner_may_create_databases ? " CREATEDB" : "")
        + ";\nCREATE ROLE assay_app LOGIN;\nCREATE ROLE assay_audit LOGIN;\nCREATE DATABASE assay OWNER assay_owner;\n";
    auto single = std::vector<std::string>{(options.binaries / "postgres").string(), "--single", "-D", fresh.string()};
    if (!options.durable) single.insert(single.end(), {"-F"});
    single.emplace_back("postgres");
    auto const outcome = run_program(single, identity, setup);
    // It exits with 0 even when a statement failed.
    if (outcome.status != 0 || outcome.output.find("ERROR:") != std::string::npos)
        throw StorageError{"setting up the database failed: " + outcome.output};

    if (::rename(fresh.c_str(), paths.data.c_str()) != 0) throw StorageError{system_message("cannot put in place", paths.data)};
    sync_directory(paths.state);
}

void write_configuration(ClusterPaths const& paths, ClusterOptions const& options, Identity const& identity)
{
    auto const names = std::vector<std::string>{identity.name, "root"};
    auto ident = std::string{"# Written by Assay at each start. Which system users may be which roles.\n"};
    for (auto const& name : names)
        for (auto const* role : {"assay_owner", "assay_app", "assay_audit"})
            if (name != "root" || identity.change) ident += "assay \"" + name + "\" " + role + "\n";
    write_file(paths.data / "pg_ident.conf", ident, identity);
    write_file(paths.data / "pg_hba.conf", "# Written by Assay at each start. The socket alone, and the system says who one is: no password exists.\n"
        "local all all peer map=assay\n", identity);
    // terse: PostgreSQL's DETAIL lines quote values of rows, which are people's.
    write_file(paths.data / "postgresql.auto.conf", "# Written by Assay at each start.\n"
        "listen_addresses = ''\n"
        "unix_socket_directories = " + quoted_directory(paths.socket.string()) + "\n"
        "unix_socket_permissions = 0700\n"
        "port = 5432\n"
        "max_connections = 200\n"
        "log_error_verbosity = terse\n"
        "log_min_error_statement = panic\n"
        "log_parameter_max_length_on_error = 0\n"
        "timezone = 'UTC'\n" + (options.durable ? "" : "fsync = off\n"), identity);
}

} // namespace assay::storage::detail
