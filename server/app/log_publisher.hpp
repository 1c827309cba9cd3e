#pragma once
// The journal's tree, published: tiles, checkpoints, receipts.
#include "credentials/log/receipt.hpp"
#include "server/app/certification.hpp"
#include "storage/repositories/log.hpp"

namespace assay::server {

/// Folds what has been committed since the last checkpoint. False when there was nothing to do.
asio::awaitable<bool> publish(Services& services, storage::TenantRow const& tenant);

/// What `prove` makes of the hashes of a tree of `size` leaves; nothing when it, or a tile that it asks for, is not to be had.
using Proof = std::vector<Sha256Digest>;
using Prove = std::function<result<Proof>(credentials::tlog::HashReader const&)>;
asio::awaitable<std::optional<Proof>> prove_from_tiles(Services& services, TenantId tenant, std::uint64_t size, Prove prove);

/// A receipt for entry `index` under the newest checkpoint that a witness cosigned and that covers it, otherwise under the newest. Nothing when no
/// checkpoint covers it yet.
asio::awaitable<std::optional<credentials::tlog::Receipt>> receipt_for(Services& services, storage::TenantRow const& tenant, std::uint64_t index);

/// GET /t/{tenant}/log/checkpoint, /log/vkey (a key a line, the newest first), /log/tile/{level}/… : checkpoints and hash tiles are public;
/// entries are not.
void add_log_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
