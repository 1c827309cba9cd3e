#include "credentials/render/badge_svg.hpp"

#include "credentials/render/detail/text.hpp"
#include "credentials/render/detail/typesetting.hpp"
#include "credentials/render/errors.hpp"

#include <cmath>
#include <cstdio>
#include <numbers>

namespace assay::credentials::render {
namespace {

using detail::Paragraph;
using detail::TextStyle;

constexpr auto side = 480.0;
constexpr auto margin = 44.0;
// A viewer without Noto sets the text in another face, up to a fifth wider: measured for that, so nothing runs over the edge.
constexpr auto measure = (side - 2 * margin) / 1.2;
constexpr auto fonts = R"('Noto Sans','Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif)";

constexpr auto title_style = TextStyle{.size = 44, .size_min = 20, .lines_max = 4, .bold = true};
constexpr auto issuer_style = TextStyle{.size = 21, .size_min = 13, .lines_max = 2};
constexpr auto ribbon_style = TextStyle{.size = 22, .size_min = 12, .lines_max = 1, .bold = true};

/// A number as the image says it: at most two decimals, the same in every locale.
std::string number(double value)
{
    auto const hundredths = std::lround(value * 100);
    auto const magnitude = std::labs(hundredths);
    auto text = std::string{hundredths < 0 ? "-" : ""} + std::to_string(magnitude / 100);
    if (auto const rest = magnitude % 100; rest != 0) {
        text += rest < 10 ? ".0" : ".";
        text += std::to_string(rest % 10 == 0 ? rest / 10 : rest);
    }
    return text;
}

std::string text_element(Paragraph const& set, Direction page, double first_baseline, std::string_view fill, std::string_view weight)
{
    auto const page_rtl = page == Direction::right_to_left;
    auto const x = number(page_rtl ? side - margin : margin);
    // "start" is the paragraph's own; the text stands at the page's edge whichever way it runs itself.
    auto element = R"(<text fill=")" + std::string{fill} + R"(" font-size=")" + number(set.size) + R"(" font-weight=")" + std::string{weight}
                   + R"(" direction=")" + (set.right_to_left ? "rtl" : "ltr") + R"(" text-anchor=")"
                   + (set.right_to_left == page_rtl ? "start" : "end") + R"(">)";
    auto const spacing = set.height / static_cast<double>(set.lines.size());
    for (auto index = std::size_t{0}; index != set.lines.size(); ++index)
        element += R"(<tspan x=")" + x + R"(" y=")" + number(first_baseline + static_cast<double>(index) * spacing) + R"(">)"
                   + detail::xml_escaped(set.lines[index]) + "</tspan>";
    return element + "</text>";
}

/// The engraved rose of the certificate, as one path in the corner where no text stands.
std::string rose(double x, double y, double radius)
{
    constexpr auto turn = 2 * std::numbers::pi;
    auto path = std::string{};
    for (auto ring = 0; ring != 6; ++ring) {
        for (auto step = 0; step != 180; ++step) {
            auto const angle = step * turn / 180;
            auto const wave = std::sin(12 * angle + ring * turn / 6) * std::cos(ring * turn / 12);
            auto const distance = radius * (0.74 + 0.24 * wave);
            path += step == 0 ? "M" : "L";
            path += number(x + distance * std::cos(angle)) + " " + number(y + distance * std::sin(angle));
        }
        path += "z";
    }
    return path;
}

Colour mixed_with_white(Colour colour, int percent)
{
    auto const mixed = [&](std::uint8_t channel) { return static_cast<std::uint8_t>(channel + (255 - channel) * percent / 100); };
    return {mixed(colour.red), mixed(colour.green), mixed(colour.blue)};
}

} // namespace

result<std::string> badge_svg(BadgeFace const& face)
{
    if (auto const checked = detail::require_language(face.language); !checked) return checked.error();
    for (auto const* text : {&face.achievement, &face.issuer})
        if (auto const checked = detail::require_text(*text); !checked) return checked.error();
    if (face.demonstration)
        if (auto const checked = detail::require_text(*face.demonstration); !checked) return checked.error();

    auto const typesetter = detail::Typesetter{face.language, face.direction};
    auto const title = typesetter.set(face.achievement, title_style, measure);
    if (!title) return title.error();
    auto const issuer = typesetter.set(face.issuer, issuer_style, measure * 0.8);
    if (!issuer) return issuer.error();

    auto const ground = legible_on_white(face.accent); // white on it is as legible as it on white
    auto const rtl = face.direction == Direction::right_to_left;
    auto const edge = rtl ? 74.0 : side - 74.0; // the corner across from where lines start
    auto const name = detail::xml_escaped((face.demonstration ? *face.demonstration + ": " : "") + face.achievement);

    auto svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 480" width="480" height="480" role="img" xml:lang=")" + face.language
               + R"(" aria-label=")" + name + R"("><title>)" + name + "</title><desc>" + detail::xml_escaped(face.issuer) + "</desc>";
    svg += R"svg(<clipPath id="assay-badge"><rect width="480" height="480" rx="44"/></clipPath><g clip-path="url(#assay-badge)">)svg";
    svg += R"(<rect width="480" height="480" fill=")" + to_string(ground) + R"("/>)";
    svg += R"(<path fill="none" stroke=")" + to_string(mixed_with_white(ground, 22)) + R"(" stroke-width="1" d=")" + rose(edge, 104, 178) + R"("/>)";
    // The seal: a tick on white.
    svg += R"(<circle cx=")" + number(edge) + R"(" cy="104" r="38" fill="#fff"/><path d="M)" + number(edge - 16)
           + R"( 105l11 12 21-24" fill="none" stroke=")" + to_string(ground) + R"(" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"/>)";

    auto const issuer_top = side - margin - issuer->height;
    auto const title_top = issuer_top - 22 - title->height;
    svg += R"(<g font-family=")" + std::string{fonts} + R"(">)";
    svg += text_element(*title, face.direction, title_top + title->baseline, "#fff", "700");
    svg += R"(<path d="M)" + number(rtl ? side - margin - 56 : margin) + " " + number(issuer_top - 12) + R"(h56" stroke="#fff" stroke-width="2"/>)";
    svg += text_element(*issuer, face.direction, issuer_top + issuer->baseline, "#fff", "400");
    if (face.demonstration) {
        auto const ribbon = typesetter.set(*face.demonstration, ribbon_style, measure);
        if (!ribbon) return ribbon.error();
        svg += R"(<path d="M0 0h480v52H0z" fill="#ffd23f"/>)";
        svg += text_element(*ribbon, face.direction, 26 + ribbon->size * 0.36, "#1a1c21", "700");
    }
    return svg + "</g></g></svg>";
}

std::string bake_credential(std::string_view badge, std::string_view credential_json)
{
    constexpr auto root = std::string_view{"<svg "};
    auto const after_root = badge.find('>') + 1;
    EXPECTS(badge.starts_with(root) && after_root != 0 && badge.find("openbadges:") == badge.npos);

    // "]]>" would end the CDATA. In JSON it can only stand inside a string, where > may be written as an escape.
    auto json = std::string{credential_json};
    for (auto at = json.find("]]>"); at != json.npos; at = json.find("]]>", at)) json.replace(at, 3, "]]\\u003e");

    auto baked = std::string{root} + R"(xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" )";
    baked += badge.substr(root.size(), after_root - root.size());
    baked += "<openbadges:credential><![CDATA[" + json + "]]></openbadges:credential>";
    baked += badge.substr(after_root);
    return baked;
}

} // namespace assay::credentials::render
