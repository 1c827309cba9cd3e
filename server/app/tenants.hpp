#pragma once
// What a tenant says about itself: addresses, and how long evidence is kept. Every change is an entry.
#include "policies/retention.hpp"
#include "server/app/services.hpp"

namespace assay::server {

/// The retention policy that consents given now are under, with its document (none: the shipped defaults).
struct CurrentRetention {
    policies::RetentionPolicy policy;
    std::optional<Sha256Digest> document;
};
asio::awaitable<CurrentRetention> current_retention(Services& services, TenantId tenant);
/// The policy of a document; the defaults for none. Throws when the document is missing or unreadable.
asio::awaitable<policies::RetentionPolicy> load_retention(Services& services, TenantId tenant, std::optional<Sha256Digest> document);

/// Expects mail addresses.
asio::awaitable<void> change_addresses(Services& services, storage::TenantRow const& tenant, std::string contact, std::string sender, std::string by);
/// Expects a text that parse_retention_policy takes.
asio::awaitable<void> change_retention(Services& services, storage::TenantRow const& tenant, std::string text, std::string by);

} // namespace assay::server
