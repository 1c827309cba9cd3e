#pragma once
// The enveloped form: a credential as the payload of a compact JWS, media type application/vc+jwt.
// Sources: W3C VC-JOSE-COSE 1.0, sections 3.1 and 4; RFC 7515; RFC 8037 (EdDSA).
#include "core/json.hpp"
#include "core/time.hpp"
#include "credentials/keys.hpp"
#include "credentials/signing_keys.hpp"

namespace assay::credentials {

/// header.payload.signature with header {alg EdDSA, cty vc, iat, iss, kid, typ vc+jwt}. The payload is exactly `payload`, the
/// canonical credential without a proof: so its SHA-256 is the digest that the journal commits to, in either encoding.
std::string sign_jwt(std::string_view payload, Signer const& signer, Timestamp issued_at);

/// The same by any key: EdDSA, ES256 or RS256.
std::string sign_jwt(std::string_view payload, std::string_view issuer, TokenSigner const& signer, Timestamp issued_at);

/// The Open Badges 3.0 JWT profile (section 8.2): header {alg, kid, typ JWT}; the payload is the credential and, said again as registered
/// claims, iss, jti, nbf, sub and exp. Expects a credential of ours (issue.hpp) without proof.
std::string sign_badge_jwt(json::object credential, TokenSigner const& signer);

/// A compact JWS taken apart; nothing is verified yet.
struct CompactJws {
    json::object header;
    std::string payload;
    Bytes signature;
    std::string signing_input; ///< header.payload, as they stood in the text
};

/// Three parts of canonical base64url, the header a JSON object read strictly. core::errc::malformed and parse_json's.
result<CompactJws> parse_compact_jws(std::string_view text);

} // namespace assay::credentials
