#include "core/errors.hpp"
#include "core/hash.hpp"
#include "core/random.hpp"
#include "core/sealing.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

// FIPS 180-4 example; RFC 4231 test case 2.
TEST(Hash, GivesTheStandardVectors)
{
    EXPECT_EQ(to_string(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_string(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_FALSE(parse_sha256("ba78"));
}

TEST(Seal, OpensOnlyUnchangedUnderItsKeyAndContext)
{
    auto const key = SecretBytes::copy_of(random_array<32>());
    auto const other = SecretBytes::copy_of(random_array<32>());
    auto const sealed = seal(key, bytes_of("a name"), "person/1", random_array<24>());
    EXPECT_EQ(text_of(open_seal(key, sealed, "person/1").value()), "a name");
    EXPECT_EQ(open_seal(key, sealed, "person/2").error(), core::errc::wrong_key);
    EXPECT_EQ(open_seal(other, sealed, "person/1").error(), core::errc::wrong_key);
    for (auto i = std::size_t{}; i < sealed.size(); ++i) {
        auto altered = sealed;
        altered[i] ^= std::byte{1};
        EXPECT_FALSE(open_seal(key, altered, "person/1")) << i;
    }
    EXPECT_FALSE(open_seal(key, ByteView{sealed}.first(10), "person/1"));
}

TEST(SecretBytes, MovesWithoutLeavingACopy)
{
    auto a = SecretBytes::copy_of(bytes_of("key"));
    auto const b = std::move(a);
    EXPECT_EQ(text_of(b.expose_secret()), "key");
    EXPECT_EQ(a.size(), 0U); // NOLINT(bugprone-use-after-move): that is the point
}

} // namespace
} // namespace assay
