#include "storage/repositories/exams.hpp"

#include "storage/repositories/detail/read_rows.hpp"

namespace assay::storage {
namespace {

using detail::all;
using detail::first;

constexpr auto document_by_hash = Statement{"document_by_hash", R"sql(
    SELECT * FROM document WHERE tenant_id = $1 AND sha256 = $2)sql"};
constexpr auto documents_by_hash = Statement{"documents_by_hash", R"sql(
    SELECT * FROM document WHERE tenant_id = $1 AND sha256 = ANY ($2::bytea[]))sql"};
constexpr auto documents_of_kind = Statement{"documents_of_kind", R"sql(
    SELECT * FROM document WHERE tenant_id = $1 AND kind = $2 ORDER BY created_at DESC, sha256 LIMIT $3)sql"};
constexpr auto exam_by_id = Statement{"exam_by_id", R"sql(SELECT * FROM exam WHERE tenant_id = $1 AND exam_id = $2)sql"};
constexpr auto exams_all = Statement{"exams_all", R"sql(SELECT * FROM exam WHERE tenant_id = $1 ORDER BY title, exam_id)sql"};
constexpr auto items_all = Statement{"items_all", R"sql(SELECT * FROM item WHERE tenant_id = $1 ORDER BY area, identifier)sql"};
constexpr auto sitting_by_id = Statement{"sitting_by_id", R"sql(SELECT * FROM sitting WHERE tenant_id = $1 AND sitting_id = $2)sql"};
constexpr auto sitting_of_registration = Statement{"sitting_of_registration", R"sql(
    SELECT * FROM sitting WHERE tenant_id = $1 AND registration_id = $2 ORDER BY opened_at DESC, sitting_id LIMIT 1)sql"};
constexpr auto sittings_newest = Statement{"sittings_newest", R"sql(
    SELECT * FROM sitting WHERE tenant_id = $1 ORDER BY opened_at DESC, sitting_id LIMIT $2)sql"};
constexpr auto sittings_open = Statement{"sittings_open", R"sql(
    SELECT * FROM sitting WHERE tenant_id = $1 AND run_state IN ('ready', 'running', 'paused') ORDER BY opened_at, sitting_id)sql"};
constexpr auto sittings_unsettled = Statement{"sittings_unsettled", R"sql(
    SELECT s.sitting_id FROM sitting s
      LEFT JOIN certification_decision d ON d.tenant_id = s.tenant_id AND d.sitting_id = s.sitting_id
      LEFT JOIN certificate c ON c.tenant_id = s.tenant_id AND c.sitting_id = s.sitting_id
     WHERE s.tenant_id = $1 AND s.score_state = 'final' AND s.ended_at IS NOT NULL
       AND (s.validity = 'unreviewed'
            OR EXISTS (SELECT FROM incident i WHERE i.tenant_id = s.tenant_id AND i.sitting_id = s.sitting_id AND i.ended_at IS NULL)
            OR (s.passed AND s.validity IN ('clear', 'upheld') AND c.certificate_id IS NULL AND coalesce(d.state, 'pending') <> 'refused'))
     ORDER BY s.ended_at LIMIT 100)sql"};
constexpr auto incident_by_id = Statement{"incident_by_id", R"sql(
    SELECT * FROM incident WHERE tenant_id = $1 AND incident_id = $2)sql"};
constexpr auto incidents_of_sitting = Statement{"incidents_of_sitting", R"sql(
    SELECT * FROM incident WHERE tenant_id = $1 AND sitting_id = $2 ORDER BY started_at, incident_id)sql"};
constexpr auto incidents_all = Statement{"incidents_all", R"sql(
    SELECT * FROM incident WHERE tenant_id = $1 ORDER BY (state = 'open') DESC, started_at DESC, incident_id LIMIT $2)sql"};
constexpr auto evidence_by_hash = Statement{"evidence_by_hash", R"sql(
    SELECT * FROM evidence WHERE tenant_id = $1 AND sha256 = $2)sql"};

DocumentRow document_of(Row const& r)
{
    return {r.get<Sha256Digest>("sha256"), r.get<std::string>("kind"), r.get<std::string>("identifier"),
            r.get<std::string>("version"), r.get<Bytes>("content"), r.get<Timestamp>("created_at")};
}

ExamRow exam_of(Row const& r)
{
    return {r.get<Uuid>("exam_id"), r.get<std::string>("identifier"), r.get<std::string>("title"), r.get<std::string>("state"),
            r.get<Sha256Digest>("exam_version"), r.get<ProgrammeId>("programme_id"), r.get<Sha256Digest>("programme"),
            r.get<std::optional<Sha256Digest>>("proctoring_policy"), r.get<Sha256Digest>("credential_policy"),
            r.get<Sha256Digest>("rules"), r.get<Timestamp>("created_at")};
}

ItemRow item_of(Row const& r)
{
    return {r.get<ItemId>("item_id"), r.get<std::string>("identifier"), r.get<std::string>("area"), r.get<std::string>("state"),
            r.get<Sha256Digest>("document"), r.get<std::string>("author"), r.get<std::optional<StaffId>>("approved_by"),
            r.get<bool>("provisional"), r.get<Timestamp>("created_at")};
}

SittingRow sitting_of(Row const& r)
{
    return {.id = r.get<SittingId>("sitting_id"),
            .registration = r.get<RegistrationId>("registration_id"),
            .person = r.get<PersonId>("person_id"),
            .exam = r.get<Uuid>("exam_id"),
            .exam_version = r.get<Sha256Digest>("exam_version"),
            .programme = r.get<Sha256Digest>("programme"),
            .proctoring_policy = r.get<std::optional<Sha256Digest>>("proctoring_policy"),
            .credential_policy = r.get<Sha256Digest>("credential_policy"),
            .run_state = r.get<std::string>("run_state"),
            .paused_by = r.get<std::optional<std::string>>("paused_by"),
            .version = r.get<std::uint64_t>("version"),
            .attachment = r.get<std::int32_t>("attachment"),
            .items_answered = r.get<std::int32_t>("items_answered"),
            .opened_at = r.get<Timestamp>("opened_at"),
            .started_at = r.get<std::optional<Timestamp>>("started_at"),
            .closes_at = r.get<std::optional<Timestamp>>("closes_at"),
            .ended_at = r.get<std::optional<Timestamp>>("ended_at"),
            .last_seen_at = r.get<std::optional<Timestamp>>("last_seen_at"),
            .score_state = r.get<std::string>("score_state"),
            .passed = r.get<std::optional<bool>>("passed"),
            .validity = r.get<std::string>("validity")};
}

IncidentRow incident_of(Row const& r)
{
    return {.id = r.get<IncidentId>("incident_id"),
            .sitting = r.get<SittingId>("sitting_id"),
            .type = r.get<std::string>("type"),
            .severity = r.get<std::string>("severity"),
            .state = r.get<std::string>("state"),
            .started_at = r.get<Timestamp>("started_at"),
            .ended_at = r.get<std::optional<Timestamp>>("ended_at"),
            .client_claimed = r.get<bool>("client_claimed"),
            .confidence = r.get<double>("confidence"),
            .facts = r.get<json::value>("facts"),
            .evidence = r.get<json::value>("evidence").as_array(),
            .decided_by = r.get<std::optional<StaffId>>("decided_by"),
            .decided_at = r.get<std::optional<Timestamp>>("decided_at"),
            .reason = r.get<std::optional<std::string>>("reason")};
}

EvidenceRow evidence_of(Row const& r)
{
    return {r.get<Sha256Digest>("sha256"), r.get<PersonId>("person_id"), r.get<SittingId>("sitting_id"),
            r.get<std::int64_t>("size"), r.get<Timestamp>("taken_at")};
}

} // namespace

asio::awaitable<std::optional<DocumentRow>> find_document(Pool& pool, TenantId tenant, Sha256Digest sha256)
{
    auto const rows = co_await pool.query(tenant, document_by_hash, params(tenant, sha256));
    co_return first(rows, document_of);
}

asio::awaitable<std::vector<DocumentRow>> find_documents(Pool& pool, TenantId tenant, std::vector<Sha256Digest> sha256)
{
    auto const rows = co_await pool.query(tenant, documents_by_hash, params(tenant, sha256));
    co_return all(rows, document_of);
}

asio::awaitable<std::vector<DocumentRow>> list_documents(Pool& pool, TenantId tenant, std::string kind, int limit)
{
    auto const rows = co_await pool.query(tenant, documents_of_kind, params(tenant, kind, limit));
    co_return all(rows, document_of);
}

asio::awaitable<std::optional<ExamRow>> find_exam(Pool& pool, TenantId tenant, Uuid exam)
{
    auto const rows = co_await pool.query(tenant, exam_by_id, params(tenant, exam));
    co_return first(rows, exam_of);
}

asio::awaitable<std::vector<ExamRow>> list_exams(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, exams_all, params(tenant));
    co_return all(rows, exam_of);
}

