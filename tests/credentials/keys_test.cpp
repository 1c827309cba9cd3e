#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "credentials/did.hpp"
#include "credentials/errors.hpp"
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
        EXPECT_EQ(resolved->methods.front().key, pair.public_key());
        EXPECT_TRUE(resolved->methods.front().asserts);
        ++count;
    }
    EXPECT_GE(count, 1);
}

TEST(Multikey, RefusesOtherKeyTypes)
{
    for (auto const* other : {"testdata/vectors/did-key/nist-curves.json", "testdata/vectors/did-key/rsa.json"}) {
        ASSAY_NEEDS_SHARED(other);
        auto const vectors = shared_json(other);
        for (auto const& member : vectors.as_object()) EXPECT_FALSE(resolve_did_key(member.key())) << member.key();
    }
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
