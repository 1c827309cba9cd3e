#include "server/app/sitting_review_pages.hpp"

#include "proctor/errors.hpp"
#include "server/app/measured.hpp"
#include "server/app/page_helpers.hpp"
#include "server/app/reviews.hpp"
#include "server/app/sittings.hpp"
#include "server/net/form.hpp"

#include <algorithm>

namespace assay::server {
namespace {

using Response = net::Response;

std::optional<SittingId> sitting_id(net::PathParameters const& parameters)
{
    auto const id = parse_id<SittingId>(net::find(parameters, "sitting").value_or(""));
    return id ? std::optional{*id} : std::nullopt;
}

char const* problem_of(boost::system::error_code error)
{
    if (error == proctor::errc::already_decided) return "already_decided";
    if (error == proctor::errc::reason_does_not_fit) return "reason_does_not_fit";
    if (error == proctor::errc::ban_without_end) return "ban_without_end";
    if (error == proctor::errc::second_person_required) return "second_person_required";
    if (error == proctor::errc::incidents_undecided) return "incidents_undecided";
    if (error == proctor::errc::still_running) return "still_running";
    if (error == proctor::errc::note_too_long) return "note_too_long";
    return "sitting_moved_on";
}

asio::awaitable<json::value> review_context(Services& services, TenantId tenant, std::optional<proctor::Review> review)
{
    if (!review) co_return nullptr;
    auto const by = co_await storage::find_staff(services.pool, tenant, review->reviewer);
    auto context = json::object{{"decision", proctor::to_string(review->decision)}, {"reason", proctor::to_string(review->reason)},
                                {"by", by ? by->name : std::string{"—"}}, {"at", to_rfc3339(review->at)}, {"banned_until", time_or_null(review->banned_until)},
                                {"confirmed_by", nullptr}, {"confirmed_at", nullptr}};
    if (review->confirmed) {
        auto const second = co_await storage::find_staff(services.pool, tenant, review->confirmed->by);
        context["confirmed_by"] = second ? second->name : std::string{"—"};
        context["confirmed_at"] = to_rfc3339(review->confirmed->at);
    }
    co_return context;
}

/// What the exam measured; null while it is under way, and once its person was erased.
asio::awaitable<json::value> measured_context(Services& services, TenantId tenant, SittingId id)
{
    auto const sitting = co_await load_sitting(services, tenant, id);
    if (!sitting || !sitting->state.outcome) co_return nullptr;
    auto const& outcome = *sitting->state.outcome;
    auto context = score_context(outcome, sitting->exam->version.settings);
    context["answered"] = exam::answered_count(sitting->state);
    context["lengths"] = length_context(*sitting);
    context["areas"] = areas_context(outcome);
    co_return context;
}

asio::awaitable<Response> show(Services& services, net::Request const& request, net::PathParameters const& parameters, char const* problem)
{
    auto const& who = staff_of(request);
    auto const id = sitting_id(parameters);
    auto row = std::optional<storage::SittingRow>{};
    if (id) row = co_await storage::find_sitting(services.pool, who.tenant.id, *id);
    if (!row) co_return error_page(services, request, &who.tenant, 404);
    auto const exam = co_await load_exam(services, who.tenant.id, row->exam_version);
    auto const judgement = co_await load_judgement(services, who.tenant.id, *id);
    auto const incidents = co_await storage::list_incidents_of(services.pool, who.tenant.id, *id);
    auto const undecided = std::ranges::count_if(incidents, [](auto const& i) { return i.state == "open"; });
    auto list = json::array{};
    for (auto const& incident : incidents)
        list.push_back(json::object{{"href", staff_base(who.tenant) + "/incidents/" + to_string(incident.id)}, {"type", incident.type}, {"state", incident.state},
                                    {"started_at", to_rfc3339(incident.started_at)}});
    auto const& standing = judgement.review;
    auto const waits = standing && proctor::needs_second_person(standing->decision) && !standing->confirmed;
    auto const review = co_await review_context(services, who.tenant.id, standing);
    auto name = co_await name_of(services, who.tenant.id, row->person);
    auto measured = co_await measured_context(services, who.tenant.id, *id);
    auto context = json::object{{"id", to_string(*id)}, {"name", std::move(name)}, {"exam_title", exam->version.title}, {"exam_language", exam->version.language},
                                {"ended_at", time_or_null(row->ended_at)}, {"validity", row->validity}, {"incidents", std::move(list)}, {"undecided", undecided},
                                {"measured", std::move(measured)}, {"review", review}, {"may_propose", row->ended_at && undecided == 0 && !(standing && standing->confirmed)},
                                {"may_confirm", waits && standing->reviewer != who.staff.id}, {"own_proposal", waits && standing->reviewer == who.staff.id},
                                {"csrf", form_token(services, who.login)}, {"problem", or_null(problem)}};
    co_return page(services, request, who.tenant, "staff_review", context, problem != nullptr ? 422 : 200);
}

asio::awaitable<Response> review_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    co_return co_await show(services, request, parameters, nullptr);
}

asio::awaitable<Response> propose(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = sitting_id(parameters);
    if (!id) co_return error_page(services, request, &who.tenant, 404);
    auto const form = net::parse_form(request);
    if (!form) co_return error_page(services, request, &who.tenant, 400);
    auto review = proctor::Review{};
    auto const decision = proctor::parse_decision(form->field("decision").value_or(""));
    auto const reason = proctor::parse_review_reason(form->field("reason").value_or(""));
    if (!decision || !reason) co_return co_await show(services, request, parameters, "reason_missing");
    review.decision = *decision;
    review.reason = *reason;
    review.reviewer = who.staff.id;
    review.at = services.now();
    review.note = trimmed(form->field("note").value_or(""));
    // The day that is named is the last one of the ban.
    auto const last_day = date_of(trimmed(form->field("banned_until").value_or("")));
    if (*decision == proctor::Decision::ban_until && last_day) review.banned_until = *last_day + std::chrono::days{1};
    auto const done = co_await propose_review(services, who.tenant, *id, std::move(review));
    if (done) co_return net::see_other(staff_base(who.tenant) + "/reviews/" + to_string(*id));
    if (done.error() == storage::errc::not_found) co_return error_page(services, request, &who.tenant, 404);
    co_return co_await show(services, request, parameters, problem_of(done.error()));
}

asio::awaitable<Response> second_word(Services& services, net::Request const& request, net::PathParameters const& parameters, bool agrees)
{
    auto const& who = staff_of(request);
    if (!who.has_role("reviewer")) co_return error_page(services, request, &who.tenant, 403);
    auto const id = sitting_id(parameters);
    if (!id) co_return error_page(services, request, &who.tenant, 404);
    auto done = result<void>{};
    if (agrees) done = co_await confirm_review(services, who.tenant, *id, who.staff.id);
    else done = co_await decline_review(services, who.tenant, *id, who.staff.id);
    if (done) co_return net::see_other(staff_base(who.tenant) + "/reviews/" + to_string(*id));
    if (done.error() == storage::errc::not_found) co_return error_page(services, request, &who.tenant, 404);
    co_return co_await show(services, request, parameters, problem_of(done.error()));
}

asio::awaitable<Response> confirm(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    co_return co_await second_word(services, request, parameters, true);
}

asio::awaitable<Response> decline(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    co_return co_await second_word(services, request, parameters, false);
}

} // namespace

void add_sitting_review_routes(net::Router& router, ServicePool& pool)
{
    auto routes = StaffRoutes{router, pool};
    routes.get("/reviews/{sitting}", review_page);
    routes.post("/reviews/{sitting}", propose);
    routes.post("/reviews/{sitting}/confirm", confirm);
    routes.post("/reviews/{sitting}/decline", decline);
}

} // namespace assay::server
