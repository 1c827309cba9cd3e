#include "core/hash.hpp"

#include "core/errors.hpp"

#include <algorithm>
#include <sodium.h>

namespace assay {
namespace {

unsigned char const* octets(ByteView bytes) { return reinterpret_cast<unsigned char const*>(bytes.data()); }
unsigned char* octets(Sha256Digest& digest) { return reinterpret_cast<unsigned char*>(digest.octets.data()); }

} // namespace

Sha256Digest sha256(ByteView message) noexcept
{
    auto digest = Sha256Digest{};
    crypto_hash_sha256(octets(digest), octets(message), message.size());
    return digest;
}

Sha256Digest sha256(std::string_view message) noexcept { return sha256(bytes_of(message)); }

Sha256Digest hmac_sha256(ByteView key, ByteView message) noexcept
{
    auto state = crypto_auth_hmacsha256_state{};
    crypto_auth_hmacsha256_init(&state, octets(key), key.size());
    crypto_auth_hmacsha256_update(&state, octets(message), message.size());
    auto digest = Sha256Digest{};
    crypto_auth_hmacsha256_final(&state, octets(digest));
    return digest;
}

std::string to_string(Sha256Digest const& digest) { return to_hex(digest.octets); }

result<Sha256Digest> parse_sha256(std::string_view text)
{
    if (text.size() != 64) return core::errc::malformed;
    auto const bytes = from_hex(text);
    if (!bytes) return bytes.error();
    auto digest = Sha256Digest{};
    std::ranges::copy(*bytes, digest.octets.begin());
    return digest;
}

} // namespace assay
