#pragma once
// Whose key is it? From a DID URL to a public key, by pinned keys and public documents, never by asking the network.
#include "credentials/did.hpp"
#include "credentials/verify.hpp"

namespace assay::credentials {

struct FoundKey {
    Finding finding;          ///< passed: `method` holds a key that may assert
    VerificationMethod method;
};

/// The key that `method_url` names.
FoundKey find_key(std::string_view method_url, Documents const& documents);

/// May the key be believed for a signature said to be made at `created` (nothing: not said)?
/// failed: expired before or revoked before. unknown: revoked later, because whoever stole it also writes the date.
Finding check_key_life(VerificationMethod const& method, std::optional<Timestamp> created);

/// Does the key named `method_url` belong to `issuer`? Often that can be denied even when the key itself can't be had.
Finding check_issuer(std::string_view issuer, std::string_view method_url, FoundKey const& key, Documents const& documents);

} // namespace assay::credentials
