#pragma once
// Decisions, keys, certificates, and the mail that tells people about them.
#include "storage/pool.hpp"
#include "storage/repositories/rows.hpp"

namespace assay::storage {

asio::awaitable<std::optional<DecisionRow>> find_decision(Pool& pool, TenantId tenant, DecisionId decision);
asio::awaitable<std::optional<DecisionRow>> find_decision_of(Pool& pool, TenantId tenant, SittingId sitting);
/// Pending ones first, then newest.
asio::awaitable<std::vector<DecisionRow>> list_decisions(Pool& pool, TenantId tenant, int limit);

/// Every key that ever signed for the tenant, oldest first.
asio::awaitable<std::vector<IssuerKeyRow>> list_issuer_keys(Pool& pool, TenantId tenant);

asio::awaitable<std::optional<CertificateRow>> find_certificate(Pool& pool, TenantId tenant, CertificateId certificate);
asio::awaitable<std::optional<CertificateRow>> find_certificate_of(Pool& pool, TenantId tenant, SittingId sitting);
/// By SHA-256 of the canonical credential without proof.
asio::awaitable<std::optional<CertificateRow>> find_certificate_by_digest(Pool& pool, TenantId tenant, Sha256Digest digest);
/// Newest first.
asio::awaitable<std::vector<CertificateRow>> list_certificates(Pool& pool, TenantId tenant, int limit);

/// Issued at `since` or later, oldest first.
asio::awaitable<std::vector<CertificateRow>> list_certificates_since(Pool& pool, TenantId tenant, Timestamp since);

asio::awaitable<std::vector<CertificateRow>> list_certificates_of(Pool& pool, TenantId tenant, PersonId person);

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
