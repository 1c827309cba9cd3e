#pragma once
// What people do with an issued certificate. The table of what may follow what is credentials::decide.
#include "server/app/certification.hpp"

namespace assay::server {

/// Suspends, reinstates, revokes or surrenders; the reason is sealed and never public. Errors: credentials::errc::transition_not_allowed,
/// reason_missing; storage::errc::not_found, erased, stale.
asio::awaitable<result<void>> act_on_certificate(Services& services, storage::TenantRow const& tenant, CertificateId certificate,
                                                 credentials::CertificateAction action, StaffId by, std::string reason);

/// Puts `successor` into the place of `certificate`. Both must be the same person's, and the successor in force: otherwise
/// credentials::errc::transition_not_allowed.
asio::awaitable<result<void>> supersede_certificate(Services& services, storage::TenantRow const& tenant, CertificateId certificate,
                                                    CertificateId successor, StaffId by, std::string reason);

/// The same by itself, when `successor` was issued as the renewal of `certificate`.
asio::awaitable<result<void>> replace_by_renewal(Services& services, storage::TenantRow const& tenant, storage::CertificateRow const& certificate, CertificateId successor);

/// Which of these may be done now, in the order of CertificateAction.
std::vector<credentials::CertificateAction> allowed_actions(storage::CertificateRow const& row, Timestamp now);

} // namespace assay::server
