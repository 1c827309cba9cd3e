#include "tests/storage/somebodys_postgres.hpp"

#include "storage/detail/program.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace assay::storage::test {
namespace {

std::string const binaries = "/usr/lib/postgresql/15/bin/";

detail::Identity identity() { return detail::identity_for(geteuid() == 0 ? "postgres" : ""); }

} // namespace

SomebodysPostgres::SomebodysPostgres()
{
    auto const who = identity();
    ::mkdir(home().c_str(), 0755); // the data folder in it is PostgreSQL's alone; the socket is for everybody
    ::chmod(home().c_str(), 0755);
    if (who.change && ::chown(home().c_str(), who.uid, who.gid) != 0) throw StorageError{"chown"};
    detail::run_or_throw({binaries + "initdb", "-D", data(), "-U", "admin", "--auth=trust", "--no-sync"}, who);
    start();
}

SomebodysPostgres::~SomebodysPostgres() { detail::run_program({binaries + "pg_ctl", "stop", "-D", data(), "-m", "fast", "-w", "-s"}, identity()); }

void SomebodysPostgres::start()
{
    detail::run_or_throw({binaries + "pg_ctl", "start", "-D", data(), "-w", "-s", "-l", home() + "/log", "-o",
                             "-F -c listen_addresses= -c unix_socket_directories=" + home()}, identity());
}

void SomebodysPostgres::stop(std::string const& mode) { detail::run_or_throw({binaries + "pg_ctl", "stop", "-D", data(), "-m", mode, "-w", "-s"}, identity()); }

std::string SomebodysPostgres::url(std::string const& user, std::string const& database) const
{
    return "postgresql://" + user + "@/" + database + "?host=" + home();
}

} // namespace assay::storage::test
