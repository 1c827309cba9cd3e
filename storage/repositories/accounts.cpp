#include "storage/repositories/accounts.hpp"

#include "storage/repositories/detail/read_rows.hpp"
#include "storage/repositories/detail/row_readers.hpp"

#include <sstream>

namespace assay::storage {
namespace {

using detail::all;
using detail::first;
using detail::person_of;
using detail::registration_of;

constexpr auto tenant_by_slug = Statement{"tenant_by_slug", R"sql(
    SELECT tenant_id, slug, name, kind, public_origin, contact_email, sender_email FROM tenant WHERE slug = $1)sql"};
constexpr auto tenants_all = Statement{"tenants_all", R"sql(
    SELECT tenant_id, slug, name, kind, public_origin, contact_email, sender_email FROM tenant ORDER BY slug)sql"};
constexpr auto tenant_add = Statement{"tenant_add", R"sql(
    INSERT INTO tenant (tenant_id, slug, name, kind, public_origin, contact_email, sender_email) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING)sql"};
constexpr auto staff_all = Statement{"staff_all", R"sql(
    SELECT staff_id, email, name, password_hash, roles, disabled, created_at FROM staff WHERE tenant_id = $1 ORDER BY name, staff_id)sql"};
constexpr auto staff_by_id = Statement{"staff_by_id", R"sql(
    SELECT staff_id, email, name, password_hash, roles, disabled, created_at FROM staff WHERE tenant_id = $1 AND staff_id = $2)sql"};
constexpr auto staff_by_email = Statement{"staff_by_email", R"sql(
    SELECT staff_id, email, name, password_hash, roles, disabled, created_at FROM staff WHERE tenant_id = $1 AND email = $2)sql"};
constexpr auto login_by_token = Statement{"login_by_token", R"sql(
    SELECT token_hash, staff_id, registration_id, created_at, expires_at, ended_at FROM login
     WHERE tenant_id = $1 AND token_hash = $2 AND ended_at IS NULL AND expires_at > $3)sql"};
constexpr auto person_by_id = Statement{"person_by_id", R"sql(
    SELECT person_id, sealed_profile, created_at, erased_at FROM person WHERE tenant_id = $1 AND person_id = $2)sql"};
constexpr auto registration_by_id = Statement{"registration_by_id", R"sql(
    SELECT * FROM registration WHERE tenant_id = $1 AND registration_id = $2)sql"};
constexpr auto registration_by_token = Statement{"registration_by_token", R"sql(
    SELECT * FROM registration WHERE tenant_id = $1 AND token_hash = $2)sql"};
constexpr auto registrations_newest = Statement{"registrations_newest", R"sql(
    SELECT * FROM registration WHERE tenant_id = $1 ORDER BY created_at DESC, registration_id LIMIT $2)sql"};

TenantRow tenant_of(Row const& r)
{
    return {r.get<TenantId>("tenant_id"), r.get<std::string>("slug"), r.get<std::string>("name"),
            r.get<std::string>("kind") == "demo" ? TenantKind::demo : TenantKind::production, r.get<std::string>("public_origin"),
            r.get<std::string>("contact_email"), r.get<std::string>("sender_email")};
}

StaffRow staff_of(Row const& r)
{
    auto roles = std::vector<std::string>{};
    auto words = std::istringstream{r.get<std::string>("roles")};
    for (auto word = std::string{}; words >> word;) roles.push_back(word);
    return {r.get<StaffId>("staff_id"), r.get<std::string>("email"), r.get<std::string>("name"), r.get<std::string>("password_hash"),
            std::move(roles), r.get<bool>("disabled"), r.get<Timestamp>("created_at")};
}

LoginRow login_of(Row const& r)
{
    return {r.get<Sha256Digest>("token_hash"), r.get<std::optional<StaffId>>("staff_id"),
            r.get<std::optional<RegistrationId>>("registration_id"), r.get<Timestamp>("created_at"), r.get<Timestamp>("expires_at"),
            r.get<std::optional<Timestamp>>("ended_at")};
}

} // namespace

asio::awaitable<std::optional<TenantRow>> find_tenant(Pool& pool, std::string slug)
{
    auto const rows = co_await pool.query_without_tenant(tenant_by_slug, params(slug));
    co_return first(rows, tenant_of);
}

asio::awaitable<std::vector<TenantRow>> list_tenants(Pool& pool)
{
    auto const rows = co_await pool.query_without_tenant(tenants_all);
    co_return all(rows, tenant_of);
}

asio::awaitable<void> add_tenant(Pool& pool, TenantRow tenant)
{
    auto const* kind = tenant.kind == TenantKind::demo ? "demo" : "production";
    co_await pool.query(tenant.id, tenant_add, params(tenant.id, tenant.slug, tenant.name, kind, tenant.public_origin,
                                                            tenant.contact_email, tenant.sender_email));
}

asio::awaitable<std::optional<StaffRow>> find_staff(Pool& pool, TenantId tenant, StaffId staff)
{
    auto const rows = co_await pool.query(tenant, staff_by_id, params(tenant, staff));
    co_return first(rows, staff_of);
}

asio::awaitable<std::optional<StaffRow>> find_staff_by_email(Pool& pool, TenantId tenant, std::string email)
{
    auto const rows = co_await pool.query(tenant, staff_by_email, params(tenant, email));
    co_return first(rows, staff_of);
}

asio::awaitable<std::vector<StaffRow>> list_staff(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, staff_all, params(tenant));
    co_return all(rows, staff_of);
}

asio::awaitable<std::optional<LoginRow>> find_login(Pool& pool, TenantId tenant, Sha256Digest token_hash, Timestamp now)
{
    auto const rows = co_await pool.query(tenant, login_by_token, params(tenant, token_hash, now));
    co_return first(rows, login_of);
}

asio::awaitable<std::optional<PersonRow>> find_person(Pool& pool, TenantId tenant, PersonId person)
{
    auto const rows = co_await pool.query(tenant, person_by_id, params(tenant, person));
    co_return first(rows, person_of);
}

asio::awaitable<std::optional<RegistrationRow>> find_registration(Pool& pool, TenantId tenant, RegistrationId registration)
{
    auto const rows = co_await pool.query(tenant, registration_by_id, params(tenant, registration));
    co_return first(rows, registration_of);
}

asio::awaitable<std::optional<RegistrationRow>> find_registration_by_token(Pool& pool, TenantId tenant, Sha256Digest token_hash)
{
    auto const rows = co_await pool.query(tenant, registration_by_token, params(tenant, token_hash));
    co_return first(rows, registration_of);
}

asio::awaitable<std::vector<RegistrationRow>> list_registrations(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, registrations_newest, params(tenant, limit));
    co_return all(rows, registration_of);
}

} // namespace assay::storage
