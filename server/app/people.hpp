#pragma once
// Names and contacts: sealed under each person's key, opened only where somebody has to read them.
#include "server/app/services.hpp"
#include "storage/repositories/accounts.hpp"

namespace assay::server {

/// Nothing when there is no such person, or the person was erased.
asio::awaitable<std::optional<storage::PersonProfile>> read_profile(Services& services, TenantId tenant, PersonId person);

/// The profile as a person's row holds it. Errors: storage::errc::erased.
asio::awaitable<result<Bytes>> seal_profile(Services& services, TenantId tenant, PersonId person, storage::PersonProfile profile);

/// The row of a new person. Errors: storage::errc::erased.
asio::awaitable<result<storage::PersonRow>> new_person(Services& services, TenantId tenant, storage::PersonProfile profile);

/// Texts as a JSON array.
json::array strings(std::vector<std::string> const& texts);

/// What to call somebody on a page: the preferred name, else the full one.
std::string const& shown_name(storage::PersonProfile const& profile);

} // namespace assay::server
