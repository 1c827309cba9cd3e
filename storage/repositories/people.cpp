#include "storage/repositories/people.hpp"

#include "storage/repositories/detail/read_rows.hpp"
#include "storage/repositories/detail/row_readers.hpp"

namespace assay::storage {
namespace {

using detail::all;
using detail::first;

constexpr auto person_by_contact = Statement{"person_by_contact", R"sql(
    SELECT person_id FROM person_contact WHERE tenant_id = $1 AND contact_hash = $2)sql"};
constexpr auto people_newest = Statement{"people_newest", R"sql(
    SELECT person_id, sealed_profile, created_at, erased_at FROM person WHERE tenant_id = $1 ORDER BY created_at DESC, person_id LIMIT $2)sql"};
constexpr auto registrations_of_person = Statement{"registrations_of_person", R"sql(
    SELECT * FROM registration WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at, registration_id)sql"};
constexpr auto sittings_of_person = Statement{"sittings_of_person", R"sql(
    SELECT * FROM sitting WHERE tenant_id = $1 AND person_id = $2 ORDER BY opened_at, sitting_id)sql"};
constexpr auto consent_of_registration = Statement{"consent_of_registration", R"sql(
    SELECT * FROM consent WHERE tenant_id = $1 AND registration_id = $2)sql"};
constexpr auto hold_of_person = Statement{"hold_of_person", R"sql(
    SELECT * FROM legal_hold WHERE tenant_id = $1 AND person_id = $2 AND lifted_at IS NULL)sql"};
constexpr auto document_of_tenant = Statement{"document_of_tenant", R"sql(
    SELECT document FROM tenant_document WHERE tenant_id = $1 AND kind = $2)sql"};
constexpr auto holdings = Statement{"evidence_holdings", R"sql(
    SELECT s.sitting_id, s.person_id, e.files, s.validity, coalesce(s.passed, false) AS passed, s.ended_at, c.retention_policy,
           coalesce(i.escalated, false) OR coalesce(r.decision <> 'no_action', false) AS flagged,
           coalesce(r.decision IN ('void', 'ban_until') AND r.confirmed_by IS NULL, false) OR coalesce(d.state = 'pending', false)
             OR (s.passed AND d.decision_id IS NULL AND s.validity IN ('clear', 'upheld')) AS undecided,
           h.person_id IS NOT NULL AS held,
           greatest(i.decided_at, r.decided_at, r.confirmed_at, d.decided_at) AS last_decision_at
      FROM (SELECT sitting_id, sum(files)::bigint AS files FROM
              (SELECT sitting_id, 1 AS files FROM evidence WHERE tenant_id = $1
               UNION ALL SELECT sitting_id, 0 FROM incident WHERE tenant_id = $1 AND facts <> '{}') held GROUP BY sitting_id) e
      JOIN sitting s ON s.tenant_id = $1 AND s.sitting_id = e.sitting_id
      LEFT JOIN (SELECT sitting_id, max(decided_at) AS decided_at, bool_or(state = 'escalated') AS escalated
                   FROM incident WHERE tenant_id = $1 GROUP BY sitting_id) i ON i.sitting_id = s.sitting_id
      LEFT JOIN sitting_review r ON r.tenant_id = $1 AND r.sitting_id = s.sitting_id
      LEFT JOIN certification_decision d ON d.tenant_id = $1 AND d.sitting_id = s.sitting_id AND d.renews IS NULL
      LEFT JOIN consent c ON c.tenant_id = $1 AND c.registration_id = s.registration_id
      LEFT JOIN legal_hold h ON h.tenant_id = $1 AND h.person_id = s.person_id AND h.lifted_at IS NULL
     ORDER BY s.ended_at, s.sitting_id)sql"};
constexpr auto due_of_key = Statement{"due_of_key", R"sql(
    SELECT tenant_id, kind, key, at FROM due WHERE tenant_id = $1 AND starts_with(kind, $2) AND key = $3 ORDER BY at, kind)sql"};
constexpr auto due_of_kind = Statement{"due_of_kind", R"sql(
    SELECT tenant_id, kind, key, at FROM due WHERE starts_with(kind, $1) AND at <= $2 ORDER BY at, tenant_id, kind, key LIMIT $3)sql"};

ConsentRow consent_of(Row const& r)
{
    return {r.get<RegistrationId>("registration_id"), r.get<bool>("camera"), r.get<bool>("stills"),
            r.get<std::optional<Sha256Digest>>("retention_policy"), r.get<Timestamp>("agreed_at")};
}

LegalHoldRow hold_of(Row const& r)
{
    return {r.get<PersonId>("person_id"), r.get<StaffId>("placed_by"), r.get<Timestamp>("placed_at"), r.get<std::optional<Timestamp>>("lifted_at")};
}

EvidenceHolding holding_of(Row const& r)
{
    return {.sitting = r.get<SittingId>("sitting_id"),
            .person = r.get<PersonId>("person_id"),
            .files = r.get<std::int64_t>("files"),
            .validity = r.get<std::string>("validity"),
            .passed = r.get<bool>("passed"),
            .flagged = r.get<bool>("flagged"),
            .undecided = r.get<bool>("undecided"),
            .held = r.get<bool>("held"),
            .last_decision_at = r.get<std::optional<Timestamp>>("last_decision_at"),
            .ended_at = r.get<std::optional<Timestamp>>("ended_at"),
            .retention_policy = r.get<std::optional<Sha256Digest>>("retention_policy")};
}

DueRow due_of(Row const& r)
{
    return {r.get<TenantId>("tenant_id"), r.get<std::string>("kind"), r.get<Uuid>("key"), r.get<Timestamp>("at")};
}

} // namespace

asio::awaitable<std::optional<PersonId>> find_person_by_contact(Pool& pool, TenantId tenant, Sha256Digest contact_hash)
{
    auto const rows = co_await pool.query(tenant, person_by_contact, params(tenant, contact_hash));
    co_return first(rows, [](Row const& r) { return r.get<PersonId>("person_id"); });
}

asio::awaitable<std::vector<PersonRow>> list_people(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, people_newest, params(tenant, limit));
    co_return all(rows, detail::person_of);
}

