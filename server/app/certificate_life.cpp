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

asio::awaitable<result<void>> record(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& row, CertificateAction action,
                                     std::string who, std::string reason, std::optional<CertificateId> successor)
{
    auto const version = co_await stream_version(services, tenant.id, row.id.uuid);
    auto const now = services.now();
    auto const event = credentials::decide(life_of(row), action, std::move(reason), now);
    if (!event) co_return event.error();
    auto const outcome = outcome_of(action);
    auto body = json::object{{"certificate", to_string(row.id)}, {"credential_sha256", to_string(row.credential_sha256)}};
    if (successor) body["successor"] = to_string(*successor);
    auto append = single_entry(row.id.uuid, version, std::string{outcome.entry}, std::move(who), std::move(body));
    if (!event->reason.empty()) attach_detail(append, row.person, json::object{{"reason", event->reason}}); // why is nobody else's business
    auto changed = json::object{{"certificate_id", storage::column(row.id)}, {"state", outcome.state}, {"ended_at", storage::column(now)}};
    if (action == CertificateAction::reinstate) changed["ended_at"] = nullptr;
    if (successor) changed["superseded_by"] = storage::column(*successor);
    append.rows.push_back({"certificate", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

} // namespace

asio::awaitable<result<void>> act_on_certificate(Services& services, storage::TenantRow const& tenant, CertificateId certificate,
                                                 CertificateAction action, StaffId by, std::string reason)
{
    EXPECTS(action != CertificateAction::supersede);
    auto const row = co_await storage::find_certificate(services.pool, tenant.id, certificate);
    if (!row) co_return storage::errc::not_found;
    co_return co_await record(services, tenant, *row, action, actor(by), std::move(reason), std::nullopt);
}

asio::awaitable<result<void>> supersede_certificate(Services& services, storage::TenantRow const& tenant, CertificateId certificate,
                                                    CertificateId successor, StaffId by, std::string reason)
{
    auto const row = co_await storage::find_certificate(services.pool, tenant.id, certificate);
    auto const next = co_await storage::find_certificate(services.pool, tenant.id, successor);
    if (!row || !next) co_return storage::errc::not_found;
    auto const good = next->id != row->id && next->person == row->person && credentials::state_at(life_of(*next), services.now()) == credentials::CertificateState::active;
    if (!good) co_return credentials::errc::transition_not_allowed;
    co_return co_await record(services, tenant, *row, CertificateAction::supersede, actor(by), std::move(reason), next->id);
}

asio::awaitable<result<void>> replace_by_renewal(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& certificate, CertificateId successor)
{
    auto needs_no_reason = std::string{};
    co_return co_await record(services, tenant, certificate, CertificateAction::supersede, system_actor, std::move(needs_no_reason), successor);
}

std::vector<CertificateAction> allowed_actions(storage::CertificateRow const& row, Timestamp now)
{
    auto allowed = std::vector<CertificateAction>{};
    for (auto const action : {CertificateAction::suspend, CertificateAction::reinstate, CertificateAction::revoke, CertificateAction::supersede})
        if (credentials::decide(life_of(row), action, "some reason", now)) allowed.push_back(action);
    return allowed;
}

} // namespace assay::server
