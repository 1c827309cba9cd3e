#include "credentials/verification_key.hpp"

#include "credentials/detail/openssl_handles.hpp"
#include "credentials/errors.hpp"

#include <algorithm>
#include <openssl/core_names.h>

namespace assay::credentials {
namespace {

using namespace detail; // OpenSSL's objects, owned

constexpr auto p256_codec = std::array{std::byte{0x80}, std::byte{0x24}}; // multicodec p256-pub, as a varint
constexpr auto rsa_codec = std::array{std::byte{0x85}, std::byte{0x24}};  // rsa-pub: PKCS #1 RSAPublicKey in DER
constexpr auto ed25519_codec = std::array{std::byte{0xed}, std::byte{0x01}};
constexpr std::size_t rsa_octets_min = 256, rsa_octets_max = 1024;

Number number(ByteView bytes) { return Number{BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr)}; }

Key key_from(char const* kind, OSSL_PARAM* parameters)
{
    auto const context = KeyContext{EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr)};
    auto* key = static_cast<EVP_PKEY*>(nullptr);
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) throw std::bad_alloc{};
    return EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1 ? Key{key} : Key{};
}

/// Nothing when the point is not on the curve. `point` may be compressed.
Key p256_key(ByteView point)
{
    auto group = std::string{"P-256"};
    auto copy = to_bytes(point);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
                               OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()), OSSL_PARAM_construct_end()};
    return key_from("EC", parameters);
}

