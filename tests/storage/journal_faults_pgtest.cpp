#include "tests/storage/postgres_fixture.hpp"
#include "storage/detail/append_store.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <csignal>
#include <deque>
#include <map>
#include <random>
#include <set>

namespace assay::storage::test {
namespace {

using namespace std::chrono_literals;

/// Stores fail in two ways: they refuse, or they store and report a failure.
class FaultyStore final : public detail::AppendStore {
public:
    enum class Fault { none, refused, stored_but_reported_as_failed };
    FaultyStore(Pool& pool, std::deque<Fault>& faults) : real_{detail::postgres_append_store(pool)}, faults_{faults} {}

    asio::awaitable<std::vector<detail::Verdict>> store(TenantId tenant, std::vector<std::shared_ptr<detail::PreparedAppend const>> batch) override
    {
        auto fault = Fault::none;
        if (!faults_.empty()) {
            fault = faults_.front();
            faults_.pop_front();
        }
        if (fault == Fault::refused) throw DatabaseError{"", "the connection was lost before the commit"};
        auto verdicts = co_await real_->store(tenant, std::move(batch));
        if (fault == Fault::stored_but_reported_as_failed) throw DatabaseError{"", "the connection was lost after the commit"};
        co_return verdicts;
    }

private:
    std::unique_ptr<detail::AppendStore> real_;
    std::deque<Fault>& faults_;
};
using Fault = FaultyStore::Fault;

struct JournalFaults : testing::Test {
    Journal with(JournalOptions options)
    {
        return Journal{bench.context.get_executor(), bench.pool, bench.vault, bench.clock, options, std::make_unique<FaultyStore>(bench.pool, faults)};
    }
    Bench bench;
    TenantId const tenant = bench.add_tenant("one");
    Uuid const stream = random_uuid();
    std::deque<Fault> faults;
};

TEST_F(JournalFaults, AreTriedAgainByTheJournalWithoutStoringTwice)
{
    auto journal = with({});
    for (auto const fault : {Fault::refused, Fault::stored_but_reported_as_failed}) {
        for (auto const* key : {"", "a key"}) { // without a key the entry's own leaf hash is what is found again
            auto const place = random_uuid();
            auto const head = run(bench.context, journal.head(tenant));
            faults = {fault, fault};
            auto what = append_of(place, 0, {entry_of("A"), entry_of("B")}, *key ? key + to_string(place) : "");
            auto const stored = run(bench.context, journal.append(tenant, std::move(what)));
            ASSERT_TRUE(stored);
            EXPECT_EQ(stored->version, 2u);
            EXPECT_EQ(stored->first_index, head);
            EXPECT_EQ(stored->repeated, fault == Fault::stored_but_reported_as_failed);
            EXPECT_EQ(run(bench.context, journal.head(tenant)), head + 2);
            EXPECT_TRUE(faults.empty());
        }
    }
}

TEST_F(JournalFaults, AreToldToTheCallerWhenTheyLastAndARepeatIsSafe)
{
    auto journal = with({.retry_for = 0ms});
    for (auto const fault : {Fault::refused, Fault::stored_but_reported_as_failed}) {
        auto const place = random_uuid();
        auto const head = run(bench.context, journal.head(tenant));
        auto const what = append_of(place, 0, {entry_of("A")}, "key-" + to_string(place));
        faults = {fault};
        EXPECT_THROW(run(bench.context, journal.append(tenant, what)), DatabaseError);
        auto const again = run(bench.context, journal.append(tenant, what)); // as a client does: the same key, but newly made entries
        ASSERT_TRUE(again);
        EXPECT_EQ(again->repeated, fault == Fault::stored_but_reported_as_failed);
        EXPECT_EQ(again->answer, what.answer);
        EXPECT_EQ(run(bench.context, journal.head(tenant)), head + 1);
    }
}

TEST_F(JournalFaults, DoNotTakeBackAQueuedAppendWhoseCallerIsCancelled)
{
    auto journal = with({});
    faults = {Fault::refused}; // so that the append is certainly still on its way when its caller goes
    auto cancel = asio::cancellation_signal{};
    auto ended_by = std::exception_ptr{};
    auto what = append_of(stream, 0, {entry_of("A")});
    asio::co_spawn(bench.context, journal.append(tenant, std::move(what)),
        asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error, result<Appended>) { ended_by = error; }));
    bench.context.restart();
    while (!faults.empty()) bench.context.run_one_for(1s);
    cancel.emit(asio::cancellation_type::terminal);
    run(bench.context, journal.drain());
    EXPECT_TRUE(ended_by);
    EXPECT_EQ(run(bench.context, journal.head(tenant)), 1u);
}

