#include "server/app/candidate.hpp"

#include "core/errors.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/people.hpp"
#include "server/net/csrf.hpp"
#include "server/net/form.hpp"
#include "storage/repositories/certificates.hpp"

namespace assay::server {
namespace {

using Response = net::Response;

std::string base_of(storage::TenantRow const& tenant) { return "/t/" + tenant.slug; }
std::string contact_of(storage::TenantRow const& tenant) { return "certification@" + tenant.slug + ".example"; }

json::value time_or_null(std::optional<Timestamp> const& at) { return at ? json::value(to_rfc3339(*at)) : json::value(nullptr); }

Response candidate_error(Services& services, net::Request const& request, storage::TenantRow const& tenant, char const* kind, int status, std::string const& href = {})
{
    auto context = json::object{{"kind", kind}, {"contact", contact_of(tenant)}, {"href", nullptr}};
    if (!href.empty()) context["href"] = href;
    return page(services, request, tenant, "candidate_error", context, status);
}

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
    auto context = json::object{{"name", shown_name(*profile)},
                                {"exam_title", version.title},
                                {"exam_language", version.language},
                                {"scope", programme->scope},
                                {"minutes", facts->minutes(registration->extra_minutes)},
                                {"minutes_added", registration->extra_minutes > 0 ? json::value(registration->extra_minutes) : json::value(nullptr)},
                                {"questions_min", version.settings.length.minimum},
                                {"questions_max", version.settings.length.maximum},
                                {"camera", version.settings.proctored},
                                {"clean_days", 30},
                                {"flagged_days", 90},
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

/// The sitting of the address, when it is the candidate's own.
bool is_own(net::PathParameters const& parameters, CandidatePrincipal const& who)
{
    auto const id = parse_id<SittingId>(net::find(parameters, "sitting").value_or(""));
    return id && *id == sitting_of(who.registration.id);
}

asio::awaitable<Response> show_consent(Services& services, net::Request const& request, CandidatePrincipal const& who, char const* problem)
{
    auto const facts = co_await exam_facts(services, who.tenant.id, who.registration.exam);
    if (!facts) co_return error_page(services, request, &who.tenant, 404);
    auto const agreement = co_await load_agreement(services, who.tenant.id, facts->row.rules);
    auto const camera = facts->row.proctoring_policy.has_value();
    auto purposes = json::array{};
    if (camera) {
        purposes.push_back(json::object{{"id", "camera"}, {"required", true}, {"days", 0}});
        purposes.push_back(json::object{{"id", "stills"}, {"required", true}, {"days", 90}});
    }
    auto context = json::object{{"sitting_id", to_string(sitting_of(who.registration.id))},
                                {"exam_title", facts->exam->version.title},
                                {"exam_language", facts->exam->version.language},
                                {"purposes", std::move(purposes)},
                                {"camera", camera},
                                {"alternative_href", nullptr},
                                {"contact", contact_of(who.tenant)},
                                {"agreement", agreement_context(*agreement, pages::tag(view_of(services, request, who.tenant).locale))},
                                {"csrf", form_token(services, who.login)},
                                {"problem", nullptr}};
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
    auto append = storage::Append{};
    append.stream = uuid_from_name("consent", to_string(who.registration.id));
    append.idempotency_key = "consent/" + to_string(who.registration.id);
    append.request_hash = sha256(to_string(exam_row->rules) + (camera ? "camera" : ""));
    auto entry = storage::Entry{};
    entry.type = "ConsentGiven";
    entry.actor = actor(who.registration.person);
    entry.body = json::object{{"registration", to_string(who.registration.id)}, {"rules_document", to_string(exam_row->rules)},
                              {"accepted_at", to_rfc3339(now)}, {"camera", camera}, {"stills", camera},
                              {"locale", pages::tag(view_of(services, request, who.tenant).locale)}};
    append.entries.push_back(std::move(entry));
    auto row = json::object{{"registration_id", storage::column(who.registration.id)}, {"state", "eligible"}, {"camera_agreed", camera},
                            {"rules_accepted", storage::column(exam_row->rules)}, {"rules_accepted_at", storage::column(now)}};
    if (!who.registration.rules_accepted) append.rows.push_back({"registration", std::move(row)});
    auto const stored = co_await services.journal.append(who.tenant.id, std::move(append));
    if (!stored && stored.error() != storage::errc::stale) stored.value();
    co_return net::see_other(base_of(who.tenant) + "/sitting/" + to_string(sitting_of(who.registration.id)) + "/check");
}

// ---- system check, start, exam page

asio::awaitable<Response> system_check(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = base_of(who.tenant) + "/sitting/" + to_string(sitting_of(who.registration.id));
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
    auto const path = base_of(who.tenant) + "/sitting/" + to_string(sitting_of(who.registration.id));
    if (!who.registration.rules_accepted) co_return net::see_other(path + "/consent");
    auto const opened = co_await open_sitting(services, who.tenant, who.registration);
    if (!opened) co_return candidate_error(services, request, who.tenant, "exam_closed", 409);
    co_return net::see_other(path + "/exam");
}

asio::awaitable<Response> exam_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = base_of(who.tenant) + "/sitting/" + to_string(sitting_of(who.registration.id));
    auto const sitting = co_await storage::find_sitting_of(services.pool, who.tenant.id, who.registration.id);
    if (!sitting) co_return net::see_other(path + (who.registration.rules_accepted ? "/check" : "/consent"));
    if (sitting->ended_at) co_return net::see_other(path + "/result");
    auto const exam = co_await load_exam(services, who.tenant.id, sitting->exam_version);
    auto context = json::object{{"sitting_id", to_string(sitting->id)},
                                {"exam_title", exam->version.title},
                                {"exam_language", exam->version.language},
                                {"camera", sitting->proctoring_policy.has_value()},
                                {"breaks", exam->version.settings.clock.breaks_max > 0},
                                {"media", base_of(who.tenant) + "/media/"},
                                {"result_path", path + "/result"}};
    co_return page(services, request, who.tenant, "exam", context);
}

// ---- result

/// Where a value lies between the ends of the scale, 0…100.
double place(double value, exam::ScaledScoreLine const& scale)
{
    auto const share = (value - scale.minimum) / (scale.maximum - scale.minimum) * 100;
    return share < 0 ? 0 : share > 100 ? 100 : share;
}

json::object score_context(exam::Outcome const& outcome, exam::ExamSettings const& settings)
{
    constexpr auto z95 = 1.96;
    auto const half = z95 * outcome.estimate.standard_error;
    auto const low = exam::scaled_score(settings, {outcome.estimate.theta.logits - half});
    auto const high = exam::scaled_score(settings, {outcome.estimate.theta.logits + half});
    auto const& scale = settings.scale;
    return {{"value", outcome.scaled}, {"low", low}, {"high", high}, {"cut", outcome.scaled_cut}, {"min", scale.minimum}, {"max", scale.maximum},
            {"value_at", place(outcome.scaled, scale)}, {"low_at", place(low, scale)}, {"band_at", place(high, scale) - place(low, scale)},
            {"cut_at", place(outcome.scaled_cut, scale)}};
}

json::array reasons_context(LoadedSitting const& sitting)
{
    auto reasons = json::array{};
    auto const add = [&](char const* code) { reasons.push_back(json::object{{"code", code}}); };
    auto const& outcome = *sitting.state.outcome;
    add(outcome.passed ? "estimate_at_or_above_cut" : "estimate_below_cut");
    for (auto const& event : sitting.events) {
        if (auto const* submitted = std::get_if<exam::Submitted>(&event)) {
            switch (submitted->cause) {
            case exam::SubmitCause::candidate: add("ended_by_candidate"); break;
            case exam::SubmitCause::precision_reached: add("precise_enough"); break;
            case exam::SubmitCause::maximum_length:
            case exam::SubmitCause::bank_exhausted: add("all_questions_asked"); break;
            }
        }
        if (std::holds_alternative<exam::TimedOut>(event)) add("time_ran_out");
        if (std::holds_alternative<exam::Terminated>(event)) add("ended_by_staff");
    }
    return reasons;
}

/// The hash over what was answered, in order: what the candidate can compare with a later replay.
Sha256Digest answers_hash(LoadedSitting const& sitting)
{
    auto answers = json::array{};
    for (auto const& event : sitting.events)
        if (auto const* response = std::get_if<exam::ResponseRecorded>(&event)) {
            auto given = json::object{};
            for (auto const& [identifier, values] : response->response) given[identifier] = strings(values);
            answers.push_back(json::object{{"ordinal", response->ordinal}, {"item", to_string(response->item)}, {"response", std::move(given)}});
        }
    return sha256(canonical_json(answers));
}

asio::awaitable<Response> result_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = base_of(who.tenant) + "/sitting/" + to_string(sitting_of(who.registration.id));
    auto sitting = co_await load_sitting(services, who.tenant.id, sitting_of(who.registration.id));
    if (!sitting) co_return candidate_error(services, request, who.tenant, "not_started", 404, path + "/consent");
    if (!sitting->state.ended) co_return net::see_other(path + "/exam");
    auto const decision = co_await storage::find_decision_of(services.pool, who.tenant.id, sitting->row.id);
    auto const certificate = co_await storage::find_certificate_of(services.pool, who.tenant.id, sitting->row.id);
    auto const& version = sitting->exam->version;
    auto const& row = sitting->row;
    auto const withheld = !sitting->state.outcome || row.validity == "voided";
    auto context = json::object{{"exam_title", version.title},
                                {"exam_language", version.language},
                                {"ended_at", time_or_null(row.ended_at)},
                                {"run_state", row.run_state},
                                {"outcome", nullptr},
                                {"score_state", withheld ? "withheld" : row.score_state},
                                {"validity", row.validity},
                                {"decision", decision ? json::value(decision->state) : json::value("pending")},
                                {"review_due", nullptr},
                                {"reasons", json::array{}},
                                {"score", nullptr},
                                {"areas", json::array{}},
                                {"retake_from", nullptr},
                                {"attempts_left", nullptr},
                                {"certificate_href", nullptr},
                                {"appeal_contact", contact_of(who.tenant)},
                                {"receipt", nullptr}};
    if (row.ended_at && (row.validity == "under_review" || row.validity == "unreviewed"))
        context["review_due"] = to_rfc3339(*row.ended_at + std::chrono::days{3}); // first review of a flagged attempt within three days
    if (!withheld) {
        auto const& outcome = *sitting->state.outcome;
        context["outcome"] = outcome.passed ? "passed" : "failed";
        context["reasons"] = reasons_context(*sitting);
        context["score"] = score_context(outcome, version.settings);
        auto areas = json::array{};
        for (auto const& area : outcome.areas) {
            if (area.feedback == exam::AreaFeedback::too_few_items && area.answered == 0) continue;
            areas.push_back(json::object{{"name", area.area}, {"answered", area.answered}, {"correct", area.correct},
                                         {"fraction", area.answered == 0 ? 0.0 : static_cast<double>(area.correct) / area.answered},
                                         {"study", area.feedback == exam::AreaFeedback::weaker}});
        }
        context["areas"] = std::move(areas);
        if (!outcome.passed && row.ended_at) context["retake_from"] = to_rfc3339(*row.ended_at + std::chrono::days{14});
    }
    if (certificate) context["certificate_href"] = base_of(who.tenant) + "/my/certificate/" + to_string(certificate->id);
    context["receipt"] = json::object{{"answers", exam::answered_count(sitting->state)}, {"sha256", to_string(answers_hash(*sitting))},
                                      {"at", to_rfc3339(sitting->state.last_at)}};
    co_return page(services, request, who.tenant, "result", context);
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
    add(Method::get, "/t/{tenant}/sitting/{sitting}/result", result_page, Access::candidate);
}

} // namespace assay::server
