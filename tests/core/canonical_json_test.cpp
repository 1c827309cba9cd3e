#include "core/json.hpp"
#include "tests/support/shared_data.hpp"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <sstream>

namespace assay {
namespace {

// RFC 8785, appendix B: IEEE 754 bits and the text that ECMAScript gives.
TEST(CanonicalJson, WritesNumbersAsRfc8785AppendixB)
{
    struct Case {
        std::uint64_t bits;
        char const* text;
    };
    for (auto const& [bits, text] : {Case{0x0000000000000000, "0"}, Case{0x8000000000000000, "0"}, Case{0x0000000000000001, "5e-324"},
                                     Case{0x8000000000000001, "-5e-324"}, Case{0x7fefffffffffffff, "1.7976931348623157e+308"},
                                     Case{0x4340000000000000, "9007199254740992"}, Case{0xc340000000000000, "-9007199254740992"},
                                     Case{0x4430000000000000, "295147905179352830000"}, Case{0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                     Case{0x44b52d02c7e14af6, "1e+23"}, Case{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                     Case{0x444b1ae4d6e2ef4e, "999999999999999700000"}, Case{0x444b1ae4d6e2ef50, "1e+21"},
                                     Case{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"}, Case{0x3eb0c6f7a0b5ed8d, "0.000001"},
                                     Case{0x41b3de4355555553, "333333333.3333332"}, Case{0x41b3de4355555557, "333333333.33333343"},
                                     Case{0xbecbf647612f3696, "-0.0000033333333333333333"}, Case{0x43143ff3c1cb0959, "1424953923781206.2"}})
        EXPECT_EQ(canonical_json(std::bit_cast<double>(bits)), text);
}

TEST(CanonicalJson, SortsMembersByUtf16CodeUnits)
{
    auto const value = parse_json(R"({"\ufb33":1,"\ud83d\ude00":2,"a":3})").value();
    EXPECT_EQ(canonical_json(value), "{\"a\":3,\"\xf0\x9f\x98\x80\":2,\"\xef\xac\xb3\":1}");
}

TEST(CanonicalJson, RefusesWhatJsonCannotHold) { EXPECT_THROW(canonical_json(NAN), ContractViolation); }

TEST(CanonicalJson, AgreesWithThePublishedFiles)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/jcs/input");
    auto const folder = test::shared_directory() / "testdata/vectors/jcs";
    auto count = 0;
    for (auto const& entry : std::filesystem::directory_iterator{folder / "input"}) {
        if (entry.path().extension() != ".json") continue;
        auto const value = parse_json(test::read_file(entry.path()));
        ASSERT_TRUE(value) << entry.path();
        EXPECT_EQ(canonical_json(*value), test::read_file(folder / "output" / entry.path().filename())) << entry.path();
        ++count;
    }
    EXPECT_GE(count, 5);
}

} // namespace
} // namespace assay
