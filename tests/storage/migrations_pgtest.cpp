#include "tests/storage/postgres_fixture.hpp"

#include <atomic>
#include <thread>

namespace assay::storage::test {
namespace {

Endpoint empty_database(std::string const& name)
{
    BlockingConnection{cluster().access().owner}.script("CREATE DATABASE " + name);
    return cluster().access(name).owner;
}

constexpr Migration first{1, "0001_first", "CREATE TABLE first (a integer)"};
constexpr Migration second{2, "0002_second", "CREATE TABLE second (a integer); CREATE INDEX ON second (a)"};

TEST(Migrations, ApplyWhatIsMissingAndNothingTwice)
{
    auto const owner = empty_database("migrations_missing");
    auto const one = std::vector{first}, both = std::vector{first, second};
    EXPECT_EQ(migrate(owner, one).applied, std::vector<std::string>{"0001_first"});
    EXPECT_EQ(migrate(owner, both).applied, std::vector<std::string>{"0002_second"});
    auto const again = migrate(owner, both);
    EXPECT_TRUE(again.applied.empty());
    EXPECT_EQ(again.version, 2);
}

TEST(Migrations, RefuseOneThatWasChangedAfterwards)
{
    auto const owner = empty_database("migrations_changed");
    auto const before = std::vector{first};
    migrate(owner, before);
    auto const after = std::vector{Migration{1, "0001_first", "CREATE TABLE first (a bigint)"}};
    EXPECT_THROW(migrate(owner, after), StorageError);
}

TEST(Migrations, RefuseADatabaseOfANewerProgram)
{
    auto const owner = empty_database("migrations_newer");
    auto const newer = std::vector{first, second}, older = std::vector{first};
    migrate(owner, newer);
    EXPECT_THROW(migrate(owner, older), StorageError);
}

TEST(Migrations, LeaveNothingOfAFailedOne)
{
    auto const owner = empty_database("migrations_failed");
    auto const broken = std::vector{first, Migration{2, "0002_broken", "CREATE TABLE half (a integer); SELECT no_such_function()"}};
    auto said = std::string{};
    try {
        migrate(owner, broken);
    } catch (DatabaseError const& error) {
        said = error.what();
        EXPECT_EQ(error.sqlstate(), "42883"); // undefined_function
    }
    EXPECT_NE(said.find("0002_broken"), std::string::npos);
    auto database = BlockingConnection{owner};
    EXPECT_TRUE(database.execute("SELECT to_regclass('half') IS NULL AND to_regclass('first') IS NOT NULL").one().get<bool>(0));
    EXPECT_EQ(database.execute("SELECT max(number) FROM schema_migration").one().get<std::int32_t>(0), 1);
}

TEST(Migrations, AreAppliedOnceWhenSeveralNodesStartTogether)
{
    auto const owner = empty_database("migrations_together");
    auto applied = std::atomic<std::size_t>{0};
    auto failures = std::atomic<int>{0};
    auto nodes = std::vector<std::thread>{};
    for (auto i = 0; i < 4; ++i)
        nodes.emplace_back([&] {
            try {
                applied += migrate(owner).applied.size();
            } catch (std::exception const&) {
                ++failures;
            }
        });
    for (auto& node : nodes) node.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(applied, migrations().size());
}

TEST(AssertSafeRole, AcceptsTheApplicationRoleAndRefusesTheOwner)
{
    auto const access = fresh_database();
    EXPECT_NO_THROW(assert_safe_role(access.app));
    EXPECT_THROW(assert_safe_role(access.owner), StorageError);
}

} // namespace
} // namespace assay::storage::test
