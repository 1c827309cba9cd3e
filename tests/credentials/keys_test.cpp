#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "credentials/did.hpp"
#include "credentials/errors.hpp"
#include "credentials/signing_keys.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

json::value shared_json(std::string const& relative)
{
    return parse_json(assay::test::read_file(assay::test::shared_directory() / relative)).value();
}

std::string text(json::value const& object, std::string_view member) { return std::string{*find_string(object, member)}; }

TEST(KeyPair, SignsAsRfc8032)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/ed25519/rfc8032.json");
    auto const vectors = shared_json("testdata/vectors/ed25519/rfc8032.json");
    ASSERT_EQ(find_array(vectors, "cases")->size(), 4U);
    for (auto const& one : *find_array(vectors, "cases")) {
        auto const pair = KeyPair::from_seed(SecretBytes::copy_of(from_hex(text(one, "secret")).value()));
        auto const message = from_hex(text(one, "message")).value();
        EXPECT_EQ(to_hex(pair.public_key().octets), text(one, "public"));
        EXPECT_EQ(to_hex(pair.sign(message)), text(one, "signature")) << text(one, "name");
        EXPECT_TRUE(verify_signature(pair.public_key(), message, pair.sign(message)));
    }
}

// Among them: S not reduced, truncated and extended signatures, altered R, points of small order.
TEST(VerifySignature, AgreesWithEveryWycheproofCase)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/wycheproof/ed25519_test.json");
    auto const vectors = shared_json("testdata/vectors/wycheproof/ed25519_test.json");
    auto count = 0;
    for (auto const& group : *find_array(vectors, "testGroups")) {
        auto const key_bytes = from_hex(text(*find(group, "publicKey"), "pk")).value();
        auto key = PublicKey{};
        ASSERT_EQ(key_bytes.size(), key.octets.size());
        std::ranges::copy(key_bytes, key.octets.begin());
        for (auto const& test : *find_array(group, "tests")) {
            auto const message = from_hex(text(test, "msg")).value();
            auto const signature = from_hex(text(test, "sig")).value();
            EXPECT_EQ(verify_signature(key, message, signature), text(test, "result") == "valid") << canonical_json(test);
            ++count;
        }
    }
    EXPECT_EQ(count, 151);
}

// did:key method, ed25519 vectors: seeds, and the DID that each gives.
TEST(Multikey, IsWhatDidKeyPublishes)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/did-key/ed25519-x25519.json");
    auto const vectors = shared_json("testdata/vectors/did-key/ed25519-x25519.json");
    auto count = 0;
    for (auto const& [did, value] : vectors.as_object()) {
        auto const pair = KeyPair::from_seed(SecretBytes::copy_of(from_hex(text(value, "seed")).value()));
        EXPECT_EQ(did_key(pair.public_key()), std::string_view{did});
        auto const resolved = resolve_did_key(did);
        ASSERT_TRUE(resolved) << did;
        EXPECT_EQ(*resolved->methods.front().key, VerificationKey{pair.public_key()});
        EXPECT_TRUE(resolved->methods.front().asserts);
        ++count;
    }
    EXPECT_GE(count, 1);
}

// did:key method: P-256 and RSA-2048 resolve to the JWK that the vectors print; P-384, P-521 and RSA keys with an odd codec are not ours.
TEST(Multikey, ResolvesP256AndRsaToTheirJwk)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/did-key/nist-curves.json");
    auto resolved = 0;
    for (auto const* file : {"testdata/vectors/did-key/nist-curves.json", "testdata/vectors/did-key/rsa.json"}) {
        auto const vectors = shared_json(file);
        for (auto const& member : vectors.as_object()) {
            auto const* method = find(member.value(), "verificationMethod");
            auto const* jwk = find(member.value(), "publicKeyJwk");
            if (jwk == nullptr && method != nullptr) jwk = find(*method, "publicKeyJwk");
            auto const document = resolve_did_key(member.key());
            auto const known = member.key().starts_with("did:key:zDn") || (jwk != nullptr && *find_string(*jwk, "kty") == "RSA");
            EXPECT_EQ(document.has_value(), known) << member.key();
            if (!document || jwk == nullptr) continue;
            auto published = jwk->as_object();
            auto const own = to_jwk(*document->methods.front().key);
            for (auto const* part : {"kty", "crv", "x", "y", "n", "e"})
                if (auto const* value = published.if_contains(part); value != nullptr) {
                    EXPECT_EQ(*value, own.at(part)) << member.key();
                }
            EXPECT_EQ(*document->methods.front().key, parse_jwk(published).value());
            ++resolved;
        }
    }
    EXPECT_GE(resolved, 4);
}

