#include "credentials/keys.hpp"

#include "credentials/errors.hpp"

#include <algorithm>
#include <sodium.h>

namespace assay::credentials {
namespace {

constexpr auto multikey_header = std::array{std::byte{0xed}, std::byte{0x01}}; // multicodec ed25519-pub, as a varint

unsigned char const* octets(ByteView bytes) { return reinterpret_cast<unsigned char const*>(bytes.data()); }
unsigned char* writable(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string seal_context(TenantId tenant, KeyPurpose purpose)
{
    return "credentials/key/" + to_string(tenant) + "/" + std::string{to_string(purpose)};
}

} // namespace

std::string_view to_string(KeyPurpose purpose) noexcept
{
    switch (purpose) {
    case KeyPurpose::credential: return "credential";
    case KeyPurpose::status: return "status";
    case KeyPurpose::journal: return "journal";
    }
    return "unknown";
}

bool verify_signature(PublicKey const& key, ByteView message, ByteView signature) noexcept
{
    if (signature.size() != crypto_sign_BYTES) return false;
    return crypto_sign_verify_detached(octets(signature), octets(message), message.size(), octets(ByteView{key.octets})) == 0;
}

std::string to_multikey(PublicKey const& key)
{
    auto bytes = Bytes(multikey_header.begin(), multikey_header.end());
    append(bytes, key.octets);
    return "z" + to_base58btc(bytes);
}

result<PublicKey> parse_multikey(std::string_view text)
{
    constexpr std::size_t longest = 64; // 34 bytes need 47 or 48 digits; nothing longer is worth the quadratic decoding
    if (text.size() > longest || !text.starts_with('z')) return errc::malformed_multikey;
    auto const bytes = from_base58btc(text.substr(1));
    auto key = PublicKey{};
    if (!bytes || bytes->size() != multikey_header.size() + key.octets.size()) return errc::malformed_multikey;
    if (!std::ranges::equal(std::span{*bytes}.first(multikey_header.size()), multikey_header)) return errc::malformed_multikey;
    std::ranges::copy(std::span{*bytes}.subspan(multikey_header.size()), key.octets.begin());
    return key;
}

KeyPair KeyPair::from_seed(SecretBytes const& seed)
{
    EXPECTS(seed.size() == crypto_sign_SEEDBYTES);
    auto secret = SecretBytes{crypto_sign_SECRETKEYBYTES};
    auto public_key = PublicKey{};
    crypto_sign_seed_keypair(writable(public_key.octets), writable(secret.expose_secret_for_writing()),
                             octets(seed.expose_secret()));
    return {std::move(secret), public_key};
}

Signature KeyPair::sign(ByteView message) const
{
    EXPECTS(secret_.size() == crypto_sign_SECRETKEYBYTES); // empty only after a move
    auto signature = Signature{};
    crypto_sign_detached(writable(signature), nullptr, octets(message), message.size(), octets(secret_.expose_secret()));
    return signature;
}

Bytes KeyPair::sealed(SecretBytes const& sealing_key, TenantId tenant, KeyPurpose purpose, SealingNonce const& nonce) const
{
    EXPECTS(secret_.size() == crypto_sign_SECRETKEYBYTES);
    auto const seed = secret_.expose_secret().first(crypto_sign_SEEDBYTES);
    return seal(sealing_key, seed, seal_context(tenant, purpose), nonce);
}

result<KeyPair> KeyPair::open(SecretBytes const& sealing_key, ByteView sealed, TenantId tenant, KeyPurpose purpose)
{
    auto const seed = open_sealed_secret(sealing_key, sealed, seal_context(tenant, purpose));
    if (!seed) return seed.error();
    EXPECTS(seed->size() == crypto_sign_SEEDBYTES); // the seal opened, so we wrote it
    return from_seed(*seed);
}

} // namespace assay::credentials
