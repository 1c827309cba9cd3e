#include "server/app/policy_pages.hpp"

#include "server/app/page_helpers.hpp"
#include "server/app/policy_change.hpp"
#include "server/net/form.hpp"

#include <set>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto document_max = std::size_t{64} << 10;

struct Chosen {
    std::string text;    ///< of the programme that the form begins with
    json::array choices; ///< every programme with a published exam, in its current version
};

asio::awaitable<Chosen> programmes_of(Services& services, storage::TenantRow const& tenant, std::string wanted)
{
    auto chosen = Chosen{};
    auto seen = std::set<ProgrammeId>{};
    auto const exams = co_await storage::list_exams(services.pool, tenant.id);
    for (auto const& exam : exams) {
        if (exam.state != "published" || !seen.insert(exam.programme_id).second) continue;
        auto const current = co_await current_programme(services, tenant.id, exam.programme);
        auto const id = to_string(exam.programme_id);
        if (id == wanted) {
            auto const document = co_await storage::find_document(services.pool, tenant.id, current.document);
            if (document) chosen.text = text_of(document->content);
        }
        chosen.choices.push_back(json::object{{"id", id}, {"title", current.programme->title}, {"language", current.programme->language},
                                              {"href", staff_base(tenant) + "/policy?programme=" + id}, {"chosen", id == wanted}});
    }
    co_return chosen;
}

json::array times_of(std::vector<Timestamp> const& all)
{
    auto times = json::array{};
    for (auto const at : all) times.push_back(json::object{{"at", to_rfc3339(at)}});
    return times;
}

json::value change_of(std::optional<Timestamp> const& from, std::optional<Timestamp> const& to)
{
    if (!to) return nullptr;
    return json::object{{"from", time_or_null(from)}, {"to", to_rfc3339(*to)}};
}

asio::awaitable<json::object> preview_context(Services& services, storage::TenantRow const& tenant, policies::Programme const& programme)
{
    auto const moved = co_await preview_policy(services, tenant, programme.id, programme.credential, services.now());
    auto rows = json::array{};
    for (auto const& one : moved) {
        auto name = co_await name_of(services, tenant.id, one.row.person, true);
        rows.push_back(json::object{{"number", one.row.number}, {"name", std::move(name)}, {"href", base_of(tenant) + "/c/" + to_string(one.row.id)},
                                    {"renewal", change_of(one.planned.renewal_opens, one.move.renewal_opens)}, {"grace", change_of(one.planned.grace_until, one.move.grace_until)},
                                    {"any_added", !one.move.reminders_added.empty()}, {"added", times_of(one.move.reminders_added)},
                                    {"any_dropped", !one.move.reminders_dropped.empty()}, {"dropped", times_of(one.move.reminders_dropped)}});
    }
    co_return json::object{{"title", programme.title}, {"language", programme.language}, {"none", rows.empty()}, {"count", rows.size()}, {"moved", std::move(rows)}};
}

asio::awaitable<Response> policy_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto wanted = std::string{request.query("programme").value_or("")};
    auto chosen = co_await programmes_of(services, who.tenant, std::move(wanted));
    auto context = json::object{{"document", chosen.text}, {"programmes", std::move(chosen.choices)}, {"wrong", json::array{}}, {"preview", nullptr},
                                {"csrf", form_token(services, who.login)}, {"problem", nullptr}};
    if (request.method == net::Method::get) co_return page(services, request, who.tenant, "staff_policy", context);

    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto const text = std::string{form->field("programme").value_or("")};
    context["document"] = text;
    auto const parsed = policies::parse_programme(text, "programme");
    if (!parsed.value) {
        auto wrong = json::array{};
        for (auto const& problem : parsed.problems) wrong.push_back(json::value(policies::to_string(problem)));
        context["wrong"] = std::move(wrong);
        context["problem"] = "policy_unreadable";
        co_return page(services, request, who.tenant, "staff_policy", context, 422);
    }
    auto preview = co_await preview_context(services, who.tenant, *parsed.value);
    context["preview"] = std::move(preview);
    co_return page(services, request, who.tenant, "staff_policy", context);
}

} // namespace

void add_policy_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/policy", policy_page);
    routes.post("/policy", policy_page, document_max);
}

} // namespace assay::server
