#include "credentials/errors.hpp"
#include "credentials/status_list.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <random>
#include <set>
#include <zlib.h>

namespace assay::credentials {
namespace {

std::string packed(std::string const& plain)
{
    auto stream = z_stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY);
    auto out = std::string(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

TEST(StatusList, ReadsThePublishedListsInTheirBitOrder)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/bitstring/bitstring.json");
    auto const vectors =
        parse_json(assay::test::read_file(assay::test::shared_directory() / "testdata/vectors/bitstring/bitstring.json")).value();
    for (auto const& one : *find_array(vectors, "cases")) {
        auto const list = StatusList::decode(*find_string(one, "encodedList"));
        ASSERT_TRUE(list) << *find_string(one, "name");
        EXPECT_EQ(list->size(), find(one, "bits")->to_number<std::size_t>());
        for (auto const& index : *find_array(one, "set")) EXPECT_TRUE(list->at(index.to_number<std::size_t>()).value()) << index;
        for (auto const& index : *find_array(one, "clear")) EXPECT_FALSE(list->at(index.to_number<std::size_t>()).value()) << index;
        auto const again = list->encode();
        EXPECT_EQ(StatusList::decode(again).value(), *list);
    }
}

TEST(StatusList, EncodesWithoutATimeSoThatEqualListsAreEqualText)
{
    auto list = StatusList{};
    list.set(0, true).value();
    auto const text = list.encode();
    EXPECT_EQ(text, list.encode());
    auto const bytes = from_base64url(text.substr(1)).value();
    EXPECT_EQ(to_hex(ByteView{bytes}.first(8)), "1f8b080000000000"); // RFC 1952: no flags, MTIME 0
}

TEST(StatusList, HasNoIndexBeyondItsEnd)
{
    auto list = StatusList{};
    EXPECT_TRUE(list.set(131'071, true));
    EXPECT_EQ(list.set(131'072, true).error(), errc::status_index_out_of_range);
    EXPECT_EQ(list.at(131'072).error(), errc::status_index_out_of_range);
    list.set(131'071, false).value();
    EXPECT_EQ(list, StatusList{});
}

TEST(StatusList, RefusesWhatIsTooShortTooLongOrNotOneGzipMember)
{
    auto const encoded = [](std::string const& gzip) { return "u" + to_base64url(bytes_of(gzip)); };
    auto const whole = packed(std::string(16384, '\0'));
    EXPECT_TRUE(StatusList::decode(encoded(whole)));
    EXPECT_TRUE(StatusList::decode(encoded(packed(std::string(4 << 20, '\0')))));
    for (auto const& bad :
         {encoded(packed(std::string(16383, '\0'))), encoded(packed(std::string((4 << 20) + 1, '\0'))),
          encoded(packed(std::string(256 << 20, '\0'))), encoded(whole + "x"), encoded(whole.substr(0, whole.size() - 1)),
          encoded("not gzip"), to_base64url(bytes_of(whole)), std::string{"u"}, std::string{}, encoded(whole) + "="})
        EXPECT_EQ(StatusList::decode(bad).error(), errc::malformed_status_list) << bad.substr(0, 60);
}

TEST(AllocateStatusIndex, GivesEachIndexOnceAndThenSaysFull)
{
    auto used = StatusList{};
    auto left = std::set<std::size_t>{0, 77'777, 131'071};
    for (auto i = std::size_t{}; i < used.size(); ++i)
        if (!left.contains(i)) used.set(i, true).value();
    auto generator = std::mt19937{7};
    while (!left.empty()) {
        auto random = std::array<std::byte, 16>{};
        for (auto& octet : random) octet = static_cast<std::byte>(generator());
        auto const index = allocate_status_index(used, random).value();
        EXPECT_EQ(left.erase(index), 1U);
        used.set(index, true).value();
    }
    EXPECT_EQ(allocate_status_index(used, {}).error(), errc::status_list_full);
}

TEST(AllocateStatusIndex, SpreadsOverTheWholeList)
{
    auto const used = StatusList{};
    auto generator = std::mt19937{11};
    auto octiles = std::array<int, 8>{};
    for (auto i = 0; i < 400; ++i) {
        auto random = std::array<std::byte, 16>{};
        for (auto& octet : random) octet = static_cast<std::byte>(generator());
        ++octiles[allocate_status_index(used, random).value() * 8 / used.size()];
    }
    for (auto const count : octiles) EXPECT_NEAR(count, 50, 30); // beyond 4 standard deviations
}

TEST(StatusListCredential, VerifiesAsACredentialOfItsIssuerForADay)
{
    auto const sample = test::SampleIssuer{};
    auto const report = sample.verify_now(sample.status_list_json());
    EXPECT_EQ(report.verdict(), Verdict::valid) << report.proof.detail << report.shape.detail << report.issuer.detail;
    EXPECT_EQ(report.facts.valid_until, "2026-11-25T00:00:00Z");
}

} // namespace
} // namespace assay::credentials
