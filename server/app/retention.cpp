#include "server/app/retention.hpp"

#include "server/app/actors.hpp"
#include "server/app/entries.hpp"
#include "server/app/tenants.hpp"
#include "storage/repositories/exams.hpp"
#include "storage/repositories/people.hpp"

#include <algorithm>

namespace assay::server {
namespace {

constexpr auto orphan_age_min = std::chrono::hours{1};
constexpr std::size_t named_files_max = 500; // in one entry, which has 65,535 bytes

policies::EvidenceFacts facts_of(storage::EvidenceHolding const& holding)
{
    auto facts = policies::EvidenceFacts{};
    auto const judged = holding.validity == "clear" || holding.validity == "upheld" || holding.validity == "voided";
    facts.settled = holding.ended_at && judged && !holding.undecided && !holding.held;
    facts.flagged = holding.flagged;
    if (holding.ended_at) facts.decided_at = std::max(*holding.ended_at, holding.last_decision_at.value_or(*holding.ended_at));
    return facts;
}

asio::awaitable<void> delete_evidence(Services& services, TenantId tenant, storage::EvidenceHolding const& holding, Timestamp due)
{
    auto const rows = co_await storage::list_evidence_of(services.pool, tenant, holding.sitting);
    auto const stream = uuid_from_name("evidence", to_string(holding.sitting));
    auto const version = co_await stream_version(services, tenant, stream);
    auto names = json::array{};
    for (auto const& row : rows)
        if (names.size() < named_files_max) names.emplace_back(to_string(row.sha256));
    auto body = json::object{{"sitting", to_string(holding.sitting)}, {"why", "retention"}, {"flagged", holding.flagged}, {"due", to_rfc3339(due)},
                             {"policy", holding.retention_policy ? json::value(to_string(*holding.retention_policy)) : json::value("default")},
                             {"files", rows.size()}, {"names", std::move(names)}};
    auto append = single_entry(stream, version, "EvidenceDeleted", system_actor, std::move(body));
    append.rows.push_back({"evidence_deleted", json::object{{"sitting_id", storage::column(holding.sitting)}}});
    auto const stored = co_await services.journal.append(tenant, std::move(append));
    stored_or_stale(stored);
    if (!stored) co_return;
    auto remove = [&evidence = services.evidence, tenant, rows] {
        for (auto const& row : rows) evidence.remove(tenant, row.sha256);
    };
    co_await async::on_pool(services.shared.compute, std::move(remove));
}

} // namespace

asio::awaitable<int> delete_due_evidence(Services& services, storage::TenantRow const& tenant, Timestamp now)
{
    auto const holdings = co_await storage::list_evidence_holdings(services.pool, tenant.id);
    auto deleted = 0;
    for (auto const& holding : holdings) {
        auto const policy = co_await load_retention(services, tenant.id, holding.retention_policy);
        auto const due = policies::deletion_due(policy, facts_of(holding));
        if (!due || now < *due) continue;
        co_await delete_evidence(services, tenant.id, holding, *due);
        ++deleted;
    }
    co_return deleted;
}

asio::awaitable<std::size_t> sweep_evidence(Services& services, TenantId tenant)
{
    auto names = co_await storage::list_evidence_names(services.pool, tenant);
    auto sweep = [&evidence = services.evidence, tenant, names = std::move(names)] {
        auto const is_named = [&](Sha256Digest const& name) { return std::ranges::binary_search(names, name); };
        return evidence.sweep(tenant, is_named, orphan_age_min);
    };
    co_return co_await async::on_pool(services.shared.compute, std::move(sweep));
}

} // namespace assay::server
