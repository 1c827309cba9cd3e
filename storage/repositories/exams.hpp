#pragma once
// What is sat and under which documents; the sittings themselves; what cameras made of them.
#include "storage/pool.hpp"
#include "storage/repositories/rows.hpp"

namespace assay::storage {

asio::awaitable<std::optional<DocumentRow>> find_document(Pool& pool, TenantId tenant, Sha256Digest sha256);
/// Those that exist, in no particular order.
asio::awaitable<std::vector<DocumentRow>> find_documents(Pool& pool, TenantId tenant, std::vector<Sha256Digest> sha256);
/// Those of one kind, newest first.
asio::awaitable<std::vector<DocumentRow>> list_documents(Pool& pool, TenantId tenant, std::string kind, int limit);

asio::awaitable<std::optional<ExamRow>> find_exam(Pool& pool, TenantId tenant, Uuid exam);
asio::awaitable<std::vector<ExamRow>> list_exams(Pool& pool, TenantId tenant);
asio::awaitable<std::optional<ExamRow>> find_exam_named(Pool& pool, TenantId tenant, std::string identifier);
asio::awaitable<std::vector<ItemRow>> list_items(Pool& pool, TenantId tenant);
asio::awaitable<std::optional<ItemRow>> find_item(Pool& pool, TenantId tenant, ItemId item);
/// Of all items that have some.
/// What exposure control has learnt from an exam version's sittings, oldest first: the values of "record" in rows of that kind.
asio::awaitable<std::vector<json::value>> list_exposure_records(Pool& pool, TenantId tenant, Sha256Digest exam_version);
/// Ascending.
asio::awaitable<std::vector<ItemId>> list_suspended_items(Pool& pool, TenantId tenant);
asio::awaitable<std::vector<ItemParametersRow>> list_item_parameters(Pool& pool, TenantId tenant);

asio::awaitable<std::optional<SittingRow>> find_sitting(Pool& pool, TenantId tenant, SittingId sitting);
/// The latest sitting of a registration, if one was opened.
asio::awaitable<std::optional<SittingRow>> find_sitting_of(Pool& pool, TenantId tenant, RegistrationId registration);
/// Newest first.
asio::awaitable<std::vector<SittingRow>> list_sittings(Pool& pool, TenantId tenant, int limit);
/// Ready, running or paused.
asio::awaitable<std::vector<SittingRow>> list_open_sittings(Pool& pool, TenantId tenant);
/// Ended ones for which a next step may be due: validity not settled, or passed and valid without a certificate or a refusal.
asio::awaitable<std::vector<SittingId>> list_unsettled_sittings(Pool& pool, TenantId tenant);

asio::awaitable<std::optional<IncidentRow>> find_incident(Pool& pool, TenantId tenant, IncidentId incident);
asio::awaitable<std::vector<IncidentRow>> list_incidents_of(Pool& pool, TenantId tenant, SittingId sitting);
/// Open ones first, then by time.
asio::awaitable<std::vector<IncidentRow>> list_incidents(Pool& pool, TenantId tenant, int limit);
asio::awaitable<std::optional<EvidenceRow>> find_evidence(Pool& pool, TenantId tenant, Sha256Digest sha256);
asio::awaitable<std::vector<EvidenceRow>> list_evidence_of(Pool& pool, TenantId tenant, SittingId sitting);
asio::awaitable<std::vector<EvidenceRow>> list_evidence_of_person(Pool& pool, TenantId tenant, PersonId person);
/// The names of all the tenant's files, ascending.
asio::awaitable<std::vector<Sha256Digest>> list_evidence_names(Pool& pool, TenantId tenant);

asio::awaitable<std::optional<SittingReviewRow>> find_sitting_review(Pool& pool, TenantId tenant, SittingId sitting);
/// The confirmed ban of a person that lasts longest and is not over at `now`.
asio::awaitable<std::optional<SittingReviewRow>> find_ban(Pool& pool, TenantId tenant, PersonId person, Timestamp now);

} // namespace assay::storage
