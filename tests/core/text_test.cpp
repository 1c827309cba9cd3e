#include "core/text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace assay {
namespace {

TEST(Utf8Prefix, IsTheWholeTextWhenThatFits)
{
    EXPECT_EQ(utf8_prefix("", 0), "");
    EXPECT_EQ(utf8_prefix("reason", 6), "reason");
    EXPECT_EQ(utf8_prefix("شهادة", 10), "شهادة");
}

TEST(Utf8Prefix, EndsBetweenCharacters)
{
    EXPECT_EQ(utf8_prefix("reason", 3), "rea");
    auto const arabic = std::string{"شهادة"}; // two bytes a letter
    EXPECT_EQ(utf8_prefix(arabic, 4), "شه");
    EXPECT_EQ(utf8_prefix(arabic, 5), "شه");
    auto const four = std::string{"a😀𝔸"}; // one byte, four, four
    for (auto const size : {1u, 2u, 3u, 4u}) EXPECT_EQ(utf8_prefix(four, size), "a") << size;
    for (auto const size : {5u, 6u, 7u, 8u}) EXPECT_EQ(utf8_prefix(four, size), "a😀") << size;
    EXPECT_EQ(utf8_prefix(four, 9), four);
    EXPECT_EQ(utf8_prefix("日本", 5), "日"); // three bytes each
    EXPECT_EQ(utf8_prefix("😀", 3), "");
}

TEST(Utf8Prefix, OfWhatIsNoUtf8IsBoundedAllTheSame)
{
    auto const tails = std::string(100, '\x80');
    EXPECT_EQ(utf8_prefix(tails, 50).size(), 50u);
    EXPECT_EQ(utf8_prefix(tails, 0).size(), 0u);
}

} // namespace
} // namespace assay
