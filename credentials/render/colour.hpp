#pragma once
#include "core/contract.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace assay::credentials::render {

/// A colour in sRGB.
struct Colour {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    friend constexpr bool operator==(Colour const&, Colour const&) = default;
};

/// "#1f4e79" and nothing else (either case). Errors: errc::colour_malformed.
result<Colour> parse_colour(std::string_view text);
std::string to_string(Colour colour);  ///< "#1f4e79"

/// Contrast ratio of two colours, 1 to 21. Source: WCAG 2.2, "contrast ratio" and "relative luminance".
double contrast_ratio(Colour a, Colour b) noexcept;

/// `colour`, darkened only as far as small text in it on white needs (contrast 4.5, WCAG 2.2 SC 1.4.3): a tenant may choose
/// yellow, and the certificate stays readable.
Colour legible_on_white(Colour colour) noexcept;

} // namespace assay::credentials::render
