#pragma once
// The judgement of a whole sitting, beside the verdicts on its incidents: nothing, a warning, void, or a ban. Rules: proctor/review.hpp.
#include "proctor/review.hpp"
#include "server/app/services.hpp"
#include "storage/repositories/exams.hpp"

namespace assay::server {

proctor::Incident incident_of(storage::IncidentRow const& row);

struct Judgement {
    std::vector<proctor::Incident> incidents;
    std::optional<proctor::Review> review; ///< its note stays in the journal
};
asio::awaitable<Judgement> load_judgement(Services& services, TenantId tenant, SittingId sitting);

/// Records what a reviewer proposes. no_action and warning hold at once; void and ban_until wait for a second person. A new proposal takes
/// the place of one that is not confirmed; an earlier judgement that holds is only changed into one that two people make.
/// Errors: proctor's; proctor::errc::already_decided (a confirmed judgement stands); storage::errc::not_found, stale.
asio::awaitable<result<void>> propose_review(Services& services, storage::TenantRow const& tenant, SittingId sitting, proctor::Review review);

/// The second person's word. Errors: as above; proctor::errc::nothing_to_confirm, second_person_required.
asio::awaitable<result<void>> confirm_review(Services& services, storage::TenantRow const& tenant, SittingId sitting, StaffId by);
/// The second person disagrees: the proposal is gone, and the sitting is open again.
asio::awaitable<result<void>> decline_review(Services& services, storage::TenantRow const& tenant, SittingId sitting, StaffId by);

} // namespace assay::server
