#pragma once
// Decisions, keys, certificates, and the mail that tells people about them.
#include "storage/pool.hpp"
#include "storage/repositories/rows.hpp"

namespace assay::storage {

asio::awaitable<std::optional<DecisionRow>> find_decision(Pool& pool, TenantId tenant, DecisionId decision);
/// The decision on the result of the sitting itself.
asio::awaitable<std::optional<DecisionRow>> find_decision_of(Pool& pool, TenantId tenant, SittingId sitting);
/// The decision to renew a certificate without another exam.
asio::awaitable<std::optional<DecisionRow>> find_renewal_decision(Pool& pool, TenantId tenant, CertificateId renews);
/// Pending ones first, then newest.
asio::awaitable<std::vector<DecisionRow>> list_decisions(Pool& pool, TenantId tenant, int limit);

/// Every key that ever signed for the tenant, oldest first.
asio::awaitable<std::vector<IssuerKeyRow>> list_issuer_keys(Pool& pool, TenantId tenant);

asio::awaitable<std::optional<CertificateRow>> find_certificate(Pool& pool, TenantId tenant, CertificateId certificate);
/// The one that the sitting earned, and not one that renewed it without another exam.
asio::awaitable<std::optional<CertificateRow>> find_certificate_of(Pool& pool, TenantId tenant, SittingId sitting);
asio::awaitable<std::optional<CertificateRow>> find_certificate_by_decision(Pool& pool, TenantId tenant, DecisionId decision);
/// By SHA-256 of the canonical credential without proof.
asio::awaitable<std::optional<CertificateRow>> find_certificate_by_digest(Pool& pool, TenantId tenant, Sha256Digest digest);
/// Newest first.
asio::awaitable<std::vector<CertificateRow>> list_certificates(Pool& pool, TenantId tenant, int limit);

/// Issued at `since` or later, oldest first.
asio::awaitable<std::vector<CertificateRow>> list_certificates_since(Pool& pool, TenantId tenant, Timestamp since);

asio::awaitable<std::vector<CertificateRow>> list_certificates_of(Pool& pool, TenantId tenant, PersonId person);

/// A certificate and the programme document that it was decided under.
struct CertifiedRow {
    CertificateRow certificate;
    Sha256Digest programme;
};
/// Oldest first: of one person, or of all.
asio::awaitable<std::vector<CertifiedRow>> list_certified(Pool& pool, TenantId tenant, std::optional<PersonId> person);

asio::awaitable<std::optional<EducationCreditRow>> find_credit(Pool& pool, TenantId tenant, Uuid credit);
/// As sealed; empty when there is none such.
asio::awaitable<Bytes> sealed_evidence_of(Pool& pool, TenantId tenant, Uuid credit);
/// Of one certificate, by the time of the claim.
asio::awaitable<std::vector<EducationCreditRow>> list_credits_of(Pool& pool, TenantId tenant, CertificateId certificate);
/// Those that wait first, oldest first; then the latest judged.
asio::awaitable<std::vector<EducationCreditRow>> list_credits(Pool& pool, TenantId tenant, int limit);
/// Certificates with approved credits whose renewal is open at `now` and whose grace is not over.
asio::awaitable<std::vector<CertificateId>> list_renewable_by_credits(Pool& pool, TenantId tenant, Timestamp now);

/// One bit each: what of a status list has been given out, and what is revoked.
struct StatusIndices {
    std::vector<std::int64_t> used, revoked;
};
asio::awaitable<StatusIndices> status_indices(Pool& pool, TenantId tenant, int status_list);

asio::awaitable<std::optional<OutboxRow>> find_mail(Pool& pool, TenantId tenant, Uuid mail);
/// Failed ones first, then newest.
asio::awaitable<std::vector<OutboxRow>> list_mail(Pool& pool, TenantId tenant, int limit);
asio::awaitable<std::vector<OutboxRow>> list_mail_of(Pool& pool, TenantId tenant, PersonId recipient);
/// Queued mail that is due at `now`, oldest first.
asio::awaitable<std::vector<OutboxRow>> list_due_mail(Pool& pool, TenantId tenant, Timestamp now, int limit);

} // namespace assay::storage
