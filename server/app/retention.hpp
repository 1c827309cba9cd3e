#pragma once
// Deleting evidence when its time is over, as candidates were told: pictures, and what was measured in them. Never before, never while
// anything about the sitting is open, never under a legal hold; and each deletion is an entry.
#include "server/app/services.hpp"

namespace assay::server {

/// Deletes what is due at `now` under the policy that each candidate agreed to. Entry and rows first, files after them. Returns the number
/// of sittings whose evidence went.
asio::awaitable<int> delete_due_evidence(Services& services, storage::TenantRow const& tenant, Timestamp now);

/// Removes files that no row names, older than an hour: what a deletion or an upload that was cut off left behind. Returns how many.
asio::awaitable<std::size_t> sweep_evidence(Services& services, TenantId tenant);

} // namespace assay::server
