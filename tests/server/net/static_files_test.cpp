#include "server/net/static_files.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace assay::net {
namespace {

Request with_etag(std::string_view etag)
{
    auto request = Request{};
    request.headers.set("If-None-Match", etag);
    return request;
}

TEST(StaticFiles, ServeHashedNamesAsImmutableAndOthersByEtag)
{
    auto files = StaticFiles{};
    files.add("app-4F2QK7XD.js", "let a = 1");
    files.add("favicon.ico", "icon");
    auto const script = files.serve(Request{}, "app-4F2QK7XD.js");
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(script.content(), "let a = 1");
    EXPECT_EQ(script.headers.find("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(script.headers.find("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(files.hashed_name("app", "js"), "app-4F2QK7XD.js");

    auto const icon = files.serve(Request{}, "favicon.ico");
    EXPECT_EQ(icon.headers.find("Cache-Control"), "public, no-cache");
    auto const etag = std::string{*icon.headers.find("ETag")};
    EXPECT_EQ(files.serve(with_etag(etag), "favicon.ico").status, 304);
    EXPECT_EQ(files.serve(with_etag("\"other\", W/" + etag), "favicon.ico").status, 304);
    EXPECT_EQ(files.serve(with_etag("\"other\""), "favicon.ico").status, 200);
    EXPECT_EQ(files.serve(Request{}, "none.js").status, 404);
}

TEST(StaticFiles, TakeRegularFilesOfTheirFolderOnly)
{
    auto const folder = std::filesystem::temp_directory_path() / ("assay-static-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / "js");
    { std::ofstream{folder / "js" / "a.js"} << "a"; }
    std::filesystem::create_symlink("/etc/hostname", folder / "leak.txt");
    auto const files = StaticFiles::load(folder);
    std::filesystem::remove_all(folder);
    EXPECT_EQ(files.size(), 1u);
    EXPECT_EQ(files.serve(Request{}, "js/a.js").status, 200);
    EXPECT_EQ(files.serve(Request{}, "leak.txt").status, 404);
    EXPECT_EQ(files.serve(Request{}, "../js/a.js").status, 404);
}

} // namespace
} // namespace assay::net
