#pragma once
// With what a tenant signs: a key a purpose, sealed under the tenant's own, and the name under which verifiers find them.
#include "credentials/did.hpp"
#include "credentials/issue.hpp"
#include "credentials/log/note.hpp"
#include "server/app/services.hpp"

namespace assay::server {

/// The tenant's keys, opened, and its name as an issuer.
struct TenantKeys {
    std::string did;
    credentials::KeyPair credential, status, journal;
    std::vector<credentials::PublishedKey> published; ///< every key that ever signed credentials or status lists
    credentials::Signer credential_signer() const { return {did, credential}; }
    credentials::Signer status_signer() const { return {did, status}; }
    credentials::tlog::VerifierKey log_key; ///< its name is the log's origin
};

/// Makes the keys that a tenant lacks (one a purpose). Safe to call from several nodes at once.
asio::awaitable<void> ensure_keys(Services& services, storage::TenantRow const& tenant);
/// Throws when a key is missing or does not open.
asio::awaitable<std::shared_ptr<TenantKeys const>> load_keys(Services& services, storage::TenantRow const& tenant);

} // namespace assay::server
