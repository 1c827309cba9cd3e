#pragma once
// Key pairs for tokens. The RSA one is made anew in each run: making one from a seed is nothing that OpenSSL offers.
#include "credentials/jwt.hpp"

#include <memory>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace assay::credentials::test {

inline TokenKeyPair p256_pair(unsigned char fill = 7)
{
    auto scalar = std::array<std::byte, 32>{};
    scalar.fill(static_cast<std::byte>(fill));
    return TokenKeyPair::p256_from_scalar(SecretBytes::copy_of(scalar)).value();
}

inline TokenKeyPair rsa_pair(unsigned bits = 2048)
{
    auto const key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* one) { EVP_PKEY_free(one); })>{EVP_RSA_gen(bits)};
    auto* der = static_cast<unsigned char*>(nullptr);
    auto const size = i2d_PrivateKey(key.get(), &der);
    auto const secret = SecretBytes::copy_of({reinterpret_cast<std::byte const*>(der), static_cast<std::size_t>(size)});
    OPENSSL_clear_free(der, static_cast<std::size_t>(size));
    return TokenKeyPair::rsa_from_pkcs8(secret).value();
}

} // namespace assay::credentials::test
