#pragma once
// Public keys of others: what a proof or token is checked with. The key decides the algorithm, never the text that is checked:
//   Ed25519 → EdDSA (RFC 8037), P-256 → ES256 (RFC 7518, 3.4), RSA → RS256 (RFC 7518, 3.3).
// Sources: RFC 7517 (JWK), RFC 7638 (thumbprint), W3C Controlled Identifiers 2.2.2 (Multikey), multicodec table.
#include "core/json.hpp"
#include "core/hash.hpp"
#include "credentials/keys.hpp"

#include <variant>

namespace assay::credentials {

/// An uncompressed point of P-256: 04 || x || y, on the curve.
struct P256PublicKey {
    std::array<std::byte, 65> point{};
    friend auto operator<=>(P256PublicKey const&, P256PublicKey const&) = default;
};

/// Big-endian, without leading zeros. 2048 to 8192 bits, an odd exponent of at most 64 bits.
struct RsaPublicKey {
    Bytes modulus, exponent;
    friend auto operator<=>(RsaPublicKey const&, RsaPublicKey const&) = default;
};

using VerificationKey = std::variant<PublicKey, P256PublicKey, RsaPublicKey>;

std::string_view algorithm_of(VerificationKey const& key) noexcept; ///< "EdDSA", "ES256", "RS256"

/// Checks `signature` by the key's one algorithm. ES256 signatures are r || s, 64 bytes.
bool verify_signature(VerificationKey const& key, ByteView message, ByteView signature);

/// ECDSA over P-256 with SHA-256, r || s.
bool verify_p256(P256PublicKey const& key, ByteView message, ByteView signature);

/// Multikey text of any of the three kinds; one accepted encoding each.
/// errc::malformed_multikey, malformed_key, unsupported_key_type.
result<VerificationKey> parse_any_multikey(std::string_view text);
std::string to_multikey(VerificationKey const& key); ///< expects Ed25519 or P-256

/// A public JWK. Its `alg`, `use` and `key_ops`, when they stand there, must allow verifying by the key's algorithm; a JWK that
/// carries private members is refused. errc::malformed_key, unsupported_key_type.
result<VerificationKey> parse_jwk(json::object const& jwk);
json::object to_jwk(VerificationKey const& key); ///< required members and `alg`
json::object jwk_set(std::span<VerificationKey const> keys); ///< {"keys": […]}, each with its thumbprint as kid and use sig
std::string jwk_thumbprint(VerificationKey const& key); ///< RFC 7638, base64url of SHA-256

} // namespace assay::credentials
