#pragma once
#include "core/secret_bytes.hpp"

namespace assay {

constexpr std::size_t sealing_key_size = 32;
constexpr std::size_t sealing_nonce_size = 24;
using SealingNonce = std::array<std::byte, sealing_nonce_size>;

/// nonce || XChaCha20-Poly1305 (libsodium's crypto_aead_xchacha20poly1305_ietf) over `plain`, bound to `context`: what the
/// bytes are and whose, so that one sealed value can't stand in for another. The nonce must be random and new for each call.
/// Expects a key of 32 bytes.
Bytes seal(SecretBytes const& key, ByteView plain, std::string_view context, SealingNonce const& nonce);

/// core::errc::wrong_key when key, context or any byte differs.
result<Bytes> open_seal(SecretBytes const& key, ByteView sealed, std::string_view context);
result<SecretBytes> open_sealed_secret(SecretBytes const& key, ByteView sealed, std::string_view context);

} // namespace assay
