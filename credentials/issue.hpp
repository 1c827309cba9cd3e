#pragma once
// A claim becomes a signed Open Badges 3.0 credential (W3C VC Data Model 2.0), in two encodings of the same bytes.
#include "credentials/achievement.hpp"
#include "credentials/status_list.hpp"

namespace assay::credentials {

struct IssuedCredential {
    std::string unsigned_json; ///< canonical, without proof: what `digest` is of
    Sha256Digest digest;       ///< SHA-256(unsigned_json): the journal commits to it before anything is published
    std::string json;          ///< canonical, with an eddsa-jcs-2022 and an eddsa-rdfc-2022 proof; serve as application/vc+ld+json
    std::string jwt;           ///< the same credential as application/vc+jwt
};

/// Signs `claim` with the tenant's credential key. Pure: the same arguments give the same bytes (Ed25519 is deterministic).
/// Expects claim.issuer.did == signer.did. Errors: those of check(AchievementClaim).
result<IssuedCredential> issue(AchievementClaim const& claim, StatusEntry const& status, Signer const& signer, Timestamp created);

/// What one organisation says of another, or of an achievement: Open Badges 3.0 EndorsementCredential.
struct EndorsementClaim {
    std::string credential_id; ///< URI
    IssuerProfile issuer;
    std::string subject_id;    ///< URI of the profile, achievement or credential that is endorsed
    std::string name;
    std::string comment;       ///< in words
    Timestamp valid_from;
    std::optional<Timestamp> valid_until;
};

/// As issue(). errc::incomplete_claim, malformed_claim, period_is_empty.
result<IssuedCredential> issue_endorsement(EndorsementClaim const& claim, std::optional<StatusEntry> const& status, Signer const& signer, Timestamp created);

/// The credential before signing, for those who render it. Expects check(claim).
json::object to_credential(AchievementClaim const& claim, StatusEntry const& status);

} // namespace assay::credentials
