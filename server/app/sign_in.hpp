#pragma once
// Who asks. Staff sign in by password, candidates by their invitation link; both then hold a cookie with 256 random bits whose
// SHA-256 is a row. One gate stands before every route that is not for anyone, and every look-up has a tenant.
#include "server/app/services.hpp"
#include "server/net/router.hpp"
#include "storage/repositories/accounts.hpp"

namespace assay::server {

struct StaffPrincipal {
    storage::TenantRow tenant;
    storage::StaffRow staff;
    storage::LoginRow login;
    bool has_role(std::string_view role) const noexcept; ///< "owner" has every role
};

struct CandidatePrincipal {
    storage::TenantRow tenant;
    storage::RegistrationRow registration;
    storage::LoginRow login;
};

/// The principal of a route behind the gate. Expects that kind.
StaffPrincipal const& staff_of(net::Request const& request);
CandidatePrincipal const& candidate_of(net::Request const& request);

/// Staff and candidate routes: a valid cookie of this tenant, or the sign-in page (staff), or 404 (candidates, who come by their
/// own link, and any tenant that does not exist). Unsafe methods: same site, and a CSRF token of this sign-in.
net::Gate make_gate(ServicePool& services);

/// Argon2id, libsodium's encoded form (moderate limits). Computes for some 0.5 s: on the compute pool.
std::string hash_password(SecretBytes const& password);
/// False also for a malformed hash. An empty `hash` costs the same time, so that an unknown user can't be told from a wrong password.
bool verify_password(std::string const& hash, SecretBytes const& password);

struct NewLogin {
    storage::LoginRow row;
    std::string cookie; ///< Set-Cookie
};
NewLogin new_staff_login(storage::TenantRow const& tenant, StaffId staff, Timestamp now);
NewLogin new_candidate_login(storage::TenantRow const& tenant, RegistrationId registration, Timestamp now);
std::string ended_cookie(storage::TenantRow const& tenant, std::string_view kind); ///< "staff" or "candidate"

/// Whose candidate's sign-in the request carries, on a route that is for anyone. For looking only: nothing here guards against forged posts.
asio::awaitable<std::optional<PersonId>> signed_in_person(Services& services, net::Request const& request, storage::TenantRow const& tenant);

/// The form token of a sign-in.
std::string form_token(Services& services, storage::LoginRow const& login);

/// The tenant of "/t/{tenant}/…", or nothing.
asio::awaitable<std::optional<storage::TenantRow>> tenant_of(Services& services, net::PathParameters const& parameters);

/// What the layout of every page needs: locale by ?lang=, cookie and Accept-Language; the staff navigation when staff asks.
pages::View view_of(Services& services, net::Request const& request, storage::TenantRow const& tenant);

/// A page of `name`; its Permissions-Policy follows the route. Sets the `lang` cookie when ?lang= chose one.
net::Response page(Services& services, net::Request const& request, storage::TenantRow const& tenant, std::string_view name,
                   json::object const& context, int status = 200);
/// The same, with a view of its own.
net::Response page(Services& services, net::Request const& request, pages::View const& view, std::string_view name, json::object const& context, int status = 200);
/// The designed error page. The same for what does not exist and what belongs to somebody else.
net::Response error_page(Services& services, net::Request const& request, storage::TenantRow const* tenant, int status);

/// Routes: GET/POST /t/{tenant}/staff/sign-in, POST /t/{tenant}/staff/sign-out.
void add_sign_in_routes(net::Router& router, ServicePool& services);

} // namespace assay::server
