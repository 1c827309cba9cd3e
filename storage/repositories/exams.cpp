#include "storage/repositories/exams.hpp"

#include "storage/repositories/detail/read_rows.hpp"
#include "storage/repositories/detail/row_readers.hpp"

namespace assay::storage {
namespace {

using detail::all;
using detail::first;
using detail::sitting_of;

constexpr auto document_by_hash = Statement{"document_by_hash", R"sql(
    SELECT * FROM document WHERE tenant_id = $1 AND sha256 = $2)sql"};
constexpr auto documents_by_hash = Statement{"documents_by_hash", R"sql(
    SELECT * FROM document WHERE tenant_id = $1 AND sha256 = ANY ($2::bytea[]))sql"};
constexpr auto documents_of_kind = Statement{"documents_of_kind", R"sql(
    SELECT * FROM document WHERE tenant_id = $1 AND kind = $2 ORDER BY created_at DESC, sha256 LIMIT $3)sql"};
constexpr auto exam_by_id = Statement{"exam_by_id", R"sql(SELECT * FROM exam WHERE tenant_id = $1 AND exam_id = $2)sql"};
constexpr auto exams_all = Statement{"exams_all", R"sql(SELECT * FROM exam WHERE tenant_id = $1 ORDER BY title, exam_id)sql"};
constexpr auto items_all = Statement{"items_all", R"sql(SELECT * FROM item WHERE tenant_id = $1 ORDER BY area, identifier)sql"};
constexpr auto exam_by_name = Statement{"exam_by_name", R"sql(SELECT * FROM exam WHERE tenant_id = $1 AND identifier = $2)sql"};
constexpr auto item_by_id = Statement{"item_by_id", R"sql(SELECT * FROM item WHERE tenant_id = $1 AND item_id = $2)sql"};
constexpr auto exposure_records = Statement{"exposure_records", R"sql(
    SELECT record FROM exposure_record WHERE tenant_id = $1 AND exam_version = $2 ORDER BY ordinal)sql"};
constexpr auto items_suspended = Statement{"items_suspended", R"sql(
    SELECT item_id FROM item WHERE tenant_id = $1 AND state = 'suspended' ORDER BY item_id)sql"};
constexpr auto parameters_all = Statement{"item_parameters_all", R"sql(SELECT * FROM item_parameters WHERE tenant_id = $1 ORDER BY item_id)sql"};
constexpr auto sitting_by_id = Statement{"sitting_by_id", R"sql(SELECT * FROM sitting WHERE tenant_id = $1 AND sitting_id = $2)sql"};
constexpr auto sitting_of_registration = Statement{"sitting_of_registration", R"sql(
    SELECT * FROM sitting WHERE tenant_id = $1 AND registration_id = $2 ORDER BY opened_at DESC, sitting_id LIMIT 1)sql"};
constexpr auto sittings_newest = Statement{"sittings_newest", R"sql(
    SELECT * FROM sitting WHERE tenant_id = $1 ORDER BY opened_at DESC, sitting_id LIMIT $2)sql"};
constexpr auto sittings_open = Statement{"sittings_open", R"sql(
    SELECT * FROM sitting WHERE tenant_id = $1 AND run_state IN ('ready', 'running', 'paused') ORDER BY opened_at, sitting_id)sql"};
constexpr auto sittings_unsettled = Statement{"sittings_unsettled", R"sql(
    SELECT s.sitting_id FROM sitting s
      LEFT JOIN certification_decision d ON d.tenant_id = s.tenant_id AND d.sitting_id = s.sitting_id AND d.renews IS NULL
      LEFT JOIN certificate c ON c.tenant_id = s.tenant_id AND c.sitting_id = s.sitting_id
     WHERE s.tenant_id = $1 AND s.ended_at IS NOT NULL
       AND (s.validity = 'unreviewed'
            OR EXISTS (SELECT FROM incident i WHERE i.tenant_id = s.tenant_id AND i.sitting_id = s.sitting_id AND i.ended_at IS NULL)
            OR (s.passed AND s.validity IN ('clear', 'upheld') AND c.certificate_id IS NULL AND coalesce(d.state, 'pending') NOT IN ('refused', 'withdrawn')))
     ORDER BY s.ended_at LIMIT 100)sql"};
constexpr auto incident_by_id = Statement{"incident_by_id", R"sql(
    SELECT * FROM incident WHERE tenant_id = $1 AND incident_id = $2)sql"};
constexpr auto incidents_of_sitting = Statement{"incidents_of_sitting", R"sql(
    SELECT * FROM incident WHERE tenant_id = $1 AND sitting_id = $2 ORDER BY started_at, incident_id)sql"};
constexpr auto incidents_all = Statement{"incidents_all", R"sql(
    SELECT * FROM incident WHERE tenant_id = $1 ORDER BY (state = 'open') DESC, started_at DESC, incident_id LIMIT $2)sql"};
constexpr auto evidence_by_hash = Statement{"evidence_by_hash", R"sql(
    SELECT * FROM evidence WHERE tenant_id = $1 AND sha256 = $2)sql"};

constexpr auto evidence_of_sitting = Statement{"evidence_of_sitting", R"sql(
    SELECT * FROM evidence WHERE tenant_id = $1 AND sitting_id = $2 ORDER BY taken_at, sha256)sql"};
constexpr auto evidence_of_person = Statement{"evidence_of_person", R"sql(
    SELECT * FROM evidence WHERE tenant_id = $1 AND person_id = $2 ORDER BY taken_at, sha256)sql"};
constexpr auto evidence_names = Statement{"evidence_names", R"sql(SELECT sha256 FROM evidence WHERE tenant_id = $1 ORDER BY sha256)sql"};
constexpr auto review_of_sitting = Statement{"review_of_sitting", R"sql(
    SELECT * FROM sitting_review WHERE tenant_id = $1 AND sitting_id = $2)sql"};
constexpr auto ban_of_person = Statement{"ban_of_person", R"sql(
    SELECT * FROM sitting_review WHERE tenant_id = $1 AND person_id = $2 AND banned_until > $3 AND confirmed_by IS NOT NULL
     ORDER BY banned_until DESC, sitting_id LIMIT 1)sql"};

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

ItemParametersRow parameters_of(Row const& r)
{
    return {r.get<ItemId>("item_id"), r.get<double>("discrimination"), r.get<double>("difficulty"), r.get<double>("pseudo_guessing"),
            r.get<bool>("provisional"), r.get<Timestamp>("recorded_at"), r.get<std::optional<json::value>>("model")};
}

SittingReviewRow review_of(Row const& r)
{
    return {.sitting = r.get<SittingId>("sitting_id"),
            .person = r.get<PersonId>("person_id"),
            .decision = r.get<std::string>("decision"),
            .reason = r.get<std::string>("reason"),
            .banned_until = r.get<std::optional<Timestamp>>("banned_until"),
            .reviewer = r.get<StaffId>("reviewer"),
            .decided_at = r.get<Timestamp>("decided_at"),
            .confirmed_by = r.get<std::optional<StaffId>>("confirmed_by"),
            .confirmed_at = r.get<std::optional<Timestamp>>("confirmed_at")};
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

asio::awaitable<std::optional<ExamRow>> find_exam_named(Pool& pool, TenantId tenant, std::string identifier)
{
    auto const rows = co_await pool.query(tenant, exam_by_name, params(tenant, identifier));
    co_return first(rows, exam_of);
}

asio::awaitable<std::optional<ItemRow>> find_item(Pool& pool, TenantId tenant, ItemId item)
{
    auto const rows = co_await pool.query(tenant, item_by_id, params(tenant, item));
    co_return first(rows, item_of);
}

asio::awaitable<std::vector<json::value>> list_exposure_records(Pool& pool, TenantId tenant, Sha256Digest exam_version)
{
    auto const rows = co_await pool.query(tenant, exposure_records, params(tenant, exam_version));
    co_return all(rows, [](Row const& r) { return r.get<json::value>("record"); });
}

asio::awaitable<std::vector<ItemId>> list_suspended_items(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, items_suspended, params(tenant));
    co_return all(rows, [](Row const& r) { return r.get<ItemId>("item_id"); });
}

asio::awaitable<std::vector<ItemParametersRow>> list_item_parameters(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, parameters_all, params(tenant));
    co_return all(rows, parameters_of);
}

asio::awaitable<std::vector<EvidenceRow>> list_evidence_of(Pool& pool, TenantId tenant, SittingId sitting)
{
    auto const rows = co_await pool.query(tenant, evidence_of_sitting, params(tenant, sitting));
    co_return all(rows, evidence_of);
}

asio::awaitable<std::vector<EvidenceRow>> list_evidence_of_person(Pool& pool, TenantId tenant, PersonId person)
{
    auto const rows = co_await pool.query(tenant, evidence_of_person, params(tenant, person));
    co_return all(rows, evidence_of);
}

asio::awaitable<std::vector<Sha256Digest>> list_evidence_names(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, evidence_names, params(tenant));
    co_return all(rows, [](Row const& r) { return r.get<Sha256Digest>("sha256"); });
}

asio::awaitable<std::optional<SittingReviewRow>> find_sitting_review(Pool& pool, TenantId tenant, SittingId sitting)
{
    auto const rows = co_await pool.query(tenant, review_of_sitting, params(tenant, sitting));
    co_return first(rows, review_of);
}

asio::awaitable<std::optional<SittingReviewRow>> find_ban(Pool& pool, TenantId tenant, PersonId person, Timestamp now)
{
    auto const rows = co_await pool.query(tenant, ban_of_person, params(tenant, person, now));
    co_return first(rows, review_of);
}

} // namespace assay::storage
