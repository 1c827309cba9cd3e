#include "server/app/review_pages.hpp"

#include "proctor/review.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/page_helpers.hpp"
#include "server/net/form.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using Response = net::Response;

constexpr auto list_max = 200;

int severity_rank(std::string const& severity) { return severity == "high" ? 3 : severity == "medium" ? 2 : severity == "low" ? 1 : 0; }

std::int64_t seconds_of(storage::IncidentRow const& row, Timestamp now)
{
    return std::chrono::round<std::chrono::seconds>(row.ended_at.value_or(now) - row.started_at).count();
}

asio::awaitable<std::string> candidate_name(Services& services, TenantId tenant, SittingId sitting)
{
    auto const row = co_await storage::find_sitting(services.pool, tenant, sitting);
    if (!row) co_return "—";
    auto const profile = co_await read_profile(services, tenant, row->person);
    co_return profile ? shown_name(*profile) : "—";
}

asio::awaitable<Response> queue(Services& services, net::Request const& request)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const only = parse_id<SittingId>(request.query("sitting").value_or(""));
    auto rows = std::vector<storage::IncidentRow>{};
    if (only) rows = co_await storage::list_incidents_of(services.pool, who.tenant.id, *only);
    else rows = co_await storage::list_incidents(services.pool, who.tenant.id, list_max);
    std::ranges::stable_sort(rows, [](auto const& a, auto const& b) {
        if ((a.state == "open") != (b.state == "open")) return a.state == "open";
        return severity_rank(a.severity) > severity_rank(b.severity);
    });
    auto const now = services.now();
    auto list = json::array{};
    for (auto const& row : rows) {
        auto name = co_await candidate_name(services, who.tenant.id, row.sitting);
        list.push_back(json::object{{"href", staff_base(who.tenant) + "/incidents/" + to_string(row.id)}, {"type", row.type}, {"severity", row.severity},
                                    {"state", row.state}, {"name", std::move(name)}, {"started_at", to_rfc3339(row.started_at)},
                                    {"seconds", seconds_of(row, now)}, {"running", !row.ended_at.has_value()}});
    }
    auto context = json::object{{"as_of", to_rfc3339(std::chrono::floor<std::chrono::seconds>(now))}, {"sitting_name", nullptr}, {"review_href", nullptr}, {"incidents", std::move(list)}};
    if (only) {
        context["sitting_name"] = co_await candidate_name(services, who.tenant.id, *only);
        context["review_href"] = staff_base(who.tenant) + "/reviews/" + to_string(*only);
    }
    co_return page(services, request, who.tenant, "staff_incidents", context);
}

json::value member_of(json::value const& facts, std::string_view name)
{
    auto const* found = find(facts, name);
    return found == nullptr ? json::value(nullptr) : *found;
}

/// What the sitting recorded within a minute of the incident.
asio::awaitable<json::array> timeline(Services& services, TenantId tenant, storage::IncidentRow const& row)
{
    auto lines = std::vector<std::pair<Timestamp, json::object>>{};
    auto const add = [&](Timestamp at, char const* event, json::value detail = nullptr) {
        lines.emplace_back(at, json::object{{"at", to_rfc3339(at)}, {"event", event}, {"detail", std::move(detail)}});
    };
    add(row.started_at, "opened");
    if (row.ended_at) add(*row.ended_at, "closed");
    auto const sitting = co_await load_sitting(services, tenant, row.sitting);
    if (sitting) {
        auto const from = row.started_at - std::chrono::minutes{1}, to = row.ended_at.value_or(services.now()) + std::chrono::minutes{1};
        for (auto const& event : sitting->events) {
            auto const at = exam::at(event);
            if (at < from || at > to) continue;
            if (auto const* e = std::get_if<exam::ItemPresented>(&event)) add(at, "presented", e->ordinal);
            if (auto const* e = std::get_if<exam::ResponseRecorded>(&event)) add(at, "answered", e->ordinal);
            if (std::holds_alternative<exam::Paused>(event)) add(at, "paused");
            if (std::holds_alternative<exam::Resumed>(event)) add(at, "resumed");
            if (std::holds_alternative<exam::ConnectionRestored>(event)) add(at, "reconnected");
        }
    }
    std::ranges::stable_sort(lines, {}, [](auto const& line) { return line.first; });
    auto sorted = json::array{};
    for (auto& line : lines) sorted.push_back(std::move(line.second));
    co_return sorted;
}

