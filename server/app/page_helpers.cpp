#include "server/app/page_helpers.hpp"

#include <charconv>

namespace assay::server {

std::string trimmed(std::string_view text)
{
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1)};
}

std::optional<int> number_of(std::string_view text)
{
    if (text.empty()) return 0;
    auto value = 0;
    auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Timestamp> date_of(std::string_view text)
{
    if (text.size() != std::string_view{"2026-11-24"}.size()) return std::nullopt;
    auto const at = parse_rfc3339(std::string{text} + "T00:00:00Z");
    return at ? std::optional{*at} : std::nullopt;
}

asio::awaitable<std::string> name_of(Services& services, TenantId tenant, PersonId person, bool full)
{
    auto const profile = co_await read_profile(services, tenant, person);
    if (!profile) co_return "—";
    co_return full ? profile->full_name : shown_name(*profile);
}

asio::awaitable<std::string> staff_name_of(Services& services, TenantId tenant, std::string actor)
{
    constexpr auto prefix = std::string_view{"staff:"};
    if (!actor.starts_with(prefix)) co_return actor;
    auto const id = parse_id<StaffId>(std::string_view{actor}.substr(prefix.size()));
    if (!id) co_return actor;
    auto const member = co_await storage::find_staff(services.pool, tenant, *id);
    co_return member ? member->name : actor;
}

void StaffRoutes::add(net::Method method, std::string below_staff, Page page, std::size_t body_max)
{
    auto route = net::Route{};
    route.method = method;
    route.pattern = "/t/{tenant}/staff" + std::move(below_staff);
    route.body_max = body_max;
    route.access = net::Access::staff;
    route.handler = [&pool = pool_, page](net::Request const& request, net::PathParameters const& parameters) {
        return page(pool.here(), request, parameters);
    };
    router_.add(std::move(route));
}

} // namespace assay::server
