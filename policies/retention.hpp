#pragma once
#include "policies/parsed.hpp"

namespace assay::policies {

/// How long what is not the record itself is kept. Candidates are told before they agree.
struct RetentionPolicy {
    int clean_evidence_days = 30;   ///< after the decision: stills of a sitting without upheld incidents
    int flagged_evidence_days = 90; ///< after the end of the appeal period
    int identity_images_days = 7;   ///< after check-in
    bool keep_for_calibration = false; ///< (item, category, one-off pseudonym) only
    friend bool operator==(RetentionPolicy const&, RetentionPolicy const&) = default;
};

/// policies/defaults/retention.toml shows every key with its default.
Parsed<RetentionPolicy> parse_retention_policy(std::string_view document, std::string const& source);

} // namespace assay::policies
