#include "server/app/invite_pages.hpp"

#include "server/app/invitations.hpp"
#include "server/app/page_helpers.hpp"
#include "server/app/sittings.hpp"
#include "server/net/form.hpp"

namespace assay::server {
namespace {

using Response = net::Response;

asio::awaitable<json::array> exam_choices(Services& services, TenantId tenant, std::string_view chosen)
{
    auto const exams = co_await storage::list_exams(services.pool, tenant);
    auto choices = json::array{};
    for (auto const& exam : exams) {
        if (exam.state != "published") continue;
        auto const loaded = co_await load_exam(services, tenant, exam.exam_version);
        choices.push_back(json::object{{"id", to_string(exam.id)}, {"title", exam.title}, {"language", loaded->version.language},
                                       {"camera", exam.proctoring_policy.has_value()}, {"chosen", to_string(exam.id) == chosen}});
    }
    co_return choices;
}

/// The form as it was filled in.
struct Entered {
    Invitee invitee;
    std::string exam_text;
    json::object shown;  ///< what was typed, for showing it again
    json::object errors; ///< field → what is wrong
};

/// Company, function, region and the days from and to: all or nothing of it, but only the company is a must.
void read_affiliation(net::Form const& form, Entered& entered)
{
    auto affiliation = storage::Affiliation{};
    auto any = false;
    auto const take = [&](char const* name, std::string& to) {
        to = trimmed(form.field(name).value_or(""));
        entered.shown[name] = to;
        any = any || !to.empty();
        if (to.size() > 200) entered.errors[name] = "too_long";
    };
    take("company", affiliation.company);
    take("function", affiliation.function);
    take("region", affiliation.region);
    take("affiliated_from", affiliation.from);
    take("affiliated_to", affiliation.to);
    if (!any) return;
    if (affiliation.company.empty()) entered.errors["company"] = "missing";
    auto const from = date_of(affiliation.from), to = date_of(affiliation.to);
    auto const want_date = [&](char const* name, std::string const& typed, bool is_date) {
        if (typed.empty() || is_date) return;
        entered.errors[name] = "not_a_date";
        entered.shown[name] = ""; // a date field shows nothing else
    };
    want_date("affiliated_from", affiliation.from, from.has_value());
    want_date("affiliated_to", affiliation.to, to.has_value());
    if (from && to && *to < *from) entered.errors["affiliated_to"] = "before_from";
    entered.invitee.profile.affiliation = std::move(affiliation);
}

Entered read_invitee(net::Form const& form)
{
    auto entered = Entered{};
    auto& profile = entered.invitee.profile;
    auto& errors = entered.errors;
    auto const text = [&](std::string_view name) { return trimmed(form.field(name).value_or("")); };
    profile.full_name = text("full_name");
    profile.preferred_name = text("preferred_name");
    profile.email = text("email");
    profile.locale = text("locale");
    entered.exam_text = text("exam");
    auto const minutes = number_of(text("extra_minutes"));

    if (profile.full_name.empty()) errors["full_name"] = "missing";
    if (profile.full_name.size() > 200) errors["full_name"] = "too_long";
    if (profile.preferred_name.size() > 200) errors["preferred_name"] = "too_long";
    if (profile.email.empty()) errors["email"] = "missing";
    else if (!mail::is_mail_address(profile.email)) errors["email"] = "malformed";
    if (!pages::parse_locale(profile.locale)) profile.locale = "en";
    auto const exam = parse_uuid(entered.exam_text);
    if (exam) entered.invitee.exam = *exam;
    else errors["exam"] = "missing";
    if (!minutes) errors["extra_minutes"] = "not_a_number";
    else if (*minutes < 0 || *minutes > 600) errors["extra_minutes"] = "out_of_range";
    else entered.invitee.extra_minutes = *minutes;
    entered.shown = json::object{{"full_name", profile.full_name}, {"preferred_name", profile.preferred_name}, {"email", profile.email},
                                 {"locale", profile.locale}, {"extra_minutes", text("extra_minutes")}};
    read_affiliation(form, entered);
    return entered;
}

asio::awaitable<Response> invite_page(Services& services, net::Request const& request, net::PathParameters const&)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto context = json::object{{"form", json::object{}}, {"errors", nullptr}, {"invited", nullptr}, {"banned", nullptr}, {"csrf", form_token(services, who.login)}};
    if (request.method == net::Method::get) {
        context["exams"] = co_await exam_choices(services, who.tenant.id, "");
        co_return page(services, request, who.tenant, "staff_invite", context);
    }
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto entered = read_invitee(*form);
    auto& profile = entered.invitee.profile;
    context["exams"] = co_await exam_choices(services, who.tenant.id, entered.exam_text);
    context["form"] = entered.shown;
    if (entered.errors.empty()) {
        auto const name = shown_name(profile);
        auto const invited = co_await invite(services, who.tenant, entered.invitee, who.staff.id);
        if (invited.invitation) {
            auto const& made = *invited.invitation;
            context["invited"] = json::object{{"name", name}, {"link", made.link}, {"lapses_at", to_rfc3339(made.lapses_at)}, {"mailed", made.mailed}};
            context["form"] = json::object{};
            co_return page(services, request, who.tenant, "staff_invite", context);
        }
        if (invited.ban) context["banned"] = json::object{{"name", name}, {"until", time_or_null(invited.ban->banned_until)}, {"reason", invited.ban->reason}};
        else entered.errors["exam"] = "missing";
    }
    if (!entered.errors.empty()) context["errors"] = std::move(entered.errors);
    co_return page(services, request, who.tenant, "staff_invite", context, 422);
}

} // namespace

void add_invite_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/invite", invite_page);
    routes.post("/invite", invite_page);
}

} // namespace assay::server
