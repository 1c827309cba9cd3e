#include "server/app/result_page.hpp"

#include "server/app/candidate_pages.hpp"
#include "server/app/measured.hpp"
#include "storage/repositories/certificates.hpp"

namespace assay::server {
namespace {

using Response = net::Response;

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

/// What was decided about the sitting as a whole, once it holds: a proposal that waits for a second person is nobody's to know.
json::value review_context(std::optional<storage::SittingReviewRow> const& review)
{
    if (!review) return nullptr;
    auto const needs_two = review->decision == "void" || review->decision == "ban_until";
    if (needs_two && !review->confirmed_by) return nullptr;
    return json::object{{"decision", review->decision}, {"reason", review->reason}, {"banned_until", time_or_null(review->banned_until)},
                        {"at", to_rfc3339(review->confirmed_at.value_or(review->decided_at))}};
}

asio::awaitable<Response> result_page(Services& services, net::Request const& request, net::PathParameters const& parameters)
{
    auto const& who = candidate_of(request);
    if (!is_own(parameters, who)) co_return error_page(services, request, &who.tenant, 404);
    auto const path = sitting_path(who);
    auto sitting = co_await load_sitting(services, who.tenant.id, sitting_of(who.registration.id));
    if (!sitting) co_return candidate_error(services, request, who.tenant, "not_started", 404, path + "/consent");
    if (!sitting->state.ended) co_return net::see_other(path + "/exam");
    auto const review = co_await storage::find_sitting_review(services.pool, who.tenant.id, sitting->row.id);
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
                                {"review", review_context(review)},
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
        auto reasons = json::array{json::object{{"code", outcome.passed || outcome.estimate.theta >= version.settings.cut ? "estimate_at_or_above_cut" : "estimate_below_cut"}}};
        for (auto& length : length_context(*sitting)) reasons.push_back(std::move(length));
        context["reasons"] = std::move(reasons);
        context["score"] = score_context(outcome, version.settings);
        context["areas"] = areas_context(outcome);
        if (!outcome.passed && row.ended_at) context["retake_from"] = to_rfc3339(*row.ended_at + std::chrono::days{14});
    }
    if (certificate) context["certificate_href"] = base_of(who.tenant) + "/my/certificate/" + to_string(certificate->id);
    context["receipt"] = json::object{{"answers", exam::answered_count(sitting->state)}, {"sha256", to_string(answers_hash(*sitting))},
                                      {"at", to_rfc3339(sitting->state.last_at)}};
    co_return page(services, request, who.tenant, "result", context);
}

} // namespace

void add_result_routes(net::Router& router, ServicePool& pool)
{
    auto route = net::Route{};
    route.pattern = "/t/{tenant}/sitting/{sitting}/result";
    route.access = net::Access::candidate;
    route.handler = [&pool](net::Request const& request, net::PathParameters const& parameters) { return result_page(pool.here(), request, parameters); };
    router.add(std::move(route));
}

} // namespace assay::server