asio::awaitable<Response> incident_page(Services& services, net::Request const& request, net::PathParameters const& parameters, char const* problem = nullptr)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_id<IncidentId>(net::find(parameters, "incident").value_or(""));
    auto row = std::optional<storage::IncidentRow>{};
    if (id) row = co_await storage::find_incident(services.pool, who.tenant.id, *id);
    if (!row) co_return error_page(services, request, &who.tenant, 404);
    auto const sitting = co_await storage::find_sitting(services.pool, who.tenant.id, row->sitting);
    auto const exam = co_await load_exam(services, who.tenant.id, sitting->exam_version);
    auto const now = services.now();
    auto stills = json::array{};
    for (auto const& still : row->evidence) {
        auto const* hash = find_string(still, "sha256");
        if (hash == nullptr) continue;
        stills.push_back(json::object{{"href", staff_base(who.tenant) + "/evidence/" + std::string{*hash}}, {"role", member_of(still, "role")},
                                      {"at", member_of(still, "at")}, {"width", 640}, {"height", 480}});
    }
    auto verdicts = json::array{};
    if (row->decided_by) {
        auto const by = co_await storage::find_staff(services.pool, who.tenant.id, *row->decided_by);
        verdicts.push_back(json::object{{"by", by ? by->name : "—"}, {"at", to_rfc3339(row->decided_at.value_or(now))}, {"state", row->state},
                                        {"reason", row->reason.value_or("")}, {"note", nullptr}});
    }
    auto const name = co_await candidate_name(services, who.tenant.id, row->sitting);
    auto const lines = co_await timeline(services, who.tenant.id, *row);
    auto const detector = member_of(row->facts, "detector");
    auto const frames = member_of(row->facts, "frames"), episodes = member_of(row->facts, "episodes");
    auto thresholds = member_of(row->facts, "thresholds");
    auto context = json::object{{"id", to_string(row->id)}, {"type", row->type}, {"severity", row->severity}, {"state", row->state},
                                {"name", name}, {"exam_title", exam->version.title},
                                {"exam_language", exam->version.language},
                                {"sitting_incidents_href", staff_base(who.tenant) + "/incidents?sitting=" + to_string(row->sitting)},
                                {"review_href", staff_base(who.tenant) + "/reviews/" + to_string(row->sitting)},
                                {"started_at", to_rfc3339(row->started_at)}, {"ended_at", row->ended_at ? json::value(to_rfc3339(*row->ended_at)) : json::value(nullptr)},
                                {"running", !row->ended_at.has_value()}, {"seconds", seconds_of(*row, now)}, {"measured", !frames.is_null()}, {"episodes", episodes}, {"frames", frames},
                                {"confidence", row->confidence}, {"detector", detector.is_null() ? json::value(nullptr) : json::value(canonical_json(detector))},
                                {"client_claimed", row->client_claimed}, {"suppressed_by", member_of(row->facts, "suppressed_by")},
                                {"thresholds", thresholds.is_array() ? thresholds : json::value(json::array{})}, {"stills", std::move(stills)},
                                {"timeline", lines}, {"verdicts", std::move(verdicts)},
                                {"decidable", row->state == "open" && row->ended_at.has_value()}, {"csrf", form_token(services, who.login)}, {"problem", nullptr}};
    if (problem != nullptr) context["problem"] = problem;
    co_return page(services, request, who.tenant, "staff_incident", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> verdict(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = parse_id<IncidentId>(net::find(parameters, "incident").value_or(""));
    auto row = std::optional<storage::IncidentRow>{};
    if (id) row = co_await storage::find_incident(services.pool, who.tenant.id, *id);
    if (!row) co_return error_page(services, request, &who.tenant, 404);
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);

    auto given = proctor::Verdict{};
    auto const state = form->field("verdict").value_or("");
    if (state == "dismissed") given.state = proctor::IncidentState::dismissed;
    else if (state == "noted") given.state = proctor::IncidentState::noted;
    else if (state == "escalated") given.state = proctor::IncidentState::escalated;
    else co_return co_await incident_page(services, request, parameters, "reason_missing");
    auto const reason = proctor::parse_review_reason(form->field("reason").value_or(""));
    if (!reason) co_return co_await incident_page(services, request, parameters, "reason_missing");
    given.reason = *reason;
    given.reviewer = who.staff.id;
    given.at = services.now();
    given.note = std::string{form->field("note").value_or("")};

    auto incident = proctor::Incident{};
    incident.sitting = row->sitting;
    incident.running = !row->ended_at.has_value();
    incident.state = row->state == "open" ? proctor::IncidentState::open : proctor::IncidentState::noted;
    if (incident.running) co_return co_await incident_page(services, request, parameters, "still_running");
    auto const decided = proctor::decide(incident, given);
    if (!decided) {
        auto const* problem = row->state != "open" ? "already_decided" : "reason_does_not_fit";
        co_return co_await incident_page(services, request, parameters, problem);
    }
    auto const sitting = co_await storage::find_sitting(services.pool, who.tenant.id, row->sitting);
    auto const stream = uuid_from_name("incident", to_string(row->id));
    auto const entries = co_await services.journal.read_stream(who.tenant.id, stream);
    auto append = storage::Append{};
    append.stream = stream;
    append.expected_version = entries.size();
    auto entry = storage::Entry{};
    entry.type = "IncidentReviewed";
    entry.actor = actor(who.staff.id);
    entry.body = json::object{{"sitting", to_string(row->sitting)}, {"incident", to_string(row->id)}, {"state", proctor::to_string(given.state)},
                              {"reason", proctor::to_string(given.reason)}};
    entry.detail.emplace(); // the note may speak about the person
    entry.detail->person = sitting->person;
    entry.detail->value = proctor::to_json(given);
    append.entries.push_back(std::move(entry));
    auto changed = json::object{{"incident_id", storage::column(row->id)}, {"state", proctor::to_string(given.state)}, {"decided_by", storage::column(who.staff.id)},
                                {"decided_at", storage::column(given.at)}, {"reason", proctor::to_string(given.reason)}};
    append.rows.push_back({"incident", std::move(changed)});
    auto const stored = co_await services.journal.append(who.tenant.id, std::move(append));
    if (!stored) co_return co_await incident_page(services, request, parameters, "already_decided");
    co_await settle(services, who.tenant, row->sitting);
    co_return net::see_other(staff_base(who.tenant) + "/incidents");
}

