#pragma once
// Rows that more than one repository reads.
#include "storage/pg/rows.hpp"
#include "storage/repositories/rows.hpp"

namespace assay::storage::detail {

inline PersonRow person_of(Row const& r)
{
    return {r.get<PersonId>("person_id"), r.get<Bytes>("sealed_profile"), r.get<Timestamp>("created_at"),
            r.get<std::optional<Timestamp>>("erased_at")};
}

inline RegistrationRow registration_of(Row const& r)
{
    return {.id = r.get<RegistrationId>("registration_id"),
            .person = r.get<PersonId>("person_id"),
            .exam = r.get<Uuid>("exam_id"),
            .state = r.get<std::string>("state"),
            .token_hash = r.get<Sha256Digest>("token_hash"),
            .extra_minutes = r.get<std::int32_t>("extra_minutes"),
            .camera_agreed = r.get<std::optional<bool>>("camera_agreed"),
            .rules_accepted = r.get<std::optional<Sha256Digest>>("rules_accepted"),
            .rules_accepted_at = r.get<std::optional<Timestamp>>("rules_accepted_at"),
            .invited_by = r.get<StaffId>("invited_by"),
            .created_at = r.get<Timestamp>("created_at"),
            .expires_at = r.get<Timestamp>("expires_at")};
}

inline SittingRow sitting_of(Row const& r)
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

} // namespace assay::storage::detail
