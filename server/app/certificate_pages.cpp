#include "server/app/certificate_pages.hpp"

#include "core/text.hpp"
#include "credentials/errors.hpp"
#include "server/app/certificate_life.hpp"
#include "server/app/page_helpers.hpp"
#include "server/net/form.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using Response = net::Response;
using credentials::CertificateAction;

constexpr auto list_max = 200;

std::optional<CertificateAction> action_of(std::string_view word)
{
    for (auto const action : {CertificateAction::suspend, CertificateAction::reinstate, CertificateAction::revoke, CertificateAction::supersede})
        if (credentials::to_string(action) == word) return action;
    return std::nullopt;
}

/// The person's other certificates that are in force: what may take this one's place.
json::array successors_of(storage::CertificateRow const& row, std::vector<storage::CertificateRow> const& all, Timestamp now)
{
    auto successors = json::array{};
    for (auto const& other : all)
        if (other.id != row.id && other.person == row.person && credentials::state_at(life_of(other), now) == credentials::CertificateState::active)
            successors.push_back(json::object{{"id", to_string(other.id)}, {"number", other.number}, {"valid_from", to_rfc3339(other.valid_from)}});
    return successors;
}

asio::awaitable<Response> show(Services& services, net::Request const& request, char const* problem)
{
    auto const& who = staff_of(request);
    auto const rows = co_await storage::list_certificates(services.pool, who.tenant.id, list_max);
    auto const now = services.now();
    auto list = json::array{};
    for (auto const& row : rows) {
        auto const opened = co_await open_certificate(services, who.tenant.id, row);
        if (!opened) continue; // erased: nothing of it is shown any more
        auto const state = credentials::state_at(life_of(row), now);
        auto may = json::object{{"suspend", false}, {"reinstate", false}, {"revoke", false}, {"supersede", false}};
        auto successors = successors_of(row, rows, now);
        if (who.has_role("certifier"))
            for (auto const action : allowed_actions(row, now)) may[credentials::to_string(action)] = action != CertificateAction::supersede || !successors.empty();
        auto const any = std::ranges::any_of(may, [](auto const& member) { return member.value().as_bool(); });
        list.push_back(json::object{{"id", to_string(row.id)}, {"number", row.number}, {"href", base_of(who.tenant) + "/c/" + to_string(row.id)},
                                    {"name", opened->holder}, {"title", opened->title}, {"language", opened->language},
                                    {"state", state ? credentials::to_string(*state) : std::string_view{"active"}}, {"issued_on", to_rfc3339(row.valid_from)},
                                    {"valid_until", time_or_null(row.valid_until)}, {"may", std::move(may)}, {"may_act", any}, {"successors", std::move(successors)}});
    }
    auto context = json::object{{"certificates", std::move(list)}, {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "staff_certificates", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> certificates_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    co_return co_await show(services, request, nullptr);
}

asio::awaitable<Response> act(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("certifier")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_id<CertificateId>(net::find(parameters, "certificate").value_or(""));
    auto const action = action_of(net::find(parameters, "action").value_or(""));
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    if (!id || !action) co_return error_page(services, request, &who.tenant, 404);
    auto reason = std::string{utf8_prefix(trimmed(form->field("reason").value_or("")), 500)};
    auto done = result<void>{};
    if (*action == CertificateAction::supersede) {
        auto const successor = parse_id<CertificateId>(form->field("successor").value_or(""));
        if (!successor) co_return error_page(services, request, &who.tenant, 404);
        done = co_await supersede_certificate(services, who.tenant, *id, *successor, who.staff.id, std::move(reason));
    } else {
        done = co_await act_on_certificate(services, who.tenant, *id, *action, who.staff.id, std::move(reason));
    }
    if (done) co_return net::see_other(staff_base(who.tenant) + "/certificates");
    if (done.error() == storage::errc::not_found || done.error() == storage::errc::erased) co_return error_page(services, request, &who.tenant, 404);
    auto const* problem = done.error() == credentials::errc::reason_missing ? "reason_missing" : "certificate_moved_on";
    co_return co_await show(services, request, problem);
}

} // namespace

void add_certificate_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/certificates", certificates_page);
    routes.post("/certificates/{certificate}/{action}", act);
}

} // namespace assay::server
