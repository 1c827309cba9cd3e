// `--database URL`: a PostgreSQL that somebody else administers.
#include "tests/storage/somebodys_postgres.hpp"

namespace assay::storage::test {
namespace {

struct ExternalDatabase : testing::Test {
    static void SetUpTestSuite() { postgres = std::make_unique<SomebodysPostgres>(); }
    static void TearDownTestSuite() { postgres.reset(); }
    static inline std::unique_ptr<SomebodysPostgres> postgres;
};

std::string current_role(Endpoint const& endpoint) { return BlockingConnection{endpoint}.execute("SELECT current_user").one().get<std::string>(0); }

// In this order: roles belong to the whole cluster, so the first test is the one that finds none.
TEST_F(ExternalDatabase, TellsAUserWhoMayNotMakeRolesWhatToDo)
{
    BlockingConnection{{postgres->url("admin"), {}}}.script("CREATE ROLE plain LOGIN");
    auto said = std::string{};
    try {
        prepare_external_database(postgres->url("plain"));
    } catch (StorageError const& error) {
        said = error.what();
    }
    EXPECT_NE(said.find("CREATE ROLE assay_app NOLOGIN"), std::string::npos) << said;
}

TEST_F(ExternalDatabase, IsSetUpByAnOrdinaryDatabaseOwnerWhoMayMakeRoles)
{
    {
        auto admin = BlockingConnection{{postgres->url("admin"), {}}};
        admin.script("CREATE ROLE customer LOGIN CREATEROLE");
        admin.script("CREATE DATABASE customers OWNER customer");
    }
    auto const url = postgres->url("customer", "customers");
    auto const access = prepare_external_database(url);
    EXPECT_EQ(current_role(access.owner), "assay_owner");
    EXPECT_EQ(current_role(access.app), "assay_app");
    EXPECT_EQ(migrate(access.owner).applied.size(), migrations().size());
    EXPECT_NO_THROW(assert_safe_role(access.app));
    EXPECT_NO_THROW(prepare_external_database(url)) << "a second start finds everything";

    auto bench = Bench{access};
    auto const tenant = bench.add_tenant("one");
    auto stored = run(bench.context, bench.journal.append(tenant, append_of(random_uuid(), 0, {entry_of("A")})));
    EXPECT_TRUE(stored);
}

TEST_F(ExternalDatabase, IsSafeForASuperusersAddressBecauseItsRightsAreLaidDown)
{
    BlockingConnection{{postgres->url("admin"), {}}}.script("CREATE DATABASE admins");
    auto const url = postgres->url("admin", "admins");
    auto const access = prepare_external_database(url);
    migrate(access.owner);
    EXPECT_NO_THROW(assert_safe_role(access.app));
    EXPECT_THROW(assert_safe_role({url, {}}), StorageError);
    EXPECT_THROW(assert_safe_role(access.owner), StorageError);
}

TEST_F(ExternalDatabase, IsRefusedWhenTheApplicationsRoleEscapesRowLevelSecurity)
{
    auto const access = prepare_external_database(postgres->url("admin"));
    auto admin = BlockingConnection{{postgres->url("admin"), {}}};
    admin.script("ALTER ROLE assay_app BYPASSRLS");
    EXPECT_THROW(assert_safe_role(access.app), StorageError);
    admin.script("ALTER ROLE assay_app NOBYPASSRLS; GRANT assay_owner TO assay_app");
    EXPECT_THROW(assert_safe_role(access.app), StorageError) << "a member may take the owner's rights";
    admin.script("REVOKE assay_owner FROM assay_app");
    EXPECT_NO_THROW(assert_safe_role(access.app));
}

TEST_F(ExternalDatabase, DoesNotRepeatAPasswordInItsMessages)
{
    // One that leads nowhere, and two that can't be read.
    for (auto const* url : {"postgresql://u:hunter2@/x?host=/nonexistent", "postgresql://u:hunter2@[::1/x", "host=x password hunter2"}) {
        auto said = std::string{};
        try {
            prepare_external_database(url);
        } catch (std::runtime_error const& error) {
            said = error.what();
        }
        EXPECT_FALSE(said.empty()) << url;
        EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
    }
}

} // namespace
} // namespace assay::storage::test
