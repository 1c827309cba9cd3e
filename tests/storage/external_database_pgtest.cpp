// `--database URL`: a PostgreSQL that somebody else administers.
#include "storage/detail/program.hpp"
#include "tests/storage/postgres_fixture.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace assay::storage::test {
namespace {

/// As an administrator sets one up: a superuser, trust on the socket.
class SomebodysPostgres {
public:
    SomebodysPostgres()
    {
        ::mkdir(home().c_str(), 0700);
        if (identity_.change && ::chown(home().c_str(), identity_.uid, identity_.gid) != 0) throw StorageError{"chown"};
        detail::run_or_throw({binaries_ + "initdb", "-D", data(), "-U", "admin", "--auth=trust", "--no-sync"}, identity_);
        detail::run_or_throw({binaries_ + "pg_ctl", "start", "-D", data(), "-w", "-s", "-l", home() + "/log", "-o",
                                 "-F -c listen_addresses= -c unix_socket_directories=" + home()}, identity_);
    }
    ~SomebodysPostgres() { detail::run_program({binaries_ + "pg_ctl", "stop", "-D", data(), "-m", "fast", "-w", "-s"}, identity_); }

    std::string url(std::string const& user, std::string const& database = "postgres") const
    {
        return "postgresql://" + user + "@/" + database + "?host=" + home();
    }

private:
    std::string home() const { return (directory_.path() / "pg").string(); }
    std::string data() const { return home() + "/data"; }
    TemporaryDirectory directory_;
    std::string binaries_ = "/usr/lib/postgresql/15/bin/";
    detail::Identity identity_ = detail::identity_for(geteuid() == 0 ? "postgres" : "");
};

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
