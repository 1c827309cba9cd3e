// The folder tree is the architecture: who may include whom, and which outside library has which one user (docs/architecture.md).
#include "tests/architecture/source_tree.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

namespace assay::test {
namespace {

using Folders = std::set<std::string>;

/// Top-level folder → the folders of ours that it may include, besides itself. `assay` are the generated Protobuf headers.
std::map<std::string, Folders> const arrows = {
    {"core", {}},
    {"sandbox", {}},
    {"async", {"core"}},
    {"exam", {"core"}},
    {"proctor", {"core", "sandbox"}},
    {"credentials", {"core", "sandbox"}},
    {"policies", {"core", "exam", "proctor", "credentials"}},
    {"storage", {"core", "async", "exam", "proctor", "credentials", "policies"}},
    {"server", {"core", "sandbox", "async", "exam", "proctor", "credentials", "policies", "storage", "assay"}},
};

/// A part of a folder that may include more, or is kept from more, than the folder as a whole.
bool may_see_wire(std::string const& path) { return path.starts_with("server/") || path.starts_with("proctor/channel/"); }

/// An outside library and the only places that may include it.
struct Reserved {
    std::string_view header;
    std::vector<std::string> places;
};
std::vector<Reserved> const reserved = {
    {"boost/beast", {"server/net/", "async/detail/", "async/beast_compiled.cpp"}},
    {"boost/asio", {"async/", "storage/", "server/"}},
    {"libpq-fe.h", {"storage/"}},
    {"opencv2/", {"proctor/vision/"}},
    {"dlib/", {"proctor/vision/"}},
    {"jpeglib.h", {"proctor/vision/"}},
    {"toml++/", {"policies/detail/"}},
    {"spdlog/", {"server/net/"}},
    {"prometheus/", {"server/net/"}},
    {"libxml/", {"exam/qti/"}},
    {"zip.h", {"exam/qti/"}},
    {"seccomp.h", {"sandbox/"}},
    {"kainjow/", {"server/pages/"}},
    {"unicode/", {"server/pages/"}},
    {"curl/", {"server/", "credentials/verify_main/"}}, // mail and its kin; `verify --online`
    {"cairo", {"credentials/render/"}},
    {"pango/", {"credentials/render/"}},
    {"qrencode.h", {"credentials/render/"}},
    {"google/protobuf/", {"server/", "proctor/channel/"}},
};

bool is_in(std::string const& path, std::vector<std::string> const& places)
{
    return std::ranges::any_of(places, [&](std::string const& place) { return path.starts_with(place); });
}

std::vector<SourceFile> const& tree()
{
    static auto const files = [] {
        auto folders = std::vector<std::string>{};
        for (auto const& [folder, below] : arrows) folders.push_back(folder);
        return read_sources(folders);
    }();
    return files;
}

std::string at(SourceFile const& file, Include const& include) { return file.path + ":" + std::to_string(include.line) + ": includes " + include.name; }

std::vector<std::string> broken_arrows(SourceFile const& file)
{
    auto broken = std::vector<std::string>{};
    auto const folder = file.path.substr(0, file.path.find('/'));
    for (auto const& include : includes_of(file)) {
        if (!include.own) continue;
        auto const target = include.name.substr(0, include.name.find('/'));
        if (target == folder || arrows.at(folder).contains(target)) continue;
        if (target == "assay" && may_see_wire(file.path)) continue;
        broken.push_back(at(file, include) + ": no arrow leads there from " + folder);
    }
    return broken;
}

TEST(Arrows, PointDownwardsOnly)
{
    ASSERT_GT(tree().size(), 200u) << "the tree was not found at " << source_folder();
    for (auto const& file : tree())
        for (auto const& broken : broken_arrows(file)) ADD_FAILURE() << broken;
}

TEST(Arrows, AreBrokenByAnIncludeUpwardsOrAcross)
{
    auto const includes = [](std::string path, std::string name) { return broken_arrows({std::move(path), "#include \"" + name + "\"\n", {}}); };
    EXPECT_EQ(includes("exam/a.cpp", "storage/journal.hpp").size(), 1u);
    EXPECT_EQ(includes("exam/a.cpp", "credentials/issue.hpp").size(), 1u);
    EXPECT_EQ(includes("exam/a.cpp", "a.hpp").size(), 1u) << "includes start at the root";
    EXPECT_EQ(includes("exam/a.cpp", "assay/v1/exam.pb.h").size(), 1u);
    EXPECT_TRUE(includes("server/app/a.cpp", "exam/sitting.hpp").empty());
}

TEST(Arrows, ADetailFolderIsItsOwnersAlone)
{
    for (auto const& file : tree()) {
        for (auto const& include : includes_of(file)) {
            auto const detail = include.own ? include.name.find("/detail/") : std::string::npos;
            if (detail == std::string::npos) continue;
            EXPECT_TRUE(file.path.starts_with(include.name.substr(0, detail + 1))) << at(file, include);
        }
    }
}

TEST(Arrows, NothingButTheFetcherItselfMayLoosenItsRules)
{
    for (auto const& file : tree())
        for (auto const& include : includes_of(file)) {
            if (include.name != "credentials/verify_main/detail/fetch_rules.hpp") continue;
            EXPECT_EQ(file.path, "credentials/verify_main/fetch.cpp") << at(file, include);
        }
}

TEST(Arrows, OnlyTheSandboxedProcessOpensForeignFiles)
{
    auto readers = 0;
    for (auto const& file : tree()) {
        if (is_in(file.path, {"credentials/foreign/", "credentials/pdf/", "credentials/baking"})) continue;
        for (auto const& include : includes_of(file)) {
            EXPECT_NE(include.name, "credentials/foreign/contents.hpp") << at(file, include);
            EXPECT_FALSE(include.name.starts_with("credentials/pdf/")) << at(file, include);
            readers += include.name == "credentials/foreign/reader.hpp";
        }
        for (auto const* word : {"credential_in_png", "credential_in_svg"}) EXPECT_EQ(file.code.find(word), std::string::npos) << file.path << ": " << word;
    }
    EXPECT_GE(readers, 2) << "the command line and the service ask it";
}

TEST(Arrows, EachOutsideLibraryHasItsOneUser)
{
    for (auto const& file : tree()) {
        for (auto const& include : includes_of(file)) {
            if (include.own) continue;
            for (auto const& library : reserved)
                EXPECT_TRUE(!include.name.starts_with(library.header) || is_in(file.path, library.places)) << at(file, include);
        }
    }
}

TEST(Arrows, NoPublicHeaderShowsBeast)
{
    for (auto const& file : tree()) {
        if (!file.path.ends_with(".hpp") || file.path.find("/detail/") != std::string::npos) continue;
        for (auto const& include : includes_of(file)) {
            EXPECT_FALSE(include.name.starts_with("boost/beast")) << at(file, include);
            auto const behind = include.own && include.name.starts_with("server/net/detail/") && file.path.starts_with("server/net/");
            EXPECT_FALSE(behind && include.name.ends_with("transport.hpp")) << at(file, include);
        }
    }
}

TEST(Arrows, TheDomainsHaveNoClockAndNoRandomnessOfTheirOwn)
{
    for (auto const& file : tree()) {
        auto const domain = is_in(file.path, {"exam/", "proctor/", "credentials/", "policies/"});
        // Programs have a clock: the picture worker, the tool that verifies offline, and who waits for the process that opens foreign files.
        if (!domain || is_in(file.path, {"proctor/vision/", "credentials/verify_main/", "credentials/foreign/"})) continue;
        for (auto const* word : {"::now()", "random_device", "randombytes", "gettimeofday", "time(nullptr)", "std::rand(", "mt19937"}) {
            auto const found = file.code.find(word);
            EXPECT_EQ(found, std::string::npos) << file.path << ":" << line_of(file.code, std::min(found, file.code.size())) << ": " << word;
        }
        for (auto const& include : includes_of(file)) {
            EXPECT_NE(include.name, "core/random.hpp") << at(file, include);
            EXPECT_NE(include.name, "random") << at(file, include);
        }
    }
}

TEST(Arrows, WhatScoresAndSelectsUsesNoLibmTranscendental)
{
    // Design law 7. Calibration and simulation are not replayed; QTI rules are arithmetic on scores, and say so where they differ.
    for (auto const& file : tree()) {
        if (!file.path.starts_with("exam/") || is_in(file.path, {"exam/calibration/", "exam/qti/"})) continue;
        for (auto const* word : {"std::exp(", "std::log(", "std::pow(", "std::log1p(", "std::expm1(", "std::tanh(", "std::erf", "std::sin(", "std::cos(", "std::fma("}) {
            auto const found = file.code.find(word);
            EXPECT_EQ(found, std::string::npos) << file.path << ":" << line_of(file.code, std::min(found, file.code.size())) << ": " << word;
        }
    }
}

} // namespace
} // namespace assay::test
