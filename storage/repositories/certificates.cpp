#include "storage/repositories/certificates.hpp"

#include "storage/repositories/detail/read_rows.hpp"

namespace assay::storage {
namespace {

using detail::all;
using detail::first;

constexpr auto decision_by_id = Statement{"decision_by_id", R"sql(
    SELECT * FROM certification_decision WHERE tenant_id = $1 AND decision_id = $2)sql"};
constexpr auto decision_by_sitting = Statement{"decision_by_sitting", R"sql(
    SELECT * FROM certification_decision WHERE tenant_id = $1 AND sitting_id = $2 AND renews IS NULL)sql"};
constexpr auto decision_by_renewed = Statement{"decision_by_renewed", R"sql(
    SELECT * FROM certification_decision WHERE tenant_id = $1 AND renews = $2)sql"};
constexpr auto decisions_all = Statement{"decisions_all", R"sql(
    SELECT * FROM certification_decision WHERE tenant_id = $1
     ORDER BY (state = 'pending') DESC, created_at DESC, decision_id LIMIT $2)sql"};
constexpr auto issuer_keys_all = Statement{"issuer_keys_all", R"sql(
    SELECT * FROM issuer_key WHERE tenant_id = $1 ORDER BY created_at, key_id)sql"};
constexpr auto certificate_by_id = Statement{"certificate_by_id", R"sql(
    SELECT * FROM certificate WHERE tenant_id = $1 AND certificate_id = $2)sql"};
constexpr auto certificate_by_sitting = Statement{"certificate_by_sitting", R"sql(
    SELECT c.* FROM certificate c JOIN certification_decision d ON d.tenant_id = c.tenant_id AND d.decision_id = c.decision_id
     WHERE c.tenant_id = $1 AND c.sitting_id = $2 AND d.renews IS NULL)sql"};
constexpr auto certificate_by_decision = Statement{"certificate_by_decision", R"sql(
    SELECT * FROM certificate WHERE tenant_id = $1 AND decision_id = $2)sql"};
constexpr auto certificate_by_digest = Statement{"certificate_by_digest", R"sql(
    SELECT * FROM certificate WHERE tenant_id = $1 AND credential_sha256 = $2 LIMIT 1)sql"};
constexpr auto certificates_newest = Statement{"certificates_newest", R"sql(
    SELECT * FROM certificate WHERE tenant_id = $1 ORDER BY created_at DESC, certificate_id LIMIT $2)sql"};
constexpr auto certificates_since = Statement{"certificates_since", R"sql(
    SELECT * FROM certificate WHERE tenant_id = $1 AND created_at >= $2 ORDER BY created_at, certificate_id)sql"};
constexpr auto certified = Statement{"certified", R"sql(
    SELECT c.*, d.programme FROM certificate c JOIN certification_decision d ON d.tenant_id = c.tenant_id AND d.decision_id = c.decision_id
     WHERE c.tenant_id = $1 AND ($2::uuid IS NULL OR c.person_id = $2) ORDER BY c.created_at, c.certificate_id)sql"};
constexpr auto credit_by_id = Statement{"credit_by_id", R"sql(
    SELECT credit_id, person_id, certificate_id, practice, credits, earned_at, sealed_claim, evidence_sha256, state, decided_by, decided_at, sealed_reason, created_at
      FROM education_credit WHERE tenant_id = $1 AND credit_id = $2)sql"};
constexpr auto credit_evidence = Statement{"credit_evidence", R"sql(
    SELECT sealed_evidence FROM education_credit WHERE tenant_id = $1 AND credit_id = $2)sql"};
constexpr auto credits_of_certificate = Statement{"credits_of_certificate", R"sql(
    SELECT credit_id, person_id, certificate_id, practice, credits, earned_at, sealed_claim, evidence_sha256, state, decided_by, decided_at, sealed_reason, created_at
      FROM education_credit WHERE tenant_id = $1 AND certificate_id = $2 ORDER BY created_at, credit_id)sql"};
constexpr auto credits_all = Statement{"credits_all", R"sql(
    SELECT credit_id, person_id, certificate_id, practice, credits, earned_at, sealed_claim, evidence_sha256, state, decided_by, decided_at, sealed_reason, created_at
      FROM education_credit WHERE tenant_id = $1
     ORDER BY (state = 'submitted') DESC, CASE WHEN state = 'submitted' THEN created_at END, decided_at DESC, credit_id LIMIT $2)sql"};
constexpr auto renewable_by_credits = Statement{"renewable_by_credits", R"sql(
    SELECT c.certificate_id FROM certificate c
     WHERE c.tenant_id = $1 AND c.state = 'active' AND c.renewal_opens_at <= $2 AND coalesce(c.grace_until, c.valid_until) > $2
       AND EXISTS (SELECT FROM education_credit e WHERE e.tenant_id = c.tenant_id AND e.certificate_id = c.certificate_id AND e.state = 'approved')
     ORDER BY c.certificate_id)sql"};
constexpr auto indices_of_list = Statement{"status_indices_of_list", R"sql(
    SELECT status_index, state IN ('revoked', 'superseded', 'surrendered') AS revoked FROM certificate
     WHERE tenant_id = $1 AND status_list = $2 ORDER BY status_index)sql"};
constexpr auto mail_due = Statement{"mail_due", R"sql(
    SELECT * FROM outbox WHERE tenant_id = $1 AND state = 'queued' AND next_at <= $2 ORDER BY next_at, outbox_id LIMIT $3)sql"};

constexpr auto mail_by_id = Statement{"mail_by_id", R"sql(SELECT * FROM outbox WHERE tenant_id = $1 AND outbox_id = $2)sql"};
constexpr auto mail_all = Statement{"mail_all", R"sql(
    SELECT * FROM outbox WHERE tenant_id = $1 ORDER BY (state = 'failed') DESC, created_at DESC, outbox_id LIMIT $2)sql"};
constexpr auto mail_of_person = Statement{"mail_of_person", R"sql(
    SELECT * FROM outbox WHERE tenant_id = $1 AND recipient = $2 ORDER BY created_at, outbox_id)sql"};
constexpr auto certificates_of_person = Statement{"certificates_of_person", R"sql(
    SELECT * FROM certificate WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at, certificate_id)sql"};

DecisionRow decision_of(Row const& r)
{
    return {.id = r.get<DecisionId>("decision_id"),
            .sitting = r.get<SittingId>("sitting_id"),
            .person = r.get<PersonId>("person_id"),
            .programme = r.get<Sha256Digest>("programme"),
            .scope = r.get<std::string>("scope"),
            .state = r.get<std::string>("state"),
            .basis = r.get<json::value>("basis"),
            .decided_by = r.get<std::optional<std::string>>("decided_by"),
            .reason = r.get<std::optional<std::string>>("reason"),
            .created_at = r.get<Timestamp>("created_at"),
            .decided_at = r.get<std::optional<Timestamp>>("decided_at"),
            .renews = r.get<std::optional<CertificateId>>("renews")};
}

EducationCreditRow credit_of(Row const& r)
{
    return {.id = r.get<Uuid>("credit_id"),
            .person = r.get<PersonId>("person_id"),
            .certificate = r.get<CertificateId>("certificate_id"),
            .practice = r.get<bool>("practice"),
            .credits = r.get<std::int32_t>("credits"),
            .earned_at = r.get<Timestamp>("earned_at"),
            .sealed_claim = r.get<Bytes>("sealed_claim"),
            .evidence_sha256 = r.get<Sha256Digest>("evidence_sha256"),
            .state = r.get<std::string>("state"),
            .decided_by = r.get<std::optional<StaffId>>("decided_by"),
            .decided_at = r.get<std::optional<Timestamp>>("decided_at"),
            .sealed_reason = r.get<std::optional<Bytes>>("sealed_reason"),
            .created_at = r.get<Timestamp>("created_at")};
}

IssuerKeyRow issuer_key_of(Row const& r)
{
    return {r.get<std::string>("key_id"), r.get<std::string>("purpose"), r.get<Bytes>("sealed_seed"),
            r.get<Timestamp>("created_at"), r.get<std::optional<Timestamp>>("expires_at"), r.get<std::optional<Timestamp>>("revoked_at")};
}

CertificateRow certificate_of(Row const& r)
{
    return {.id = r.get<CertificateId>("certificate_id"),
            .number = r.get<std::string>("number"),
            .person = r.get<PersonId>("person_id"),
            .sitting = r.get<SittingId>("sitting_id"),
            .decision = r.get<DecisionId>("decision_id"),
            .state = r.get<std::string>("state"),
            .status_list = r.get<std::int32_t>("status_list"),
            .status_index = r.get<std::int32_t>("status_index"),
            .valid_from = r.get<Timestamp>("valid_from"),
            .valid_until = r.get<std::optional<Timestamp>>("valid_until"),
            .grace_until = r.get<std::optional<Timestamp>>("grace_until"),
            .renewal_opens_at = r.get<std::optional<Timestamp>>("renewal_opens_at"),
            .credential_sha256 = r.get<Sha256Digest>("credential_sha256"),
            .sealed_credential = r.get<Bytes>("sealed_credential"),
            .visibility = r.get<std::string>("visibility"),
            .superseded_by = r.get<std::optional<CertificateId>>("superseded_by"),
            .ended_at = r.get<std::optional<Timestamp>>("ended_at"),
            .ended_reason = r.get<std::optional<std::string>>("ended_reason"),
            .created_at = r.get<Timestamp>("created_at")};
}

OutboxRow outbox_of(Row const& r)
{
    return {.id = r.get<Uuid>("outbox_id"),
            .event = r.get<std::string>("event"),
            .recipient = r.get<PersonId>("recipient"),
            .message_id = r.get<std::string>("message_id"),
            .template_name = r.get<std::string>("template"),
            .sealed_arguments = r.get<Bytes>("sealed_arguments"),
            .state = r.get<std::string>("state"),
            .attempts = r.get<std::int32_t>("attempts"),
            .next_at = r.get<Timestamp>("next_at"),
            .last_error = r.get<std::optional<std::string>>("last_error"),
            .sent_at = r.get<std::optional<Timestamp>>("sent_at"),
            .created_at = r.get<Timestamp>("created_at")};
}

} // namespace

asio::awaitable<std::optional<DecisionRow>> find_decision(Pool& pool, TenantId tenant, DecisionId decision)
{
    auto const rows = co_await pool.query(tenant, decision_by_id, params(tenant, decision));
    co_return first(rows, decision_of);
}

asio::awaitable<std::optional<DecisionRow>> find_decision_of(Pool& pool, TenantId tenant, SittingId sitting)
{
    auto const rows = co_await pool.query(tenant, decision_by_sitting, params(tenant, sitting));
    co_return first(rows, decision_of);
}

asio::awaitable<std::optional<DecisionRow>> find_renewal_decision(Pool& pool, TenantId tenant, CertificateId renews)
{
    auto const rows = co_await pool.query(tenant, decision_by_renewed, params(tenant, renews));
    co_return first(rows, decision_of);
}

asio::awaitable<std::vector<DecisionRow>> list_decisions(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, decisions_all, params(tenant, limit));
    co_return all(rows, decision_of);
}

