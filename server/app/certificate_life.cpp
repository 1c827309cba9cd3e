#include "server/app/certificate_life.hpp"

#include "credentials/errors.hpp"
#include "server/app/actors.hpp"
#include "server/app/entries.hpp"

namespace assay::server {
namespace {

using credentials::CertificateAction;

struct Outcome {
    std::string_view entry;
    std::string_view state;
};

Outcome outcome_of(CertificateAction action)
{
    switch (action) {
    case CertificateAction::suspend: return {"CertificateSuspended", "suspended"};
    case CertificateAction::reinstate: return {"CertificateReinstated", "active"};
    case CertificateAction::revoke: return {"CertificateRevoked", "revoked"};
    case CertificateAction::supersede: return {"CertificateSuperseded", "superseded"};
    case CertificateAction::surrender: return {"CertificateSurrendered", "surrendered"};
    }
    return {"CertificateChanged", "active"};
}

asio::awaitable<result<LifeStep>> step(Services& services, storage::TenantRow const& tenant, CertificateId certificate, CertificateAction action,
                                       std::string who, std::string reason, std::optional<CertificateId> successor)
{
    // The version before the row: whoever changes the row in between makes the append stale.
    auto const version = co_await stream_version(services, tenant.id, certificate.uuid);
    auto const row = co_await storage::find_certificate(services.pool, tenant.id, certificate);
    if (!row) co_return storage::errc::not_found;
    auto const now = services.now();
    auto const event = credentials::decide(life_of(*row), action, std::move(reason), now);
    if (!event) co_return event.error();
    auto const outcome = outcome_of(action);
    auto entry = storage::Entry{};
    entry.type = outcome.entry;
    entry.actor = std::move(who);
    entry.body = json::object{{"certificate", to_string(row->id)}, {"credential_sha256", to_string(row->credential_sha256)}};
    if (successor) entry.body["successor"] = to_string(*successor);
    if (!event->reason.empty()) entry.detail = storage::Detail{row->person, json::object{{"reason", event->reason}}}; // why is nobody else's business
    auto changed = json::object{{"certificate_id", storage::column(row->id)}, {"state", outcome.state}, {"ended_at", storage::column(now)}};
    if (action == CertificateAction::reinstate) changed["ended_at"] = nullptr;
    if (successor) changed["superseded_by"] = storage::column(*successor);
    auto step = LifeStep{};
    step.entries.stream = row->id.uuid;
    step.entries.expected_version = version;
    step.entries.entries.push_back(std::move(entry));
    step.row = {"certificate", std::move(changed)};
    co_return step;
}

asio::awaitable<result<void>> record(Services& services, storage::TenantRow const& tenant, CertificateId certificate, CertificateAction action,
                                     StaffId by, std::string reason, std::optional<CertificateId> successor)
{
    auto next = co_await step(services, tenant, certificate, action, actor(by), std::move(reason), successor);
    if (!next) co_return next.error();
    auto append = storage::Append{};
    append.stream = next->entries.stream;
    append.expected_version = next->entries.expected_version;
    append.entries = std::move(next->entries.entries);
    append.rows.push_back(std::move(next->row));
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

} // namespace

asio::awaitable<result<void>> act_on_certificate(Services& services, storage::TenantRow const& tenant, CertificateId certificate,
                                                 CertificateAction action, StaffId by, std::string reason)
{
    EXPECTS(action != CertificateAction::supersede);
    auto const nobody = std::optional<CertificateId>{};
    co_return co_await record(services, tenant, certificate, action, by, std::move(reason), nobody);
}

asio::awaitable<result<void>> supersede_certificate(Services& services, storage::TenantRow const& tenant, CertificateId certificate,
                                                    CertificateId successor, StaffId by, std::string reason)
{
    auto const row = co_await storage::find_certificate(services.pool, tenant.id, certificate);
    auto const next = co_await storage::find_certificate(services.pool, tenant.id, successor);
    if (!row || !next) co_return storage::errc::not_found;
    auto const good = next->id != row->id && next->person == row->person && credentials::state_at(life_of(*next), services.now()) == credentials::CertificateState::active;
    if (!good) co_return credentials::errc::transition_not_allowed;
    co_return co_await record(services, tenant, row->id, CertificateAction::supersede, by, std::move(reason), next->id);
}

asio::awaitable<result<LifeStep>> replaced_by(Services& services, storage::TenantRow const& tenant, CertificateId certificate, CertificateId successor)
{
    auto needs_no_reason = std::string{};
    co_return co_await step(services, tenant, certificate, CertificateAction::supersede, system_actor, std::move(needs_no_reason), successor);
}

std::vector<CertificateAction> allowed_actions(storage::CertificateRow const& row, Timestamp now)
{
    auto allowed = std::vector<CertificateAction>{};
    for (auto const action : {CertificateAction::suspend, CertificateAction::reinstate, CertificateAction::revoke, CertificateAction::supersede})
        if (credentials::decide(life_of(row), action, "some reason", now)) allowed.push_back(action);
    return allowed;
}

} // namespace assay::server
