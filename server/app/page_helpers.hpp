#pragma once
// What many pages need on the way from rows to a context.
#include "server/app/people.hpp"
#include "server/app/sign_in.hpp"

namespace assay::server {

inline json::value time_or_null(std::optional<Timestamp> const& at) { return at ? json::value(to_rfc3339(*at)) : json::value(nullptr); }
inline json::value or_null(char const* text) { return text != nullptr ? json::value(text) : json::value(nullptr); }
inline json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

inline std::string base_of(storage::TenantRow const& tenant) { return "/t/" + tenant.slug; }
inline std::string staff_base(storage::TenantRow const& tenant) { return base_of(tenant) + "/staff"; }

/// Where candidates write to. A tenant that has not said so is reached at its address.
inline std::string contact_of(storage::TenantRow const& tenant)
{
    return tenant.contact_email.empty() ? tenant.public_origin + base_of(tenant) : tenant.contact_email;
}

std::string trimmed(std::string_view text);
/// A whole number; 0 for nothing at all.
std::optional<int> number_of(std::string_view text);
/// "2026-11-24" as 00:00 UTC of that day.
std::optional<Timestamp> date_of(std::string_view text);

/// The preferred name, or the full one; "—" after erasure.
asio::awaitable<std::string> name_of(Services& services, TenantId tenant, PersonId person, bool full = false);
/// A member of staff by the actor's id ("staff:…"), or what stands there.
asio::awaitable<std::string> staff_name_of(Services& services, TenantId tenant, std::string actor);

/// Adds staff routes that share their limits. Pages are functions of (Services&, Request, PathParameters).
class StaffRoutes {
public:
    using Page = asio::awaitable<net::Response> (*)(Services&, net::Request const&, net::PathParameters const&);
    StaffRoutes(net::Router& router, ServicePool& pool) : router_{router}, pool_{pool} {}
    void get(std::string below_staff, Page page) { add(net::Method::get, std::move(below_staff), page, 0); }
    void post(std::string below_staff, Page page, std::size_t body_max = 16 * 1024) { add(net::Method::post, std::move(below_staff), page, body_max); }

private:
    void add(net::Method method, std::string below_staff, Page page, std::size_t body_max);
    net::Router& router_;
    ServicePool& pool_;
};

} // namespace assay::server
