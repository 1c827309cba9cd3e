#include "tests/storage/postgres_fixture.hpp"

#include <set>

namespace assay::storage::test {
namespace {

struct JournalTest : testing::Test {
    result<Appended> append(TenantId to, Append what) { return run(bench.context, bench.journal.append(to, std::move(what))); }
    Bench bench;
    TenantId const tenant = bench.add_tenant("one");
    Uuid const stream = random_uuid();
};

TEST_F(JournalTest, StoresAnEntryAsCanonicalJsonWithItsLeafHash)
{
    auto entry = entry_of("ResponseRecorded", {{"ordinal", 3}, {"b", "x"}});
    auto const stored = append(tenant, append_of(stream, 0, {entry}));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->first_index, 0u);
    EXPECT_EQ(stored->version, 1u);
    EXPECT_FALSE(stored->repeated);

    auto const read = run(bench.context, bench.journal.read_stream(tenant, stream));
    ASSERT_EQ(read.size(), 1u);
    auto const id = std::string{read[0].document.at("id").as_string()};
    // Members in the order of RFC 8785, written out by hand.
    EXPECT_EQ(text_of(read[0].canonical), R"({"actor":"system","body":{"b":"x","ordinal":3},"id":")" + id + R"(","sequence":1,"stream":")"
            + to_string(stream) + R"(","tenant":")" + to_string(tenant) + R"(","time":"2026-11-23T09:30:00.25Z","type":"ResponseRecorded","v":1})");
    EXPECT_EQ(read[0].leaf_hash, sha256(std::string("\0", 1) + std::string{text_of(read[0].canonical)}));
    EXPECT_EQ(read[0].type(), "ResponseRecorded");
    EXPECT_EQ(read[0].time(), bench.clock.at);
    EXPECT_EQ(read[0].detail_state, DetailState::none);
}

TEST_F(JournalTest, NumbersEntriesWithoutAGapAndStreamsFromOne)
{
    auto const other = random_uuid();
    ASSERT_TRUE(append(tenant, append_of(stream, 0, {entry_of("A"), entry_of("B")})));
    ASSERT_TRUE(append(tenant, append_of(other, 0, {entry_of("C")})));
    auto const third = append(tenant, append_of(stream, 2, {entry_of("D")}));
    ASSERT_TRUE(third);
    EXPECT_EQ(third->first_index, 3u);
    EXPECT_EQ(third->version, 3u);
    EXPECT_EQ(run(bench.context, bench.journal.head(tenant)), 4u);

    auto const all = run(bench.context, bench.journal.read_entries(tenant, 1, 2));
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].index, 1u);
    EXPECT_EQ(all[0].type(), "B");
    EXPECT_EQ(all[0].sequence, 2u);
    EXPECT_EQ(all[1].stream, other);
    auto const rest = run(bench.context, bench.journal.read_stream(tenant, stream, 3));
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].type(), "D");
}

TEST_F(JournalTest, RefusesAnAppendToAVersionThatIsGone)
{
    ASSERT_TRUE(append(tenant, append_of(stream, 0, {entry_of("A")})));
    EXPECT_EQ(append(tenant, append_of(stream, 0, {entry_of("B")})).error(), errc::stale);
    EXPECT_EQ(append(tenant, append_of(stream, 2, {entry_of("B")})).error(), errc::stale) << "a version that is not there yet is as wrong";
    EXPECT_EQ(run(bench.context, bench.journal.head(tenant)), 1u);
}

TEST_F(JournalTest, MovesTwoStreamsAtOnceOrNeither)
{
    auto const other = random_uuid();
    ASSERT_TRUE(append(tenant, append_of(other, 0, {entry_of("A")})));
    auto both = append_of(stream, 0, {entry_of("B"), entry_of("C")});
    both.also = Continuation{other, 0, {entry_of("D")}};
    EXPECT_EQ(append(tenant, both).error(), errc::stale) << "the second stream has an entry already";
    EXPECT_EQ(run(bench.context, bench.journal.head(tenant)), 1u);
    EXPECT_TRUE(run(bench.context, bench.journal.read_stream(tenant, stream)).empty());

    both.also->expected_version = 1;
    auto const stored = append(tenant, both);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->version, 2u) << "of the append's own stream";
    auto const first = run(bench.context, bench.journal.read_stream(tenant, stream)), second = run(bench.context, bench.journal.read_stream(tenant, other));
    ASSERT_EQ(first.size(), 2u);
    ASSERT_EQ(second.size(), 2u);
    EXPECT_EQ(second[1].type(), "D");
    EXPECT_EQ(second[1].sequence, 2u);
    EXPECT_EQ(second[1].index, 3u) << "after the append's own";
    EXPECT_EQ(append(tenant, append_of(other, 1, {entry_of("E")})).error(), errc::stale);
    ASSERT_TRUE(append(tenant, append_of(stream, 2, {entry_of("F")})));
}

