#pragma once
// Who is who: tenants, staff, sign-ins, people and their registrations.
#include "storage/pool.hpp"
#include "storage/repositories/rows.hpp"

namespace assay::storage {

/// The only look-up without a tenant: everything public lies below /t/{slug}/.
asio::awaitable<std::optional<TenantRow>> find_tenant(Pool& pool, std::string slug);
asio::awaitable<std::vector<TenantRow>> list_tenants(Pool& pool);
/// Makes a tenant; one with this id or slug stays as it is.
asio::awaitable<void> add_tenant(Pool& pool, TenantRow tenant);

asio::awaitable<std::optional<StaffRow>> find_staff(Pool& pool, TenantId tenant, StaffId staff);
asio::awaitable<std::optional<StaffRow>> find_staff_by_email(Pool& pool, TenantId tenant, std::string email);

/// A sign-in that is neither over nor expired at `now`.
asio::awaitable<std::vector<StaffRow>> list_staff(Pool& pool, TenantId tenant);

asio::awaitable<std::optional<LoginRow>> find_login(Pool& pool, TenantId tenant, Sha256Digest token_hash, Timestamp now);

asio::awaitable<std::optional<PersonRow>> find_person(Pool& pool, TenantId tenant, PersonId person);

asio::awaitable<std::optional<RegistrationRow>> find_registration(Pool& pool, TenantId tenant, RegistrationId registration);
asio::awaitable<std::optional<RegistrationRow>> find_registration_by_token(Pool& pool, TenantId tenant, Sha256Digest token_hash);
/// Newest first.
asio::awaitable<std::vector<RegistrationRow>> list_registrations(Pool& pool, TenantId tenant, int limit);

} // namespace assay::storage
