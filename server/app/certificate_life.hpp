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

/// What happens to a certificate, not yet stored: entries of its stream, and the row as it then is.
struct LifeStep {
    storage::Continuation entries;
    storage::RowWrite row;
};

/// `successor` takes the place of `certificate`, by itself: for the append that issues `successor`, so that nobody ever sees both in force.
/// Errors: credentials::errc::transition_not_allowed, when it was ended in between; storage::errc::not_found.
asio::awaitable<result<LifeStep>> replaced_by(Services& services, storage::TenantRow const& tenant, CertificateId certificate, CertificateId successor);

/// Which of these may be done now, in the order of CertificateAction.
std::vector<credentials::CertificateAction> allowed_actions(storage::CertificateRow const& row, Timestamp now);

} // namespace assay::server
