// The roles: assay_owner owns and migrates, assay_app works under row-level security, assay_audit reads.
#include "storage/migrations.hpp"
#include "storage/pg/blocking_connection.hpp"

namespace assay::storage {
namespace {

constexpr auto make_roles = R"sql(
    DO $$
    DECLARE
        r text;
    BEGIN
        PERFORM pg_advisory_xact_lock(7021785011421736242);  -- several nodes may start at once
        FOREACH r IN ARRAY ARRAY['assay_owner', 'assay_app', 'assay_audit'] LOOP
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            END IF;
            -- A superuser may take on any role; being a member would be one more thing to take back.
            IF NOT pg_has_role(current_user, r, 'MEMBER') THEN
                EXECUTE format('GRANT %I TO %I', r, current_user);
            END IF;
        END LOOP;
        IF NOT has_schema_privilege('assay_owner', 'public', 'CREATE') THEN
            GRANT CREATE, USAGE ON SCHEMA public TO assay_owner WITH GRANT OPTION;
        END IF;
    END $$)sql";

constexpr auto dangerous_roles = R"sql(
    SELECT r.rolname, r.rolname = current_user AS own, r.rolsuper, r.rolbypassrls
      FROM pg_roles r
     WHERE pg_has_role(current_user, r.oid, 'MEMBER')
       AND (r.rolsuper OR r.rolbypassrls
            OR EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o'))
     ORDER BY own DESC, r.rolname LIMIT 1)sql";

} // namespace

DatabaseAccess prepare_external_database(std::string const& url)
{
    auto database = BlockingConnection{{url, {}}};
    try {
        database.script(make_roles);
    } catch (DatabaseError const& error) {
        if (error.sqlstate() != "42501") throw;
        throw StorageError{std::string{"this database user can't set up Assay's roles ("} + error.what()
            + "). Let an administrator run: CREATE ROLE assay_owner NOLOGIN; CREATE ROLE assay_app NOLOGIN; CREATE ROLE assay_audit NOLOGIN; "
              "GRANT assay_owner, assay_app, assay_audit TO <this user>; GRANT CREATE, USAGE ON SCHEMA public TO assay_owner WITH GRANT OPTION"};
    }
    return {.owner = {url, "assay_owner"}, .app = {url, "assay_app"}};
}

void assert_safe_role(Endpoint const& app)
{
    auto database = BlockingConnection{app};
    auto const found = database.execute(dangerous_roles);
    if (found.empty()) return;
    auto const row = found.one();
    auto const why = row.get<bool>("rolsuper") ? "a superuser" : row.get<bool>("rolbypassrls") ? "exempt from row-level security (BYPASSRLS)" : "an owner of tables or other objects";
    throw StorageError{"the application would work as database role \"" + row.get<std::string>("rolname") + "\""
        + (row.get<bool>("own") ? "" : " (by membership)") + ", which is " + why + ": row-level security would not bind it. Use assay_app"};
}

} // namespace assay::storage
