#include "core/errors.hpp"
#include "core/json.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(ParseJson, ReadsNestedValues)
{
    auto const value = parse_json(R"({"a":[1,-2,3.5,"x\u00e9",{"b":null}],"c":true})").value();
    EXPECT_EQ(canonical_json(value), "{\"a\":[1,-2,3.5,\"x\xc3\xa9\",{\"b\":null}],\"c\":true}");
    EXPECT_EQ(*find_string(parse_json(R"({"k":"v"})").value(), "k"), "v");
    EXPECT_EQ(find_string(value, "a"), nullptr);
}

TEST(ParseJson, RefusesAMemberNamedTwice)
{
    EXPECT_EQ(parse_json(R"({"a":1,"a":2})").error(), core::errc::duplicate_member);
    EXPECT_EQ(parse_json(R"([{"x":{"a":1,"\u0061":2}}])").error(), core::errc::duplicate_member);
    EXPECT_TRUE(parse_json(R"([{"a":1},{"a":2}])"));
}

TEST(ParseJson, StaysWithinItsBounds)
{
    EXPECT_EQ(parse_json(std::string(64, '[')).error(), core::errc::too_deep);
    EXPECT_EQ(parse_json(std::string(100, ' '), {.size_max = 10}).error(), core::errc::too_large);
}

TEST(ParseJson, RefusesWhatIsNotOneJsonText)
{
    for (auto const* text : {"", " ", "{", "1 2", "{\"a\":1}x", "[1,]", "nul", "\"\xff\"", "\"\\ud800\"", "1e999", "// c\n1", "NaN"})
        EXPECT_FALSE(parse_json(text)) << text;
}

TEST(FindMember, AnswersFromTheObjectItselfAndNotFromACopy)
{
    auto const object = json::object{{"text", "v"}, {"object", json::object{{"n", 1}}}, {"array", json::array{1}}};
    EXPECT_EQ(find(object, "text"), object.if_contains("text"));
    EXPECT_EQ(find_string(object, "text"), object.at("text").if_string());
    EXPECT_EQ(find_object(object, "object"), object.at("object").if_object());
    EXPECT_EQ(find_array(object, "array"), object.at("array").if_array());
    EXPECT_EQ(find_array(object, "text"), nullptr);
}

} // namespace
} // namespace assay
