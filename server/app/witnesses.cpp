#include "server/app/witnesses.hpp"

#include "credentials/log/merkle.hpp"
#include "credentials/log/witness.hpp"
#include "server/app/entries.hpp"
#include "server/app/log_publisher.hpp"
#include "server/app/witness_client.hpp"
#include "server/net/count.hpp"

#include <algorithm>

namespace assay::server {
namespace {

namespace tlog = credentials::tlog;
using namespace std::chrono_literals;

constexpr auto backoff_min = 10s, backoff_max = 600s;
constexpr auto doublings_max = 6;

Uuid witnesses_stream(TenantId tenant) { return uuid_from_name("tenant-witnesses", to_string(tenant)); }

struct Asked {
    char const* outcome = "cosigned"; ///< or unreachable, refused, nonsense
    std::string why, line;
    std::uint64_t known_size = 0;
};

Asked failed(char const* outcome, std::string why, std::uint64_t known_size) { return {outcome, std::move(why), {}, known_size}; }

asio::awaitable<Asked> ask(Services& services, TenantId tenant, storage::WitnessRow const& witness, storage::CheckpointRow const& checkpoint)
{
    auto const key = tlog::parse_verifier_key(witness.vkey).value();
    auto const size = checkpoint.tree_size;
    auto known = witness.known_size;
    // Once as far as we know it has come, and once more from where it says that it is.
    for (auto const may_correct : {true, false}) {
        if (known > size) co_return failed("refused", "it has cosigned " + std::to_string(known) + " entries, and the journal has " + std::to_string(size), 0);
        auto from_known = Prove{[known, size](tlog::HashReader const& read) { return tlog::consistency_proof(known, size, read); }};
        auto proof = co_await prove_from_tiles(services, tenant, size, std::move(from_known));
        if (!proof) throw std::runtime_error{"no proof from " + std::to_string(known) + " to " + std::to_string(size) + " entries"};
        auto post = [url = witness.url, body = tlog::to_string(tlog::AddCheckpoint{known, std::move(*proof), checkpoint.note})] { return post_to_witness(url, body); };
        auto const answer = co_await async::on_pool(services.shared.witnesses, std::move(post));
        if (answer.status == 0) co_return failed("unreachable", answer.why, known);
        if (answer.status == 200) {
            auto line = tlog::cosignature_in(checkpoint.note, answer.body, key);
            if (!line) co_return failed("nonsense", "its answer is no cosignature of its key: " + line.error().message(), known);
            co_return Asked{"cosigned", {}, std::move(*line), size};
        }
        if (answer.status != 409 || !may_correct) co_return failed("refused", "status " + std::to_string(answer.status), known);
        auto const told = tlog::parse_size_answer(answer.body);
        if (!told) co_return failed("nonsense", "409 without a size", known);
        known = *told;
    }
    co_return failed("refused", "status 409", known);
}

asio::awaitable<void> ask_and_note(Services& services, storage::TenantRow const& tenant, storage::WitnessRow witness, storage::CheckpointRow const& checkpoint)
{
    auto const asked = co_await ask(services, tenant.id, witness, checkpoint);
    net::count(services.shared.metrics, "assay_witness_requests_total", "Checkpoints that witnesses were asked to cosign, by what came of it.", {{"outcome", asked.outcome}});
    witness.known_size = asked.known_size;
    if (!asked.line.empty()) {
        co_await storage::add_cosignature(services.pool, tenant.id, checkpoint.tree_size, witness.name, asked.line);
        witness.failures = 0;
        witness.next_at.reset();
    } else {
        auto const wait = std::min(backoff_max, backoff_min * (1 << std::min(witness.failures, doublings_max)));
        witness.failures = std::min(witness.failures + 1, 1000);
        witness.next_at = services.now() + wait;
        services.shared.log.warning("witness_failed", {{"tenant", to_string(tenant.id)}, {"witness", witness.name}, {"outcome", asked.outcome}, {"why", asked.why},
                                                       {"again_in_seconds", static_cast<std::int64_t>(wait.count())}});
    }
    co_await storage::note_witness(services.pool, tenant.id, witness);
}

asio::awaitable<void> change(Services& services, TenantId tenant, char const* type, char const* row_kind, json::object values, std::string by)
{
    auto const stream = witnesses_stream(tenant);
    auto const version = co_await stream_version(services, tenant, stream);
    auto body = values;
    auto append = single_entry(stream, version, type, std::move(by), std::move(body));
    append.rows.push_back({row_kind, std::move(values)});
    auto const stored = co_await services.journal.append(tenant, std::move(append));
    stored.value();
}

} // namespace

asio::awaitable<void> ask_witnesses(Services& services, storage::TenantRow const& tenant)
{
    auto const due = co_await storage::list_due_witnesses(services.pool, tenant.id, services.now());
    if (due.empty()) co_return;
    auto const checkpoint = co_await storage::find_checkpoint(services.pool, tenant.id);
    if (!checkpoint) co_return;
    for (auto const& witness : due) co_await ask_and_note(services, tenant, witness, *checkpoint);
}

asio::awaitable<void> add_witness(Services& services, storage::TenantRow const& tenant, std::string vkey, std::string url, std::string by)
{
    auto const key = tlog::parse_verifier_key(vkey).value();
    EXPECTS(key.type == tlog::KeyType::cosignature && is_witness_url(url));
    auto row = storage::WitnessRow{};
    row.name = key.name;
    row.vkey = std::move(vkey);
    row.url = std::move(url);
    co_await change(services, tenant.id, "WitnessAdded", "witness", storage::columns(row), std::move(by));
}

asio::awaitable<bool> remove_witness(Services& services, storage::TenantRow const& tenant, std::string name, std::string by)
{
    auto const rows = co_await storage::list_witnesses(services.pool, tenant.id);
    if (std::ranges::none_of(rows, [&](auto const& row) { return row.name == name; })) co_return false;
    auto values = json::object{{"name", name}};
    co_await change(services, tenant.id, "WitnessRemoved", "witness_removed", std::move(values), std::move(by));
    co_return true;
}

} // namespace assay::server