asio::awaitable<std::vector<IssuerKeyRow>> list_issuer_keys(Pool& pool, TenantId tenant)
{
    auto const rows = co_await pool.query(tenant, issuer_keys_all, params(tenant));
    co_return all(rows, issuer_key_of);
}

asio::awaitable<std::optional<CertificateRow>> find_certificate(Pool& pool, TenantId tenant, CertificateId certificate)
{
    auto const rows = co_await pool.query(tenant, certificate_by_id, params(tenant, certificate));
    co_return first(rows, certificate_of);
}

asio::awaitable<std::optional<CertificateRow>> find_certificate_of(Pool& pool, TenantId tenant, SittingId sitting)
{
    auto const rows = co_await pool.query(tenant, certificate_by_sitting, params(tenant, sitting));
    co_return first(rows, certificate_of);
}

asio::awaitable<std::optional<CertificateRow>> find_certificate_by_decision(Pool& pool, TenantId tenant, DecisionId decision)
{
    auto const rows = co_await pool.query(tenant, certificate_by_decision, params(tenant, decision));
    co_return first(rows, certificate_of);
}

asio::awaitable<std::vector<CertifiedRow>> list_certified(Pool& pool, TenantId tenant, std::optional<PersonId> person)
{
    auto const rows = co_await pool.query(tenant, certified, params(tenant, person));
    co_return all(rows, [](Row const& r) { return CertifiedRow{certificate_of(r), r.get<Sha256Digest>("programme")}; });
}

