#include "server/app/reminders.hpp"

#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "server/app/outbox.hpp"
#include "server/app/people.hpp"

#include <map>

namespace assay::server {
namespace {

constexpr auto prefix = std::string_view{"reminder:"};
constexpr auto batch_max = 200;

std::string day_of(Timestamp at) { return to_rfc3339(at).substr(0, std::string_view{"2026-11-24"}.size()); }

asio::awaitable<bool> queue_one(Services& services, storage::TenantRow const& tenant, storage::DueRow const& due, Timestamp now)
{
    auto const id = CertificateId{due.key};
    auto const day = due.kind.substr(prefix.size());
    auto const certificate = co_await storage::find_certificate(services.pool, tenant.id, id);
    auto mail = std::optional<storage::OutboxRow>{};
    auto const* why = "not_in_force";
    if (certificate && credentials::state_at(life_of(*certificate), now) == credentials::CertificateState::active) {
        auto const profile = co_await read_profile(services, tenant.id, certificate->person);
        why = "no_address";
        if (profile) mail = co_await reminder_mail(services, tenant, *profile, *certificate, day);
    }
    auto body = json::object{{"certificate", to_string(id)}, {"day", day}};
    if (mail) body["outbox"] = to_string(mail->id);
    else body["why"] = why;
    // The stream admits one first entry: two nodes that look at once queue one mail.
    auto append = single_entry(uuid_from_name("reminder", to_string(id) + "/" + day), 0, mail ? "ReminderQueued" : "ReminderSkipped", system_actor, std::move(body));
    append.rows.push_back({"due_done", json::object{{"kind", due.kind}, {"key", storage::column(due.key)}}});
    if (mail) append.rows.push_back({"outbox", storage::columns(*mail)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored_or_stale(stored);
    co_return stored.has_value() && mail.has_value();
}

} // namespace

std::vector<storage::DueRow> reminders_of(TenantId tenant, CertificateId certificate, credentials::RecertificationSchedule const& dates)
{
    auto rows = std::vector<storage::DueRow>{};
    for (auto const at : dates.reminders) rows.push_back({tenant, reminder_kind(at), certificate.uuid, at});
    return rows;
}

std::string reminder_kind(Timestamp at) { return std::string{prefix} + day_of(at); }

asio::awaitable<std::vector<Timestamp>> waiting_reminders(Services& services, TenantId tenant, CertificateId certificate)
{
    auto kind = std::string{prefix};
    auto const rows = co_await storage::list_due_of(services.pool, tenant, std::move(kind), certificate.uuid);
    auto times = std::vector<Timestamp>{};
    for (auto const& row : rows) times.push_back(row.at);
    co_return times;
}

asio::awaitable<int> queue_reminders(Services& services, Timestamp now)
{
    auto kind = std::string{prefix};
    auto const due = co_await storage::list_due(services.pool, std::move(kind), now, batch_max);
    if (due.empty()) co_return 0;
    auto tenants = std::map<TenantId, storage::TenantRow>{};
    auto const rows = co_await storage::list_tenants(services.pool);
    for (auto const& tenant : rows) tenants.emplace(tenant.id, tenant);
    auto queued = 0;
    for (auto const& one : due) {
        auto const done = co_await queue_one(services, tenants.at(one.tenant), one, now);
        if (done) ++queued;
    }
    co_return queued;
}

} // namespace assay::server
