#include "server/app/policy_change.hpp"

#include "server/app/entries.hpp"
#include "server/app/reminders.hpp"
#include "storage/repositories/people.hpp"

namespace assay::server {
namespace {

bool stands(storage::CertificateRow const& row, Timestamp now)
{
    using enum credentials::CertificateState;
    auto const state = credentials::state_at(life_of(row), now);
    return state == active || state == grace || state == suspended;
}

asio::awaitable<credentials::RecertificationSchedule> planned_life(Services& services, TenantId tenant, storage::CertificateRow const& row)
{
    auto planned = credentials::RecertificationSchedule{};
    planned.valid_from = row.valid_from;
    planned.valid_until = row.valid_until;
    planned.renewal_opens = row.renewal_opens_at;
    planned.grace_until = row.grace_until;
    planned.reminders = co_await waiting_reminders(services, tenant, row.id);
    co_return planned;
}

json::array times(std::vector<Timestamp> const& all)
{
    auto array = json::array{};
    for (auto const at : all) array.push_back(json::value(to_rfc3339(at)));
    return array;
}

json::object from_to(std::optional<Timestamp> const& from, Timestamp to)
{
    return {{"from", from ? json::value(to_rfc3339(*from)) : json::value(nullptr)}, {"to", to_rfc3339(to)}};
}

} // namespace

asio::awaitable<std::vector<MovedCertificate>> preview_policy(Services& services, storage::TenantRow const& tenant, ProgrammeId programme,
                                                              credentials::CredentialPolicy policy, Timestamp now)
{
    auto const anybody = std::optional<PersonId>{};
    auto const rows = co_await storage::list_certified(services.pool, tenant.id, anybody);
    auto moved = std::vector<MovedCertificate>{};
    for (auto const& [row, document] : rows) {
        if (!stands(row, now) || row.sealed_credential.empty()) continue;
        auto const of = co_await load_programme(services, tenant.id, document);
        if (of->id != programme) continue;
        auto planned = co_await planned_life(services, tenant.id, row);
        auto move = credentials::schedule_move(policy, planned, now);
        if (move) moved.push_back(MovedCertificate{row, std::move(planned), std::move(*move)});
    }
    co_return moved;
}

asio::awaitable<std::vector<MovedCertificate>> apply_policy(Services& services, storage::TenantRow const& tenant, ProgrammeId programme,
                                                            credentials::CredentialPolicy policy, Timestamp now, std::string who)
{
    auto wanted = co_await preview_policy(services, tenant, programme, std::move(policy), now);
    auto done = std::vector<MovedCertificate>{};
    for (auto& one : wanted) {
        auto const version = co_await stream_version(services, tenant.id, one.row.id.uuid);
        auto append = single_entry(one.row.id.uuid, version, "CertificateRescheduled", who, to_json(one));
        auto changed = json::object{{"certificate_id", storage::column(one.row.id)}};
        if (one.move.renewal_opens) changed["renewal_opens_at"] = storage::column(*one.move.renewal_opens);
        if (one.move.grace_until) changed["grace_until"] = storage::column(*one.move.grace_until);
        append.rows.push_back({"certificate", std::move(changed)});
        for (auto const at : one.move.reminders_dropped)
            append.rows.push_back({"due_done", json::object{{"kind", reminder_kind(at)}, {"key", storage::column(one.row.id.uuid)}}});
        auto added = credentials::RecertificationSchedule{};
        added.reminders = one.move.reminders_added;
        for (auto const& due : reminders_of(tenant.id, one.row.id, added)) append.rows.push_back({"due", storage::columns(due)});
        auto const stored = co_await services.journal.append(tenant.id, std::move(append));
        stored_or_stale(stored);
        if (stored) done.push_back(std::move(one));
    }
    co_return done;
}

json::object to_json(MovedCertificate const& moved)
{
    auto object = json::object{{"certificate", to_string(moved.row.id)}, {"number", moved.row.number}, {"reminders_added", times(moved.move.reminders_added)},
                               {"reminders_dropped", times(moved.move.reminders_dropped)}};
    if (moved.move.renewal_opens) object["renewal_opens_at"] = from_to(moved.planned.renewal_opens, *moved.move.renewal_opens);
    if (moved.move.grace_until) object["grace_until"] = from_to(moved.planned.grace_until, *moved.move.grace_until);
    return object;
}

} // namespace assay::server
