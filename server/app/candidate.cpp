#include "server/app/candidate.hpp"

#include "core/errors.hpp"
#include "server/app/actors.hpp"
#include "server/app/candidate_pages.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "server/app/people.hpp"
#include "server/app/tenants.hpp"
#include "server/net/csrf.hpp"
#include "server/net/form.hpp"
#include "storage/repositories/people.hpp"

namespace assay::server {
namespace {

using Response = net::Response;

/// What every page of the candidate's way shows of the exam.
struct ExamFacts {
    storage::ExamRow row;
    std::shared_ptr<LoadedExam const> exam;
    int minutes(int extra) const
    {
        auto const& limit = exam->version.settings.time_limit;
        return limit ? static_cast<int>(std::chrono::ceil<std::chrono::minutes>(*limit).count()) + extra : 0;
    }
};

asio::awaitable<std::optional<ExamFacts>> exam_facts(Services& services, TenantId tenant, Uuid exam)
{
    auto row = co_await storage::find_exam(services.pool, tenant, exam);
    if (!row) co_return std::nullopt;
    auto facts = ExamFacts{};
    facts.exam = co_await load_exam(services, tenant, row->exam_version);
    facts.row = std::move(*row);
    co_return facts;
}

asio::awaitable<std::shared_ptr<Agreement const>> load_agreement(Services& services, TenantId tenant, Sha256Digest sha256)
{
    if (auto known = services.documents.find<Agreement>(sha256)) co_return known;
    auto const document = co_await storage::find_document(services.pool, tenant, sha256);
    if (!document) throw std::runtime_error{"no rules document " + to_string(sha256)};
    auto agreement = parse_agreement(document->content);
    if (!agreement) throw std::runtime_error{"rules document " + to_string(sha256) + ": " + agreement.error().message()};
    auto shared = std::make_shared<Agreement const>(std::move(*agreement));
    services.documents.keep(sha256, shared);
    co_return shared;
}

/// The clock has started: from then on a ban is for the next exam.
bool has_begun(std::optional<storage::SittingRow> const& sitting) { return sitting && sitting->started_at; }

// ---- invitation

asio::awaitable<Response> invitation(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const tenant = co_await tenant_of(services, parameters);
    if (!tenant) co_return error_page(services, request, nullptr, 404);
    auto const token = std::string{net::find(parameters, "token").value_or("")};
    auto const token_hash = sha256(token);
    auto const registration = co_await storage::find_registration_by_token(services.pool, tenant->id, token_hash);
    if (!registration) co_return candidate_error(services, request, *tenant, "link_unknown", 404);
    auto const sitting = co_await storage::find_sitting_of(services.pool, tenant->id, registration->id);
    auto const now = services.now();
    auto const over = registration->state == "cancelled" || registration->state == "lapsed" || (!sitting && now >= registration->expires_at);
    if (over) co_return candidate_error(services, request, *tenant, "link_lapsed", 410);
    // A result that was reached stays to be seen; nothing new begins.
    auto const ban = co_await storage::find_ban(services.pool, tenant->id, registration->person, now);
    if (ban && !has_begun(sitting)) co_return banned_page(services, request, *tenant, *ban);

    if (request.method == net::Method::post) {
        if (net::is_cross_site(request, services.shared.settings.origins)) co_return error_page(services, request, &*tenant, 403);
        auto const login = new_candidate_login(*tenant, registration->id, now);
        auto append = storage::Append{};
        append.stream = uuid_from_name("candidate-sign-in", to_string(login.row.token_hash));
        auto entry = storage::Entry{};
        entry.type = "CandidateSignedIn";
        entry.actor = actor(registration->person);
        entry.body = json::object{{"registration", to_string(registration->id)}};
        append.entries.push_back(std::move(entry));
        append.rows.push_back({"login", storage::columns(login.row)});
        auto const stored = co_await services.journal.append(tenant->id, std::move(append));
        stored.value();
        auto const next = !sitting ? "/consent" : sitting->ended_at ? "/result" : "/exam";
        auto response = net::see_other(base_of(*tenant) + "/sitting/" + to_string(sitting_of(registration->id)) + next);
        response.headers.add("Set-Cookie", login.cookie);
        co_return response;
    }

    auto const facts = co_await exam_facts(services, tenant->id, registration->exam);
    auto const profile = co_await read_profile(services, tenant->id, registration->person);
    if (!facts || !profile) co_return candidate_error(services, request, *tenant, "link_unknown", 404);
    auto const& version = facts->exam->version;
    auto const programme = co_await load_programme(services, tenant->id, facts->row.programme);
    auto const retention = co_await current_retention(services, tenant->id);
    auto const length = exam::presented_length(version.settings);
    auto context = json::object{{"name", shown_name(*profile)},
                                {"exam_title", version.title},
                                {"exam_language", version.language},
                                {"scope", programme->scope},
                                {"minutes", facts->minutes(registration->extra_minutes)},
                                {"minutes_added", registration->extra_minutes > 0 ? json::value(registration->extra_minutes) : json::value(nullptr)},
                                {"questions_min", length.minimum},
                                {"questions_max", length.maximum},
                                {"questions_fixed", length.minimum == length.maximum},
                                {"adaptive", version.settings.selection.mode == exam::SelectionMode::adaptive},
                                {"review", version.settings.block.review},
                                {"camera", version.settings.proctored},
                                {"clean_days", retention.policy.clean_evidence_days},
                                {"flagged_days", retention.policy.flagged_evidence_days},
                                {"lapses_at", to_rfc3339(registration->expires_at)},
                                {"started", sitting.has_value()},
                                {"action", base_of(*tenant) + "/invitation/" + token},
                                {"csrf", ""},
                                {"problem", nullptr}};
    co_return page(services, request, *tenant, "invitation", context);
}

// ---- consent and rules

json::object agreement_context(Agreement const& agreement, std::string_view language)
{
    auto found = agreement.texts.find(language);
    if (found == agreement.texts.end()) found = agreement.texts.find("en");
    return {{"title", found->second.title}, {"language", found->first}, {"paragraphs", strings(found->second.paragraphs)},
            {"sha256", to_string(agreement.sha256)}, {"version", agreement.version}};
}

/// Another way to the same certificate: an exam of the programme that is sat without a camera (design law 6).
asio::awaitable<std::optional<storage::ExamRow>> exam_without_camera(Services& services, TenantId tenant, storage::ExamRow const& exam)
{
    auto const exams = co_await storage::list_exams(services.pool, tenant);
    for (auto const& other : exams)
        if (other.id != exam.id && other.state == "published" && other.programme_id == exam.programme_id && !other.proctoring_policy) co_return other;
    co_return std::nullopt;
}

asio::awaitable<Response> show_consent(Services& services, net::Request const& request, CandidatePrincipal const& who, char const* problem)
{
    auto const facts = co_await exam_facts(services, who.tenant.id, who.registration.exam);
    if (!facts) co_return error_page(services, request, &who.tenant, 404);
    auto const agreement = co_await load_agreement(services, who.tenant.id, facts->row.rules);
    auto const camera = facts->row.proctoring_policy.has_value();
    auto const retention = co_await current_retention(services, who.tenant.id);
    auto other = std::optional<storage::ExamRow>{};
    if (camera) other = co_await exam_without_camera(services, who.tenant.id, facts->row);
    auto purposes = json::array{};
    if (camera)
        for (auto const* purpose : {"camera", "stills"}) purposes.push_back(json::object{{"id", purpose}, {"required", true}});
    auto context = json::object{{"sitting_id", to_string(sitting_of(who.registration.id))},
                                {"exam_title", facts->exam->version.title},
                                {"exam_language", facts->exam->version.language},
                                {"purposes", std::move(purposes)},
                                {"camera", camera},
                                {"clean_days", retention.policy.clean_evidence_days},
                                {"appeal_days", retention.policy.appeal_days},
                                {"flagged_days", retention.policy.flagged_evidence_days},
                                {"alternative_href", nullptr},
                                {"contact", contact_of(who.tenant)},
                                {"agreement", agreement_context(*agreement, pages::tag(view_of(services, request, who.tenant).locale))},
                                {"csrf", form_token(services, who.login)},
                                {"problem", nullptr}};
    if (other) context["alternative_href"] = sitting_path(who) + "/without-camera";
    if (problem != nullptr) context["problem"] = problem;
    co_return page(services, request, who.tenant, "consent", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> consent(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    if (request.method == net::Method::get) co_return co_await show_consent(services, request, who, nullptr);

    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto const exam_row = co_await storage::find_exam(services.pool, who.tenant.id, who.registration.exam);
    if (!exam_row) co_return error_page(services, request, &who.tenant, 404);
    auto const shown = parse_sha256(form->field("agreement").value_or(""));
    if (form->field("rules") != "yes" || !shown || *shown != exam_row->rules) co_return co_await show_consent(services, request, who, "rules_missing");
    auto const camera = exam_row->proctoring_policy.has_value();
    if (camera && (form->field("consent_camera") != "yes" || form->field("consent_stills") != "yes"))
        co_return co_await show_consent(services, request, who, "consent_missing");

    auto const now = services.now();
    auto const retention = co_await current_retention(services, who.tenant.id);
    auto append = storage::Append{};
    // One consent a registration and exam: who takes the way without a camera agrees to less.
    append.stream = uuid_from_name("consent", to_string(who.registration.id) + "/" + to_string(exam_row->id));
    append.idempotency_key = "consent/" + to_string(who.registration.id) + "/" + to_string(exam_row->id);
    append.request_hash = sha256(to_string(exam_row->rules) + (camera ? "camera" : ""));
    auto entry = storage::Entry{};
    entry.type = "ConsentGiven";
    entry.actor = actor(who.registration.person);
    entry.body = json::object{{"registration", to_string(who.registration.id)}, {"rules_document", to_string(exam_row->rules)},
                              {"accepted_at", to_rfc3339(now)}, {"camera", camera}, {"stills", camera},
                              {"retention_policy", retention.document ? json::value(to_string(*retention.document)) : json::value("default")},
                              {"locale", pages::tag(view_of(services, request, who.tenant).locale)}};
    append.entries.push_back(std::move(entry));
    auto row = json::object{{"registration_id", storage::column(who.registration.id)}, {"state", "eligible"}, {"camera_agreed", camera},
                            {"rules_accepted", storage::column(exam_row->rules)}, {"rules_accepted_at", storage::column(now)}};
    if (!who.registration.rules_accepted) append.rows.push_back({"registration", std::move(row)});
    append.rows.push_back({"consent", storage::columns(storage::ConsentRow{who.registration.id, camera, camera, retention.document, now})});
    auto const stored = co_await services.journal.append(who.tenant.id, std::move(append));
    if (!stored && stored.error() != storage::errc::stale) stored.value();
    co_return net::see_other(sitting_path(who) + "/check");
}

/// The candidate declines the pictures and takes the equal way: the same registration, the exam without a camera.
asio::awaitable<Response> without_camera(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = sitting_path(who);
    auto const sitting = co_await storage::find_sitting_of(services.pool, who.tenant.id, who.registration.id);
    if (sitting) co_return net::see_other(path + "/exam"); // too late to choose: it has begun
    auto const exam = co_await storage::find_exam(services.pool, who.tenant.id, who.registration.exam);
    auto other = std::optional<storage::ExamRow>{};
    if (exam && exam->proctoring_policy) other = co_await exam_without_camera(services, who.tenant.id, *exam);
    auto const* problem = exam && exam->proctoring_policy ? "consent_missing" : nullptr;
    if (!other) co_return co_await show_consent(services, request, who, problem);
    auto const stream = uuid_from_name("camera-declined", to_string(who.registration.id));
    auto body = json::object{{"registration", to_string(who.registration.id)}, {"from_exam", to_string(exam->id)}, {"to_exam", to_string(other->id)}};
    auto append = single_entry(stream, 0, "CameraDeclined", actor(who.registration.person), std::move(body));
    // Rules are accepted for the exam that is sat: they are shown again.
    auto changed = json::object{{"registration_id", storage::column(who.registration.id)}, {"exam_id", storage::column(other->id)}, {"state", "invited"},
                                {"camera_agreed", false}, {"rules_accepted", nullptr}, {"rules_accepted_at", nullptr}};
    append.rows.push_back({"registration", std::move(changed)});
    auto const stored = co_await services.journal.append(who.tenant.id, std::move(append));
    stored_or_stale(stored);
    co_return net::see_other(path + "/consent");
}

// ---- system check, start, exam page

asio::awaitable<Response> system_check(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = sitting_path(who);
    if (!who.registration.rules_accepted) co_return net::see_other(path + "/consent");
    auto const facts = co_await exam_facts(services, who.tenant.id, who.registration.exam);
    if (!facts) co_return error_page(services, request, &who.tenant, 404);
    auto context = json::object{{"sitting_id", to_string(sitting_of(who.registration.id))},
                                {"exam_title", facts->exam->version.title},
                                {"exam_language", facts->exam->version.language},
                                {"camera", facts->row.proctoring_policy.has_value()},
                                {"minutes", facts->minutes(who.registration.extra_minutes)},
                                {"csrf", form_token(services, who.login)},
                                {"problem", nullptr}};
    co_return page(services, request, who.tenant, "system_check", context);
}

asio::awaitable<Response> start(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = sitting_path(who);
    if (!who.registration.rules_accepted) co_return net::see_other(path + "/consent");
    auto const earlier = co_await storage::find_sitting_of(services.pool, who.tenant.id, who.registration.id);
    auto const ban = co_await storage::find_ban(services.pool, who.tenant.id, who.registration.person, services.now());
    if (ban && !has_begun(earlier)) co_return banned_page(services, request, who.tenant, *ban);
    auto const opened = co_await open_sitting(services, who.tenant, who.registration);
    if (!opened) co_return candidate_error(services, request, who.tenant, "exam_closed", 409);
    co_return net::see_other(path + "/exam");
}

asio::awaitable<Response> exam_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = sitting_path(who);
    auto const sitting = co_await storage::find_sitting_of(services.pool, who.tenant.id, who.registration.id);
    if (!sitting) co_return net::see_other(path + (who.registration.rules_accepted ? "/check" : "/consent"));
    if (sitting->ended_at) co_return net::see_other(path + "/result");
    auto const ban = co_await storage::find_ban(services.pool, who.tenant.id, who.registration.person, services.now());
    if (ban && !has_begun(sitting)) co_return banned_page(services, request, who.tenant, *ban);
    auto const exam = co_await load_exam(services, who.tenant.id, sitting->exam_version);
    auto context = json::object{{"sitting_id", to_string(sitting->id)},
                                {"exam_title", exam->version.title},
                                {"exam_language", exam->version.language},
                                {"camera", sitting->proctoring_policy.has_value()},
                                {"breaks", exam->version.settings.clock.breaks_max > 0},
                                {"adaptive", exam->version.settings.selection.mode == exam::SelectionMode::adaptive},
                                {"review", exam->version.settings.block.review},
                                {"media", base_of(who.tenant) + "/media/"},
                                {"result_path", path + "/result"}};
    co_return page(services, request, who.tenant, "exam", context);
}

} // namespace

result<Agreement> parse_agreement(ByteView document)
{
    auto const value = parse_json(text_of(document));
    if (!value) return value.error();
    auto agreement = Agreement{};
    agreement.sha256 = sha256(document);
    auto const* version = find_string(*value, "version");
    auto const* texts = find_object(*value, "texts");
    if (version == nullptr || texts == nullptr) return core::errc::malformed;
    agreement.version = *version;
    for (auto const& member : *texts) {
        auto const* title = find_string(member.value(), "title");
        auto const* paragraphs = find_array(member.value(), "paragraphs");
        if (title == nullptr || paragraphs == nullptr) return core::errc::malformed;
        auto& text = agreement.texts[std::string{member.key()}];
        text.title = *title;
        for (auto const& paragraph : *paragraphs) {
            if (!paragraph.is_string()) return core::errc::malformed;
            text.paragraphs.emplace_back(paragraph.get_string());
        }
    }
    if (!agreement.texts.contains("en")) return core::errc::malformed;
    return agreement;
}

void add_candidate_routes(net::Router& router, ServicePool& pool)
{
    using Page = asio::awaitable<Response> (*)(Services&, net::Request const&, net::PathParameters const&);
    auto const add = [&](net::Method method, std::string pattern, Page page_of, net::Access access, bool camera = false) {
        auto route = net::Route{};
        route.method = method;
        route.pattern = std::move(pattern);
        route.body_max = method == net::Method::post ? 16 * 1024 : 0;
        route.access = access;
        route.camera = camera;
        route.handler = [&pool, page_of](net::Request const& request, net::PathParameters const& parameters) {
            return page_of(pool.here(), request, parameters);
        };
        router.add(std::move(route));
    };
    using net::Access;
    using net::Method;
    add(Method::get, "/t/{tenant}/invitation/{token}", invitation, Access::anyone);
    add(Method::post, "/t/{tenant}/invitation/{token}", invitation, Access::anyone);
    add(Method::get, "/t/{tenant}/sitting/{sitting}/consent", consent, Access::candidate);
    add(Method::post, "/t/{tenant}/sitting/{sitting}/consent", consent, Access::candidate);
    add(Method::get, "/t/{tenant}/sitting/{sitting}/check", system_check, Access::candidate, true);
    add(Method::post, "/t/{tenant}/sitting/{sitting}/start", start, Access::candidate);
    add(Method::get, "/t/{tenant}/sitting/{sitting}/exam", exam_page, Access::candidate, true);
    add(Method::post, "/t/{tenant}/sitting/{sitting}/without-camera", without_camera, Access::candidate);
}

} // namespace assay::server
