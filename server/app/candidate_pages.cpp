#include "server/app/candidate_pages.hpp"

namespace assay::server {

bool is_own(net::PathParameters const& parameters, CandidatePrincipal const& who)
{
    auto const id = parse_id<SittingId>(net::find(parameters, "sitting").value_or(""));
    return id && *id == sitting_of(who.registration.id);
}

std::string sitting_path(CandidatePrincipal const& who) { return base_of(who.tenant) + "/sitting/" + to_string(sitting_of(who.registration.id)); }

net::Response candidate_error(Services& services, net::Request const& request, storage::TenantRow const& tenant, char const* kind, int status, std::string const& href)
{
    auto const context = json::object{{"kind", kind}, {"contact", contact_of(tenant)}, {"href", text_or_null(href)}, {"ban", nullptr}};
    return page(services, request, tenant, "candidate_error", context, status);
}

net::Response banned_page(Services& services, net::Request const& request, storage::TenantRow const& tenant, storage::SittingReviewRow const& ban)
{
    auto const context = json::object{{"kind", "banned"}, {"contact", contact_of(tenant)}, {"href", nullptr},
                                      {"ban", json::object{{"until", time_or_null(ban.banned_until)}, {"reason", ban.reason}}}};
    return page(services, request, tenant, "candidate_error", context, 403);
}

} // namespace assay::server
