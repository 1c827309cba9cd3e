#include "server/app/reviews.hpp"

#include "proctor/errors.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"

namespace assay::server {
namespace {

Uuid review_stream(SittingId sitting) { return uuid_from_name("sitting-review", to_string(sitting)); }

proctor::Review review_of(storage::SittingReviewRow const& row)
{
    auto review = proctor::Review{};
    review.decision = proctor::parse_decision(row.decision).value();
    review.reason = proctor::parse_review_reason(row.reason).value();
    review.banned_until = row.banned_until;
    review.reviewer = row.reviewer;
    review.at = row.decided_at;
    if (row.confirmed_by) review.confirmed = proctor::Confirmation{*row.confirmed_by, row.confirmed_at.value_or(row.decided_at)};
    return review;
}

storage::SittingReviewRow row_of(SittingId sitting, PersonId person, proctor::Review const& review)
{
    auto row = storage::SittingReviewRow{};
    row.sitting = sitting;
    row.person = person;
    row.decision = proctor::to_string(review.decision);
    row.reason = proctor::to_string(review.reason);
    row.banned_until = review.banned_until;
    row.reviewer = review.reviewer;
    row.decided_at = review.at;
    if (review.confirmed) {
        row.confirmed_by = review.confirmed->by;
        row.confirmed_at = review.confirmed->at;
    }
    return row;
}

/// Stores one step of the review and lets the sitting move on from it.
asio::awaitable<result<void>> record(Services& services, storage::TenantRow const& tenant, storage::SittingRow const& sitting, std::uint64_t version,
                                     std::string type, StaffId by, proctor::Review const& review, bool declined)
{
    auto body = json::object{{"sitting", to_string(sitting.id)}, {"review", proctor::to_json(review)}};
    auto append = single_entry(review_stream(sitting.id), version, std::move(type), actor(by), std::move(body));
    if (!review.note.empty()) attach_detail(append, sitting.person, json::object{{"note", review.note}});
    if (declined) append.rows.push_back({"sitting_review_declined", json::object{{"sitting_id", storage::column(sitting.id)}}});
    else append.rows.push_back({"sitting_review", storage::columns(row_of(sitting.id, sitting.person, review))});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_await settle(services, tenant, sitting.id);
    co_return result<void>{};
}

} // namespace

proctor::Incident incident_of(storage::IncidentRow const& row)
{
    auto incident = proctor::Incident{};
    incident.sitting = row.sitting;
    incident.running = !row.ended_at.has_value();
    if (auto const type = proctor::parse_incident_type(row.type)) incident.facts.type = *type;
    if (auto const severity = proctor::parse_severity(row.severity)) incident.facts.severity = *severity;
    incident.state = row.state == "dismissed" ? proctor::IncidentState::dismissed
                     : row.state == "noted"   ? proctor::IncidentState::noted
                     : row.state == "escalated" ? proctor::IncidentState::escalated
                                                : proctor::IncidentState::open;
    return incident;
}

asio::awaitable<Judgement> load_judgement(Services& services, TenantId tenant, SittingId sitting)
{
    auto judgement = Judgement{};
    auto const rows = co_await storage::list_incidents_of(services.pool, tenant, sitting);
    for (auto const& row : rows) judgement.incidents.push_back(incident_of(row));
    auto const review = co_await storage::find_sitting_review(services.pool, tenant, sitting);
    if (review) judgement.review = review_of(*review);
    co_return judgement;
}

asio::awaitable<result<void>> propose_review(Services& services, storage::TenantRow const& tenant, SittingId sitting, proctor::Review review)
{
    auto const row = co_await storage::find_sitting(services.pool, tenant.id, sitting);
    if (!row) co_return storage::errc::not_found;
    auto const version = co_await stream_version(services, tenant.id, review_stream(sitting));
    auto const judgement = co_await load_judgement(services, tenant.id, sitting);
    if (!row->ended_at) co_return proctor::errc::still_running;
    auto const& standing = judgement.review;
    if (standing && standing->confirmed) co_return proctor::errc::already_decided;
    if (standing && !proctor::needs_second_person(standing->decision) && !proctor::needs_second_person(review.decision)) co_return proctor::errc::already_decided;
    auto const by = review.reviewer;
    auto const proposed = proctor::propose(std::move(review), judgement.incidents);
    if (!proposed) co_return proposed.error();
    auto type = std::string{proctor::needs_second_person(proposed->decision) ? "SittingReviewProposed" : "SittingReviewed"};
    co_return co_await record(services, tenant, *row, version, std::move(type), by, *proposed, false);
}

asio::awaitable<result<void>> confirm_review(Services& services, storage::TenantRow const& tenant, SittingId sitting, StaffId by)
{
    auto const row = co_await storage::find_sitting(services.pool, tenant.id, sitting);
    if (!row) co_return storage::errc::not_found;
    auto const version = co_await stream_version(services, tenant.id, review_stream(sitting));
    auto const judgement = co_await load_judgement(services, tenant.id, sitting);
    if (!judgement.review) co_return proctor::errc::nothing_to_confirm;
    auto const confirmed = proctor::confirm(*judgement.review, {by, services.now()});
    if (!confirmed) co_return confirmed.error();
    co_return co_await record(services, tenant, *row, version, "SittingReviewConfirmed", by, *confirmed, false);
}

asio::awaitable<result<void>> decline_review(Services& services, storage::TenantRow const& tenant, SittingId sitting, StaffId by)
{
    auto const row = co_await storage::find_sitting(services.pool, tenant.id, sitting);
    if (!row) co_return storage::errc::not_found;
    auto const version = co_await stream_version(services, tenant.id, review_stream(sitting));
    auto const judgement = co_await load_judgement(services, tenant.id, sitting);
    if (!judgement.review) co_return proctor::errc::nothing_to_confirm;
    // The same conditions as for a confirmation, asked of the same rule.
    auto const may = proctor::confirm(*judgement.review, {by, services.now()});
    if (!may) co_return may.error();
    co_return co_await record(services, tenant, *row, version, "SittingReviewDeclined", by, *judgement.review, true);
}

} // namespace assay::server