TEST_F(JournalTest, GivesARepeatTheEarlierAnswerAndStoresNothing)
{
    auto first = append_of(stream, 0, {entry_of("A")}, "key-1");
    first.answer = json::object{{"item", "q7"}, {"pi", 3.25}};
    ASSERT_TRUE(append(tenant, first));
    ASSERT_TRUE(append(tenant, append_of(stream, 1, {entry_of("B")})));

    auto again = append_of(stream, 0, {entry_of("A")}, "key-1");
    again.answer = "another answer";
    auto const repeated = append(tenant, again);
    ASSERT_TRUE(repeated);
    EXPECT_TRUE(repeated->repeated);
    EXPECT_EQ(repeated->first_index, 0u);
    EXPECT_EQ(repeated->version, 1u);
    EXPECT_EQ(repeated->answer, (json::value{{"item", "q7"}, {"pi", 3.25}}));
    EXPECT_EQ(run(bench.context, bench.journal.head(tenant)), 2u);

    auto const found = run(bench.context, bench.journal.find_repeat(tenant, "key-1", sha256("key-1")));
    ASSERT_TRUE(found);
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->answer, repeated->answer);
    EXPECT_FALSE(run(bench.context, bench.journal.find_repeat(tenant, "key-2", sha256("key-2")))->has_value());
}

TEST_F(JournalTest, RefusesAKeyThatStandsForAnotherRequest)
{
    ASSERT_TRUE(append(tenant, append_of(stream, 0, {entry_of("A")}, "key-1")));
    auto other = append_of(stream, 1, {entry_of("B")}, "key-1");
    other.request_hash = sha256("another request");
    EXPECT_EQ(append(tenant, other).error(), errc::conflicting);
    EXPECT_EQ(run(bench.context, bench.journal.find_repeat(tenant, "key-1", sha256("another request"))).error(), errc::conflicting);
    EXPECT_EQ(run(bench.context, bench.journal.head(tenant)), 1u);
}

