#pragma once
// Whose key is it? From a DID URL to a public key, by pinned keys and public documents, never by asking the network.
#include "credentials/did.hpp"
#include "credentials/verify.hpp"

namespace assay::credentials {

struct FoundKey {
    Finding finding;          ///< passed: `method` holds a key that may assert
    VerificationMethod method;
};

/// The key that a proof's `method_url` names.
FoundKey find_key(std::string_view method_url, Documents const& documents);

/// When the journal of `issuer` recorded what has this digest: the earliest of what the reader brought. Nothing when it brought none.
std::optional<Timestamp> recorded_at(Sha256Digest const& digest, std::string_view issuer, Documents const& documents);

/// May the key be believed for a signature said to be made at `created` (nothing: not said), over what the issuer's journal had at `recorded`?
/// failed: expired before or revoked before. Revoked later: whoever stole the key also writes the date, so only the journal's counts; passed
/// when that is before, failed when it is not, unknown without a receipt.
Finding check_key_life(VerificationMethod const& method, std::optional<Timestamp> created, std::optional<Timestamp> recorded);

/// Does the key named `method_url` belong to `issuer`? Often that can be denied even when the key itself can't be had.
Finding check_issuer(std::string_view issuer, std::string_view method_url, FoundKey const& key, Documents const& documents);

/// The keys that a JWT of `issuer` may be signed with: the one that `kid` names, wherever it points, or without a kid all that the
/// issuer publishes. Never empty; a finding other than passed says why there is none. Each with whether it is the issuer's.
struct TokenKey {
    FoundKey key;
    Finding issuer;
};
std::vector<TokenKey> find_token_keys(std::string_view issuer, std::string_view kid, Documents const& documents);

/// SD-JWT VC, 3.5: the keys of an https issuer, from /.well-known/jwt-vc-issuer; those of a DID as above.
std::vector<TokenKey> find_sd_jwt_keys(std::string_view issuer, std::string_view kid, Documents const& documents);

/// "https://host/a/b" with `well_known` between host and path; empty when `address` is no https address.
std::string well_known_address(std::string_view address, std::string_view well_known);

} // namespace assay::credentials
