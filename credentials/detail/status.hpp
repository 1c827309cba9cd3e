#pragma once
// Has the issuer taken the credential back? Answered by a status list that is itself verified: signed by the same issuer and
// still current. A list that can't be believed is no evidence in either direction.
#include "credentials/detail/file_reader.hpp"

namespace assay::credentials {

struct StatusFinding {
    Finding finding;
    Verdict standing = Verdict::valid; ///< of a failed one: suspended, revoked, superseded
};

/// Every entry of credentialStatus: BitstringStatusListEntry (revocation, suspension, refresh, message) and StatusList2021Entry.
StatusFinding check_status(json::object const& credential, Documents const& documents, Timestamp now);

/// The claim `status` of an SD-JWT VC: a token status list of the same issuer.
StatusFinding check_token_status(json::object const& claims, std::string_view issuer, Documents const& documents, Timestamp now);

struct PeriodFinding {
    Finding finding;
    bool ended = false;
};

/// validFrom <= now < validUntil, each when present (VC 1.1: issuanceDate and expirationDate).
PeriodFinding check_period(json::object const& credential, Timestamp now);

} // namespace assay::credentials
