#include "policies/retention.hpp"

#include "policies/detail/table_reader.hpp"

namespace assay::policies {

Parsed<RetentionPolicy> parse_retention_policy(std::string_view document, std::string const& source)
{
    auto policy = RetentionPolicy{};
    auto parsed = Parsed<RetentionPolicy>{};
    parsed.problems = detail::read_document(document, source, [&](detail::TableReader& root) {
        root.whole_number("clean_evidence_days", policy.clean_evidence_days, 0, 365);
        root.whole_number("appeal_days", policy.appeal_days, 0, 365);
        root.whole_number("flagged_evidence_days", policy.flagged_evidence_days, 0, 730);
        root.whole_number("identity_images_days", policy.identity_images_days, 0, 365);
        root.flag("keep_for_calibration", policy.keep_for_calibration);
    });
    if (parsed.problems.empty()) parsed.value = policy;
    return parsed;
}

std::optional<Timestamp> deletion_due(RetentionPolicy const& policy, EvidenceFacts const& facts)
{
    if (!facts.settled) return std::nullopt;
    auto const days = facts.flagged ? policy.appeal_days + policy.flagged_evidence_days : policy.clean_evidence_days;
    return facts.decided_at + std::chrono::days{days};
}

} // namespace assay::policies
