#include "tests/storage/postgres_fixture.hpp"

#include <set>

namespace assay::storage::test {
namespace {

// Walks pg_catalog, so that a table or view added later is held to the same rules without anybody thinking of it.
struct Catalog : testing::Test {
    std::set<std::string> names(std::string const& sql)
    {
        auto found = std::set<std::string>{};
        for (auto const row : database.execute(sql)) found.insert(row.get<std::string>(0));
        return found;
    }
    BlockingConnection database{fresh_database().owner};
};
using Names = std::set<std::string>;

/// Every table of ours that has tenant_id.
constexpr auto tenant_tables = R"sql(
    SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' AND NOT a.attisdropped)sql";

TEST_F(Catalog, HasNoTableWithoutATenantButTheseByName)
{
    EXPECT_EQ(names("SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
                    " AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped)"),
        (Names{"node_heartbeat", "schema_migration"}));
}

TEST_F(Catalog, ForcesRowLevelSecurityOnEveryTenantTable)
{
    EXPECT_GE(names(std::string{"SELECT relname FROM ("} + tenant_tables + ") t").size(), 12u);
    EXPECT_EQ(names(std::string{"SELECT relname FROM ("} + tenant_tables + ") t WHERE NOT relrowsecurity OR NOT relforcerowsecurity"), Names{});
}

TEST_F(Catalog, HasOnTheseTablesNoOtherPolicyThanTheTenants)
{
    // Both expressions of each policy are the plain comparison, or (only for reading, only these three) true.
    auto const plain = "(tenant_id = (NULLIF(current_setting(''assay.tenant''::text, true), ''''::text))::uuid)";
    EXPECT_EQ(names(std::string{"SELECT tablename || '.' || policyname FROM pg_policies WHERE schemaname = 'public' AND NOT (coalesce(qual, '"} + plain
                  + "') = '" + plain + "' AND coalesce(with_check, '" + plain + "') = '" + plain + "' AND permissive = 'PERMISSIVE')"),
        (Names{"due.everyone_reads", "tenant.everyone_reads", "tenant_host.everyone_reads"}));
    EXPECT_EQ(names("SELECT tablename FROM pg_policies WHERE policyname = 'everyone_reads' AND (cmd <> 'SELECT' OR qual <> 'true')"), Names{});
    EXPECT_EQ(names(std::string{"SELECT relname FROM ("} + tenant_tables + ") t WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid)"), Names{});
}

TEST_F(Catalog, LeadsEveryKeyWithTheTenant)
{
    // Unique constraints and foreign keys don't see row-level security. Slug and host are unique over all: they are how a tenant is found.
    EXPECT_EQ(names(std::string{"SELECT t.relname || '.' || i.indexrelid::regclass FROM ("} + tenant_tables
                  + ") t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
                    " WHERE i.indisunique AND a.attname <> 'tenant_id'"),
        (Names{"tenant.tenant_slug_key", "tenant_host.tenant_host_host_key"}));
    EXPECT_EQ(names(std::string{"SELECT t.relname || '.' || k.conname FROM ("} + tenant_tables
                  + ") t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'"
                    " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1] WHERE a.attname <> 'tenant_id'"),
        Names{});
    EXPECT_EQ(names(std::string{"SELECT relname FROM ("} + tenant_tables
                  + ") t WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary)"),
        Names{});
}

TEST_F(Catalog, RunsViewsAndFunctionsWithTheCallersRights)
{
    EXPECT_EQ(names("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'"
                    " AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"),
        Names{});
    EXPECT_EQ(names("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'm'"), Names{}) << "materialised views know no rows' security";
    EXPECT_EQ(names("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"), Names{});
}

TEST_F(Catalog, LetsTheApplicationOnlyAddToTheJournal)
{
    EXPECT_EQ(names("SELECT t || ' ' || p FROM unnest(ARRAY['journal_entry', 'stream_entry', 'idempotency', 'checkpoint', 'cosignature']) t,"
                    " unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p WHERE has_table_privilege('assay_app', t, p) OR"
                    " (p = 'UPDATE' AND has_any_column_privilege('assay_app', t, p))"),
        Names{});
    EXPECT_EQ(names("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
                    " AND has_table_privilege('assay_app', oid, 'TRUNCATE')"),
        Names{}) << "TRUNCATE knows no rows' security";
}

TEST_F(Catalog, LetsTheAuditRoleOnlyRead)
{
    EXPECT_EQ(names("SELECT relname || ' ' || p FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p"
                    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege('assay_audit', oid, p)"),
        Names{});
}

} // namespace
} // namespace assay::storage::test
