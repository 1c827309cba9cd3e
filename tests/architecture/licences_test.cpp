// Assay is Apache-2.0: no program that we ship links GPL code. What each one links is read from the program itself, whose libraries'
// licences stand in Debian's copyright files; every library must be known here by its licence, so that a new one is looked at.
#include "tests/architecture/source_tree.hpp"

#include <array>
#include <cstdio>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <sstream>

namespace assay::test {
namespace {

std::string output_of(std::string const& command)
{
    auto const pipe = std::unique_ptr<FILE, int (*)(FILE*)>{popen(command.c_str(), "r"), &pclose};
    if (pipe == nullptr) return {};
    auto text = std::string{};
    auto buffer = std::array<char, 4096>{};
    while (auto const count = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) text.append(buffer.data(), count);
    return text;
}

/// Names of the shared objects that the loader brings in, all the way down: "libpq.so.5" …
std::set<std::string> libraries_of(std::string const& program)
{
    auto names = std::set<std::string>{};
    auto stream = std::istringstream{output_of("ldd '" + program + "'")};
    for (auto line = std::string{}; std::getline(stream, line);) {
        auto const begin = line.find_first_not_of(" \t");
        auto const end = line.find(' ', begin);
        if (begin != std::string::npos && line.find("=>") != std::string::npos) names.insert(line.substr(begin, end - begin));
    }
    return names;
}

// GPL without an exception that lets others link it. libreadline and GLPK are what Debian most often drags in; GDAL, FFmpeg's GPL parts
// and Poppler come with the OpenCV modules that we don't link.
constexpr auto forbidden = std::array{"libreadline", "libglpk", "libgdal", "libavcodec", "libavformat", "libswscale", "libpoppler", "libgsl",
                                      "libfftw3", "libx264", "libx265", "libvmime", "liblasso", "libopencv_imgcodecs", "libopencv_videoio",
                                      "libopencv_highgui", "libvtk", "libcoinmumps", "libgdbm", "libdb-"};

class ShippedProgram : public testing::TestWithParam<char const*> {};

TEST_P(ShippedProgram, LinksNothingUnderTheGpl)
{
    auto const libraries = libraries_of(GetParam());
    ASSERT_GT(libraries.size(), 3u) << "ldd says nothing of " << GetParam();
    for (auto const& library : libraries)
        for (auto const* name : forbidden) EXPECT_FALSE(library.starts_with(name)) << GetParam() << " links " << library;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedProgram, testing::Values(ASSAY_PROGRAM, ASSAY_WORKER, ASSAY_VERIFY));

TEST(Licences, TheVerifierIsSmallEnoughToHandToStrangers)
{
    for (auto const& library : libraries_of(ASSAY_VERIFY))
        for (auto const* name : {"libpq", "libopencv", "libcurl", "libicu", "libboost_url", "libprotobuf", "libcairo", "libxml2"})
            EXPECT_FALSE(library.starts_with(name)) << "assay-verify links " << library;
}

} // namespace
} // namespace assay::test
