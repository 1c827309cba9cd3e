#pragma once
// A PostgreSQL that somebody else administers, as `--database URL` finds it: a superuser, trust on the socket.
#include "tests/storage/postgres_fixture.hpp"

namespace assay::storage::test {

class SomebodysPostgres {
public:
    SomebodysPostgres();
    ~SomebodysPostgres();
    SomebodysPostgres(SomebodysPostgres const&) = delete;
    SomebodysPostgres& operator=(SomebodysPostgres const&) = delete;

    /// Users: "admin", who may do everything, and whoever was made since. Also for services that run as another system user.
    std::string url(std::string const& user, std::string const& database = "postgres") const;

    void start();
    void stop(std::string const& mode = "fast"); ///< pg_ctl's: "immediate" leaves a recovery to the next start

private:
    std::string home() const { return (directory_.path() / "pg").string(); }
    std::string data() const { return home() + "/data"; }
    TemporaryDirectory directory_;
};

} // namespace assay::storage::test