/// A still, opened for a reviewer; that it was looked at is itself an entry.
asio::awaitable<Response> evidence(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const hash = parse_sha256(net::find(parameters, "sha256").value_or(""));
    auto row = std::optional<storage::EvidenceRow>{};
    if (hash) row = co_await storage::find_evidence(services.pool, who.tenant.id, *hash);
    if (!row) co_return error_page(services, request, &who.tenant, 404);
    auto const content = co_await services.evidence.get(who.tenant.id, row->person, row->sha256);
    if (!content) co_return error_page(services, request, &who.tenant, 404);
    auto append = storage::Append{};
    append.stream = uuid_from_name("evidence-viewed", request.request_id);
    auto entry = storage::Entry{};
    entry.type = "EvidenceViewed";
    entry.actor = actor(who.staff.id);
    entry.body = json::object{{"sitting", to_string(row->sitting)}, {"evidence", to_string(row->sha256)}};
    append.entries.push_back(std::move(entry));
    auto const stored = co_await services.journal.append(who.tenant.id, std::move(append));
    stored.value();
    co_return net::bytes_response(std::string{text_of(*content)}, "image/jpeg");
}

} // namespace

void add_review_routes(net::Router& router, ServicePool& pool)
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
    using net::PathParameters;
    using net::Request;
    add(net::Method::get, "/t/{tenant}/staff/incidents", [&pool](Request const& r, PathParameters const&) { return queue(pool.here(), r); });
    add(net::Method::get, "/t/{tenant}/staff/incidents/{incident}", [&pool](Request const& r, PathParameters const& p) { return incident_page(pool.here(), r, p); });
    add(net::Method::post, "/t/{tenant}/staff/incidents/{incident}/verdict", [&pool](Request const& r, PathParameters const& p) { return verdict(pool.here(), r, p); });
    add(net::Method::get, "/t/{tenant}/staff/evidence/{sha256}", [&pool](Request const& r, PathParameters const& p) { return evidence(pool.here(), r, p); });
}

} // namespace assay::server
