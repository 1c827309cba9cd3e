#include "storage/detail/program.hpp"
#include "tests/storage/postgres_fixture.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace assay::storage::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct PrivateClusterTest : testing::Test {
    ClusterOptions options(std::string const& name = "state") const { return options_for_tests(directory.path() / name); }
    static std::int64_t ask(PrivateCluster const& cluster, std::string const& sql)
    {
        return BlockingConnection{cluster.access().owner}.execute(sql).one().get<std::int64_t>(0);
    }
    static void write(PrivateCluster const& cluster) { BlockingConnection{cluster.access().owner}.script("CREATE TABLE t (a bigint); INSERT INTO t VALUES (42)"); }

    /// Kills the postmaster only: its backends notice and end by themselves.
    static void kill_postmaster(PrivateCluster const& cluster)
    {
        ::kill(cluster.postmaster_pid(), SIGKILL);
        std::this_thread::sleep_for(50ms);
    }
    TemporaryDirectory directory;
};

TEST_F(PrivateClusterTest, StartsStopsAndKeepsItsData)
{
    {
        auto cluster = PrivateCluster::start(options());
        EXPECT_FALSE(cluster.adopted());
        write(cluster);
        EXPECT_NO_THROW(migrate(cluster.access().owner));
        EXPECT_NO_THROW(assert_safe_role(cluster.access().app));
        cluster.stop();
        EXPECT_THROW(cluster.postmaster_pid(), StorageError);
    }
    auto cluster = PrivateCluster::start(options());
    EXPECT_EQ(ask(cluster, "SELECT a FROM t"), 42);
    cluster.stop();
}