TEST(P256, AgreesWithWycheproof)
{
    constexpr auto file = "testdata/vectors/wycheproof/ecdsa_secp256r1_sha256_p1363_test.json";
    ASSAY_NEEDS_SHARED(file);
    auto const vectors = shared_json(file);
    auto count = 0;
    for (auto const& group : vectors.at("testGroups").as_array()) {
        auto const point = from_hex(text(group.at("publicKey"), "uncompressed")).value();
        auto key = P256PublicKey{};
        ASSERT_EQ(point.size(), key.point.size());
        std::ranges::copy(point, key.point.begin());
        for (auto const& test : group.at("tests").as_array()) {
            auto const verified = verify_p256(key, from_hex(text(test, "msg")).value(), from_hex(text(test, "sig")).value());
            EXPECT_EQ(verified, text(test, "result") == "valid") << test;
            ++count;
        }
    }
    EXPECT_EQ(count, vectors.at("numberOfTests").as_int64());
}

// RFC 7638, section 3.1.
TEST(Jwk, HasTheThumbprintOfTheRfc)
{
    auto const jwk = parse_json(R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"})").value();
    EXPECT_EQ(jwk_thumbprint(parse_jwk(jwk.as_object()).value()), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jwk, RefusesPrivateKeysAndOtherUses)
{
    auto const pair = KeyPair::from_seed(SecretBytes::copy_of(random_array<32>()));
    auto const good = to_jwk(VerificationKey{pair.public_key()});
    EXPECT_TRUE(parse_jwk(good));
    for (auto const& [member, value] : {std::pair{"d", "AA"}, {"use", "enc"}, {"alg", "ES256"}, {"kty", "oct"}}) {
        auto bad = good;
        bad[member] = value;
        EXPECT_FALSE(parse_jwk(bad)) << member;
    }
    auto operations = good;
    operations["key_ops"] = json::array{"sign"};
    EXPECT_FALSE(parse_jwk(operations));
}

TEST(TokenKeyPair, SignsWhatItsPublicKeyVerifies)
{
    // RFC 6979, A.2.5: the P-256 key's scalar and its public point.
    auto const scalar = from_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721").value();
    auto const pair = TokenKeyPair::p256_from_scalar(SecretBytes::copy_of(scalar)).value();
    auto const jwk = to_jwk(pair.public_key());
    EXPECT_EQ(to_hex(from_base64url(*find_string(jwk, "x")).value()), "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    EXPECT_EQ(to_hex(from_base64url(*find_string(jwk, "y")).value()), "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    auto const signature = pair.sign(bytes_of("message"));
    EXPECT_EQ(signature.size(), 64U);
    EXPECT_TRUE(verify_signature(pair.public_key(), bytes_of("message"), signature));
    EXPECT_FALSE(verify_signature(pair.public_key(), bytes_of("massage"), signature));
    EXPECT_EQ(parse_any_multikey(to_multikey(pair.public_key())).value(), pair.public_key());
    EXPECT_EQ(TokenKeyPair::p256_from_scalar(SecretBytes{32}).error(), errc::malformed_key) << "zero";
}

TEST(Multikey, HasOneTextForEachKey)
{
    auto const key = PublicKey{random_array<32>()};
    auto const multikey = to_multikey(key);
    EXPECT_TRUE(multikey.starts_with("z6Mk"));
    EXPECT_EQ(parse_multikey(multikey).value(), key);
    for (auto const& other : {multikey.substr(1), multikey + "1", "z1" + multikey.substr(1), multikey.substr(0, 20),
                              std::string{}, std::string(5000, 'z')})
        EXPECT_EQ(parse_multikey(other).error(), errc::malformed_multikey) << other;
}

TEST(KeyPair, OpensOnlyForItsTenantAndPurpose)
{
    auto const sealing_key = SecretBytes::copy_of(random_array<32>());
    auto const tenant = random_id<TenantId>();
    auto const pair = KeyPair::from_seed(SecretBytes::copy_of(random_array<32>()));
    auto const sealed = pair.sealed(sealing_key, tenant, KeyPurpose::status, random_array<24>());

    auto const opened = KeyPair::open(sealing_key, sealed, tenant, KeyPurpose::status);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->public_key(), pair.public_key());
    EXPECT_EQ(opened->sign(bytes_of("m")), pair.sign(bytes_of("m")));
    EXPECT_EQ(KeyPair::open(sealing_key, sealed, tenant, KeyPurpose::credential).error(), core::errc::wrong_key);
    EXPECT_EQ(KeyPair::open(sealing_key, sealed, random_id<TenantId>(), KeyPurpose::status).error(), core::errc::wrong_key);
}

} // namespace
} // namespace assay::credentials
