#include "server/app/people_pages.hpp"

#include "server/app/erasure.hpp"
#include "server/app/page_helpers.hpp"
#include "server/net/form.hpp"
#include "storage/repositories/certificates.hpp"
#include "storage/repositories/exams.hpp"
#include "storage/repositories/people.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto list_max = 200;

std::optional<PersonId> person_id(net::PathParameters const& parameters)
{
    auto const id = parse_id<PersonId>(net::find(parameters, "person").value_or(""));
    return id ? std::optional{*id} : std::nullopt;
}

asio::awaitable<Response> list_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const people = co_await storage::list_people(services.pool, who.tenant.id, list_max);
    auto list = json::array{};
    for (auto const& row : people) {
        auto name = co_await name_of(services, who.tenant.id, row.id, true);
        list.push_back(json::object{{"href", staff_base(who.tenant) + "/people/" + to_string(row.id)}, {"name", std::move(name)},
                                    {"since", to_rfc3339(row.created_at)}, {"erased_at", time_or_null(row.erased_at)}});
    }
    co_return page(services, request, who.tenant, "staff_people", json::object{{"people", std::move(list)}});
}

json::value affiliation_context(storage::PersonProfile const& profile)
{
    if (!profile.affiliation) return nullptr;
    auto const& a = *profile.affiliation;
    return json::object{{"company", a.company}, {"function", text_or_null(a.function)}, {"region", text_or_null(a.region)},
                        {"from", text_or_null(a.from)}, {"to", text_or_null(a.to)}};
}

asio::awaitable<Response> show(Services& services, net::Request const& request, PersonId id, char const* problem)
{
    auto const& who = staff_of(request);
    auto const row = co_await storage::find_person(services.pool, who.tenant.id, id);
    if (!row) co_return error_page(services, request, &who.tenant, 404);
    auto const profile = co_await read_profile(services, who.tenant.id, id);
    auto const sittings = co_await storage::list_sittings_of(services.pool, who.tenant.id, id);
    auto const registrations = co_await storage::list_registrations_of(services.pool, who.tenant.id, id);
    auto const certificates = co_await storage::list_certificates_of(services.pool, who.tenant.id, id);
    auto const evidence = co_await storage::list_evidence_of_person(services.pool, who.tenant.id, id);
    auto const hold = co_await storage::find_legal_hold(services.pool, who.tenant.id, id);
    auto const ban = co_await storage::find_ban(services.pool, who.tenant.id, id, services.now());
    auto reasons = json::array{};
    for (auto const reason : erasure_reasons) reasons.push_back(json::object{{"word", reason}});
    auto context = json::object{{"id", to_string(id)}, {"since", to_rfc3339(row->created_at)}, {"erased_at", time_or_null(row->erased_at)}, {"person", nullptr},
                                {"registrations", registrations.size()}, {"sittings", sittings.size()}, {"certificates", certificates.size()}, {"evidence", evidence.size()},
                                {"hold_since", hold ? json::value(to_rfc3339(hold->placed_at)) : json::value(nullptr)},
                                {"banned_until", ban ? time_or_null(ban->banned_until) : json::value(nullptr)}, {"reasons", std::move(reasons)},
                                {"erasable", profile && !hold && std::ranges::all_of(sittings, [](auto const& s) { return s.ended_at.has_value(); })},
                                {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    if (profile)
        context["person"] = json::object{{"full_name", profile->full_name}, {"preferred_name", text_or_null(profile->preferred_name)}, {"email", profile->email},
                                         {"locale", profile->locale}, {"affiliation", affiliation_context(*profile)}};
    co_return page(services, request, who.tenant, "staff_person", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> person_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = person_id(parameters);
    if (!id) co_return error_page(services, request, &who.tenant, 404);
    co_return co_await show(services, request, *id, nullptr);
}

/// The address typed once more, and a reason: nobody erases by a slip of the hand.
asio::awaitable<Response> erase(Services& services, net::Request const& request, PersonId id, net::Form const& form)
{
    auto const& who = staff_of(request);
    auto const profile = co_await read_profile(services, who.tenant.id, id);
    if (!profile) co_return error_page(services, request, &who.tenant, 404);
    auto reason = std::string{form.field("reason").value_or("")};
    if (std::ranges::find(erasure_reasons, reason) == erasure_reasons.end()) co_return co_await show(services, request, id, "reason_missing");
    if (trimmed(form.field("confirmation").value_or("")) != profile->email) co_return co_await show(services, request, id, "confirmation_differs");
    auto const done = co_await erase_person(services, who.tenant, id, who.staff.id, std::move(reason));
    switch (done) {
    case Erasure::done: break;
    case Erasure::not_found: co_return error_page(services, request, &who.tenant, 404);
    case Erasure::held: co_return co_await show(services, request, id, "legal_hold");
    case Erasure::in_exam: co_return co_await show(services, request, id, "person_in_exam");
    }
    co_return net::see_other(staff_base(who.tenant) + "/people/" + to_string(id));
}

asio::awaitable<Response> act(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = person_id(parameters);
    auto const action = net::find(parameters, "action").value_or("");
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    if (!id || (action != "erase" && action != "hold" && action != "release")) co_return error_page(services, request, &who.tenant, 404);
    if (action == "erase") co_return co_await erase(services, request, *id, *form);
    auto const known = co_await set_legal_hold(services, who.tenant, *id, who.staff.id, action == "hold");
    if (!known) co_return error_page(services, request, &who.tenant, 404);
    co_return net::see_other(staff_base(who.tenant) + "/people/" + to_string(*id));
}

} // namespace

void add_people_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/people", list_page);
    routes.get("/people/{person}", person_page);
    routes.post("/people/{person}/{action}", act);
}

} // namespace assay::server
