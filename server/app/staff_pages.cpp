#include "server/app/staff_pages.hpp"

#include "core/random.hpp"
#include "credentials/errors.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/outbox.hpp"
#include "server/app/people.hpp"
#include "server/net/form.hpp"
#include "storage/repositories/log.hpp"

#include <algorithm>
#include <charconv>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto list_max = 200;
constexpr auto invitation_lifetime = std::chrono::days{30};

json::value time_or_null(std::optional<Timestamp> const& at) { return at ? json::value(to_rfc3339(*at)) : json::value(nullptr); }
json::value or_null(char const* text) { return text != nullptr ? json::value(text) : json::value(nullptr); }
std::string staff_base(storage::TenantRow const& tenant) { return "/t/" + tenant.slug + "/staff"; }

std::optional<int> number_of(std::string_view text)
{
    if (text.empty()) return 0;
    auto value = 0;
    auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string trimmed(std::string_view text)
{
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string{text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1)};
}

asio::awaitable<std::string> name_of(Services& services, TenantId tenant, PersonId person, bool full = false)
{
    auto const profile = co_await read_profile(services, tenant, person);
    if (!profile) co_return "—";
    co_return full ? profile->full_name : shown_name(*profile);
}


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

// ---- invitations

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

asio::awaitable<Response> invite_page(Services& services, net::Request const& request)
{
    auto const& who = staff_of(request);
    if (!who.has_role("manager")) co_return error_page(services, request, &who.tenant, 403);
    auto context = json::object{{"form", json::object{}}, {"errors", nullptr}, {"invited", nullptr}, {"csrf", form_token(services, who.login)}};
    if (request.method == net::Method::get) {
        context["exams"] = co_await exam_choices(services, who.tenant.id, {});
        co_return page(services, request, who.tenant, "staff_invite", context);
    }
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto const text = [&](std::string_view name) { return trimmed(form->field(name).value_or("")); };
    auto invitee = Invitee{};
    auto& profile = invitee.profile;
    profile.full_name = text("full_name");
    profile.preferred_name = text("preferred_name");
    profile.email = text("email");
    profile.locale = text("locale");
    auto const exam_text = text("exam");
    auto const minutes = number_of(text("extra_minutes"));

    auto errors = json::object{};
    if (profile.full_name.empty()) errors["full_name"] = "missing";
    if (profile.full_name.size() > 200) errors["full_name"] = "too_long";
    if (profile.preferred_name.size() > 200) errors["preferred_name"] = "too_long";
    if (profile.email.empty()) errors["email"] = "missing";
    else if (!mail::is_mail_address(profile.email)) errors["email"] = "malformed";
    if (!pages::parse_locale(profile.locale)) profile.locale = "en";
    auto const exam = parse_uuid(exam_text);
    if (!exam) errors["exam"] = "missing";
    if (!minutes) errors["extra_minutes"] = "not_a_number";
    else if (*minutes < 0 || *minutes > 600) errors["extra_minutes"] = "out_of_range";

    context["exams"] = co_await exam_choices(services, who.tenant.id, exam_text);
    context["form"] = json::object{{"full_name", profile.full_name}, {"preferred_name", profile.preferred_name}, {"email", profile.email},
                                   {"locale", profile.locale}, {"locale_" + profile.locale, true}, {"extra_minutes", text("extra_minutes")}};
    if (errors.empty()) {
        invitee.exam = *exam;
        invitee.extra_minutes = *minutes;
        auto const name = shown_name(profile);
        auto const invited = co_await invite(services, who.tenant, std::move(invitee), who.staff.id);
        if (invited) {
            context["invited"] = json::object{{"name", name}, {"link", invited->link}, {"lapses_at", to_rfc3339(invited->lapses_at)}, {"mailed", invited->mailed}};
            context["form"] = json::object{};
            co_return page(services, request, who.tenant, "staff_invite", context);
        }
        errors["exam"] = "missing";
    }
    context["errors"] = std::move(errors);
    co_return page(services, request, who.tenant, "staff_invite", context, 422);
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
    auto const reason = trimmed(form->field("reason").value_or("")).substr(0, 500);
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

// ---- certification decisions

asio::awaitable<Response> decisions_page(Services& services, net::Request const& request, char const* problem = nullptr)
{
    auto const& who = staff_of(request);
    auto const rows = co_await storage::list_decisions(services.pool, who.tenant.id, list_max);
    auto pending = json::array{}, decided = json::array{};
    for (auto const& row : rows) {
        auto const programme = co_await load_programme(services, who.tenant.id, row.programme);
        auto name = co_await name_of(services, who.tenant.id, row.person, true);
        if (row.state != "pending") {
            auto by = row.decided_by.value_or("");
            if (auto const staff = by.starts_with("staff:") ? parse_id<StaffId>(by.substr(6)) : result<StaffId>{storage::errc::not_found}) {
                auto const member = co_await storage::find_staff(services.pool, who.tenant.id, *staff);
                if (member) by = member->name;
            }
            decided.push_back(json::object{{"name", std::move(name)}, {"programme", programme->title}, {"language", programme->language}, {"decision", row.state},
                                           {"by", by}, {"at", time_or_null(row.decided_at)}});
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
        pending.push_back(json::object{{"id", to_string(row.id)}, {"name", std::move(name)}, {"programme", programme->title}, {"language", programme->language},
                                       {"outcome", outcome.passed ? "passed" : "failed"}, {"score", outcome.scaled}, {"cut", outcome.scaled_cut},
                                       {"validity", sitting->row.validity},
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
    if (!id || (wish != "granted" && wish != "refused")) co_return error_page(services, request, &who.tenant, 404);
    auto const to = wish == "granted" ? credentials::DecisionState::granted : credentials::DecisionState::refused;
    auto reason = trimmed(form->field("reason").value_or("")).substr(0, 500);
    auto const done = co_await decide_by_person(services, who.tenant, *id, who.staff.id, to, std::move(reason));
    if (done) co_return net::see_other(staff_base(who.tenant) + "/decisions");
    if (done.error() == storage::errc::not_found) co_return error_page(services, request, &who.tenant, 404);
    auto const* problem = done.error() == credentials::errc::reason_missing        ? "reason_missing"
                          : done.error() == credentials::errc::decision_already_made ? "already_decided"
                          : done.error() == credentials::errc::result_not_clear      ? "review_open"
                                                                                     : "not_independent";
    co_return co_await decisions_page(services, request, problem);
}

// ---- certificates

asio::awaitable<Response> certificates_page(Services& services, net::Request const& request, char const* problem = nullptr)
{
    auto const& who = staff_of(request);
    auto const rows = co_await storage::list_certificates(services.pool, who.tenant.id, list_max);
    auto list = json::array{};
    for (auto const& row : rows) {
        auto const opened = co_await open_certificate(services, who.tenant.id, row);
        if (!opened) continue; // erased: nothing of it is shown any more
        auto const state = credentials::state_at(life_of(row), services.now());
        list.push_back(json::object{{"id", to_string(row.id)}, {"href", "/t/" + who.tenant.slug + "/c/" + to_string(row.id)}, {"name", opened->holder},
                                    {"title", opened->title}, {"language", opened->language}, {"state", state ? credentials::to_string(*state) : std::string_view{"active"}},
                                    {"issued_on", to_rfc3339(row.valid_from)}, {"valid_until", time_or_null(row.valid_until)},
                                    {"revocable", row.state == "active" && who.has_role("certifier")}});
    }
    auto context = json::object{{"certificates", std::move(list)}, {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "staff_certificates", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> revoke_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("certifier")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_id<CertificateId>(net::find(parameters, "certificate").value_or(""));
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    if (!id) co_return error_page(services, request, &who.tenant, 404);
    auto reason = trimmed(form->field("reason").value_or("")).substr(0, 500);
    auto const done = co_await revoke(services, who.tenant, *id, who.staff.id, std::move(reason));
    if (done) co_return net::see_other(staff_base(who.tenant) + "/certificates");
    if (done.error() == storage::errc::not_found) co_return error_page(services, request, &who.tenant, 404);
    co_return co_await certificates_page(services, request, done.error() == credentials::errc::reason_missing ? "reason_missing" : "already_revoked");
}

} // namespace

asio::awaitable<result<Invitation>> invite(Services& services, storage::TenantRow const& tenant, Invitee invitee, StaffId by)
{
    auto const exam = co_await storage::find_exam(services.pool, tenant.id, invitee.exam);
    if (!exam || exam->state != "published") co_return storage::errc::not_found;
    auto const now = services.now();
    auto profile = invitee.profile;
    auto person = co_await new_person(services, tenant.id, profile);
    if (!person) co_return person.error();
    auto const token = to_base64url(random_array<32>());
    auto registration = storage::RegistrationRow{};
    registration.id = random_id<RegistrationId>();
    registration.person = person->id;
    registration.exam = exam->id;
    registration.state = "invited";
    registration.token_hash = sha256(token);
    registration.extra_minutes = invitee.extra_minutes;
    registration.invited_by = by;
    registration.created_at = now;
    registration.expires_at = now + invitation_lifetime;

    auto invitation = Invitation{};
    invitation.person = person->id;
    invitation.registration = registration.id;
    invitation.link = tenant.public_origin + "/t/" + tenant.slug + "/invitation/" + token;
    invitation.lapses_at = registration.expires_at;
    auto mail = co_await invitation_mail(services, tenant, person->id, invitee.profile, registration.id, invitation.link, exam->title, registration.expires_at);
    invitation.mailed = mail.has_value();

    auto append = storage::Append{};
    append.stream = registration.id.uuid;
    auto entry = storage::Entry{};
    entry.type = "CandidateInvited";
    entry.actor = actor(by);
    entry.body = json::object{{"registration", to_string(registration.id)}, {"person", to_string(person->id)}, {"exam", to_string(exam->id)},
                              {"exam_version", to_string(exam->exam_version)}, {"extra_minutes", invitee.extra_minutes}};
    entry.detail.emplace();
    entry.detail->person = person->id;
    entry.detail->value = storage::to_json(invitee.profile);
    append.entries.push_back(std::move(entry));
    append.rows.push_back({"person", storage::columns(*person)});
    append.rows.push_back({"registration", storage::columns(registration)});
    if (mail) append.rows.push_back({"outbox", storage::columns(*mail)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return invitation;
}

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
    add(Method::get, "/t/{tenant}/staff/invite", [&pool](Request const& r, PathParameters const&) { return invite_page(pool.here(), r); });
    add(Method::post, "/t/{tenant}/staff/invite", [&pool](Request const& r, PathParameters const&) { return invite_page(pool.here(), r); });
    add(Method::get, "/t/{tenant}/staff/sittings", [&pool](Request const& r, PathParameters const&) { return sittings_page(pool.here(), r); });
    add(Method::post, "/t/{tenant}/staff/sittings/{sitting}/{action}", [&pool, &notices, on_ended](Request const& r, PathParameters const& p) {
        return act_on_sitting(pool.here(), notices, on_ended, r, p);
    });
    add(Method::get, "/t/{tenant}/staff/decisions", [&pool](Request const& r, PathParameters const&) { return decisions_page(pool.here(), r); });
    add(Method::post, "/t/{tenant}/staff/decisions/{decision}", [&pool](Request const& r, PathParameters const& p) { return decide_page(pool.here(), r, p); });
    add(Method::get, "/t/{tenant}/staff/certificates", [&pool](Request const& r, PathParameters const&) { return certificates_page(pool.here(), r); });
    add(Method::post, "/t/{tenant}/staff/certificates/{certificate}/revoke",
        [&pool](Request const& r, PathParameters const& p) { return revoke_page(pool.here(), r, p); });
}

} // namespace assay::server
