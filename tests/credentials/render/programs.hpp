#pragma once
// Other people's programs are the judges here: what they read is what a stranger's viewer, phone or archive reads.
#include "core/bytes.hpp"
#include "tests/support/shared_data.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>
#include <zbar.h>

namespace assay::test {

/// A folder that goes when the test does.
class ScratchFolder {
public:
    ScratchFolder()
    {
        auto name = (std::filesystem::temp_directory_path() / "assay-render-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ScratchFolder(ScratchFolder const&) = delete;
    ScratchFolder& operator=(ScratchFolder const&) = delete;
    ~ScratchFolder() { std::filesystem::remove_all(path); }

    std::string write(std::string const& name, std::string_view content) const
    {
        std::ofstream{path / name, std::ios::binary} << content;
        return (path / name).string();
    }

    std::filesystem::path path;
};

struct Ran {
    int status;
    std::string output;  ///< both streams
};

inline Ran run(std::string const& command)
{
    auto* pipe = ::popen((command + " 2>&1").c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    auto output = std::string{};
    auto buffer = std::array<char, 4096>{};
    for (auto got = std::fread(buffer.data(), 1, buffer.size(), pipe); got != 0; got = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), got);
    return {::pclose(pipe), output};
}

/// A grey picture as `pdftoppm -gray` writes it.
struct Picture {
    unsigned width = 0, height = 0;
    std::string pixels;
};

inline Picture read_pgm(std::filesystem::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    auto magic = std::string{};
    auto picture = Picture{};
    auto depth = 0;
    file >> magic >> picture.width >> picture.height >> depth;
    file.get();
    picture.pixels.resize(std::size_t{picture.width} * picture.height);
    file.read(picture.pixels.data(), static_cast<std::streamsize>(picture.pixels.size()));
    EXPECT_EQ(magic, "P5") << path;
    EXPECT_TRUE(file.good()) << path;
    return picture;
}

/// What ZBar reads in the picture.
inline std::vector<std::string> qr_codes(Picture const& picture)
{
    auto scanner = zbar::ImageScanner{};
    scanner.set_config(zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
    scanner.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
    auto image = zbar::Image{picture.width, picture.height, "Y800", picture.pixels.data(), picture.pixels.size()};
    scanner.scan(image);
    auto found = std::vector<std::string>{};
    for (auto symbol = image.symbol_begin(); symbol != image.symbol_end(); ++symbol) found.push_back(symbol->get_data());
    return found;
}

/// Texts as a person compares them: runs of white space are one space.
inline std::string spaced_once(std::string_view text)
{
    auto spaced = std::string{};
    for (auto const letter : text) {
        auto const space = letter == ' ' || letter == '\n' || letter == '\f' || letter == '\r';
        if (!space) spaced += letter;
        else if (!spaced.empty() && spaced.back() != ' ') spaced += ' ';
    }
    return spaced;
}

} // namespace assay::test
