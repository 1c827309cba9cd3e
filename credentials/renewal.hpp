#pragma once
// How a certificate is renewed, and what a changed policy does to those that are out there. Source: ISO/IEC 17024:2012, 9.6 (recertification).
#include "core/hash.hpp"
#include "credentials/schedule.hpp"

#include <span>
#include <string>

namespace assay::credentials {

/// One line of a continuing-education record.
struct EducationCredit {
    bool practice = false; ///< professional practice, rather than learning
    int credits = 0;       ///< at least 1
    std::optional<Sha256Digest> evidence; ///< of what shows it; without evidence it counts nothing
    Timestamp earned_at;
};

/// What counts towards renewal: with evidence, earned in [from, until), and of practice at most what the policy allows.
int counted_credits(RenewalPaths const& paths, std::span<EducationCredit const> record, Timestamp from, Timestamp until);

enum class RenewalPath { full_exam, delta_exam, credits };
std::string_view to_string(RenewalPath path) noexcept;

/// What a holder can show for the time since the certificate was awarded.
struct RenewalBasis {
    bool passed_full_exam = false;
    std::string passed_delta_exam; ///< identifier of the exam about a new release that was passed; empty: none
    std::span<EducationCredit const> record;
    Timestamp from, until;         ///< the award, and now
};

/// The first path, in the order of RenewalPath, that the policy opens and the basis fulfils. Errors: errc::renewal_not_earned.
result<RenewalPath> renewal_path(RenewalPaths const& paths, RenewalBasis const& basis);

/// What a policy moves in a life that was planned under another one. What is signed stays: the last day never moves. Promises stay too: renewal
/// opens no later, grace ends no sooner. Reminders are planned anew from now on.
struct ScheduleMove {
    std::optional<Timestamp> renewal_opens, grace_until; ///< the new ones; nothing: it stays
    std::vector<Timestamp> reminders_added, reminders_dropped; ///< ascending, all after now
    friend bool operator==(ScheduleMove const&, ScheduleMove const&) = default;
};

/// `planned` as it is stored, with the reminders that are still to come. Nothing when the policy changes nothing: also for a certificate that
/// never expires, or whose grace is over. Expects check(policy).
std::optional<ScheduleMove> schedule_move(CredentialPolicy const& policy, RecertificationSchedule const& planned, Timestamp now);

} // namespace assay::credentials
