#pragma once
// A programme's new policy and the certificates that are out there: which of them it moves, said before it is done. What was signed, the last
// day, never moves; nothing that was promised gets worse (credentials/renewal.hpp).
#include "credentials/renewal.hpp"
#include "server/app/certification.hpp"

namespace assay::server {

struct MovedCertificate {
    storage::CertificateRow row;
    credentials::RecertificationSchedule planned; ///< as stored, with the reminders that are still to come
    credentials::ScheduleMove move;
};

/// The certificates of the programme (in any of its versions) that `policy` moves, oldest first; those that were revoked, replaced or given back,
/// whose grace is over, or whose holder was erased stay.
asio::awaitable<std::vector<MovedCertificate>> preview_policy(Services& services, storage::TenantRow const& tenant, ProgrammeId programme,
                                                              credentials::CredentialPolicy policy, Timestamp now);

/// Moves exactly those, each by an entry of its own; one that somebody changed in between is left for the next time. Returns which were moved.
asio::awaitable<std::vector<MovedCertificate>> apply_policy(Services& services, storage::TenantRow const& tenant, ProgrammeId programme,
                                                            credentials::CredentialPolicy policy, Timestamp now, std::string who);

/// {"certificate", "number", "renewal_opens_at": {"from", "to"}?, "grace_until": {…}?, "reminders_added", "reminders_dropped"}
json::object to_json(MovedCertificate const& moved);

} // namespace assay::server
