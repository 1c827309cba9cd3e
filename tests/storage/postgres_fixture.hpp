#pragma once
// One private cluster a run (of its own state directory, gone afterwards) and a database a test, migrated.
#include "core/random.hpp"
#include "storage/journal.hpp"
#include "storage/pg/blocking_connection.hpp"
#include "storage/pool.hpp"
#include "storage/private_cluster.hpp"
#include "storage/vault.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

namespace assay::storage::test {

/// A directory that PostgreSQL's user can reach, removed at the end.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(TemporaryDirectory const&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory const&) = delete;
    std::filesystem::path const& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// As root PostgreSQL runs as the system user that Debian's package makes.
ClusterOptions options_for_tests(std::filesystem::path const& state);

/// The run's cluster: started at the first call, stopped and removed when the program ends.
PrivateCluster& cluster();

/// A fresh migrated database of the run's cluster.
DatabaseAccess fresh_database();

/// Runs `work` on `context` to its end and gives its value, or throws what it throws. Gives up after a minute.
template <class T>
T run(asio::io_context& context, asio::awaitable<T> work)
{
    auto value = std::optional<T>{};
    auto error = std::exception_ptr{};
    auto finished = false;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr e, T v) {
        error = e;
        value.emplace(std::move(v));
        finished = true;
    });
    context.restart();
    auto const give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!finished && std::chrono::steady_clock::now() < give_up_at) context.run_one_for(std::chrono::seconds{1});
    if (!finished) throw std::runtime_error{"the coroutine did not end within a minute"};
    if (error) std::rethrow_exception(error);
    return std::move(*value);
}
inline void run(asio::io_context& context, asio::awaitable<void> work)
{
    auto with_value = [](asio::awaitable<void> inner) -> asio::awaitable<bool> {
        co_await std::move(inner);
        co_return true;
    };
    run(context, with_value(std::move(work)));
}

/// Stands still, so that tests know the time of an entry.
struct FixedClock final : Clock {
    Timestamp now() const noexcept override { return at; }
    Timestamp at = parse_rfc3339("2026-11-23T09:30:00.25Z").value();
};

/// Everything that a test of the journal needs, on one io_context.
struct Bench {
    explicit Bench(DatabaseAccess access = fresh_database(), PoolOptions options = {});
    TenantId add_tenant(std::string const& slug);

    DatabaseAccess access;
    asio::io_context context;
    Pool pool;
    Vault vault;
    FixedClock clock;
    Journal journal;
};

inline Entry entry_of(std::string type, json::object body = {})
{
    return {.type = std::move(type), .actor = "system", .body = std::move(body), .detail = std::nullopt};
}
inline Append append_of(Uuid stream, std::uint64_t expected_version, std::vector<Entry> entries, std::string key = {})
{
    return {.stream = stream, .expected_version = expected_version, .idempotency_key = key, .request_hash = sha256(key), .entries = std::move(entries),
        .rows = {}, .answer = json::object{{"for", key}}};
}

} // namespace assay::storage::test
