#pragma once
// Witnesses of a tenant's journal: asked after a checkpoint is published, never before, and nobody waits for them.
#include "server/app/services.hpp"
#include "storage/repositories/log.hpp"

namespace assay::server {

/// Asks each witness that has not cosigned the newest checkpoint and may be asked again, one after the other; what they cosign is published with it.
/// One that is down, behind or talks nonsense is logged, counted and asked again later: after 10 s, twice that, … at most 10 min.
asio::awaitable<void> ask_witnesses(Services& services, storage::TenantRow const& tenant);

/// A witness with the same name is replaced. Expects a key of type cosignature and is_witness_url(url).
asio::awaitable<void> add_witness(Services& services, storage::TenantRow const& tenant, std::string vkey, std::string url, std::string by);
/// What it cosigned stays. False when there is none of that name.
asio::awaitable<bool> remove_witness(Services& services, storage::TenantRow const& tenant, std::string name, std::string by);

} // namespace assay::server
