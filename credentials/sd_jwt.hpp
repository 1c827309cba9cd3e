#pragma once
// SD-JWT: a signed JWT in which some claims are replaced by digests, and the disclosures that the holder chose to show.
// Sources: RFC 9901 (Selective Disclosure for JWTs), sections 4 and 7.1; SD-JWT VC (draft-ietf-oauth-sd-jwt-vc), 2.2.2.2.
#include "credentials/jwt.hpp"

#include <optional>

namespace assay::credentials {

struct SdJwt {
    CompactJws jws;
    std::vector<std::string> disclosures; ///< base64url, as they stood
    std::optional<CompactJws> key_binding;
    std::string presented;                ///< everything before the key binding JWT: what its sd_hash is of
};

constexpr std::size_t disclosures_max = 256;

/// <issuer JWT>~<disclosure>~…~[<key binding JWT>]. errc::malformed_sd_jwt. Nothing is verified yet.
result<SdJwt> parse_sd_jwt(std::string_view text);

struct Disclosed {
    json::object claims;            ///< with the disclosures put in their places, and without _sd, _sd_alg and "..."
    std::vector<std::string> names; ///< of the disclosed object members, in the order of the disclosures
    std::string complaint;          ///< why the disclosures are refused; then nothing above counts
};

/// RFC 9901, 7.1: each disclosure is referenced by exactly one digest, no digest stands twice, no claim is overwritten. `never`
/// lists top-level claims that must not have been made disclosable.
Disclosed disclose(SdJwt const& sd_jwt, json::object const& payload, std::span<std::string_view const> never);

} // namespace assay::credentials
