#pragma once
#include "core/time.hpp"
#include "policies/parsed.hpp"

namespace assay::policies {

/// How long what is not the record itself is kept. Candidates are told before they agree.
struct RetentionPolicy {
    int clean_evidence_days = 30;   ///< after the decision: stills of a sitting without upheld incidents
    int appeal_days = 30;           ///< in which a decision can be appealed
    int flagged_evidence_days = 90; ///< after the end of that time: when something stood against the candidate
    int identity_images_days = 7;   ///< after check-in
    bool keep_for_calibration = false; ///< (item, category, one-off pseudonym) only
    friend bool operator==(RetentionPolicy const&, RetentionPolicy const&) = default;
};

/// policies/defaults/retention.toml shows every key with its default.
Parsed<RetentionPolicy> parse_retention_policy(std::string_view document, std::string const& source);

/// What the end of a sitting's evidence depends on.
struct EvidenceFacts {
    bool settled = false;   ///< ended, judged, decided: nothing is open, and nobody holds it
    bool flagged = false;   ///< an incident was escalated, or the review warned, voided or banned
    Timestamp decided_at{}; ///< the last decision about the sitting; its end when none was needed
};

/// From when on the evidence must go; before it, nothing may. Nothing while the sitting is not settled: then it has no end yet.
///     clean: decided_at + clean_evidence_days;   flagged: decided_at + appeal_days + flagged_evidence_days
std::optional<Timestamp> deletion_due(RetentionPolicy const& policy, EvidenceFacts const& facts);

} // namespace assay::policies
