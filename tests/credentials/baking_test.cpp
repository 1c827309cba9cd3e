#include "credentials/baking.hpp"
#include "credentials/errors.hpp"
#include "credentials/render/badge_svg.hpp"
#include "credentials/render/qr_code.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace assay::credentials {
namespace {

using test::SampleIssuer;

void append_chunk(Bytes& out, std::string const& type, std::string const& data)
{
    append_big_endian(out, data.size(), 4);
    append(out, bytes_of(type + data));
    append_big_endian(out, crc32(0, reinterpret_cast<Bytef const*>((type + data).data()), static_cast<uInt>(type.size() + data.size())), 4);
}

/// A grey pixel.
Bytes pixel(std::string const& extra_type = {}, std::string const& extra = {})
{
    auto png = to_bytes(std::string_view{"\x89PNG\r\n\x1a\n"});
    append_chunk(png, "IHDR", std::string{"\0\0\0\1\0\0\0\1\x08\0\0\0\0", 13});
    if (!extra_type.empty()) append_chunk(png, extra_type, extra);
    append_chunk(png, "IDAT", std::string{"\x78\x9c\x63\x68\0\0\0\x82\0\x81", 10});
    append_chunk(png, "IEND", {});
    return png;
}

TEST(BakedPng, GivesBackWhatWasBakedIn)
{
    auto const sample = SampleIssuer{};
    for (auto const& credential : {sample.issued().json, sample.issued().jwt}) {
        auto const baked = bake_png(pixel(), credential).value();
        EXPECT_EQ(credential_in_png(baked).value(), credential);
        EXPECT_EQ(bake_png(baked, credential).value(), baked) << "the older one is replaced";
    }
}

TEST(BakedPng, HasExactlyOneWholeChunk)
{
    auto const chunk = [](std::string const& after_keyword) { return "openbadgecredential" + after_keyword; };
    auto const plain = chunk(std::string(5, '\0') + "{}");
    EXPECT_EQ(credential_in_png(pixel("iTXt", plain)).value(), "{}");
    EXPECT_EQ(credential_in_png(pixel()).error(), errc::no_credential_inside);
    EXPECT_EQ(credential_in_png(pixel("tEXt", plain)).error(), errc::no_credential_inside);
    EXPECT_EQ(credential_in_png(pixel("iTXt", chunk(std::string{"\0\1\0\0\0{}", 7}))).error(), errc::no_credential_inside) << "compressed";
    EXPECT_EQ(credential_in_png(pixel("iTXt", chunk(std::string(3, '\0')))).error(), errc::no_credential_inside);
    auto twice = bake_png(pixel("tEXt", "x"), "{}").value();
    auto const start = 8 + 25; // signature and IHDR
    auto const size = 12 + plain.size();
    twice.insert(twice.begin() + start, twice.begin() + start, twice.begin() + start + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(credential_in_png(twice).error(), errc::no_credential_inside);
}

TEST(BakedPng, RefusesEveryDamage)
{
    auto const baked = bake_png(pixel(), R"({"a":1})").value();
    for (auto i = std::size_t{}; i < baked.size(); ++i) {
        auto damaged = baked;
        damaged[i] ^= std::byte{4};
        EXPECT_FALSE(credential_in_png(damaged)) << i;
        EXPECT_FALSE(credential_in_png(ByteView{baked}.first(i))) << i;
    }
    auto longer = baked;
    longer.push_back({});
    EXPECT_FALSE(credential_in_png(longer));
}

TEST(BakedSvg, GivesBackWhatWasBakedIn)
{
    auto const sample = SampleIssuer{};
    auto const badge = render::badge_svg({.achievement = "Pumps & <valves>", .issuer = "Acme", .demonstration = std::nullopt}).value();
    auto const baked = render::bake_credential(badge, sample.issued().json);
    EXPECT_EQ(credential_in_svg(baked).value(), sample.issued().json);
    EXPECT_EQ(credential_in_svg(badge).error(), errc::no_credential_inside);
}

TEST(BakedSvg, ReadsBothWaysAndNoThird)
{
    auto const svg = [](std::string const& inside, std::string const& space = "https://purl.imsglobal.org/ob/v3p0") {
        return "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:b=\"" + space + "\">" + inside + "<g/></svg>";
    };
    EXPECT_EQ(credential_in_svg(svg("<b:credential><![CDATA[ {} ]]></b:credential>")).value(), "{}");
    EXPECT_EQ(credential_in_svg(svg("<b:credential>{&quot;a&quot;:&#x26;}</b:credential>")).value(), "{\"a\":&}");
    EXPECT_EQ(credential_in_svg(svg("<b:credential verify=\"a.b.c\"/>")).value(), "a.b.c");
    EXPECT_EQ(credential_in_svg(svg("<b:credential verify='a.b.c'> </b:credential>")).value(), "a.b.c");
    for (auto const& bad : {svg("<b:credential verify='a'>{}</b:credential>"), svg("<b:credential/>"), svg("<b:credential>{}<x/></b:credential>"),
                            svg("<g><b:credential>{}</b:credential></g>"), svg("<b:credential>{}</b:credential><b:credential>{}</b:credential>"),
                            svg("<b:credential>{}</b:credential>", "https://w3id.org/openbadges"), svg("<b:credential>&x;</b:credential>"),
                            "<!DOCTYPE svg [<!ENTITY x '{}'>]>" + svg("<b:credential>&x;</b:credential>"), std::string{"<html/>"}, std::string{"<svg"},
                            svg("<b:credential>{}</b:credential>") + "<svg/>", svg("<b:credential>{}</credential>")})
        EXPECT_FALSE(credential_in_svg(bad)) << bad;
}

TEST(BakedImages, OfOthersAreRead)
{
    constexpr auto samples = "testdata/vectors/openbadges/1edtech";
    ASSAY_NEEDS_SHARED(samples);
    auto const folder = assay::test::shared_directory() / samples;
    for (auto const* name : {"simple-json.png", "simple-json.svg", "simple-jwt.png", "simple-jwt.svg"}) {
        auto const bytes = assay::test::read_file(folder / name);
        auto const inside = bytes.starts_with("<") ? credential_in_svg(bytes) : credential_in_png(bytes_of(bytes));
        ASSERT_TRUE(inside) << name << inside.error().message();
        auto const jwt = std::string_view{name}.find("jwt") != std::string_view::npos;
        EXPECT_EQ(inside->front(), jwt ? 'e' : '{') << name;
    }
}

TEST(LinkWithCredential, CarriesTheTokenThroughAQrCode)
{
    auto const sample = SampleIssuer{};
    auto const jwt = sample.issued().jwt;
    auto const link = link_with_credential("https://localhost:8443/t/acme/verify", jwt).value();
    EXPECT_EQ(credential_in_link(link).value(), jwt);
    EXPECT_LT(link.size(), jwt.size());
    EXPECT_TRUE(render::encode_qr(link).has_value()) << link.size() << " characters";
    EXPECT_EQ(verify(bytes_of(link), sample.documents(), sample.now).verdict(), Verdict::valid);
    EXPECT_EQ(verify(bytes_of(link + "\n"), sample.documents(), sample.now).facts.found_in, "link");
    EXPECT_EQ(credential_in_link(link_with_credential("https://h/v", "e30.e30.AA~x~").value()).value(), "e30.e30.AA~x~");
    for (auto i = link.find('#'); i < link.size(); ++i) {
        auto altered = link;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(verify(bytes_of(altered), sample.documents(), sample.now).verdict(), Verdict::invalid) << i;
    }
    for (auto const* bad : {"https://h/v", "https://h/v#vc=a", "https://h/v#vc=a.b", "https://h/v#vc=a.!.c", "https://h/v#x=1", "https://h/v#sd=a.b.c"})
        EXPECT_EQ(credential_in_link(bad).error(), errc::malformed_link) << bad;
}

} // namespace
} // namespace assay::credentials
