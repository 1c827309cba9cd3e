#include "credentials/render/colour.hpp"

#include "core/bytes.hpp"
#include "credentials/render/errors.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace assay::credentials::render {
namespace {

double linear(std::uint8_t channel) noexcept
{
    auto const value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double relative_luminance(Colour colour) noexcept
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

} // namespace

result<Colour> parse_colour(std::string_view text)
{
    auto lower = std::string{text};
    for (auto& letter : lower)
        if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter - 'A' + 'a');
    if (lower.size() != 7 || lower.front() != '#') return errc::colour_malformed;
    auto const bytes = from_hex(std::string_view{lower}.substr(1));
    if (!bytes) return errc::colour_malformed;
    auto const channel = [&](std::size_t index) { return std::to_integer<std::uint8_t>((*bytes)[index]); };
    return Colour{channel(0), channel(1), channel(2)};
}

std::string to_string(Colour colour)
{
    auto const bytes = std::array{std::byte{colour.red}, std::byte{colour.green}, std::byte{colour.blue}};
    return "#" + to_hex(bytes);
}

double contrast_ratio(Colour a, Colour b) noexcept
{
    auto const [darker, lighter] = std::minmax({relative_luminance(a), relative_luminance(b)});
    return (lighter + 0.05) / (darker + 0.05);
}

Colour legible_on_white(Colour colour) noexcept
{
    constexpr auto white = Colour{255, 255, 255};
    // In hundredths of the channel values, which keeps the hue; black at the latest has contrast 21.
    for (auto percent = 100; percent > 0; --percent) {
        auto const scaled = [&](std::uint8_t channel) { return static_cast<std::uint8_t>(channel * percent / 100); };
        auto const candidate = Colour{scaled(colour.red), scaled(colour.green), scaled(colour.blue)};
        if (contrast_ratio(candidate, white) >= 4.5) return candidate;
    }
    return Colour{};
}

} // namespace assay::credentials::render