asio::awaitable<std::vector<ItemRow>> list_items(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, items_all, params(tenant));
    co_return all(rows, item_of);
}

asio::awaitable<std::optional<SittingRow>> find_sitting(Pool& pool, TenantId tenant, SittingId sitting)
{
    auto const rows = co_await pool.query(tenant, sitting_by_id, params(tenant, sitting));
    co_return first(rows, sitting_of);
}

asio::awaitable<std::optional<SittingRow>> find_sitting_of(Pool& pool, TenantId tenant, RegistrationId registration)
{
    auto const rows = co_await pool.query(tenant, sitting_of_registration, params(tenant, registration));
    co_return first(rows, sitting_of);
}

asio::awaitable<std::vector<SittingRow>> list_sittings(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, sittings_newest, params(tenant, limit));
    co_return all(rows, sitting_of);
}

asio::awaitable<std::vector<SittingRow>> list_open_sittings(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, sittings_open, params(tenant));
    co_return all(rows, sitting_of);
}

asio::awaitable<std::vector<SittingId>> list_unsettled_sittings(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, sittings_unsettled, params(tenant));
    co_return all(rows, [](Row const& r) { return r.get<SittingId>("sitting_id"); });
}

asio::awaitable<std::optional<IncidentRow>> find_incident(Pool& pool, TenantId tenant, IncidentId incident)
{
    auto const rows = co_await pool.query(tenant, incident_by_id, params(tenant, incident));
    co_return first(rows, incident_of);
}

asio::awaitable<std::vector<IncidentRow>> list_incidents_of(Pool& pool, TenantId tenant, SittingId sitting)
{
    auto const rows = co_await pool.query(tenant, incidents_of_sitting, params(tenant, sitting));
    co_return all(rows, incident_of);
}

asio::awaitable<std::vector<IncidentRow>> list_incidents(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, incidents_all, params(tenant, limit));
    co_return all(rows, incident_of);
}

asio::awaitable<std::optional<EvidenceRow>> find_evidence(Pool& pool, TenantId tenant, Sha256Digest sha256)
{
    auto const rows = co_await pool.query(tenant, evidence_by_hash, params(tenant, sha256));
    co_return first(rows, evidence_of);
}

} // namespace assay::storage
