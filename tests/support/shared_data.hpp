#pragma once
// Real pictures, response tables and published vectors live beside the project, not in it. A test that needs them says
// so when they are not there: GTEST_SKIP with the path, never a silent pass.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

namespace assay::test {

inline std::filesystem::path shared_directory()
{
    auto const* named = std::getenv("ASSAY_SHARED_DIR");
    return named != nullptr ? named : "../shared";
}

inline std::filesystem::path source_directory()
{
    auto const* named = std::getenv("ASSAY_SOURCE_DIR");
    return named != nullptr ? named : ".";
}

inline std::string read_file(std::filesystem::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    EXPECT_TRUE(file.is_open()) << path;
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace assay::test

/// Skips, saying what is missed, when `relative` is not in the shared test data.
#define ASSAY_NEEDS_SHARED(relative)                                                                                             \
    if (!std::filesystem::exists(::assay::test::shared_directory() / (relative)))                                                 \
    GTEST_SKIP() << "skipped: needs " << (::assay::test::shared_directory() / (relative)) << ", which this clone does not have"
