#include "credentials/render/qr_code.hpp"

#include "credentials/render/colour.hpp"
#include "credentials/render/errors.hpp"
#include "tests/credentials/render/programs.hpp"

namespace assay::credentials::render {
namespace {

/// The modules magnified, with the quiet zone, as a camera would see them.
test::Picture picture_of(QrCode const& code)
{
    constexpr auto scale = std::size_t{4};
    auto const width = code.extent() * scale;
    auto picture = test::Picture{static_cast<unsigned>(width), static_cast<unsigned>(width), std::string(width * width, '\xff')};
    for (auto row = std::size_t{0}; row != code.size * scale; ++row)
        for (auto column = std::size_t{0}; column != code.size * scale; ++column)
            if (code.dark(row / scale, column / scale))
                picture.pixels[(row + QrCode::quiet_zone * scale) * width + column + QrCode::quiet_zone * scale] = 0;
    return picture;
}

TEST(QrCode, IsReadByZBarAsThePayload)
{
    for (auto const& payload : {std::string{"https://localhost:8443/c/01J9ZK3W"}, std::string(900, 'x') + "/end"}) {
        auto const code = encode_qr(payload);
        ASSERT_TRUE(code);
        EXPECT_EQ(test::qr_codes(picture_of(*code)), std::vector{payload});
    }
}

TEST(QrCode, HoldsWhatTheStandardSaysForCorrectionMAndNoMore)
{
    // ISO/IEC 18004 table 7, byte mode, M: version 1 holds 14 bytes, version 2 holds 26, version 40 holds 2331.
    EXPECT_EQ(encode_qr(std::string(14, 'a'))->size, 21u);
    EXPECT_EQ(encode_qr(std::string(15, 'a'))->size, 25u);
    EXPECT_EQ(encode_qr(std::string(26, 'a'))->size, 25u);
    EXPECT_EQ(encode_qr(std::string(2331, 'a'))->size, 177u);
    EXPECT_EQ(encode_qr(std::string(2332, 'a')).error(), errc::payload_too_long);
    EXPECT_EQ(encode_qr("").error(), errc::text_missing);
}

TEST(QrCode, HasAPathThatCoversExactlyTheDarkModules)
{
    auto const code = encode_qr("https://example.org/").value();
    auto painted = std::vector<bool>(code.extent() * code.extent());
    auto const path = svg_path(code);
    for (auto at = path.find('M'); at != path.npos; at = path.find('M', at + 1)) {
        auto column = std::size_t{0}, row = std::size_t{0}, run = std::size_t{0}, back = std::size_t{0};
        ASSERT_EQ(std::sscanf(path.c_str() + at, "M%zu %zuh%zuv1h-%zuz", &column, &row, &run, &back), 4);
        ASSERT_EQ(run, back);
        for (auto index = column; index != column + run; ++index) painted.at(row * code.extent() + index) = true;
    }
    for (auto row = std::size_t{0}; row != code.extent(); ++row) {
        for (auto column = std::size_t{0}; column != code.extent(); ++column) {
            auto const inside = row >= 4 && column >= 4 && row < code.size + 4 && column < code.size + 4;
            ASSERT_EQ(painted[row * code.extent() + column], inside && code.dark(row - 4, column - 4)) << row << ' ' << column;
        }
    }
}

TEST(QrCode, IsAWellFormedSvgDocumentThatEscapesItsTitle)
{
    auto const scratch = test::ScratchFolder{};
    auto const file = scratch.write("code.svg", qr_svg(encode_qr("https://example.org/").value(), R"(<"&'>)"));
    EXPECT_EQ(test::run("xmllint --noout " + file).status, 0);
    EXPECT_EQ(test::run("xmllint --xpath 'string(/*/*[1])' " + file).output, "<\"&'>\n");
}

TEST(Colour, IsReadInOneFormOnly)
{
    EXPECT_EQ(parse_colour("#1F4e79").value(), (Colour{0x1f, 0x4e, 0x79}));
    EXPECT_EQ(to_string(Colour{0x1f, 0x4e, 0x09}), "#1f4e09");
    for (auto const* bad : {"", "1f4e79", "#1f4e7", "#1f4e790", "#1f4e7g", "red", "#12345 "})
        EXPECT_EQ(parse_colour(bad).error(), errc::colour_malformed) << bad;
}

TEST(Colour, IsDarkenedOnlyAsFarAsSmallTextNeeds)
{
    // Contrast ratios with white that WebAIM's checker and the WCAG techniques give: #767676 is the lightest passing grey.
    EXPECT_NEAR(contrast_ratio({0, 0, 0}, {255, 255, 255}), 21.0, 1e-9);
    EXPECT_NEAR(contrast_ratio({0x76, 0x76, 0x76}, {255, 255, 255}), 4.54, 0.005);
    EXPECT_NEAR(contrast_ratio({0x77, 0x77, 0x77}, {255, 255, 255}), 4.48, 0.005);
    EXPECT_EQ(legible_on_white({0x1f, 0x4e, 0x79}), (Colour{0x1f, 0x4e, 0x79}));
    auto const darkened = legible_on_white({0xff, 0xe1, 0x00});
    EXPECT_GE(contrast_ratio(darkened, {255, 255, 255}), 4.5);
    EXPECT_LT(contrast_ratio(darkened, {255, 255, 255}), 4.8);
}

} // namespace
} // namespace assay::credentials::render
