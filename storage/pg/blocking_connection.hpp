#pragma once
// A connection that waits: for start-up (migrations, roles, the private cluster), the command line and tests. Never on an io thread.
#include "storage/pg/connection.hpp"

struct pg_conn; // libpq's PGconn

namespace assay::storage {

class BlockingConnection {
public:
    /// Throws DatabaseError.
    explicit BlockingConnection(Endpoint const& endpoint, std::chrono::milliseconds timeout = std::chrono::seconds{10});

    /// One statement. Throws DatabaseError.
    Rows execute(std::string const& sql, Params const& parameters = {});
    /// Several statements separated by semicolons, as one transaction unless they say otherwise.
    void script(std::string const& sql);
    /// An identifier as it must stand in SQL: roles and databases can't be parameters.
    std::string quoted_name(std::string_view name) const;

private:
    std::unique_ptr<pg_conn, void (*)(pg_conn*)> pg_;
};

} // namespace assay::storage
