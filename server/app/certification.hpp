#pragma once
// From a finished sitting to a certificate, in steps that can each be repeated: validity from the incidents, the certification
// decision, the credential. Every step is an entry; nothing is issued that no decision granted.
#include "credentials/certificate.hpp"
#include "credentials/decision.hpp"
#include "credentials/issue.hpp"
#include "credentials/renewal.hpp"
#include "policies/programme.hpp"
#include "server/app/issuer_keys.hpp"
#include "server/app/sittings.hpp"
#include "storage/repositories/certificates.hpp"

namespace assay::server {

/// The programme that a document pins.
asio::awaitable<std::shared_ptr<policies::Programme const>> load_programme(Services& services, TenantId tenant, Sha256Digest document);

/// Carries a sitting as far as the rules allow by themselves: validity, an open decision, a rule's decision, the certificate.
/// Does nothing when nothing has changed.
asio::awaitable<void> settle(Services& services, storage::TenantRow tenant, SittingId sitting);

/// The same for a renewal without another exam: opens the decision when the credits are there and renewal is open, and carries it to the successor.
asio::awaitable<void> settle_renewal(Services& services, storage::TenantRow tenant, CertificateId certificate);

/// Approved credits, as credentials::renewal_path counts them.
std::vector<credentials::EducationCredit> education_record(std::vector<storage::EducationCreditRow> const& rows);
/// May its holder renew it at `now`: in force or in grace, and the day has come?
bool is_renewable(storage::CertificateRow const& row, Timestamp now);

/// The version of a programme that its newest published exam belongs to.
struct CurrentProgramme {
    std::shared_ptr<policies::Programme const> programme;
    Sha256Digest document;
};
/// Without a published exam: the version of `document` itself.
asio::awaitable<CurrentProgramme> current_programme(Services& services, TenantId tenant, Sha256Digest document);

/// A member of staff grants, refuses or withdraws; withdrawing revokes the certificate too. Errors: credentials' own (who may not, what is missing), storage::errc::not_found.
asio::awaitable<result<void>> decide_by_person(Services& services, storage::TenantRow const& tenant, DecisionId decision, StaffId decider,
                                               credentials::DecisionState to, std::string reason);
/// The decision as the domain sees it: basis with who watched and who reviewed.
asio::awaitable<std::optional<credentials::CertificationDecision>> load_decision(Services& services, storage::TenantRow const& tenant,
                                                                                 storage::DecisionRow const& row);

/// What a certificate's row hides: the signed forms, and the facts that pages show.
struct OpenedCertificate {
    std::string credential; ///< JSON with proof
    std::string jwt;
    std::string holder;     ///< full name as certified
    std::string title, scope, language, programme, exam;
};
/// Nothing after erasure.
asio::awaitable<std::optional<OpenedCertificate>> open_certificate(Services& services, TenantId tenant, storage::CertificateRow const& row);

/// The life of a certificate for credentials::state_at.
credentials::Certificate life_of(storage::CertificateRow const& row);

/// The published status list, signed anew for `now`.
asio::awaitable<std::string> status_list_credential(Services& services, storage::TenantRow const& tenant, int list);
std::string status_list_url(storage::TenantRow const& tenant, int list);
std::string certificate_url(storage::TenantRow const& tenant, CertificateId certificate);

} // namespace assay::server
