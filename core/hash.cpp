#include "core/hash.hpp"

#include "core/contract.hpp"
#include "core/errors.hpp"

#include <algorithm>
#include <memory>
#include <openssl/evp.h>
#include <sodium.h>

namespace assay {
namespace {

unsigned char const* octets(ByteView bytes) { return reinterpret_cast<unsigned char const*>(bytes.data()); }
unsigned char* octets(Sha256Digest& digest) { return reinterpret_cast<unsigned char*>(digest.octets.data()); }

} // namespace

// OpenSSL's, which uses the processor's own instructions (four times libsodium's portable code on 8 KiB). Fetched once: looking the algorithm up
// costs more than hashing a line.
Sha256Digest sha256(ByteView message) noexcept
{
    static auto const algorithm = std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)>{EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free};
    static thread_local auto const state = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    auto digest = Sha256Digest{};
    auto const done = EVP_DigestInit_ex2(state.get(), algorithm.get(), nullptr) == 1 && EVP_DigestUpdate(state.get(), message.data(), message.size()) == 1
        && EVP_DigestFinal_ex(state.get(), octets(digest), nullptr) == 1;
    EXPECTS(done); // out of memory at the very first use; noexcept ends the process
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
