#pragma once
// The whole life of a certificate as dates, computed once at issue and stored: no later policy moves a promise.
// Calendar days are UTC. The last valid day counts whole: valid_until is its 23:59:59, so that every reader shows that day.
#include "core/time.hpp"
#include "credentials/policy.hpp"

#include <optional>

namespace assay::credentials {

/// The same day of the month `months` later, or the last day of that month when it has no such day
/// (31 January + 1 month = 28 or 29 February; 29 February + 12 months = 28 February).
std::chrono::sys_days add_months(std::chrono::sys_days day, int months) noexcept;

struct RecertificationSchedule {
    Timestamp valid_from;
    std::optional<Timestamp> valid_until;   ///< nothing, and nothing below, when it never expires
    std::optional<Timestamp> renewal_opens; ///< 00:00, never before valid_from
    std::vector<Timestamp> reminders;       ///< 08:00, ascending; those not after valid_from are left out
    std::optional<Timestamp> grace_until;   ///< equals valid_until without grace

    friend bool operator==(RecertificationSchedule const&, RecertificationSchedule const&) = default;
};

/// `renews` is the end of the certificate that this one renews: while that one still runs, validity counts from its end, so that renewing
/// early costs nobody a day; after it, from valid_from. Expects check(policy).
RecertificationSchedule schedule(CredentialPolicy const& policy, Timestamp valid_from, std::optional<Timestamp> renews = std::nullopt);

} // namespace assay::credentials
