#pragma once
// How long certificates of a programme last and when their holders hear about it. `policies` fills this from TOML.
#include "core/contract.hpp"

#include <vector>

namespace assay::credentials {

struct CredentialPolicy {
    int validity_months = 24;     ///< 1..120; 0: never expires
    int renewal_window_days = 90; ///< 0..730: how long before the last day renewal opens
    std::vector<int> reminder_days_before = {90, 60, 30, 7, 1}; ///< each 0..730, distinct, at most 12; days before the last day
    /// 0..365: after the last day; the certificate has expired, but renewal needs no new application.
    int grace_days = 30;

    friend bool operator==(CredentialPolicy const&, CredentialPolicy const&) = default;
};

/// errc::policy_out_of_range when a field leaves the range above or the renewal window is longer than the validity.
result<void> check(CredentialPolicy const& policy);

} // namespace assay::credentials
