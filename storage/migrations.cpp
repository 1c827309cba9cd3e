#include "storage/migrations.hpp"

#include "core/hash.hpp"
#include "storage/pg/blocking_connection.hpp"

#include <algorithm>

namespace assay::storage {
namespace {

constexpr auto one_at_a_time = std::int64_t{0x61737361795f6d31}; // "assay_m1"; an advisory lock, held by the connection

struct Applied {
    int number;
    std::string name;
    Sha256Digest checksum;
};

std::vector<Applied> applied_so_far(BlockingConnection& database)
{
    database.script("CREATE TABLE IF NOT EXISTS schema_migration ("
                    " number integer PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL,"
                    " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())");
    auto applied = std::vector<Applied>{};
    for (auto const row : database.execute("SELECT number, name, checksum FROM schema_migration ORDER BY number"))
        applied.push_back({row.get<std::int32_t>(0), row.get<std::string>(1), row.get<Sha256Digest>(2)});
    return applied;
}

void apply(BlockingConnection& database, Migration const& migration)
{
    try {
        database.script("BEGIN");
        database.script(std::string{migration.sql});
        database.execute("INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
            params(migration.number, migration.name, sha256(migration.sql)));
        database.script("COMMIT");
    } catch (DatabaseError const& error) { // the caller closes the connection, which rolls back
        throw DatabaseError{error.sqlstate(), "migration " + std::string{migration.name} + ": " + error.what(), error.constraint()};
    }
}

} // namespace

MigrationReport migrate(Endpoint const& owner, std::span<Migration const> all)
{
    EXPECTS(std::is_sorted(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.number < b.number; }));
    auto database = BlockingConnection{owner};
    database.execute("SELECT pg_advisory_lock($1)", params(one_at_a_time));

    auto const applied = applied_so_far(database);
    for (auto const& earlier : applied) {
        auto const same = std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.number == earlier.number; });
        if (same == all.end())
            throw StorageError{"the database has migration " + earlier.name + ", which this program does not know: it belongs to a newer version"};
        if (sha256(same->sql) != earlier.checksum)
            throw StorageError{"migration " + earlier.name + " was changed after it had been applied: applied migrations are frozen"};
    }

    auto report = MigrationReport{};
    report.version = applied.empty() ? 0 : applied.back().number;
    for (auto const& migration : all) {
        if (std::any_of(applied.begin(), applied.end(), [&](auto const& earlier) { return earlier.number == migration.number; })) continue;
        apply(database, migration);
        report.applied.emplace_back(migration.name);
        report.version = std::max(report.version, migration.number);
    }
    return report;
}

} // namespace assay::storage
