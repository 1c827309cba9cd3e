#include "server/app/mail_pages.hpp"

#include "server/app/outbox.hpp"
#include "server/app/page_helpers.hpp"

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto list_max = 200;

asio::awaitable<Response> mail_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const rows = co_await storage::list_mail(services.pool, who.tenant.id, list_max);
    auto list = json::array{};
    for (auto const& row : rows) {
        auto name = co_await name_of(services, who.tenant.id, row.recipient, true);
        list.push_back(json::object{{"id", to_string(row.id)}, {"name", std::move(name)}, {"template", row.template_name}, {"state", row.state}, {"attempts", row.attempts},
                                    {"created_at", to_rfc3339(row.created_at)}, {"sent_at", time_or_null(row.sent_at)},
                                    {"next_at", row.state == "queued" ? json::value(to_rfc3339(row.next_at)) : json::value(nullptr)},
                                    {"last_error", row.last_error ? json::value(*row.last_error) : json::value(nullptr)}, {"failed", row.state == "failed"}});
    }
    auto context = json::object{{"mails", std::move(list)}, {"sender", text_or_null(who.tenant.sender_email)}, {"csrf", form_token(services, who.login)}};
    co_return page(services, request, who.tenant, "staff_mail", context);
}

asio::awaitable<Response> again(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_uuid(net::find(parameters, "mail").value_or(""));
    if (!id) co_return error_page(services, request, &who.tenant, 404);
    auto const done = co_await queue_again(services, who.tenant, *id, who.staff.id);
    if (!done) co_return error_page(services, request, &who.tenant, 404);
    co_return net::see_other(staff_base(who.tenant) + "/mail");
}

} // namespace

void add_mail_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/mail", mail_page);
    routes.post("/mail/{mail}/again", again);
}

} // namespace assay::server