asio::awaitable<std::optional<EducationCreditRow>> find_credit(Pool& pool, TenantId tenant, Uuid credit)
{
    auto const rows = co_await pool.query(tenant, credit_by_id, params(tenant, credit));
    co_return first(rows, credit_of);
}

asio::awaitable<Bytes> sealed_evidence_of(Pool& pool, TenantId tenant, Uuid credit)
{
    auto const rows = co_await pool.query(tenant, credit_evidence, params(tenant, credit));
    co_return rows.empty() ? Bytes{} : rows.one().get<Bytes>(0);
}

asio::awaitable<std::vector<EducationCreditRow>> list_credits_of(Pool& pool, TenantId tenant, CertificateId certificate)
{
    auto const rows = co_await pool.query(tenant, credits_of_certificate, params(tenant, certificate));
    co_return all(rows, credit_of);
}

asio::awaitable<std::vector<EducationCreditRow>> list_credits(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, credits_all, params(tenant, limit));
    co_return all(rows, credit_of);
}

asio::awaitable<std::vector<CertificateId>> list_renewable_by_credits(Pool& pool, TenantId tenant, Timestamp now)
{
    auto const rows = co_await pool.query(tenant, renewable_by_credits, params(tenant, now));
    co_return all(rows, [](Row const& r) { return r.get<CertificateId>("certificate_id"); });
}

