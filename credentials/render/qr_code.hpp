#pragma once
#include "core/contract.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay::credentials::render {

/// A QR code of error correction M (15 % may be damaged), as modules without the quiet zone. Source: ISO/IEC 18004.
struct QrCode {
    static constexpr std::size_t quiet_zone = 4;  ///< modules of white that a reader needs on each side

    std::size_t size = 0;     ///< modules a side, 21 to 177
    std::vector<bool> modules; ///< size², row by row; true is dark

    bool dark(std::size_t row, std::size_t column) const;  ///< expects both < size
    std::size_t extent() const noexcept { return size + 2 * quiet_zone; }  ///< modules a side with the quiet zone
};

/// The smallest code that holds `payload` (in byte mode, 1 to 2331 bytes).
/// Errors: errc::text_missing when empty, errc::payload_too_long.
result<QrCode> encode_qr(std::string_view payload);

/// The `d` of one SVG path that fills all dark modules: one unit a module, quiet zone included, so that
/// `<svg viewBox="0 0 E E"><path d="…"/></svg>` with E = extent() is the whole code.
std::string svg_path(QrCode const& code);

/// A whole SVG document: black on white, crisp edges, `title` (escaped) as its accessible name.
std::string qr_svg(QrCode const& code, std::string_view title);

} // namespace assay::credentials::render