Key rsa_key(RsaPublicKey const& key)
{
    auto const n = number(key.modulus), e = number(key.exponent);
    auto const builder = ParameterBuilder{OSSL_PARAM_BLD_new()};
    if (!n || !e || !builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        throw std::bad_alloc{};
    auto const parameters = Parameters{OSSL_PARAM_BLD_to_param(builder.get())};
    return key_from("RSA", parameters.get());
}

bool verify_with(EVP_PKEY* key, ByteView message, ByteView signature)
{
    auto const context = DigestContext{EVP_MD_CTX_new()};
    return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

result<VerificationKey> p256_of(ByteView point)
{
    auto const key = p256_key(point);
    auto found = P256PublicKey{};
    auto size = std::size_t{};
    if (!key || EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") != 1 ||
        EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, reinterpret_cast<unsigned char*>(found.point.data()), found.point.size(), &size) != 1 ||
        size != found.point.size())
        return errc::malformed_key;
    return VerificationKey{found};
}

result<VerificationKey> rsa_of(Bytes modulus, Bytes exponent)
{
    auto const sound = modulus.size() >= rsa_octets_min && modulus.size() <= rsa_octets_max && modulus.front() != std::byte{} &&
                       !exponent.empty() && exponent.size() <= 8 && exponent.front() != std::byte{} && (exponent.back() & std::byte{1}) != std::byte{} &&
                       (modulus.back() & std::byte{1}) != std::byte{} && exponent != Bytes{std::byte{1}};
    if (!sound) return errc::malformed_key;
    return VerificationKey{RsaPublicKey{std::move(modulus), std::move(exponent)}};
}

/// SEQUENCE { INTEGER n, INTEGER e } in DER.
class DerReader {
public:
    explicit DerReader(ByteView bytes) : rest_{bytes} {}
    bool open(std::byte tag, ByteView& content)
    {
        if (rest_.size() < 2 || rest_[0] != tag) return false;
        auto size = std::to_integer<std::size_t>(rest_[1]);
        auto head = std::size_t{2};
        if (size > 0x80) {
            auto const width = size - 0x80;
            if (width > 2 || rest_.size() < 2 + width || rest_[2] == std::byte{}) return false;
            size = 0;
            for (auto i = std::size_t{}; i < width; ++i) size = size * 256 + std::to_integer<std::size_t>(rest_[2 + i]);
            head += width;
            if (size < 0x80) return false; // not the shortest form
        }
        if (size == 0x80 && head == 2) return false;
        if (rest_.size() - head < size) return false;
        content = rest_.subspan(head, size);
        rest_ = rest_.subspan(head + size);
        return true;
    }
    bool integer(Bytes& value)
    {
        auto content = ByteView{};
        if (!open(std::byte{2}, content) || content.empty() || (content[0] & std::byte{0x80}) != std::byte{}) return false;
        if (content[0] == std::byte{}) {
            content = content.subspan(1);
            if (content.empty() || (content[0] & std::byte{0x80}) == std::byte{}) return false;
        }
        value = to_bytes(content);
        return true;
    }
    bool done() const { return rest_.empty(); }

private:
    ByteView rest_;
};

result<VerificationKey> rsa_from_der(ByteView der)
{
    auto outer = DerReader{der};
    auto content = ByteView{};
    auto modulus = Bytes{}, exponent = Bytes{};
    if (!outer.open(std::byte{0x30}, content) || !outer.done()) return errc::malformed_key;
    auto inner = DerReader{content};
    if (!inner.integer(modulus) || !inner.integer(exponent) || !inner.done()) return errc::malformed_key;
    return rsa_of(std::move(modulus), std::move(exponent));
}

result<Bytes> coordinate(json::object const& jwk, std::string_view member, std::size_t size)
{
    auto const* text = find_string(jwk, member);
    auto bytes = text == nullptr ? result<Bytes>{errc::malformed_key} : from_base64url(*text);
    if (!bytes || (size != 0 && bytes->size() != size)) return errc::malformed_key;
    return bytes;
}

/// RFC 7517, 4.2 to 4.4: what the key says about its use.
bool allows_verifying(json::object const& jwk, std::string_view algorithm)
{
    if (auto const* use = jwk.if_contains("use"); use != nullptr && *use != json::value("sig")) return false;
    if (auto const* said = jwk.if_contains("alg")) {
        auto const fully_specified = algorithm == "EdDSA" && *said == json::value("Ed25519");
        if (*said != json::value(algorithm) && !fully_specified) return false;
    }
    auto const* operations = jwk.if_contains("key_ops");
    if (operations == nullptr) return true;
    auto const* all = operations->if_array();
    return all != nullptr && std::ranges::find(*all, json::value("verify")) != all->end();
}

result<VerificationKey> read_jwk(json::object const& jwk)
{
    auto const* kind = find_string(jwk, "kty");
    auto const* curve = find_string(jwk, "crv");
    if (kind == nullptr) return errc::malformed_key;
    for (auto const* secret : {"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
        if (jwk.contains(secret)) return errc::malformed_key; // a private key in public is nobody's any more
    if (*kind == "OKP" && curve != nullptr && *curve == "Ed25519") {
        auto const x = coordinate(jwk, "x", 32);
        if (!x) return x.error();
        auto key = PublicKey{};
        std::ranges::copy(*x, key.octets.begin());
        return VerificationKey{key};
    }
    if (*kind == "EC" && curve != nullptr && *curve == "P-256") {
        auto const x = coordinate(jwk, "x", 32), y = coordinate(jwk, "y", 32);
        if (!x || !y) return errc::malformed_key;
        auto point = Bytes{std::byte{4}};
        append(point, *x);
        append(point, *y);
        return p256_of(point);
    }
    if (*kind == "RSA") {
        auto n = coordinate(jwk, "n", 0), e = coordinate(jwk, "e", 0);
        if (!n || !e) return errc::malformed_key;
        return rsa_of(std::move(*n), std::move(*e));
    }
    return errc::unsupported_key_type;
}

} // namespace

std::string_view algorithm_of(VerificationKey const& key) noexcept
{
    constexpr auto names = std::array<std::string_view, 3>{"EdDSA", "ES256", "RS256"};
    return names[key.index()];
}

bool verify_p256(P256PublicKey const& key, ByteView message, ByteView signature)
{
    constexpr std::size_t half = 32;
    if (signature.size() != 2 * half) return false;
    auto const evp = p256_key(key.point);
    auto const both = EcdsaSignature{ECDSA_SIG_new()};
    auto r = number(signature.first(half)), s = number(signature.subspan(half));
    if (!evp || !both || !r || !s || ECDSA_SIG_set0(both.get(), r.release(), s.release()) != 1) return false;
    auto* der = static_cast<unsigned char*>(nullptr);
    auto const size = i2d_ECDSA_SIG(both.get(), &der);
    if (size <= 0) return false;
    auto const matches = verify_with(evp.get(), message, {reinterpret_cast<std::byte const*>(der), static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return matches;
}

bool verify_signature(VerificationKey const& key, ByteView message, ByteView signature)
{
    if (auto const* ed25519 = std::get_if<PublicKey>(&key)) return verify_signature(*ed25519, message, signature);
    if (auto const* p256 = std::get_if<P256PublicKey>(&key)) return verify_p256(*p256, message, signature);
    auto const& rsa = std::get<RsaPublicKey>(key);
    if (signature.size() != rsa.modulus.size()) return false;
    auto const evp = rsa_key(rsa);
    return evp && verify_with(evp.get(), message, signature); // PKCS #1 v1.5 is OpenSSL's default padding for RSA
}

result<VerificationKey> parse_any_multikey(std::string_view text)
{
    if (!text.starts_with('z')) return errc::malformed_multikey;
    auto const bytes = from_base58btc(text.substr(1));
    if (!bytes || bytes->size() < 3) return errc::malformed_multikey;
    auto const codec = std::span{*bytes}.first(2);
    auto const content = ByteView{*bytes}.subspan(2);
    if (std::ranges::equal(codec, ed25519_codec)) {
        auto const key = parse_multikey(text);
        if (!key) return key.error();
        return VerificationKey{*key};
    }
    if (std::ranges::equal(codec, p256_codec)) {
        if (content.size() != 33) return errc::malformed_multikey;
        return p256_of(content);
    }
    if (std::ranges::equal(codec, rsa_codec)) return rsa_from_der(content);
    return errc::unsupported_key_type;
}

std::string to_multikey(VerificationKey const& key)
{
    if (auto const* ed25519 = std::get_if<PublicKey>(&key)) return to_multikey(*ed25519);
    auto const* p256 = std::get_if<P256PublicKey>(&key);
    EXPECTS(p256 != nullptr);
    auto bytes = Bytes(p256_codec.begin(), p256_codec.end());
    bytes.push_back((p256->point.back() & std::byte{1}) == std::byte{} ? std::byte{2} : std::byte{3});
    append(bytes, std::span{p256->point}.subspan(1, 32));
    return "z" + to_base58btc(bytes);
}

result<VerificationKey> parse_jwk(json::object const& jwk)
{
    auto key = read_jwk(jwk);
    if (key && !allows_verifying(jwk, algorithm_of(*key))) return errc::malformed_key;
    return key;
}

json::object to_jwk(VerificationKey const& key)
{
    if (auto const* ed25519 = std::get_if<PublicKey>(&key))
        return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", to_base64url(ed25519->octets)}, {"alg", "EdDSA"}};
    if (auto const* p256 = std::get_if<P256PublicKey>(&key))
        return {{"kty", "EC"},
                {"crv", "P-256"},
                {"x", to_base64url(std::span{p256->point}.subspan(1, 32))},
                {"y", to_base64url(std::span{p256->point}.subspan(33, 32))},
                {"alg", "ES256"}};
    auto const& rsa = std::get<RsaPublicKey>(key);
    return {{"kty", "RSA"}, {"n", to_base64url(rsa.modulus)}, {"e", to_base64url(rsa.exponent)}, {"alg", "RS256"}};
}

json::object jwk_set(std::span<VerificationKey const> keys)
{
    auto all = json::array{};
    for (auto const& key : keys) {
        auto jwk = to_jwk(key);
        jwk["kid"] = jwk_thumbprint(key);
        jwk["use"] = "sig";
        all.push_back(std::move(jwk));
    }
    return {{"keys", std::move(all)}};
}

std::string jwk_thumbprint(VerificationKey const& key)
{
    auto required = to_jwk(key);
    required.erase("alg");
    return to_base64url(sha256(canonical_json(required)).octets);
}

} // namespace assay::credentials