asio::awaitable<std::vector<RegistrationRow>> list_registrations_of(Pool& pool, TenantId tenant, PersonId person)
{
    auto const rows = co_await pool.query(tenant, registrations_of_person, params(tenant, person));
    co_return all(rows, detail::registration_of);
}

asio::awaitable<std::vector<SittingRow>> list_sittings_of(Pool& pool, TenantId tenant, PersonId person)
{
    auto const rows = co_await pool.query(tenant, sittings_of_person, params(tenant, person));
    co_return all(rows, detail::sitting_of);
}

asio::awaitable<std::optional<ConsentRow>> find_consent(Pool& pool, TenantId tenant, RegistrationId registration)
{
    auto const rows = co_await pool.query(tenant, consent_of_registration, params(tenant, registration));
    co_return first(rows, consent_of);
}

asio::awaitable<std::optional<LegalHoldRow>> find_legal_hold(Pool& pool, TenantId tenant, PersonId person)
{
    auto const rows = co_await pool.query(tenant, hold_of_person, params(tenant, person));
    co_return first(rows, hold_of);
}

asio::awaitable<std::optional<Sha256Digest>> find_tenant_document(Pool& pool, TenantId tenant, std::string kind)
{
    auto const rows = co_await pool.query(tenant, document_of_tenant, params(tenant, kind));
    co_return first(rows, [](Row const& r) { return r.get<Sha256Digest>("document"); });
}

asio::awaitable<std::vector<EvidenceHolding>> list_evidence_holdings(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, holdings, params(tenant));
    co_return all(rows, holding_of);
}

asio::awaitable<std::vector<DueRow>> list_due(Pool& pool, std::string kind_prefix, Timestamp now, int limit)
{
    auto const rows = co_await pool.query_without_tenant(due_of_kind, params(kind_prefix, now, limit));
    co_return all(rows, due_of);
}

asio::awaitable<std::vector<DueRow>> list_due_of(Pool& pool, TenantId tenant, std::string kind_prefix, Uuid key)
{
    auto const rows = co_await pool.query(tenant, due_of_key, params(tenant, kind_prefix, key));
    co_return all(rows, due_of);
}

json::object columns(DueRow const& r) { return {{"kind", r.kind}, {"key", column(r.key)}, {"at", column(r.at)}}; }

} // namespace assay::storage
