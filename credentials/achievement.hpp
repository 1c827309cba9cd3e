#pragma once
// What a certificate claims, in values: the seam at which a certification decision becomes a credential.
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"

#include <optional>

namespace assay::credentials {

struct IssuerProfile {
    std::string did;  ///< also the credential's issuer.id
    std::string name;
    std::string url;  ///< may be empty
};

struct Holder {
    std::string id;        ///< a stable URI, never the e-mail: "urn:uuid:…" or a DID
    std::string full_name; ///< any script
    std::string email;     ///< published only as a salted hash; empty: no hash
    std::array<std::byte, 16> salt{}; ///< random, new for each credential
};

struct Achievement {
    std::string id;       ///< URI
    std::string name;
    std::string description;
    std::string criteria; ///< what had to be shown, in words
    std::string criteria_url;      ///< may be empty
    std::string version;           ///< edition of the programme, for people: "2026.1"
    std::string image_url;         ///< may be empty
    Sha256Digest programme_version;///< which programme document
    Sha256Digest exam_version;     ///< which exam version: what a replay starts from
};

/// Scores are texts: what the candidate was told, not a number to be rounded again.
struct ClaimedResult {
    bool passed = false;
    std::string scaled_score;
    std::string scale_min;
    std::string scale_max;
    std::string scale_required; ///< the cut on this scale
};

struct AchievementClaim {
    std::string credential_id; ///< URI: the public page of the certificate
    IssuerProfile issuer;
    Holder holder;
    Achievement achievement;
    ClaimedResult result;
    Timestamp decided_at;      ///< date of the certification decision: awardedDate
    Timestamp valid_from;
    std::optional<Timestamp> valid_until; ///< exclusive; nothing: never expires
    bool demonstration = false;///< then name, description and a tag of the credential say so
    int renewal_credits = 0;   ///< above 0: renewed by so many continuing-education credits, and `result` is that of the exam passed before
};

/// The rule that a claim breaks: errc::incomplete_claim, malformed_claim, period_is_empty, result_not_passed.
result<void> check(AchievementClaim const& claim);

/// "sha256$" + hex(SHA-256(identity + salt)), as Open Badges 3.0 defines IdentityHash. The identity is lower-cased (ASCII) first.
std::string identity_hash(std::string_view identity, std::string_view salt);

} // namespace assay::credentials
