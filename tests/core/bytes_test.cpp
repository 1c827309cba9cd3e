#include "core/bytes.hpp"

#include "core/errors.hpp"
#include "core/uuid.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

// RFC 4648 section 10.
TEST(Base64, WritesTheVectorsOfRfc4648)
{
    EXPECT_EQ(to_base64(bytes_of("")), "");
    EXPECT_EQ(to_base64(bytes_of("f")), "Zg==");
    EXPECT_EQ(to_base64(bytes_of("fooba")), "Zm9vYmE=");
    EXPECT_EQ(to_base64(bytes_of("foobar")), "Zm9vYmFy");
    EXPECT_EQ(to_base64url(bytes_of("f")), "Zg");
    EXPECT_EQ(text_of(from_base64("Zm9vYmE=").value()), "fooba");
}

TEST(Base64, AcceptsOneEncodingOnly)
{
    EXPECT_EQ(from_base64("Zh==").error(), core::errc::malformed); // unused bits not zero
    EXPECT_EQ(from_base64("Zg").error(), core::errc::malformed);   // padding missing
    EXPECT_EQ(from_base64url("Zg==").error(), core::errc::malformed);
    EXPECT_EQ(from_base64url("Zh").error(), core::errc::malformed);
    EXPECT_EQ(from_base64url("Z g").error(), core::errc::malformed);
    EXPECT_EQ(from_base64url("Z").error(), core::errc::malformed);
}

// draft-msporny-base58-03, section 5.
TEST(Base58, WritesTheVectorsOfTheDraft)
{
    EXPECT_EQ(to_base58btc(bytes_of("Hello World!")), "2NEpo7TZRRrLZSi2U");
    EXPECT_EQ(to_base58btc(bytes_of("The quick brown fox jumps over the lazy dog.")),
              "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z");
    EXPECT_EQ(to_base58btc(from_hex("0000287fb4cd").value()), "11233QC4");
    EXPECT_EQ(to_hex(from_base58btc("11233QC4").value()), "0000287fb4cd");
    EXPECT_EQ(from_base58btc("0OIl").error(), core::errc::malformed);
}

TEST(Hex, RefusesUpperCaseAndOddLengths)
{
    EXPECT_EQ(to_hex(from_hex("00ff10").value()), "00ff10");
    EXPECT_EQ(from_hex("0F").error(), core::errc::malformed);
    EXPECT_EQ(from_hex("0").error(), core::errc::malformed);
}

TEST(Uuid, ReadsWhatItWritesAndNothingElse)
{
    auto const uuid = parse_uuid("2489e9ad-2ee2-8e00-8ec9-32d5f69181c0").value();
    EXPECT_EQ(to_string(uuid), "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0");
    EXPECT_FALSE(parse_uuid("2489E9AD-2ee2-8e00-8ec9-32d5f69181c0"));
    EXPECT_FALSE(parse_uuid("2489e9ad2ee2-8e00-8ec9-32d5f69181c0-"));
    EXPECT_EQ(uuid_from_name("item", "a"), uuid_from_name("item", "a"));
    EXPECT_NE(uuid_from_name("item", "a"), uuid_from_name("ite", "ma"));
}

TEST(Bytes, AppendsBigEndianNumbers)
{
    auto bytes = Bytes{};
    append_big_endian(bytes, 0x0102, 4);
    EXPECT_EQ(to_hex(bytes), "00000102");
    EXPECT_THROW(append_big_endian(bytes, 0x100, 1), ContractViolation);
}

} // namespace
} // namespace assay
