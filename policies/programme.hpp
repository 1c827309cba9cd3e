#pragma once
// The programme (certification scheme) stands above the exam: what is certified, what has to be shown, how long it lasts, who
// decides. Versioned, named by its hash; a sitting pins the version it is for.
#include "core/ids.hpp"
#include "credentials/policy.hpp"
#include "policies/parsed.hpp"

namespace assay::policies {

struct Requirement {
    std::string kind;  ///< "exam" is the only kind yet
    std::string title; ///< for people
    std::string exam;  ///< the exam's identifier
    friend bool operator==(Requirement const&, Requirement const&) = default;
};

/// A rule that decides in a person's place: whoever passes with a clear sitting is certified. Two different people approved it.
struct DecisionRule {
    std::vector<StaffId> approved_by;
    friend bool operator==(DecisionRule const&, DecisionRule const&) = default;
};

struct Programme {
    ProgrammeId id; ///< of the programme over all versions: from its identifier
    std::string identifier, version, title, description, criteria, scope;
    std::string language = "en"; ///< BCP 47, of the texts
    std::vector<Requirement> requirements; ///< at least one
    credentials::CredentialPolicy credential;
    std::optional<DecisionRule> rule; ///< none: a person decides each time
};

/// policies/defaults/programme.toml shows every key.
Parsed<Programme> parse_programme(std::string_view document, std::string const& source);

/// Validity, renewal window, reminders and grace alone (policies/defaults/credential.toml).
Parsed<credentials::CredentialPolicy> parse_credential_policy(std::string_view document, std::string const& source);

} // namespace assay::policies