/// The promise itself: PostgreSQL is killed (SIGKILL to the postmaster and every backend) again and again while entries are appended.
TEST(KilledPostgres, LosesNoAcknowledgedEntryAndStoresNoneTwice)
{
    auto directory = TemporaryDirectory{};
    auto options = options_for_tests(directory.path() / "state");
    options.durable = true;
    auto cluster = PrivateCluster::start(options);
    auto const access = cluster.access();
    migrate(access.owner);
    auto bench = Bench{access, {.connections_max = 4, .acquire_timeout = 2s}};
    auto const tenant = bench.add_tenant("one");

    auto const seed = std::random_device{}();
    auto random = std::mt19937{seed};
    SCOPED_TRACE("seed " + std::to_string(seed));
    constexpr auto writers = 8, kills = 5;
    auto acknowledged = std::map<std::uint64_t, std::pair<Uuid, std::uint64_t>>{}; // index → stream, sequence
    auto stop = false;
    auto finished = 0;
    auto writer = [&](Uuid stream) -> asio::awaitable<void> {
        auto version = std::uint64_t{0};
        while (!stop) {
            auto what = append_of(stream, version, {entry_of("A")}, to_string(stream) + std::to_string(version));
            auto again = std::optional<result<Appended>>{};
            while (!again) {
                auto attempt = what;
                try {
                    again = co_await bench.journal.append(tenant, std::move(attempt));
                } catch (DatabaseError const&) { // a client resends under the same key
                }
            }
            EXPECT_TRUE(*again) << again->error().message();
            if (!*again) co_return;
            EXPECT_EQ((*again)->version, version + 1);
            version = (*again)->version;
            EXPECT_TRUE(acknowledged.try_emplace((*again)->first_index, stream, version).second) << "an index was given twice";
        }
    };
    auto streams = std::vector<Uuid>{};
    for (auto i = 0; i < writers; ++i) {
        streams.push_back(random_uuid());
        asio::co_spawn(bench.context, writer(streams.back()), [&](std::exception_ptr error) {
            EXPECT_FALSE(error);
            ++finished;
        });
    }
    bench.context.restart();
    for (auto i = 0; i < kills; ++i) {
        bench.context.run_for(std::chrono::milliseconds{std::uniform_int_distribution{30, 400}(random)});
        // Every backend with it, as a power failure would; an orphan alone would be waited for.
        auto const postmaster = cluster.postmaster_pid();
        auto const children = "/proc/" + std::to_string(postmaster) + "/task/" + std::to_string(postmaster) + "/children";
        auto pids = std::vector<pid_t>{postmaster};
        auto listed = std::unique_ptr<FILE, int (*)(FILE*)>{fopen(children.c_str(), "r"), fclose};
        for (auto pid = 0; listed && fscanf(listed.get(), "%d", &pid) == 1;) pids.push_back(pid);
        for (auto const pid : pids) ::kill(pid, SIGKILL);
        auto const give_up_at = std::chrono::steady_clock::now() + 30s;
        while (cluster.watch() != ClusterStatus::restarted && std::chrono::steady_clock::now() < give_up_at) bench.context.run_for(10ms);
    }
    bench.context.run_for(300ms);
    stop = true;
    auto const give_up_at = std::chrono::steady_clock::now() + 30s;
    while (finished < writers && std::chrono::steady_clock::now() < give_up_at) bench.context.run_for(100ms);
    ASSERT_EQ(finished, writers);

    EXPECT_GT(acknowledged.size(), 20u);
    auto const all = run(bench.context, bench.journal.read_entries(tenant, 0, 1'000'000));
    EXPECT_EQ(all.size(), acknowledged.size()) << "what is stored is what was acknowledged: each writer heard of its last entry";
    for (auto i = std::size_t{0}; i < all.size(); ++i) {
        EXPECT_EQ(all[i].index, i);
        EXPECT_EQ(acknowledged.at(i), (std::pair{all[i].stream, all[i].sequence}));
    }
    std::printf("%zu entries acknowledged over %d kills, seed %u\n", acknowledged.size(), kills, static_cast<unsigned>(seed));
    cluster.stop();
}

} // namespace
} // namespace assay::storage::test
