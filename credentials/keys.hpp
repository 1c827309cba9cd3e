#pragma once
// Ed25519 keys (RFC 8032): one pair per tenant and purpose, never one for all. A pair lives in locked memory while it
// signs and is sealed at rest; its public half is published as a Multikey.
#include "core/ids.hpp"
#include "core/sealing.hpp"

namespace assay::credentials {

/// What a pair signs. The purpose is part of the seal: a stored status key can't be opened as a credential key.
enum class KeyPurpose { credential, status, journal };
std::string_view to_string(KeyPurpose purpose) noexcept;

struct PublicKey {
    std::array<std::byte, 32> octets{};
    friend constexpr auto operator<=>(PublicKey const&, PublicKey const&) = default;
};

using Signature = std::array<std::byte, 64>;

/// Pure Ed25519 as libsodium checks it: S below the group order, no point of small order, one accepted encoding. A signature
/// of another length than 64 bytes is false, never an error.
bool verify_signature(PublicKey const& key, ByteView message, ByteView signature) noexcept;

/// Multikey (W3C Controlled Identifiers, 2.2.2): "z" + base58btc(0xed 0x01 || 32 bytes), always "z6Mk…".
std::string to_multikey(PublicKey const& key);
/// errc::malformed_multikey for anything else, other key types included.
result<PublicKey> parse_multikey(std::string_view text);

class KeyPair {
public:
    /// Expects 32 random bytes. The same seed gives the same pair (RFC 8032, 5.1.5).
    static KeyPair from_seed(SecretBytes const& seed);

    PublicKey const& public_key() const noexcept { return public_key_; }
    Signature sign(ByteView message) const;

    /// The seed, sealed for storage; the seal is bound to tenant and purpose.
    Bytes sealed(SecretBytes const& sealing_key, TenantId tenant, KeyPurpose purpose, SealingNonce const& nonce) const;
    /// core::errc::wrong_key when sealing key, tenant, purpose or any byte differs.
    static result<KeyPair> open(SecretBytes const& sealing_key, ByteView sealed, TenantId tenant, KeyPurpose purpose);

private:
    KeyPair(SecretBytes secret, PublicKey const& public_key) : secret_{std::move(secret)}, public_key_{public_key} {}

    SecretBytes secret_; ///< libsodium's form: seed || public key
    PublicKey public_key_;
};

/// Who signs with which key: the issuer's DID and one of its pairs.
struct Signer {
    std::string did;
    KeyPair const& key;
    /// The DID URL of the public key: did + "#" + Multikey. The fragment is the key, so it never has to be numbered.
    std::string method() const { return did + "#" + to_multikey(key.public_key()); }
};

} // namespace assay::credentials
