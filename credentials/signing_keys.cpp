#include "credentials/signing_keys.hpp"

#include "credentials/detail/openssl_handles.hpp"
#include "credentials/errors.hpp"

#include <openssl/core_names.h>
#include <openssl/x509.h>

namespace assay::credentials {
namespace {

using namespace detail; // OpenSSL's objects, owned

Bytes big_endian(BIGNUM const* number)
{
    auto bytes = Bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, writable(bytes));
    return bytes;
}

} // namespace

void TokenKeyPair::Free::operator()(void* key) const noexcept { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }

result<TokenKeyPair> TokenKeyPair::p256_from_scalar(SecretBytes const& scalar)
{
    EXPECTS(scalar.size() == 32);
    auto const secret = scalar.expose_secret();
    auto const number = Number{BN_secure_new()};
    auto const group = Group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
    if (!number || !group || BN_bin2bn(octets(secret), static_cast<int>(secret.size()), number.get()) == nullptr) throw std::bad_alloc{};
    if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0) return errc::malformed_key;
    auto const point = Point{EC_POINT_new(group.get())};
    auto found = P256PublicKey{};
    if (!point || EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1 ||
        EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, writable(found.point), found.point.size(), nullptr) != found.point.size())
        throw std::bad_alloc{};

    auto const builder = ParameterBuilder{OSSL_PARAM_BLD_new()};
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, found.point.data(), found.point.size()) != 1)
        throw std::bad_alloc{};
    auto const parameters = Parameters{OSSL_PARAM_BLD_to_param(builder.get())};
    auto const context = KeyContext{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
    auto* key = static_cast<EVP_PKEY*>(nullptr);
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 || EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1)
        return errc::malformed_key;
    return TokenKeyPair{std::unique_ptr<void, Free>{key}, VerificationKey{found}};
}

result<TokenKeyPair> TokenKeyPair::rsa_from_pkcs8(SecretBytes const& der)
{
    auto const bytes = der.expose_secret();
    auto const* at = octets(bytes);
    auto key = std::unique_ptr<void, Free>{d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(bytes.size()))};
    auto* evp = static_cast<EVP_PKEY*>(key.get());
    if (evp == nullptr || at != octets(bytes) + bytes.size() || EVP_PKEY_get_base_id(evp) != EVP_PKEY_RSA) return errc::malformed_key;
    auto *n = static_cast<BIGNUM*>(nullptr), *e = static_cast<BIGNUM*>(nullptr);
    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_N, &n);
    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_E, &e);
    auto const modulus = Number{n}, exponent = Number{e};
    if (!modulus || !exponent) return errc::malformed_key;
    auto jwk = json::object{{"kty", "RSA"}, {"n", to_base64url(big_endian(modulus.get()))}, {"e", to_base64url(big_endian(exponent.get()))}};
    auto public_key = parse_jwk(jwk); // the same rules for our keys as for those of others
    if (!public_key) return public_key.error();
    return TokenKeyPair{std::move(key), std::move(*public_key)};
}

Bytes TokenKeyPair::sign(ByteView message) const
{
    auto* evp = static_cast<EVP_PKEY*>(key_.get());
    EXPECTS(evp != nullptr);
    auto const context = DigestContext{EVP_MD_CTX_new()};
    auto size = std::size_t{};
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, evp) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, octets(message), message.size()) != 1)
        throw std::bad_alloc{};
    auto signature = Bytes(size);
    if (EVP_DigestSign(context.get(), writable(signature), &size, octets(message), message.size()) != 1) throw std::runtime_error{"OpenSSL can't sign"};
    signature.resize(size);
    if (!std::holds_alternative<P256PublicKey>(public_key_)) return signature;

    auto const* at = octets(signature);
    auto* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
    auto plain = Bytes(64); // r || s, as JWS wants it
    BN_bn2binpad(ECDSA_SIG_get0_r(both), writable(plain), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(both), writable(std::span{plain}.subspan(32)), 32);
    ECDSA_SIG_free(both);
    return plain;
}

TokenSigner TokenKeyPair::signer(std::string key_id) const
{
    return {.algorithm = std::string{algorithm_of(public_key_)}, .key_id = std::move(key_id), .sign = [this](ByteView message) { return sign(message); }};
}

} // namespace assay::credentials
