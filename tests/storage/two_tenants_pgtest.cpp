#include "tests/storage/postgres_fixture.hpp"

namespace assay::storage::test {
namespace {

// Straight SQL as the application role, as if every check in a handler were forgotten.
struct TwoTenants : testing::Test {
    void SetUp() override
    {
        auto fill = [this](TenantId tenant) -> asio::awaitable<void> {
            auto append = append_of(stream, 0, {entry_of("Something")}, "key");
            append.entries[0].detail = Detail{person, "a secret"};
            auto const stored = co_await bench.journal.append(tenant, std::move(append));
            EXPECT_TRUE(stored.has_value());
        };
        run(bench.context, fill(mine));
        run(bench.context, fill(theirs)); // the very same ids: they don't meet
    }

    void become(BlockingConnection& database, TenantId tenant)
    {
        database.execute("SELECT set_config('assay.tenant', $1, false)", params(tenant));
    }

    Bench bench;
    Uuid const stream = random_uuid();
    PersonId const person = random_id<PersonId>();
    TenantId const mine = bench.add_tenant("mine"), theirs = bench.add_tenant("theirs");
    BlockingConnection owner{bench.access.owner}, app{bench.access.app};
};

std::vector<std::string> const closed_tables{"journal_head", "journal_entry", "stream_entry", "entry_detail", "idempotency", "tenant_key", "data_key"};

TEST_F(TwoTenants, SeeTheirOwnRowsOnly)
{
    become(app, mine);
    for (auto const& table : closed_tables) {
        auto const row = app.execute("SELECT count(*), count(*) FILTER (WHERE tenant_id <> $1) FROM " + table, params(mine)).one();
        EXPECT_GT(row.get<std::int64_t>(0), 0) << table;
        EXPECT_EQ(row.get<std::int64_t>(1), 0) << table;
    }
}

TEST_F(TwoTenants, SeeNothingBeforeATenantIsSetNorAfterATransactionThatHadOne)
{
    for (auto const& table : closed_tables) EXPECT_EQ(app.execute("SELECT count(*) FROM " + table).one().get<std::int64_t>(0), 0) << table;
    app.script("BEGIN");
    app.execute("SELECT set_config('assay.tenant', $1, true)", params(mine));
    app.script("COMMIT");
    for (auto const& table : closed_tables) EXPECT_EQ(app.execute("SELECT count(*) FROM " + table).one().get<std::int64_t>(0), 0) << table;
}

TEST_F(TwoTenants, BindTheOwnerToo)
{
    EXPECT_EQ(owner.execute("SELECT count(*) FROM journal_entry").one().get<std::int64_t>(0), 0);
    become(owner, mine);
    EXPECT_EQ(owner.execute("SELECT count(DISTINCT tenant_id) FROM journal_entry").one().get<std::int64_t>(0), 1);
}

TEST_F(TwoTenants, CannotWriteForEachOther)
{
    become(app, mine);
    auto const state_of = [this](std::string const& sql) {
        try {
            app.execute(sql, params(theirs));
            return std::string{"accepted"};
        } catch (DatabaseError const& error) {
            return error.sqlstate();
        }
    };
    auto const refused = "42501"; // insufficient_privilege: "new row violates row-level security policy"
    EXPECT_EQ(state_of("INSERT INTO journal_entry SELECT $1, 7, 'ab'::bytea, sha256('\\x00'::bytea || 'ab'::bytea)"), refused);
    EXPECT_EQ(state_of("INSERT INTO tenant_host VALUES ($1, 'stolen.example')"), refused);
    EXPECT_EQ(state_of("INSERT INTO due VALUES ($1, 'x', gen_random_uuid(), now())"), refused);
    EXPECT_EQ(state_of("INSERT INTO tenant VALUES (gen_random_uuid(), 'other', $1::uuid::text, 'demo', 'https://x')"), refused);
    EXPECT_EQ(app.execute("UPDATE tenant SET name = 'stolen' WHERE tenant_id = $1", params(theirs)).affected(), 0);
    EXPECT_EQ(app.execute("DELETE FROM entry_detail WHERE tenant_id = $1", params(theirs)).affected(), 0);
    EXPECT_EQ(app.execute("UPDATE data_key SET sealed_key = NULL, erased_at = now() WHERE tenant_id = $1", params(theirs)).affected(), 0);
}

TEST_F(TwoTenants, CannotPointAtEachOthersRows)
{
    // Index 1 exists for neither; 0 for both. A foreign key that forgot the tenant would accept a foreign one.
    auto more = append_of(stream, 1, {entry_of("More")});
    run(bench.context, [&]() -> asio::awaitable<void> {
        auto const stored = co_await bench.journal.append(theirs, std::move(more));
        EXPECT_TRUE(stored.has_value());
    }());
    become(app, mine);
    auto sqlstate = std::string{};
    try {
        app.execute("INSERT INTO stream_entry VALUES ($1, gen_random_uuid(), 1, 1)", params(mine));
    } catch (DatabaseError const& error) {
        sqlstate = error.sqlstate();
    }
    EXPECT_EQ(sqlstate, "23503"); // foreign_key_violation
}

TEST_F(TwoTenants, AnswerTheSameForAForeignIdAndANonexistentOne)
{
    auto only_theirs = random_uuid();
    run(bench.context, [&]() -> asio::awaitable<void> {
        auto append = append_of(only_theirs, 0, {entry_of("Theirs")});
        auto const stored = co_await bench.journal.append(theirs, std::move(append));
        EXPECT_TRUE(stored.has_value());
        auto const foreign = co_await bench.journal.read_stream(mine, only_theirs);
        auto const absent = co_await bench.journal.read_stream(mine, random_uuid());
        EXPECT_TRUE(foreign.empty());
        EXPECT_TRUE(absent.empty());
    }());
}

} // namespace
} // namespace assay::storage::test
