#pragma once
// How long certificates of a programme last and when their holders hear about it. `policies` fills this from TOML.
#include "core/contract.hpp"

#include <string>
#include <vector>

namespace assay::credentials {

/// How a holder may renew; one of the open paths is enough.
struct RenewalPaths {
    bool full_exam = true;        ///< sitting the programme's exam again
    std::string delta_exam;       ///< identifier of a shorter exam about what is new in a release; empty: no such path
    int credits = 0;              ///< 0..1000 continuing-education credits with evidence; 0: no such path
    int practice_credits_max = 0; ///< 0..credits: so many of them at most may come from practice

    friend bool operator==(RenewalPaths const&, RenewalPaths const&) = default;
};

struct CredentialPolicy {
    int validity_months = 24;     ///< 1..120; 0: never expires
    int renewal_window_days = 90; ///< 0..730: how long before the last day renewal opens
    std::vector<int> reminder_days_before = {90, 60, 30, 7, 1}; ///< each 0..730, distinct, at most 12; days before the last day
    /// 0..365: after the last day; the certificate has expired, but renewal needs no new application.
    int grace_days = 30;
    RenewalPaths renewal;

    friend bool operator==(CredentialPolicy const&, CredentialPolicy const&) = default;
};

/// errc::policy_out_of_range when a field leaves the range above, the renewal window is longer than the validity, or no path leads to renewal.
result<void> check(CredentialPolicy const& policy);

} // namespace assay::credentials
