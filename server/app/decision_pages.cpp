#include "server/app/decision_pages.hpp"

#include "core/text.hpp"
#include "credentials/errors.hpp"
#include "server/app/certification.hpp"
#include "server/app/page_helpers.hpp"
#include "server/net/form.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto list_max = 200;

std::optional<credentials::DecisionState> state_of(std::string_view word)
{
    for (auto const state : {credentials::DecisionState::granted, credentials::DecisionState::refused, credentials::DecisionState::withdrawn})
        if (credentials::to_string(state) == word) return state;
    return std::nullopt;
}

asio::awaitable<Response> show_decisions(Services& services, net::Request const& request, char const* problem)
{
    auto const& who = staff_of(request);
    auto const rows = co_await storage::list_decisions(services.pool, who.tenant.id, list_max);
    auto pending = json::array{}, decided = json::array{};
    for (auto const& row : rows) {
        auto const programme = co_await load_programme(services, who.tenant.id, row.programme);
        auto name = co_await name_of(services, who.tenant.id, row.person, true);
        if (row.state != "pending") {
            auto const decider = row.decided_by.value_or("");
            auto by = json::value(nullptr); // the page says that it was the programme's rule
            if (!decider.starts_with("rule:")) by = co_await staff_name_of(services, who.tenant.id, decider);
            auto const sitting = co_await storage::find_sitting(services.pool, who.tenant.id, row.sitting);
            // A granted decision whose sitting was declared void afterwards waits for a person to take it back.
            auto const fallen = row.state == "granted" && sitting && sitting->validity == "voided";
            decided.push_back(json::object{{"id", to_string(row.id)}, {"name", std::move(name)}, {"programme", programme->title}, {"language", programme->language},
                                           {"decision", row.state}, {"by", std::move(by)}, {"at", time_or_null(row.decided_at)},
                                           {"withdrawable", fallen && who.has_role("certifier")}});
            continue;
        }
        auto const current = co_await load_decision(services, who.tenant, row);
        auto const sitting = co_await load_sitting(services, who.tenant.id, row.sitting);
        if (!current || !sitting || !sitting->state.outcome) continue;
        auto const incidents = co_await storage::list_incidents_of(services.pool, who.tenant.id, row.sitting);
        auto const person = credentials::Decider{credentials::PersonDecides{who.staff.id, std::nullopt}};
        auto const may_grant = credentials::decide_certification(*current, credentials::DecisionState::granted, person, {}, services.now());
        auto const may_refuse = credentials::decide_certification(*current, credentials::DecisionState::refused, person, "x", services.now());
        auto const& outcome = *sitting->state.outcome;
        auto renewal = json::value(nullptr);
        if (row.renews) {
            auto const credits = co_await storage::list_credits_of(services.pool, who.tenant.id, *row.renews);
            auto const renewed = co_await storage::find_certificate(services.pool, who.tenant.id, *row.renews);
            auto const& paths = programme->credential.renewal;
            auto const counted = renewed ? credentials::counted_credits(paths, education_record(credits), renewed->valid_from, services.now()) : 0;
            renewal = json::object{{"counted", counted}, {"needed", paths.credits}, {"number", renewed ? renewed->number : std::string{}}};
        }
        pending.push_back(json::object{{"id", to_string(row.id)}, {"name", std::move(name)}, {"programme", programme->title}, {"language", programme->language},
                                       {"outcome", outcome.passed ? "passed" : "failed"}, {"score", outcome.scaled}, {"cut", outcome.scaled_cut},
                                       {"validity", sitting->row.validity}, {"renewal", std::move(renewal)},
                                       {"incidents_open", std::ranges::count_if(incidents, [](auto const& i) { return i.state == "open"; })},
                                       {"incidents_href", staff_base(who.tenant) + "/incidents?sitting=" + to_string(row.sitting)},
                                       {"requirements", json::array{json::object{{"name", programme->requirements.front().title}, {"met", outcome.passed}}}},
                                       {"may_decide", may_refuse.has_value() && who.has_role("certifier")}, {"may_grant", may_grant.has_value()},
                                       {"ended_at", time_or_null(sitting->row.ended_at)}});
    }
    auto context = json::object{{"pending", std::move(pending)}, {"decided", std::move(decided)}, {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "staff_decisions", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> decide_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("certifier")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_id<DecisionId>(net::find(parameters, "decision").value_or(""));
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto const wish = form->field("decision").value_or("");
    auto const to = state_of(wish);
    if (!id || !to) co_return error_page(services, request, &who.tenant, 404);
    auto reason = std::string{utf8_prefix(trimmed(form->field("reason").value_or("")), 500)};
    auto const done = co_await decide_by_person(services, who.tenant, *id, who.staff.id, *to, std::move(reason));
    if (done) co_return net::see_other(staff_base(who.tenant) + "/decisions");
    if (done.error() == storage::errc::not_found) co_return error_page(services, request, &who.tenant, 404);
    auto const* problem = done.error() == credentials::errc::reason_missing        ? "reason_missing"
                          : done.error() == credentials::errc::decision_already_made ? "already_decided"
                          : done.error() == credentials::errc::result_not_clear      ? "review_open"
                                                                                     : "not_independent";
    co_return co_await show_decisions(services, request, problem);
}

asio::awaitable<Response> decisions_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    co_return co_await show_decisions(services, request, nullptr);
}

} // namespace

void add_decision_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/decisions", decisions_page);
    routes.post("/decisions/{decision}", decide_page);
}

} // namespace assay::server
