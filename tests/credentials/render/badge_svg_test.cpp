#include "credentials/render/badge_svg.hpp"

#include "credentials/render/errors.hpp"
#include "tests/credentials/render/programs.hpp"

#include <gmock/gmock.h>

namespace assay::credentials::render {
namespace {

using testing::HasSubstr;
using testing::Not;

BadgeFace face()
{
    return {.achievement = "PostgreSQL in Production: Expert", .issuer = "Northwind Certification", .accent = {0x1f, 0x4e, 0x79}};
}

/// The string value of an XPath, as libxml2 reads it; empty output with a failure when the document is not well formed.
std::string xpath(std::string const& svg, std::string const& path)
{
    auto const scratch = test::ScratchFolder{};
    auto const ran = test::run("xmllint --xpath \"" + path + "\" " + scratch.write("badge.svg", svg));
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
}

TEST(BadgeSvg, SaysItsTextsAsTextWhateverTheyContain)
{
    auto tricky = face();
    tricky.achievement = R"(C++ & <SQL>)";
    tricky.issuer = R"(O'Hara "Labs" ]]>)";
    auto const svg = badge_svg(tricky).value();
    EXPECT_EQ(xpath(svg, "string(//*[local-name()='title'])"), "C++ & <SQL>\n");
    EXPECT_EQ(xpath(svg, "string(//*[local-name()='desc'])"), "O'Hara \"Labs\" ]]>\n");
    EXPECT_EQ(xpath(svg, "string((//*[local-name()='text'])[1])"), "C++ & <SQL>\n");
    EXPECT_EQ(xpath(svg, "string((//*[local-name()='text'])[2])"), "O'Hara \"Labs\" ]]>\n");
    EXPECT_EQ(xpath(svg, "string(/*/@aria-label)"), "C++ & <SQL>\n");
}

TEST(BadgeSvg, BreaksALongTitleIntoLinesWithoutLosingAWord)
{
    auto long_face = face();
    long_face.achievement = "Certified Senior Engineer for the Operation and Recovery of Replicated Databases";
    auto const svg = badge_svg(long_face).value();
    EXPECT_EQ(xpath(svg, "count((//*[local-name()='text'])[1]/*) > 1"), "true\n");
    auto joined = std::string{};
    auto const lines = std::stoi(xpath(svg, "count((//*[local-name()='text'])[1]/*)"));
    for (auto line = 1; line <= lines; ++line) {
        auto part = xpath(svg, "string((//*[local-name()='text'])[1]/*[" + std::to_string(line) + "])");
        part.pop_back();
        joined += (line == 1 ? "" : " ") + part;
    }
    EXPECT_EQ(joined, long_face.achievement);
}

TEST(BadgeSvg, RefersToNothingOutsideAndRunsNothing)
{
    auto const svg = badge_svg(face()).value();
    EXPECT_THAT(svg, Not(HasSubstr("href")));
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    EXPECT_THAT(svg, Not(HasSubstr("<style")));
    EXPECT_EQ(svg.find("http", svg.find("http") + 1), svg.npos) << "the namespace is the only address";
    EXPECT_LT(svg.size(), 32'000u);
}

TEST(BadgeSvg, KeepsWhiteTextLegibleOnAnyAccent)
{
    auto pale = face();
    pale.accent = {0xff, 0xf0, 0x80};
    auto const ground = parse_colour(std::string_view{xpath(badge_svg(pale).value(), "string(//*[local-name()='g']/*[1]/@fill)")}.substr(0, 7));
    ASSERT_TRUE(ground);
    EXPECT_GE(contrast_ratio(*ground, {255, 255, 255}), 4.5);
}

TEST(BadgeSvg, StandsAtTheRightInARightToLeftLanguage)
{
    auto arabic = face();
    arabic.achievement = "خبيرة قواعد البيانات";
    arabic.language = "ar";
    arabic.direction = Direction::right_to_left;
    auto const svg = badge_svg(arabic).value();
    EXPECT_EQ(xpath(svg, "string((//*[local-name()='text'])[1]/@direction)"), "rtl\n");
    EXPECT_EQ(xpath(svg, "string((//*[local-name()='text'])[1]/@text-anchor)"), "start\n");
    EXPECT_EQ(xpath(svg, "number((//*[local-name()='text'])[1]/*/@x) > 240"), "true\n");
    // The issuer's Latin name runs its own way, and ends where the Arabic begins.
    EXPECT_EQ(xpath(svg, "string((//*[local-name()='text'])[2]/@direction)"), "ltr\n");
    EXPECT_EQ(xpath(svg, "string((//*[local-name()='text'])[2]/@text-anchor)"), "end\n");
}

TEST(BadgeSvg, SaysADemonstrationInTheImageAndInItsName)
{
    auto demonstration = face();
    demonstration.demonstration = "Demonstration";
    auto const svg = badge_svg(demonstration).value();
    EXPECT_EQ(xpath(svg, "string((//*[local-name()='text'])[last()])"), "Demonstration\n");
    EXPECT_THAT(xpath(svg, "string(/*/@aria-label)"), HasSubstr("Demonstration: "));
    EXPECT_THAT(badge_svg(face()).value(), Not(HasSubstr("Demonstration")));
}

TEST(BadgeSvg, RefusesWhatItCannotSay)
{
    auto empty = face();
    empty.issuer = "";
    EXPECT_EQ(badge_svg(empty).error(), errc::text_missing);
    auto broken = face();
    broken.achievement = "a\x01b";
    EXPECT_EQ(badge_svg(broken).error(), errc::text_malformed);
    auto endless = face();
    endless.achievement = std::string(3000, 'W');
    EXPECT_EQ(badge_svg(endless).error(), errc::text_too_long);
    auto injected = face();
    injected.language = R"(en" onload="alert(1))";
    EXPECT_EQ(badge_svg(injected).error(), errc::text_malformed);
}

TEST(BakedBadge, CarriesTheCredentialAsTheFirstChildThatOpenBadgesAsksFor)
{
    auto const svg = bake_credential(badge_svg(face()).value(), R"({"name":"a]]>b & <c>"})");
    // Open Badges 3.0, 5.3.2.1: namespace https://purl.imsglobal.org/ob/v3p0, directly inside <svg>.
    EXPECT_EQ(xpath(svg, "local-name(/*/*[1])"), "credential\n");
    EXPECT_EQ(xpath(svg, "namespace-uri(/*/*[1])"), "https://purl.imsglobal.org/ob/v3p0\n");
    EXPECT_EQ(xpath(svg, "string(/*/*[1])"), R"({"name":"a]]\u003eb & <c>"})" "\n");
    EXPECT_THROW(bake_credential(svg, "{}"), ContractViolation);
}

} // namespace
} // namespace assay::credentials::render