TEST_F(JournalTest, RefusesAnEntryOver65535Bytes)
{
    // 66 KB of text can't fit; 60 KB can.
    EXPECT_EQ(append(tenant, append_of(stream, 0, {entry_of("Large", {{"text", std::string(66'000, 'x')}})})).error(), errc::too_large);
    EXPECT_TRUE(append(tenant, append_of(stream, 0, {entry_of("Fits", {{"text", std::string(60'000, 'x')}})})));
}

TEST_F(JournalTest, KeepsADetailBesideTheEntryUnderACommitment)
{
    auto const person = random_id<PersonId>();
    auto entry = entry_of("NameGiven", {{"person", to_string(person)}});
    entry.detail = Detail{person, json::object{{"full_name", "Ada Lovelace"}}};
    ASSERT_TRUE(append(tenant, append_of(stream, 0, {entry})));

    auto const read = run(bench.context, bench.journal.read_stream(tenant, stream));
    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(text_of(read[0].canonical).find("Ada"), std::string_view::npos);
    EXPECT_EQ(read[0].detail_state, DetailState::opened);
    EXPECT_EQ(read[0].detail, (json::value{{"full_name", "Ada Lovelace"}}));
    EXPECT_EQ(read[0].person, person);
    // What an auditor does with the opening.
    EXPECT_EQ(std::string_view{read[0].document.at("commitment").as_string()},
        to_string(hmac_sha256(read[0].commitment_key, bytes_of(R"({"full_name":"Ada Lovelace"})"))));

    auto database = BlockingConnection{bench.access.app};
    database.execute("SELECT set_config('assay.tenant', $1, false)", params(tenant));
    auto const sealed = database.execute("SELECT sealed FROM entry_detail").one().get<Bytes>(0);
    EXPECT_EQ(text_of(sealed).find("Ada"), std::string_view::npos);
}

TEST_F(JournalTest, StaysWholeWhenAPersonIsErased)
{
    auto const person = random_id<PersonId>(), neighbour = random_id<PersonId>();
    auto first = entry_of("NameGiven"), second = first, third = first;
    first.detail = Detail{person, "Ada"};
    second.detail = Detail{neighbour, "Grace"};
    third.detail = Detail{std::nullopt, "the tenant's own"};
    ASSERT_TRUE(append(tenant, append_of(stream, 0, {first, second, third})));
    auto const before = run(bench.context, bench.journal.read_stream(tenant, stream));
    run(bench.context, bench.vault.erase(tenant, person));

    auto const after = run(bench.context, bench.journal.read_stream(tenant, stream));
    ASSERT_EQ(after.size(), 3u);
    EXPECT_EQ(after[0].detail_state, DetailState::erased);
    EXPECT_TRUE(after[0].detail.is_null());
    EXPECT_EQ(after[0].leaf_hash, before[0].leaf_hash);
    EXPECT_EQ(after[1].detail, json::value("Grace"));
    EXPECT_EQ(after[2].detail, json::value("the tenant's own"));

    auto late = entry_of("NameGiven");
    late.detail = Detail{person, "Ada again"};
    EXPECT_EQ(append(tenant, append_of(stream, 3, {late})).error(), errc::erased);
}

TEST_F(JournalTest, KeepsTwoTenantsApartEvenForTheSameStreamAndKey)
{
    auto const other = bench.add_tenant("two");
    ASSERT_TRUE(append(tenant, append_of(stream, 0, {entry_of("Mine")}, "key")));
    auto const theirs = append(other, append_of(stream, 0, {entry_of("Theirs")}, "key"));
    ASSERT_TRUE(theirs);
    EXPECT_FALSE(theirs->repeated);
    EXPECT_EQ(theirs->first_index, 0u);
}

TEST_F(JournalTest, RefusesATenantThatDoesNotExist)
{
    auto sqlstate = std::string{};
    try {
        append(random_id<TenantId>(), append_of(stream, 0, {entry_of("A")}));
    } catch (DatabaseError const& error) {
        sqlstate = error.sqlstate();
    }
    EXPECT_EQ(sqlstate, "23503"); // foreign_key_violation
}

TEST_F(JournalTest, GathersWhatQueuedBehindACommitIntoTheNextOneAndJudgesEachByItself)
{
    constexpr auto writers = 60;
    auto streams = std::vector<Uuid>{};
    for (auto i = 0; i < writers; ++i) streams.push_back(random_uuid());
    for (auto i = 0; i < writers; i += 3) ASSERT_TRUE(append(tenant, append_of(streams[static_cast<std::size_t>(i)], 0, {entry_of("Before")})));
    auto const head_before = run(bench.context, bench.journal.head(tenant));
    auto const transactions = "SELECT count(DISTINCT xmin::text) FROM journal_entry WHERE journal_index >= $1";

    auto outcomes = std::vector<std::optional<result<Appended>>>(writers);
    for (auto i = 0; i < writers; ++i) {
        auto what = append_of(streams[static_cast<std::size_t>(i)], 0, {entry_of("At once")});
        asio::co_spawn(bench.context, bench.journal.append(tenant, std::move(what)),
            [&, i](std::exception_ptr error, result<Appended> outcome) {
                if (!error) outcomes[static_cast<std::size_t>(i)] = outcome;
            });
    }
    bench.context.restart();
    run(bench.context, bench.journal.drain());
    bench.context.restart();
    bench.context.run_for(std::chrono::milliseconds{100});

    auto indices = std::set<std::uint64_t>{};
    for (auto i = 0; i < writers; ++i) {
        auto const& outcome = outcomes[static_cast<std::size_t>(i)];
        ASSERT_TRUE(outcome) << i;
        if (i % 3 == 0) EXPECT_EQ(outcome->error(), errc::stale) << i;
        else indices.insert(outcome->value().first_index);
    }
    EXPECT_EQ(indices.size(), 40u);
    EXPECT_EQ(*indices.begin(), head_before);
    EXPECT_EQ(*indices.rbegin(), head_before + 39);

    auto database = BlockingConnection{bench.access.app};
    database.execute("SELECT set_config('assay.tenant', $1, false)", params(tenant));
    EXPECT_LE(database.execute(transactions, params(head_before)).one().get<std::int64_t>(0), 5) << "40 appends in a few commits";
}

TEST_F(JournalTest, AppliesReadModelRowsInTheSameCommitForItsOwnTenantOnly)
{
    BlockingConnection{bench.access.owner}.script(R"sql(
        CREATE TABLE note (tenant_id uuid NOT NULL, journal_index bigint NOT NULL, text text NOT NULL CHECK (text <> 'bad'), PRIMARY KEY (tenant_id, journal_index));
        ALTER TABLE note ENABLE ROW LEVEL SECURITY;
        ALTER TABLE note FORCE ROW LEVEL SECURITY;
        CREATE POLICY own_tenant ON note USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
        GRANT SELECT, INSERT ON note TO assay_app;
        CREATE OR REPLACE FUNCTION apply_row(p_kind text, p_row jsonb) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO note SELECT * FROM jsonb_populate_record(NULL::note, p_row);
        END $$)sql");
    auto const other = bench.add_tenant("two");
    auto what = append_of(stream, 0, {entry_of("A")});
    what.rows.push_back({"note", {{"text", "written"}, {"tenant_id", to_string(other)}, {"journal_index", 99}}});
    ASSERT_TRUE(append(tenant, what));

    auto database = BlockingConnection{bench.access.app};
    database.execute("SELECT set_config('assay.tenant', $1, false)", params(tenant));
    auto const row = database.execute("SELECT tenant_id, journal_index, text FROM note").one();
    EXPECT_EQ(row.get<TenantId>(0), tenant) << "the tenant that a row names for itself counts for nothing";
    EXPECT_EQ(row.get<std::int64_t>(1), 0);

    // A refused row takes its own append with it and nobody else's.
    auto outcomes = std::vector<std::string>(5);
    for (auto i = 0; i < 5; ++i) {
        auto one = append_of(random_uuid(), 0, {entry_of("B")});
        one.rows.push_back({"note", {{"text", i == 2 ? "bad" : "good"}}});
        asio::co_spawn(bench.context, bench.journal.append(tenant, std::move(one)), [&, i](std::exception_ptr error, result<Appended> outcome) {
            outcomes[static_cast<std::size_t>(i)] = error ? "threw" : outcome ? "stored" : "refused";
        });
    }
    run(bench.context, bench.journal.drain());
    bench.context.restart();
    bench.context.run_for(std::chrono::milliseconds{100});
    EXPECT_EQ(outcomes, (std::vector<std::string>{"stored", "stored", "threw", "stored", "stored"}));
    EXPECT_EQ(run(bench.context, bench.journal.head(tenant)), 5u);
}

TEST_F(JournalTest, RefusesRowsOfAnUnknownKind)
{
    auto what = append_of(stream, 0, {entry_of("A")});
    what.rows.push_back({"no_such_model", {}});
    EXPECT_THROW(append(tenant, what), DatabaseError);
    EXPECT_EQ(run(bench.context, bench.journal.head(tenant)), 0u);
}

TEST_F(JournalTest, LetsTwoJournalsOfOneTenantQueueRatherThanFork)
{
    // As two threads or nodes do: each its own pool and journal on the same tenant.
    auto second = Journal{bench.context.get_executor(), bench.pool, bench.vault, bench.clock};
    auto stored = 0;
    for (auto i = 0; i < 40; ++i) {
        auto& journal = i % 2 ? second : bench.journal;
        asio::co_spawn(bench.context, journal.append(tenant, append_of(random_uuid(), 0, {entry_of("A"), entry_of("B")})),
            [&](std::exception_ptr error, result<Appended> outcome) { stored += !error && outcome; });
    }
    run(bench.context, bench.journal.drain());
    run(bench.context, second.drain());
    bench.context.restart();
    bench.context.run_for(std::chrono::milliseconds{100});
    EXPECT_EQ(stored, 40);
    auto const all = run(bench.context, bench.journal.read_entries(tenant, 0, 1000));
    ASSERT_EQ(all.size(), 80u);
    for (auto i = std::size_t{0}; i < all.size(); ++i) EXPECT_EQ(all[i].index, i);
}

TEST_F(JournalTest, NoticesAnEntryThatWasAlteredInTheDatabase)
{
    ASSERT_TRUE(append(tenant, append_of(stream, 0, {entry_of("A")})));
    BlockingConnection owner{bench.access.owner};
    owner.execute("SELECT set_config('assay.tenant', $1, false)", params(tenant));
    EXPECT_THROW(owner.execute("UPDATE journal_entry SET entry = entry || ' '::bytea"), DatabaseError) << "the table's own check";
    owner.script("ALTER TABLE journal_entry DROP CONSTRAINT leaf_hash_is_rfc6962; UPDATE journal_entry SET entry = entry || ' '::bytea");
    EXPECT_THROW(run(bench.context, bench.journal.read_stream(tenant, stream)), DatabaseError);
}

} // namespace
} // namespace assay::storage::test