TEST_F(PrivateClusterTest, ListensOnItsSocketOnlyAndLetsNobodyInAsSuperuser)
{
    auto cluster = PrivateCluster::start(options());
    EXPECT_EQ(ask(cluster, "SELECT count(*) FROM pg_settings WHERE name = 'listen_addresses' AND setting = ''"), 1);
    auto superuser = cluster.access().owner;
    superuser.url.replace(superuser.url.find("assay_owner"), 11, "assay_cluster");
    EXPECT_THROW(BlockingConnection{superuser}, DatabaseError);
    EXPECT_EQ(ask(cluster, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'assay\\_%' AND rolname <> 'assay_cluster' AND (rolsuper OR rolbypassrls)"), 0);
    cluster.stop();
}

TEST_F(PrivateClusterTest, RestartsPostgresAfterItWasKilled)
{
    auto cluster = PrivateCluster::start(options());
    write(cluster);
    EXPECT_EQ(cluster.watch(), ClusterStatus::running);
    kill_postmaster(cluster);
    EXPECT_EQ(cluster.watch(), ClusterStatus::restarted);
    EXPECT_EQ(ask(cluster, "SELECT a FROM t"), 42);
    cluster.stop();
}

TEST_F(PrivateClusterTest, WaitsForAnOrphanedBackendBeforeItRestarts)
{
    auto cluster = PrivateCluster::start(options());
    write(cluster);
    // A backend that is busy does not notice the postmaster's death at once.
    auto busy = std::thread{[access = cluster.access()] {
        try {
            BlockingConnection{access.owner}.execute("SELECT count(*) FROM generate_series(1, 12000000)");
        } catch (DatabaseError const&) {
        }
    }};
    std::this_thread::sleep_for(300ms);
    kill_postmaster(cluster);
    EXPECT_EQ(cluster.watch(), ClusterStatus::restarted);
    EXPECT_EQ(ask(cluster, "SELECT a FROM t"), 42);
    busy.join();
    cluster.stop();
}

TEST_F(PrivateClusterTest, IsAdoptedAfterTheServerWasKilled)
{
    // The server is a child process here: it starts the cluster and is killed where it stands.
    auto const child = fork();
    if (child == 0) {
        auto cluster = PrivateCluster::start(options());
        write(cluster);
        std::ofstream{directory.path() / "ready"} << cluster.postmaster_pid();
        std::this_thread::sleep_for(60s);
        _exit(0);
    }
    for (auto i = 0; i < 300 && (!fs::exists(directory.path() / "ready") || fs::file_size(directory.path() / "ready") == 0); ++i) std::this_thread::sleep_for(50ms);
    auto pid = 0;
    std::ifstream{directory.path() / "ready"} >> pid;
    ASSERT_GT(pid, 0);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    auto cluster = PrivateCluster::start(options());
    EXPECT_TRUE(cluster.adopted());
    EXPECT_EQ(cluster.postmaster_pid(), pid) << "the same PostgreSQL, not a new one";
    EXPECT_EQ(ask(cluster, "SELECT a FROM t"), 42);
    cluster.stop();
}

TEST_F(PrivateClusterTest, StartsWhenBothWereKilled)
{
    {
        auto cluster = PrivateCluster::start(options());
        write(cluster);
        kill_postmaster(cluster);
    }
    auto cluster = PrivateCluster::start(options());
    EXPECT_FALSE(cluster.adopted());
    EXPECT_EQ(ask(cluster, "SELECT a FROM t"), 42);
    cluster.stop();
}

TEST_F(PrivateClusterTest, StartsOverAPidFileThatNamesSomebodyElsesProcess)
{
    auto const pid_file = directory.path() / "state/postgres/postmaster.pid";
    {
        auto cluster = PrivateCluster::start(options());
        write(cluster);
        auto const copy = directory.path() / "copy";
        fs::copy_file(pid_file, copy);
        cluster.stop();
        fs::copy_file(copy, pid_file);
    }
    // As after a reboot: the number now belongs to a living process of the same user, here to us or to one of PostgreSQL's user.
    auto other = std::thread{[this] {
        detail::run_program({"/usr/bin/sleep", "20"}, detail::identity_for(options().user));
    }};
    other.detach();
    std::this_thread::sleep_for(200ms);
    auto found = std::string{};
    auto const wanted = detail::identity_for(options().user).uid;
    for (auto const& entry : fs::directory_iterator{"/proc"}) {
        auto name = std::string{};
        std::ifstream{entry.path() / "comm"} >> name;
        if (name != "sleep") continue;
        auto const owner = [&] { struct stat about {}; return ::stat(entry.path().c_str(), &about) == 0 ? about.st_uid : uid_t(-1); }();
        if (owner == wanted) found = entry.path().filename();
    }
    ASSERT_FALSE(found.empty());
    auto stream = std::ifstream{pid_file};
    auto first = std::string{};
    std::getline(stream, first);
    auto const rest = std::string{std::istreambuf_iterator<char>{stream}, {}};
    stream.close();
    std::ofstream{pid_file, std::ios::trunc} << found << '\n' << rest;
    if (geteuid() == 0) {
        ASSERT_EQ(::chown(pid_file.c_str(), wanted, static_cast<gid_t>(-1)), 0);
    }

    auto cluster = PrivateCluster::start(options());
    EXPECT_FALSE(cluster.adopted());
    EXPECT_EQ(ask(cluster, "SELECT a FROM t"), 42);
    EXPECT_EQ(::kill(std::stoi(found), 0), 0) << "the other process was left alone";
    cluster.stop();
}

TEST_F(PrivateClusterTest, BelongsToOneServerAtATime)
{
    auto cluster = PrivateCluster::start(options());
    EXPECT_THROW(PrivateCluster::start(options()), StorageError);
    EXPECT_EQ(ask(cluster, "SELECT 1::bigint"), 1);
    cluster.stop();
}

TEST_F(PrivateClusterTest, IsMadeOnceWhenTwoServersStartTogether)
{
    auto started = std::atomic<int>{0}, refused = std::atomic<int>{0};
    auto winner = std::optional<PrivateCluster>{};
    auto guard = std::mutex{};
    auto server = [&] {
        try {
            auto cluster = PrivateCluster::start(options());
            ++started;
            auto const lock = std::lock_guard{guard};
            winner.emplace(std::move(cluster));
        } catch (StorageError const&) {
            ++refused;
        }
    };
    auto first = std::thread{server}, second = std::thread{server};
    first.join();
    second.join();
    EXPECT_EQ(started, 1);
    EXPECT_EQ(refused, 1);
    ASSERT_TRUE(winner);
    EXPECT_EQ(ask(*winner, "SELECT 1::bigint"), 1);
    winner->stop();
}

TEST_F(PrivateClusterTest, DoesNotAdoptWhatAnInterruptedSetupLeft)
{
    auto const identity = detail::identity_for(options().user);
    auto const half = directory.path() / "state/postgres.new-interrupted";
    fs::create_directories(half);
    for (auto const& path : {half.parent_path(), half}) {
        chmod(path.c_str(), 0700);
        if (identity.change) {
            ASSERT_EQ(::chown(path.c_str(), identity.uid, identity.gid), 0);
        }
    }
    std::ofstream{half / "PG_VERSION"} << "15\n";
    auto cluster = PrivateCluster::start(options());
    EXPECT_EQ(ask(cluster, "SELECT 1::bigint"), 1);
    EXPECT_FALSE(fs::exists(half));
    cluster.stop();
}

TEST_F(PrivateClusterTest, WorksUnderAPathTooLongForASocket)
{
    auto long_path = options("a-directory-whose-name-is-so-long-that-no-socket-can-lie-in-it/and-another-one-below-it-to-be-sure-of-that/state");
    auto cluster = PrivateCluster::start(long_path);
    EXPECT_EQ(ask(cluster, "SELECT 1::bigint"), 1);
    cluster.stop();
}

TEST_F(PrivateClusterTest, WorksUnderAPathWithSpacesAndQuotes)
{
    auto cluster = PrivateCluster::start(options("it's a \\ state"));
    EXPECT_EQ(ask(cluster, "SELECT 1::bigint"), 1);
    cluster.stop();
}

TEST_F(PrivateClusterTest, RefusesAStateDirectoryThatOthersCanRead)
{
    fs::create_directory(directory.path() / "state");
    chmod((directory.path() / "state").c_str(), 0755);
    EXPECT_THROW(PrivateCluster::start(options()), StorageError);
}

TEST_F(PrivateClusterTest, SaysWhenPostgresIsNotInstalled)
{
    auto without = options();
    without.binaries = "/nonexistent";
    auto said = std::string{};
    try {
        PrivateCluster::start(without);
    } catch (StorageError const& error) {
        said = error.what();
    }
    EXPECT_NE(said.find("/nonexistent/initdb"), std::string::npos);
}

/// Run as root, the test also does what an ordinary user does: in a child that has become one.
TEST_F(PrivateClusterTest, StartsForAnOrdinaryUserToo)
{
    if (geteuid() != 0) GTEST_SKIP() << "this run is an ordinary user's already";
    auto const user = getpwnam("nobody");
    ASSERT_NE(user, nullptr);
    auto const home = directory.path() / "home";
    fs::create_directory(home);
    ASSERT_EQ(::chown(home.c_str(), user->pw_uid, user->pw_gid), 0);
    auto const child = fork();
    if (child == 0) {
        auto outcome = 1;
        if (setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0) {
            try {
                auto mine = options();
                mine.state = home / "state";
                mine.user.clear();
                auto cluster = PrivateCluster::start(mine);
                outcome = ask(cluster, "SELECT 1::bigint") == 1 ? 0 : 2;
                cluster.stop();
            } catch (std::exception const& error) {
                std::fprintf(stderr, "%s\n", error.what());
                outcome = 3;
            }
        }
        _exit(outcome);
    }
    auto status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(DefaultClusterOptions, FollowTheUser)
{
    auto const options = default_cluster_options();
    if (geteuid() == 0) {
        EXPECT_EQ(options.state, "/var/lib/assay");
        EXPECT_EQ(options.user, "assay");
    } else {
        EXPECT_EQ(options.state.filename(), "assay");
        EXPECT_TRUE(options.user.empty());
    }
}

} // namespace
} // namespace assay::storage::test
