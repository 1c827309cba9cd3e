#include "server/pages/brand.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace assay::pages {
namespace {

// The page's own colours, as in web/styles/assay.css: what the accent must stand out from.
constexpr auto page_light = std::string_view{"#fdfcf9"};
constexpr auto page_dark = std::string_view{"#16191c"};
constexpr auto contrast_min = 4.5;

std::optional<int> hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

result<double> luminance(std::string_view colour)
{
    if (colour.size() != 7 || colour[0] != '#') return errc::malformed_colour;
    constexpr auto weights = std::array{0.2126, 0.7152, 0.0722};
    auto sum = 0.0;
    for (auto channel = std::size_t{0}; channel < 3; ++channel) {
        auto const high = hex_digit(colour[1 + 2 * channel]);
        auto const low = hex_digit(colour[2 + 2 * channel]);
        if (!high || !low) return errc::malformed_colour;
        auto const value = (*high * 16 + *low) / 255.0;
        sum += weights[channel] * (value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4));
    }
    return sum;
}

} // namespace

result<double> contrast_ratio(std::string_view colour, std::string_view other)
{
    auto const a = luminance(colour);
    if (!a) return a.error();
    auto const b = luminance(other);
    if (!b) return b.error();
    return (std::max(*a, *b) + 0.05) / (std::min(*a, *b) + 0.05);
}

result<std::string> brand_stylesheet(Brand const& brand)
{
    // Text on an accent surface is set in the page's own colour, so one ratio guards both uses.
    for (auto const& [accent, page] : {std::pair{std::string_view{brand.accent}, page_light},
                                       std::pair{std::string_view{brand.accent_dark}, page_dark}}) {
        auto const ratio = contrast_ratio(accent, page);
        if (!ratio) return ratio.error();
        if (*ratio < contrast_min) return errc::contrast_too_low;
    }
    return ":root{--brand-light:" + brand.accent + ";--brand-dark:" + brand.accent_dark + "}\n";
}

} // namespace assay::pages
