#pragma once
// Appends of one entry, which most of what people do comes to.
#include "server/app/services.hpp"

namespace assay::server {

storage::Append single_entry(Uuid stream, std::uint64_t version, std::string type, std::string who, json::object body);

/// What the entry must not show, sealed for `person` (none: for the tenant).
void attach_detail(storage::Append& append, std::optional<PersonId> person, json::value detail);

/// Stored, or somebody else was faster: both leave the stream in a state that the caller reads again.
void stored_or_stale(result<storage::Appended> const& stored);

/// How many entries a stream has: what the next append expects.
asio::awaitable<std::uint64_t> stream_version(Services& services, TenantId tenant, Uuid stream);

} // namespace assay::server
