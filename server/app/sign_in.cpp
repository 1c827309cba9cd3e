#include "server/app/sign_in.hpp"

#include "core/random.hpp"
#include "server/app/actors.hpp"
#include "server/net/cookies.hpp"
#include "server/net/csrf.hpp"
#include "server/net/form.hpp"

#include <algorithm>
#include <sodium.h>

namespace assay::server {
namespace {

constexpr auto staff_login_lifetime = std::chrono::hours{12};
constexpr auto candidate_login_lifetime = std::chrono::hours{24};
constexpr std::string_view form_token_field = "csrf"; ///< as the templates name it

/// One cookie a tenant and kind: who works for two tenants is signed in at both.
std::string cookie_name(storage::TenantRow const& tenant, std::string_view kind)
{
    return std::string{kind} + "-" + tenant.slug;
}

std::vector<std::string> const& origins(Services& services)
{
    return services.shared.settings.origins;
}

NewLogin new_login(storage::TenantRow const& tenant, std::string_view kind, Timestamp now, std::chrono::hours lifetime)
{
    auto const token = to_base64url(random_array<32>());
    auto login = NewLogin{};
    login.row.token_hash = sha256(token);
    login.row.created_at = now;
    login.row.expires_at = now + lifetime;
    login.cookie = net::host_cookie(cookie_name(tenant, kind), token, lifetime);
    return login;
}

asio::awaitable<std::optional<storage::LoginRow>> login_of(Services& services, net::Request const& request,
                                                           storage::TenantRow const& tenant, std::string_view kind)
{
    auto const cookie = request.cookie(net::host_cookie_name(cookie_name(tenant, kind)));
    if (!cookie || cookie->size() > 128) co_return std::nullopt;
    auto const hash = sha256(*cookie);
    co_return co_await storage::find_login(services.pool, tenant.id, hash, services.now());
}

/// Unsafe methods need the same site and a token of this very sign-in, in a form field or a header.
bool is_forged(Services& services, net::Request const& request, storage::LoginRow const& login)
{
    if (request.method == net::Method::get || request.method == net::Method::head) return false;
    if (net::is_cross_site(request, origins(services))) return true;
    auto token = std::string{request.header(net::csrf_header).value_or("")};
    if (token.empty()) {
        auto const form = net::parse_form(request);
        if (form) token = form->field(form_token_field).value_or("");
    }
    auto const checked = net::check_csrf_token(services.shared.csrf_key, to_string(login.token_hash), token, services.now(),
                                               staff_login_lifetime + candidate_login_lifetime);
    return !checked;
}

asio::awaitable<std::optional<net::Response>> gate(ServicePool& pool, net::Request& request, net::PathParameters const& parameters, net::Access access)
{
    auto& services = pool.here();
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);

