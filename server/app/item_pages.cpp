#include "server/app/item_pages.hpp"

#include "core/text.hpp"
#include "exam/errors.hpp"
#include "server/app/items.hpp"
#include "server/app/page_helpers.hpp"
#include "server/net/form.hpp"

#include <algorithm>
#include <map>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr std::size_t list_max = 500;

std::optional<ItemId> item_id(net::PathParameters const& parameters)
{
    auto const id = parse_id<ItemId>(net::find(parameters, "item").value_or(""));
    return id ? std::optional{*id} : std::nullopt;
}

json::object choice(std::string_view word, std::int64_t count, std::string_view chosen)
{
    return {{"word", word}, {"count", count}, {"chosen", word == chosen}};
}

asio::awaitable<Response> list_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const items = co_await storage::list_items(services.pool, who.tenant.id);
    auto const state = std::string{request.query("state").value_or("")};
    auto const area = std::string{request.query("area").value_or("")};
    auto by_state = std::map<exam::ItemState, std::int64_t>{};
    auto by_area = std::map<std::string, std::int64_t>{};
    auto list = json::array{};
    auto more = std::int64_t{};
    for (auto const& item : items) {
        ++by_state[exam::parse_item_state(item.state).value()];
        ++by_area[item.area];
        if ((!state.empty() && item.state != state) || (!area.empty() && item.area != area)) continue;
        if (list.size() == list_max) {
            ++more;
            continue;
        }
        auto author = co_await staff_name_of(services, who.tenant.id, item.author);
        list.push_back(json::object{{"href", staff_base(who.tenant) + "/items/" + to_string(item.id)}, {"identifier", item.identifier}, {"area", item.area},
                                    {"state", item.state}, {"author", std::move(author)}, {"provisional", item.provisional},
                                    {"created_at", to_rfc3339(item.created_at)}});
    }
    auto states = json::array{}, areas = json::array{};
    for (auto const& [word, count] : by_state) states.push_back(choice(exam::to_string(word), count, state));
    for (auto const& [word, count] : by_area)
        if (!word.empty()) areas.push_back(choice(word, count, area));
    auto context = json::object{{"states", std::move(states)}, {"areas", std::move(areas)}, {"state", state}, {"area", area}, {"items", std::move(list)},
                                {"more", more > 0 ? json::value(more) : json::value(nullptr)}, {"filtered", !state.empty() || !area.empty()}};
    co_return page(services, request, who.tenant, "staff_items", context);
}

/// What happened to the item, as its stream says.
asio::awaitable<json::array> history_of(Services& services, TenantId tenant, ItemId item)
{
    auto const entries = co_await services.journal.read_stream(tenant, item.uuid);
    auto history = json::array{};
    for (auto const& entry : entries) {
        auto const* by = find_string(entry.document, "actor");
        auto who = by != nullptr ? std::string{*by} : std::string{};
        auto name = co_await staff_name_of(services, tenant, std::move(who));
        auto const* reason = find_string(entry.detail, "reason");
        history.push_back(json::object{{"at", to_rfc3339(entry.time())}, {"event", entry.type()}, {"by", std::move(name)},
                                       {"reason", reason != nullptr ? json::value(*reason) : json::value(nullptr)}});
    }
    co_return history;
}

asio::awaitable<Response> show_item(Services& services, net::Request const& request, ItemId id, char const* problem)
{
    auto const& who = staff_of(request);
    auto const row = co_await storage::find_item(services.pool, who.tenant.id, id);
    if (!row) co_return error_page(services, request, &who.tenant, 404);
    auto const item = co_await load_item(services, who.tenant.id, *row);
    auto const history = co_await history_of(services, who.tenant.id, id);
    auto author = co_await staff_name_of(services, who.tenant.id, row->author);
    auto actions = json::array{};
    for (auto const action : exam::allowed_actions(standing_of(*row), item_actor(who.staff)))
        actions.push_back(json::object{{"action", exam::to_string(action)}, {"needs_reason", exam::needs_reason(action)}});
    auto const own = row->state == "in_review" && std::ranges::none_of(actions, [](json::value const& a) { return a.at("action").as_string() == "approve"; });
    auto context = json::object{{"id", to_string(id)}, {"identifier", row->identifier}, {"area", row->area}, {"state", row->state}, {"author", std::move(author)},
                                {"provisional", row->provisional}, {"document", to_string(row->document)}, {"title", text_or_null(item.parts().title)},
                                {"language", item.parts().language.empty() ? std::string{"en"} : item.parts().language},
                                {"max_score", item.max_score()}, {"preview", canonical_json(exam::to_json(exam::present_as_written(item)))},
                                {"history", history}, {"actions", actions}, {"own", own}, {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "staff_item", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> item_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = item_id(parameters);
    if (!id) co_return error_page(services, request, &who.tenant, 404);
    co_return co_await show_item(services, request, *id, nullptr);
}

asio::awaitable<Response> act(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = item_id(parameters);
    auto const action = exam::parse_item_action(net::find(parameters, "action").value_or(""));
    if (!id || !action) co_return error_page(services, request, &who.tenant, 404);
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto reason = std::string{utf8_prefix(trimmed(form->field("reason").value_or("")), 500)};
    auto const done = co_await act_on_item(services, who.tenant.id, *id, *action, who.staff, std::move(reason));
    if (done) co_return net::see_other(staff_base(who.tenant) + "/items/" + to_string(*id));
    if (done.error() == storage::errc::not_found) co_return error_page(services, request, &who.tenant, 404);
    auto const* problem = done.error() == exam::errc::author_may_not_approve ? "author_may_not_approve"
                          : done.error() == exam::errc::reason_missing      ? "reason_missing"
                                                                            : "item_moved_on";
    co_return co_await show_item(services, request, *id, problem);
}

} // namespace

void add_item_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/items", list_page);
    routes.get("/items/{item}", item_page);
    routes.post("/items/{item}/{action}", act);
}

} // namespace assay::server
