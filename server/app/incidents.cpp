#include "server/app/incidents.hpp"

#include "server/app/actors.hpp"
#include "storage/repositories/exams.hpp"

namespace assay::server {

asio::awaitable<void> close_left_incidents(Services& services, TenantId tenant, SittingId sitting)
{
    auto const rows = co_await storage::list_incidents_of(services.pool, tenant, sitting);
    for (auto const& row : rows) {
        if (row.ended_at) continue;
        auto const stream = uuid_from_name("incident", to_string(row.id));
        auto const entries = co_await services.journal.read_stream(tenant, stream);
        auto append = storage::Append{};
        append.stream = stream;
        append.expected_version = entries.size();
        auto entry = storage::Entry{};
        entry.type = "IncidentClosed";
        entry.actor = system_actor;
        entry.body = json::object{{"sitting", to_string(sitting)}, {"incident", to_string(row.id)}, {"type", row.type}, {"severity", row.severity}};
        append.entries.push_back(std::move(entry));
        append.rows.push_back({"incident", json::object{{"incident_id", storage::column(row.id)}, {"ended_at", storage::column(services.now())}}});
        auto const stored = co_await services.journal.append(tenant, std::move(append));
        if (!stored && stored.error() != storage::errc::stale) stored.value();
    }
}

} // namespace assay::server
