#include "core/sealing.hpp"

#include "core/errors.hpp"

#include <algorithm>
#include <sodium.h>

namespace assay {
namespace {

constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

unsigned char const* octets(ByteView bytes) { return reinterpret_cast<unsigned char const*>(bytes.data()); }
unsigned char* octets(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

bool open_into(std::span<std::byte> plain, SecretBytes const& key, ByteView sealed, std::string_view context)
{
    EXPECTS(key.size() == sealing_key_size);
    auto const nonce = sealed.first(sealing_nonce_size);
    auto const body = sealed.subspan(sealing_nonce_size);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(octets(plain), nullptr, nullptr, octets(body), body.size(),
                                                      octets(bytes_of(context)), context.size(), octets(nonce),
                                                      octets(key.expose_secret())) == 0;
}

} // namespace

Bytes seal(SecretBytes const& key, ByteView plain, std::string_view context, SealingNonce const& nonce)
{
    EXPECTS(key.size() == sealing_key_size);
    auto sealed = Bytes(nonce.size() + plain.size() + tag_size);
    std::ranges::copy(nonce, sealed.begin());
    auto const body = std::span{sealed}.subspan(nonce.size());
    crypto_aead_xchacha20poly1305_ietf_encrypt(octets(body), nullptr, octets(plain), plain.size(), octets(bytes_of(context)),
                                               context.size(), nullptr, octets(ByteView{nonce}), octets(key.expose_secret()));
    return sealed;
}

result<Bytes> open_seal(SecretBytes const& key, ByteView sealed, std::string_view context)
{
    if (sealed.size() < sealing_nonce_size + tag_size) return core::errc::wrong_key;
    auto plain = Bytes(sealed.size() - sealing_nonce_size - tag_size);
    if (!open_into(plain, key, sealed, context)) return core::errc::wrong_key;
    return plain;
}

result<SecretBytes> open_sealed_secret(SecretBytes const& key, ByteView sealed, std::string_view context)
{
    if (sealed.size() < sealing_nonce_size + tag_size) return core::errc::wrong_key;
    auto plain = SecretBytes{sealed.size() - sealing_nonce_size - tag_size};
    if (!open_into(plain.expose_secret_for_writing(), key, sealed, context)) return core::errc::wrong_key;
    return plain;
}

} // namespace assay
