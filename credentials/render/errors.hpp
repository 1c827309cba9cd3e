#pragma once
#include <boost/system/error_code.hpp>

namespace assay::credentials::render {

/// Why a sheet or a badge could not be set. All of them come from what people typed: names, titles, addresses.
enum class errc {
    text_missing = 1,    ///< a text that the document can't do without is empty
    text_malformed,      ///< not UTF-8, or with control, line-breaking or direction-overriding characters
    text_too_long,       ///< does not fit its place at the smallest legible size
    glyph_missing,       ///< no installed font has a character: see `missing_characters`
    payload_too_long,    ///< more than a QR code of error correction M holds
    colour_malformed,    ///< not #rrggbb
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::credentials::render

template <>
struct boost::system::is_error_code_enum<assay::credentials::render::errc> : std::true_type {};
