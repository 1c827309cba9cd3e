#include "server/net/http_types.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace assay::net {
namespace {

TEST(Target, DecodesSegmentsAndQuery)
{
    auto const target = Target::parse("/t/demo/exam/caf%C3%A9%20au%20lait?next=%2Fa%26b&name=J%C3%B6rg+M&empty=&bare").value();
    EXPECT_EQ(target.segments, (std::vector<std::string>{"t", "demo", "exam", "café au lait"}));
    EXPECT_EQ(target.query, (Parameters{{"next", "/a&b"}, {"name", "Jörg M"}, {"empty", ""}, {"bare", ""}}));
    EXPECT_FALSE(target.trailing_slash);
    EXPECT_EQ(target.raw_path, "/t/demo/exam/caf%C3%A9%20au%20lait");
}

TEST(Target, KnowsTheRootAndATrailingSlash)
{
    EXPECT_TRUE(Target::parse("/").value().segments.empty());
    EXPECT_FALSE(Target::parse("/").value().trailing_slash);
    EXPECT_TRUE(Target::parse("/a/").value().trailing_slash);
    EXPECT_EQ(Target::parse("/a/").value().segments, std::vector<std::string>{"a"});
}

class TargetRefusal : public testing::TestWithParam<std::string> {};

TEST_P(TargetRefusal, RefusesWhatCouldLeadAHandlerAstray) { EXPECT_EQ(Target::parse(GetParam()).error(), errc::malformed_target); }

INSTANTIATE_TEST_SUITE_P(Paths, TargetRefusal,
                         testing::Values("", "a", "*", "//", "//host/", "/a//b", "/a//", "/../etc/passwd", "/a/..", "/a/%2e%2e/b", "/a/%2E/b",
                                         "/a%2fb", "/a%5cb", "/a\\b", "/a%00b", "/a%0d%0aSet-Cookie:x", "/a b", "/a#b", "/a%", "/a%4",
                                         "/a%zz", "/%c0%af", "/%ff", "/%ed%a0%80", "/caf\xc3\xa9", "/a?b=%ff", "/a?b=%00", "/a?b=%1"));

TEST(Target, RefusesALongTargetAndTooManyParts)
{
    EXPECT_EQ(Target::parse("/" + std::string(5000, 'a')).error(), errc::too_large);
    auto many = std::string{};
    for (auto i = 0; i < 40; ++i) many += "/a";
    EXPECT_EQ(Target::parse(many).error(), errc::too_large);
    auto query = std::string{"/?"};
    for (auto i = 0; i < 101; ++i) query += "a=1&";
    EXPECT_EQ(Target::parse(query).error(), errc::too_large);
}

TEST(PercentEncode, LeavesTheUnreservedCharactersOfRfc3986Alone)
{
    EXPECT_EQ(percent_encode("Az09-._~"), "Az09-._~");
    EXPECT_EQ(percent_encode("a b/ü?"), "a%20b%2F%C3%BC%3F");
    EXPECT_EQ(percent_decode(percent_encode("a b/ü?+"), false).value(), "a b/ü?+");
}

TEST(Headers, CompareNamesWithoutCaseAndRefuseLineBreaks)
{
    auto headers = Headers{};
    headers.set("Content-Type", "text/html");
    headers.add("Set-Cookie", "a=1");
    headers.add("Set-Cookie", "b=2");
    headers.set("content-type", "text/plain");
    EXPECT_EQ(headers.find("CONTENT-TYPE"), "text/plain");
    EXPECT_EQ(headers.size(), 3u);
    EXPECT_THROW(headers.set("Location", "/a\r\nSet-Cookie: x=1"), ContractViolation);
    EXPECT_THROW(headers.set("Bad Name", "x"), ContractViolation);
}

TEST(ProblemDocument, HasTheMembersOfRfc9457)
{
    auto what = Problem{};
    what.status = 429;
    what.code = "too_many_requests";
    what.detail = "Slow \"down\".";
    what.retry_after_s = 3;
    auto const response = problem(what);
    EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
    EXPECT_EQ(response.headers.find("Retry-After"), "3");
    auto const body = parse_json(response.body).value();
    EXPECT_EQ(*find_string(body, "type"), "urn:assay:problem:too_many_requests");
    EXPECT_EQ(*find_string(body, "title"), "Too Many Requests");
    EXPECT_EQ(*find_string(body, "detail"), "Slow \"down\".");
    EXPECT_EQ(assay::find(body, "status")->as_int64(), 429);
}

TEST(FileResponse, ReadsRegularFilesOnlyAndFollowsNoLinks)
{
    auto const folder = std::filesystem::temp_directory_path() / ("assay-file-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::filesystem::create_symlink("/etc/hostname", folder / "link");
    { std::ofstream{folder / "file"} << "content"; }
    EXPECT_EQ(file_response(folder / "file", "text/plain", 100).value().body, "content");
    EXPECT_EQ(file_response(folder / "file", "text/plain", 6).error(), errc::too_large);
    EXPECT_EQ(file_response(folder / "link", "text/plain", 1000).error(), errc::file_not_found);
    EXPECT_EQ(file_response(folder, "text/plain", 1000).error(), errc::file_not_found);
    EXPECT_EQ(file_response(folder / "none", "text/plain", 1000).error(), errc::file_not_found);
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace assay::net