asio::awaitable<std::optional<CertificateRow>> find_certificate_by_digest(Pool& pool, TenantId tenant, Sha256Digest digest)
{
    auto const rows = co_await pool.query(tenant, certificate_by_digest, params(tenant, digest));
    co_return first(rows, certificate_of);
}

asio::awaitable<std::vector<CertificateRow>> list_certificates(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, certificates_newest, params(tenant, limit));
    co_return all(rows, certificate_of);
}

asio::awaitable<std::vector<CertificateRow>> list_certificates_since(Pool& pool, TenantId tenant, Timestamp since)
{
    auto const rows = co_await pool.query(tenant, certificates_since, params(tenant, since));
    co_return all(rows, certificate_of);
}

asio::awaitable<StatusIndices> status_indices(Pool& pool, TenantId tenant, int status_list)
{
    auto const rows = co_await pool.query(tenant, indices_of_list, params(tenant, status_list));
    auto indices = StatusIndices{};
    for (auto const row : rows) {
        auto const index = std::int64_t{row.get<std::int32_t>("status_index")};
        indices.used.push_back(index);
        if (row.get<bool>("revoked")) indices.revoked.push_back(index);
    }
    co_return indices;
}

asio::awaitable<std::vector<OutboxRow>> list_due_mail(Pool& pool, TenantId tenant, Timestamp now, int limit)
{
    auto const rows = co_await pool.query(tenant, mail_due, params(tenant, now, limit));
    co_return all(rows, outbox_of);
}

asio::awaitable<std::vector<CertificateRow>> list_certificates_of(Pool& pool, TenantId tenant, PersonId person)
{
    auto const rows = co_await pool.query(tenant, certificates_of_person, params(tenant, person));
    co_return all(rows, certificate_of);
}

asio::awaitable<std::optional<OutboxRow>> find_mail(Pool& pool, TenantId tenant, Uuid mail)
{
    auto const rows = co_await pool.query(tenant, mail_by_id, params(tenant, mail));
    co_return first(rows, outbox_of);
}

asio::awaitable<std::vector<OutboxRow>> list_mail(Pool& pool, TenantId tenant, int limit)
{
    auto const rows = co_await pool.query(tenant, mail_all, params(tenant, limit));
    co_return all(rows, outbox_of);
}

asio::awaitable<std::vector<OutboxRow>> list_mail_of(Pool& pool, TenantId tenant, PersonId recipient)
{
    auto const rows = co_await pool.query(tenant, mail_of_person, params(tenant, recipient));
    co_return all(rows, outbox_of);
}

} // namespace assay::storage
