#pragma once
// Keys that sign tokens for those who can't read Ed25519: P-256 for ES256, RSA for the Open Badges JWT profile (RS256). Embedded
// proofs are always Ed25519 (keys.hpp).
#include "core/secret_bytes.hpp"
#include "credentials/verification_key.hpp"

#include <functional>
#include <memory>

namespace assay::credentials {

/// Who signs a token: the algorithm follows from the key.
struct TokenSigner {
    std::string algorithm; ///< "EdDSA", "ES256", "RS256"
    std::string key_id;    ///< the header's kid: a DID URL, or for the Open Badges profile an https address that returns the JWK
    std::function<Bytes(ByteView)> sign;
};

/// A key of OpenSSL's. ES256 signatures differ from call to call (OpenSSL draws the nonce); all else here is reproducible.
class TokenKeyPair {
public:
    /// A P-256 pair from its secret scalar: 32 bytes, 1 <= scalar < group order. errc::malformed_key.
    static result<TokenKeyPair> p256_from_scalar(SecretBytes const& scalar);
    /// PKCS #8 in DER, RSA of 2048 to 8192 bits. errc::malformed_key.
    static result<TokenKeyPair> rsa_from_pkcs8(SecretBytes const& der);

    VerificationKey const& public_key() const noexcept { return public_key_; }
    Bytes sign(ByteView message) const;
    TokenSigner signer(std::string key_id) const; ///< refers to this pair

private:
    struct Free {
        void operator()(void* key) const noexcept;
    };
    TokenKeyPair(std::unique_ptr<void, Free> key, VerificationKey public_key) : key_{std::move(key)}, public_key_{std::move(public_key)} {}

    std::unique_ptr<void, Free> key_;
    VerificationKey public_key_;
};

} // namespace assay::credentials
