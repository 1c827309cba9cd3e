#pragma once
// What is known about people without opening anything: who they are to this tenant, what they agreed to, whether their records are
// held, and what is due when.
#include "storage/pool.hpp"
#include "storage/repositories/rows.hpp"

namespace assay::storage {

/// By the keyed hash of a mail address.
asio::awaitable<std::optional<PersonId>> find_person_by_contact(Pool& pool, TenantId tenant, Sha256Digest contact_hash);
/// Newest first; erased ones too.
asio::awaitable<std::vector<PersonRow>> list_people(Pool& pool, TenantId tenant, int limit);
asio::awaitable<std::vector<RegistrationRow>> list_registrations_of(Pool& pool, TenantId tenant, PersonId person);
asio::awaitable<std::vector<SittingRow>> list_sittings_of(Pool& pool, TenantId tenant, PersonId person);

asio::awaitable<std::optional<ConsentRow>> find_consent(Pool& pool, TenantId tenant, RegistrationId registration);
/// A hold that was not lifted.
asio::awaitable<std::optional<LegalHoldRow>> find_legal_hold(Pool& pool, TenantId tenant, PersonId person);

/// The hash of the document of `kind` that holds for the whole tenant.
asio::awaitable<std::optional<Sha256Digest>> find_tenant_document(Pool& pool, TenantId tenant, std::string kind);

/// A sitting of which pictures or measurements are kept, with what their retention depends on.
struct EvidenceHolding {
    SittingId sitting;
    PersonId person;
    std::int64_t files = 0;
    std::string validity;
    bool passed = false;
    bool flagged = false;                         ///< an incident was escalated, or a review warned, voided or banned
    bool undecided = false;                       ///< a review waits for its second person, or a decision is pending
    bool held = false;                            ///< legal hold
    std::optional<Timestamp> last_decision_at;    ///< of incidents, review and certification decision; none without any
    std::optional<Timestamp> ended_at;
    std::optional<Sha256Digest> retention_policy; ///< the one that was agreed to
};
asio::awaitable<std::vector<EvidenceHolding>> list_evidence_holdings(Pool& pool, TenantId tenant);

/// One row of `due`, of any tenant.
struct DueRow {
    TenantId tenant;
    std::string kind;
    Uuid key;
    Timestamp at;
};
/// Those whose kind begins with `kind_prefix` and whose time has come, oldest first.
asio::awaitable<std::vector<DueRow>> list_due(Pool& pool, std::string kind_prefix, Timestamp now, int limit);
/// What is due for one key, whenever, by time.
asio::awaitable<std::vector<DueRow>> list_due_of(Pool& pool, TenantId tenant, std::string kind_prefix, Uuid key);
json::object columns(DueRow const&);

} // namespace assay::storage
