// The same with every check of the handlers bypassed: straight SQL as the application role of one tenant against the other tenant's rows, in
// every table that the catalog has, with the rows that a real service wrote.
#include "tests/server/tenants/two_tenants.hpp"

#include <gtest/gtest.h>
#include <set>

namespace assay::server::test {
namespace {

using storage::BlockingConnection;
using storage::params;

struct EveryTable : testing::Test {
    TwoTenants* tenants = &two_tenants();

    void SetUp() override
    {
        app.execute("SELECT set_config('assay.tenant', $1, false)", params(tenants->other));
        auto const rows = admin.execute("SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace"
                                        " AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' AND NOT a.attisdropped ORDER BY c.relname");
        for (auto const row : rows) tables.push_back(row.get<std::string>(0));
    }
    std::int64_t count(BlockingConnection& database, std::string const& table)
    {
        return database.execute("SELECT count(*) FROM " + table + " WHERE tenant_id = $1::text::uuid", params(tenants->victim)).one().get<std::int64_t>(0);
    }
    /// "accepted n" or the SQLSTATE of the refusal.
    std::string try_it(std::string const& sql, storage::Params with)
    {
        try {
            return "accepted " + std::to_string(app.execute(sql, std::move(with)).affected());
        } catch (storage::DatabaseError const& error) {
            return error.sqlstate();
        }
    }

    BlockingConnection admin{{tenants->url, {}}};
    BlockingConnection app{{tenants->url, "assay_app"}};
    std::vector<std::string> tables;
    /// Read without a tenant, by name: how one is found, and what schedulers scan.
    std::set<std::string> const open_for_reading{"tenant", "tenant_host", "due"};
    /// In which this service's demonstration leaves nothing.
    std::set<std::string> const may_be_empty{"tenant_host", "due", "sitting_review", "legal_hold", "tenant_document"};
};

TEST_F(EveryTable, ShowsNothingOfTheOthersRows)
{
    EXPECT_GE(tables.size(), 20u);
    for (auto const& table : tables) {
        if (!may_be_empty.contains(table)) {
            EXPECT_GT(count(admin, table), 0) << table << ": nothing to find, so nothing is shown by not finding it";
        }
        if (!open_for_reading.contains(table)) {
            EXPECT_EQ(count(app, table), 0) << table;
        }
    }
}

TEST_F(EveryTable, LetsNobodyChangeOrRemoveTheOthersRows)
{
    auto const harmless = std::set<std::string>{"accepted 0", "42501"}; // no row in sight, or no right to any
    for (auto const& table : tables) {
        auto const before = count(admin, table);
        EXPECT_TRUE(harmless.contains(try_it("UPDATE " + table + " SET tenant_id = tenant_id WHERE tenant_id = $1::text::uuid", params(tenants->victim)))) << table;
        EXPECT_TRUE(harmless.contains(try_it("UPDATE " + table + " SET tenant_id = $2::text::uuid WHERE tenant_id = $1::text::uuid", params(tenants->victim, tenants->other)))) << table;
        EXPECT_TRUE(harmless.contains(try_it("DELETE FROM " + table + " WHERE tenant_id = $1::text::uuid", params(tenants->victim)))) << table;
        EXPECT_GE(count(admin, table), before) << table;
    }
}

TEST_F(EveryTable, TakesNoRowForTheOther)
{
    for (auto const& table : tables) {
        // A true row of theirs, so that nothing else can be wrong with it.
        auto const row = admin.execute("SELECT to_jsonb(t)::text FROM " + table + " t WHERE tenant_id = $1::text::uuid LIMIT 1", params(tenants->victim));
        if (row.empty()) continue;
        auto const sql = "INSERT INTO " + table + " SELECT * FROM jsonb_populate_record(NULL::" + table + ", $1::text::jsonb)";
        EXPECT_EQ(try_it(sql, params(row.one().get<std::string>(0))), "42501") << table;
    }
}

TEST_F(EveryTable, TakesNoRowThatPointsAtTheOthers)
{
    // Tables whose rows refer to another row of their tenant: the same row under the own tenant refers to nothing.
    auto const referring = admin.execute("SELECT DISTINCT k.conrelid::regclass::text FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace"
                                         " AND cardinality(k.conkey) > 1 ORDER BY 1");
    auto tried = 0;
    for (auto const found : referring) {
        auto const table = found.get<std::string>(0);
        auto const row = admin.execute("SELECT (to_jsonb(t) || jsonb_build_object('tenant_id', $2::text))::text FROM " + table + " t WHERE tenant_id = $1::text::uuid LIMIT 1",
                                       params(tenants->victim, tenants->other));
        if (row.empty()) continue;
        auto const sql = "INSERT INTO " + table + " SELECT * FROM jsonb_populate_record(NULL::" + table + ", $1::text::jsonb)";
        auto const said = try_it(sql, params(row.one().get<std::string>(0)));
        // Refused by the foreign key, by the lack of a right to insert, or since a row of the own tenant has that number already.
        EXPECT_TRUE(said == "23503" || said == "42501" || said == "23505") << table << ": " << said;
        tried += said == "23503" ? 1 : 0;
    }
    EXPECT_GE(tried, 5);
}

} // namespace
} // namespace assay::server::test
