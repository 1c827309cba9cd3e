#include "server/app/staff_pages.hpp"

#include "core/text.hpp"
#include "server/app/actors.hpp"
#include "server/app/page_helpers.hpp"
#include "server/net/form.hpp"
#include "storage/repositories/certificates.hpp"
#include "storage/repositories/log.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto list_max = 200;

// ---- overview

asio::awaitable<Response> home(Services& services, net::Request const& request)
{
    auto const& tenant = staff_of(request).tenant;
    auto const open = co_await storage::list_open_sittings(services.pool, tenant.id);
    auto const incidents = co_await storage::list_incidents(services.pool, tenant.id, list_max);
    auto const decisions = co_await storage::list_decisions(services.pool, tenant.id, list_max);
    auto const certificates = co_await storage::list_certificates(services.pool, tenant.id, list_max);
    auto const exams = co_await storage::list_exams(services.pool, tenant.id);
    auto const items = co_await storage::list_items(services.pool, tenant.id);
    auto const registrations = co_await storage::list_registrations(services.pool, tenant.id, list_max);
    auto const checkpoint = co_await storage::find_checkpoint(services.pool, tenant.id);
    auto const entries = co_await services.journal.head(tenant.id);
    auto const count = [](auto const& rows, auto keep) { return std::ranges::count_if(rows, keep); };
    auto const published = count(exams, [](auto const& e) { return e.state == "published"; });
    auto setup = json::array{};
    auto const step = [&](char const* name, std::size_t number) {
        setup.push_back(json::object{{"name", name}, {"done", number > 0}, {"detail", number}});
    };
    step("tenant", 1);
    step("bank", items.size());
    step("exam", static_cast<std::size_t>(published));
    step("invitation", registrations.size());
    step("certificate", certificates.size());
    auto context = json::object{
        {"counts", json::object{{"running", open.size()},
                                {"incidents", count(incidents, [](auto const& i) { return i.state == "open"; })},
                                {"decisions", count(decisions, [](auto const& d) { return d.state == "pending"; })},
                                {"certificates", count(certificates, [](auto const& c) { return c.state == "active"; })}}},
        {"setup", std::move(setup)},
        {"journal", json::object{{"entries", entries}, {"checkpoint_at", checkpoint ? json::value(to_rfc3339(checkpoint->published_at)) : json::value(nullptr)}}}};
    co_return page(services, request, tenant, "staff_home", context);
}

// ---- sittings

asio::awaitable<Response> sittings_page(Services& services, net::Request const& request, char const* problem = nullptr)
{
    auto const& who = staff_of(request);
    auto rows = co_await storage::list_sittings(services.pool, who.tenant.id, list_max);
    auto const under_way = [](storage::SittingRow const& s) { return !s.ended_at; };
    std::ranges::stable_partition(rows, under_way);
    auto const now = services.now();
    auto const incidents = co_await storage::list_incidents(services.pool, who.tenant.id, 1000);
    auto list = json::array{};
    for (auto const& row : rows) {
        auto const exam = co_await load_exam(services, who.tenant.id, row.exam_version);
        auto name = co_await name_of(services, who.tenant.id, row.person);
        auto const open_incidents = std::ranges::count_if(incidents, [&](auto const& i) { return i.sitting == row.id && i.state == "open"; });
        auto entry = json::object{{"id", to_string(row.id)}, {"name", std::move(name)}, {"exam_title", exam->version.title}, {"exam_language", exam->version.language},
                                  {"state", row.run_state}, {"paused_by", row.paused_by ? json::value(*row.paused_by) : json::value(nullptr)},
                                  {"started_at", time_or_null(row.started_at)}, {"minutes_left", nullptr}, {"answered", row.items_answered},
                                  {"incidents", open_incidents}, {"incidents_href", staff_base(who.tenant) + "/incidents?sitting=" + to_string(row.id)},
                                  {"open", under_way(row) && row.started_at.has_value()}, {"can_pause", row.run_state == "running"},
                                  {"can_resume", row.run_state == "paused" && row.paused_by != "network"}};
        if (under_way(row) && row.closes_at) entry["minutes_left"] = std::max<std::int64_t>(0, std::chrono::floor<std::chrono::minutes>(*row.closes_at - now).count());
        list.push_back(std::move(entry));
    }
    auto context = json::object{{"as_of", to_rfc3339(std::chrono::floor<std::chrono::seconds>(now))}, {"sittings", std::move(list)},
                                {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "staff_sittings", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> act_on_sitting(Services& services, SittingNotices& notices, OnEnded const& on_ended, net::Request const& request,
                                         net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("proctor")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_id<SittingId>(net::find(parameters, "sitting").value_or(""));
    auto sitting = std::optional<LoadedSitting>{};
    if (id) sitting = co_await load_sitting(services, who.tenant.id, *id);
    if (!sitting) co_return error_page(services, request, &who.tenant, 404);
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto const reason = std::string{utf8_prefix(trimmed(form->field("reason").value_or("")), 500)};
    auto const action = net::find(parameters, "action").value_or("");
    auto const minutes = number_of(trimmed(form->field("minutes").value_or("")));

    auto command = std::optional<exam::Command>{};
    if (action == "minutes") command = exam::AddMinutes{who.staff.id, std::chrono::minutes{minutes.value_or(0)}, reason};
    if (action == "pause") command = exam::Pause{exam::PauseKind::staff, who.staff.id, reason};
    if (action == "resume") command = exam::Resume{who.staff.id};
    if (action == "terminate") command = exam::Terminate{who.staff.id, reason};
    if (!command) co_return error_page(services, request, &who.tenant, 404);
    auto const nothing = Idempotency{};
    auto const done = co_await execute(services, who.tenant.id, *sitting, std::move(*command), actor(who.staff.id), nothing);
    if (!done) {
        auto const* problem = done.error() == exam::errc::reason_missing         ? "reason_missing"
                              : done.error() == exam::errc::minutes_out_of_range ? "minutes_out_of_range"
                                                                                 : "sitting_moved_on";
        co_return co_await sittings_page(services, request, problem);
    }
    co_await announce_everywhere(services, notices, *id);
    if (sitting->state.ended && on_ended) on_ended(services, who.tenant, *id);
    co_return net::see_other(staff_base(who.tenant) + "/sittings");
}

} // namespace

void add_staff_routes(net::Router& router, ServicePool& pool, SittingNotices& notices, OnEnded on_ended)
{
    auto const add = [&](net::Method method, std::string pattern, net::Handler handler) {
        auto route = net::Route{};
        route.method = method;
        route.pattern = std::move(pattern);
        route.body_max = method == net::Method::post ? 16 * 1024 : 0;
        route.access = net::Access::staff;
        route.handler = std::move(handler);
        router.add(std::move(route));
    };
    using net::Method;
    using net::PathParameters;
    using net::Request;
    add(Method::get, "/t/{tenant}/staff", [&pool](Request const& r, PathParameters const&) { return home(pool.here(), r); });
    add(Method::get, "/t/{tenant}/staff/sittings", [&pool](Request const& r, PathParameters const&) { return sittings_page(pool.here(), r); });
    add(Method::post, "/t/{tenant}/staff/sittings/{sitting}/{action}", [&pool, &notices, on_ended](Request const& r, PathParameters const& p) {
        return act_on_sitting(pool.here(), notices, on_ended, r, p);
    });
}

} // namespace assay::server
