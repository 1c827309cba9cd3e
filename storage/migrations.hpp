#pragma once
// Numbered SQL files, compiled into the binary: storage/migrations/NNNN_name.sql, forward only, one transaction each, frozen
// once merged. Blocking code, used at start-up and by `assay migrate`.
#include "storage/pg/connection.hpp"

#include <span>

namespace assay::storage {

struct Migration {
    int number;
    std::string_view name;
    std::string_view sql;
};

/// All of storage/migrations/, by number.
std::span<Migration const> migrations() noexcept;

/// The two ways into one database: `owner` to migrate, `app` for everything else.
struct DatabaseAccess {
    Endpoint owner;
    Endpoint app;
};

/// For a PostgreSQL of the user's (`--database URL`). The URL's user makes the roles assay_owner, assay_app and assay_audit when they
/// are missing (needs CREATEROLE then) and takes on one of them (SET ROLE) in every connection.
/// Throws DatabaseError, StorageError (the user may not, and what to do).
DatabaseAccess prepare_external_database(std::string const& url);

struct MigrationReport {
    std::vector<std::string> applied;   ///< "0001_tenants", …; empty when everything was there
    int version = 0;                    ///< the highest number that stands
};

/// Applies what is missing, under an advisory lock (several nodes may start at once), each in its own transaction.
/// Throws StorageError when an applied one was changed afterwards (checksum) or the database is newer than this binary; DatabaseError.
MigrationReport migrate(Endpoint const& owner, std::span<Migration const> all = migrations());

/// Throws StorageError unless the endpoint's effective role is one that row-level security binds: no superuser, no BYPASSRLS, owner
/// of nothing, member of no role that is one of these (unless by the login that took it on). The server calls it before it listens.
void assert_safe_role(Endpoint const& app);

} // namespace assay::storage