    if (access == net::Access::staff) {
        auto const login = co_await login_of(services, request, *tenant, "staff");
        auto staff = std::optional<storage::StaffRow>{};
        if (login && login->staff) staff = co_await storage::find_staff(services.pool, tenant->id, *login->staff);
        if (!staff || staff->disabled) {
            if (request.method == net::Method::get) co_return net::see_other("/t/" + tenant->slug + "/staff/sign-in");
            co_return error_page(services, request, &*tenant, 403);
        }
        if (is_forged(services, request, *login)) co_return error_page(services, request, &*tenant, 403);
        request.principal = StaffPrincipal{*tenant, std::move(*staff), *login};
        co_return std::nullopt;
    }
    if (access == net::Access::candidate) {
        auto const login = co_await login_of(services, request, *tenant, "candidate");
        auto registration = std::optional<storage::RegistrationRow>{};
        if (login && login->registration)
            registration = co_await storage::find_registration(services.pool, tenant->id, *login->registration);
        if (!registration) co_return error_page(services, request, &*tenant, 404);
        if (is_forged(services, request, *login)) co_return error_page(services, request, &*tenant, 403);
        request.principal = CandidatePrincipal{*tenant, std::move(*registration), *login};
        co_return std::nullopt;
    }
    co_return error_page(services, request, &*tenant, 404);
}

net::Response show_sign_in(Services& services, net::Request const& request, storage::TenantRow const& tenant, std::string const& failed_email)
{
    // No token in this form: before a sign-in there is nothing to bind it to; the browser's word about the sender is checked.
    auto context = json::object{{"csrf", ""}, {"email", nullptr}, {"problem", nullptr}};
    if (!failed_email.empty()) {
        context["email"] = failed_email;
        context["problem"] = "sign_in_failed";
    }
    return page(services, request, tenant, "staff_sign_in", context, failed_email.empty() ? 200 : 403);
}

asio::awaitable<net::Response> sign_in(Services& services, net::Request const& request, storage::TenantRow const& tenant)
{
    // Before a sign-in there is no token to check: the browser's own word about the sender is the lock.
    if (net::is_cross_site(request, origins(services))) co_return error_page(services, request, &tenant, 403);
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &tenant, 400);
    auto email = std::string{form->field("email").value_or("")};
    std::ranges::transform(email, email.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    auto const given = form->field("password").value_or("");
    if (email.empty() || email.size() > 254 || given.size() > 1024) co_return show_sign_in(services, request, tenant, "?");

    auto const staff = co_await storage::find_staff_by_email(services.pool, tenant.id, email);
    auto check = [hash = staff && !staff->disabled ? staff->password_hash : std::string{}, password = SecretBytes::copy_of(bytes_of(given))] {
        return verify_password(hash, password);
    };
    auto const right = co_await async::on_pool(services.shared.compute, std::move(check));

    auto append = storage::Append{};
    append.stream = random_uuid();
    auto entry = storage::Entry{};
    entry.type = right ? "StaffSignedIn" : "StaffSignInFailed";
    entry.actor = staff ? actor(staff->id) : std::string{"anonymous"};
    entry.body = json::object{{"request", request.request_id}};
    append.entries.push_back(std::move(entry));
    if (!right) {
        auto const stored = co_await services.journal.append(tenant.id, std::move(append));
        stored.value();
        co_return show_sign_in(services, request, tenant, email);
    }
    auto const login = new_staff_login(tenant, staff->id, services.now());
    append.rows.push_back({"login", storage::columns(login.row)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
    auto response = net::see_other("/t/" + tenant.slug + "/staff");
    response.headers.add("Set-Cookie", login.cookie);
    co_return response;
}

asio::awaitable<net::Response> sign_out(Services& services, net::Request const& request)
{
    auto const& who = staff_of(request);
    auto append = storage::Append{};
    append.stream = random_uuid();
    auto entry = storage::Entry{};
    entry.type = "StaffSignedOut";
    entry.actor = actor(who.staff.id);
    append.entries.push_back(std::move(entry));
    auto row = json::object{{"token_hash", storage::column(who.login.token_hash)}, {"ended_at", storage::column(services.now())}};
    append.rows.push_back({"login", std::move(row)});
    auto const stored = co_await services.journal.append(who.tenant.id, std::move(append));
    stored.value();
    auto response = net::see_other("/t/" + who.tenant.slug + "/staff/sign-in");
    response.headers.add("Set-Cookie", ended_cookie(who.tenant, "staff"));
    co_return response;
}

} // namespace

bool StaffPrincipal::has_role(std::string_view role) const noexcept
{
    return std::ranges::any_of(staff.roles, [&](std::string const& held) { return held == role || held == "owner"; });
}

StaffPrincipal const& staff_of(net::Request const& request)
{
    auto const* principal = std::any_cast<StaffPrincipal>(&request.principal);
    EXPECTS(principal != nullptr);
    return *principal;
}

CandidatePrincipal const& candidate_of(net::Request const& request)
{
    auto const* principal = std::any_cast<CandidatePrincipal>(&request.principal);
    EXPECTS(principal != nullptr);
    return *principal;
}

net::Gate make_gate(ServicePool& services)
{
    return [&services](net::Request& request, net::PathParameters const& parameters, net::Access access) {
        return gate(services, request, parameters, access);
    };
}

std::string hash_password(SecretBytes const& password)
{
    auto hash = std::string(crypto_pwhash_STRBYTES, '\0');
    auto const secret = password.expose_secret();
    if (crypto_pwhash_str(hash.data(), reinterpret_cast<char const*>(secret.data()), secret.size(), crypto_pwhash_OPSLIMIT_MODERATE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        throw std::bad_alloc{};
    hash.resize(hash.find('\0'));
    return hash;
}

bool verify_password(std::string const& hash, SecretBytes const& password)
{
    auto const secret = password.expose_secret();
    if (hash.empty()) {
        static_cast<void>(hash_password(password)); // the same work as for a known user
        return false;
    }
    return crypto_pwhash_str_verify(hash.c_str(), reinterpret_cast<char const*>(secret.data()), secret.size()) == 0;
}

NewLogin new_staff_login(storage::TenantRow const& tenant, StaffId staff, Timestamp now)
{
    auto login = new_login(tenant, "staff", now, staff_login_lifetime);
    login.row.staff = staff;
    return login;
}

NewLogin new_candidate_login(storage::TenantRow const& tenant, RegistrationId registration, Timestamp now)
{
    auto login = new_login(tenant, "candidate", now, candidate_login_lifetime);
    login.row.registration = registration;
    return login;
}

std::string ended_cookie(storage::TenantRow const& tenant, std::string_view kind)
{
    return net::host_cookie(cookie_name(tenant, kind), "", std::chrono::seconds{0});
}

asio::awaitable<std::optional<PersonId>> signed_in_person(Services& services, net::Request const& request, storage::TenantRow const& tenant)
{
    auto const login = co_await login_of(services, request, tenant, "candidate");
    if (!login || !login->registration) co_return std::nullopt;
    auto const registration = co_await storage::find_registration(services.pool, tenant.id, *login->registration);
    if (!registration) co_return std::nullopt;
    co_return registration->person;
}

std::string form_token(Services& services, storage::LoginRow const& login)
{
    return net::csrf_token(services.shared.csrf_key, to_string(login.token_hash), services.now());
}

asio::awaitable<std::optional<storage::TenantRow>> tenant_of(Services& services, net::PathParameters const& parameters)
{
    auto const slug = net::find(parameters, "tenant");
    if (!slug || slug->size() > 63) co_return std::nullopt;
    auto text = std::string{*slug};
    co_return co_await storage::find_tenant(services.pool, std::move(text));
}

pages::View view_of(Services& services, net::Request const& request, storage::TenantRow const& tenant)
{
    auto view = pages::View{};
    view.locale = pages::negotiate(request.query("lang").value_or(""), request.cookie(net::host_cookie_name("lang")).value_or(""),
                                   request.header("Accept-Language").value_or(""));
    view.tenant_name = tenant.name;
    view.base = "/t/" + tenant.slug;
    if (request.method == net::Method::get) view.path = request.target.raw_path;
    view.demonstration = tenant.kind == storage::TenantKind::demo;
    if (auto const* staff = std::any_cast<StaffPrincipal>(&request.principal)) {
        view.staff_name = staff->staff.name;
        view.csrf = form_token(services, staff->login);
    } else if (auto const* candidate = std::any_cast<CandidatePrincipal>(&request.principal)) {
        view.csrf = form_token(services, candidate->login);
    }
    return view;
}

net::Response page(Services& services, net::Request const& request, storage::TenantRow const& tenant, std::string_view name,
                   json::object const& context, int status)
{
    return page(services, request, view_of(services, request, tenant), name, context, status);
}

net::Response page(Services& services, net::Request const& request, pages::View const& view, std::string_view name, json::object const& context, int status)
{
    auto response = net::html(services.shared.pages.render(name, context, view), status);
    if (auto const chosen = request.query("lang"); chosen && pages::parse_locale(*chosen))
        response.headers.add("Set-Cookie", net::host_cookie("lang", pages::tag(view.locale), std::chrono::hours{24 * 365}));
    return response;
}

net::Response error_page(Services& services, net::Request const& request, storage::TenantRow const* tenant, int status)
{
    auto nobody = storage::TenantRow{};
    auto const& of = tenant != nullptr ? *tenant : nobody;
    auto view = view_of(services, request, of);
    if (tenant == nullptr) {
        view.base.clear();
        view.path.clear();
        view.demonstration = false;
    }
    auto const* kind = status == 400 ? "bad_request" : status == 403 ? "forbidden" : status == 404 ? "not_found" : status == 413 ? "too_large" : status == 503 ? "unavailable" : "internal";
    auto const context = json::object{{"kind", kind}, {"status", status}, {"request_id", request.request_id}, {"retry_after", nullptr}};
    return net::html(services.shared.pages.render("error", context, view), status);
}

void add_sign_in_routes(net::Router& router, ServicePool& pool)
{
    auto show = [&pool](net::Request const& request, net::PathParameters const& parameters) -> asio::awaitable<net::Response> {
        auto& services = pool.here();
        auto const tenant = co_await tenant_of(services, parameters);
        if (!tenant) co_return error_page(services, request, nullptr, 404);
        co_return show_sign_in(services, request, *tenant, {});
    };
    auto submit = [&pool](net::Request const& request, net::PathParameters const& parameters) -> asio::awaitable<net::Response> {
        auto& services = pool.here();
        auto const tenant = co_await tenant_of(services, parameters);
        if (!tenant) co_return error_page(services, request, nullptr, 404);
        co_return co_await sign_in(services, request, *tenant);
    };
    auto leave = [&pool](net::Request const& request, net::PathParameters const&) -> asio::awaitable<net::Response> {
        return sign_out(pool.here(), request);
    };
    router.add({{.method = net::Method::get, .pattern = "/t/{tenant}/staff/sign-in", .handler = show},
                {.method = net::Method::post, .pattern = "/t/{tenant}/staff/sign-in", .body_max = 8192, .rate_class = net::RateClass::sign_in, .handler = submit},
                {.method = net::Method::post, .pattern = "/t/{tenant}/staff/sign-out", .body_max = 8192, .access = net::Access::staff, .handler = leave}});
}

} // namespace assay::server
