#pragma once
// The certification decision: a recorded act of its own between a result and a certificate (ISO/IEC 17024, 9.4). An exam
// never certifies anybody; a person who had no part in it does, or a rule that two people approved beforehand.
#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace assay::credentials {

enum class DecisionState { pending, granted, refused, withdrawn };
std::string_view to_string(DecisionState state) noexcept;

/// Validity of a result, in the words of the whole system.
enum class ResultValidity { unreviewed, clear, under_review, upheld, voided };

/// What is decided about, and who had a part in it.
struct DecisionBasis {
    SittingId sitting;
    PersonId candidate;
    ProgrammeId programme;
    Sha256Digest programme_version;
    Sha256Digest exam_version;
    std::string scope; ///< what the certificate is for
    bool result_passed = false;
    ResultValidity validity = ResultValidity::unreviewed;
    std::vector<StaffId> trained_by;
    std::vector<StaffId> watched_by; ///< proctors of the sitting
    std::vector<StaffId> reviewed_by;///< reviewers of its incidents
};

struct PersonDecides {
    StaffId person;
    std::optional<PersonId> same_as; ///< when this member of staff is also known as a candidate
};
struct RuleDecides {
    Sha256Digest rule;              ///< the approved document
    std::vector<StaffId> approved_by;
};
using Decider = std::variant<PersonDecides, RuleDecides>;

struct CertificationDecision {
    DecisionState state = DecisionState::pending;
    DecisionBasis basis;
    std::optional<Decider> decider; ///< who decided last
    std::optional<Timestamp> decided_at;
    std::string reason;
};

/// Grants, refuses or withdraws; the decision as it then stands, or the first rule that is broken.
///   pending → granted | refused | withdrawn;  granted → withdrawn;  nothing follows refused or withdrawn.
/// errc::decision_already_made, result_not_passed, result_not_clear (granting only), decider_trained_candidate,
/// decider_watched_sitting, decider_reviewed_sitting, decider_is_candidate, rule_needs_two_approvals (two different people; a
/// rule only grants), reason_missing (refused, withdrawn).
result<CertificationDecision> decide_certification(CertificationDecision const& current, DecisionState to, Decider decider,
                                                   std::string reason, Timestamp now);

} // namespace assay::credentials
