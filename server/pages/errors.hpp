#pragma once
#include <boost/system/error_code.hpp>

namespace assay::pages {

/// Why a tenant's brand was not accepted.
enum class errc {
    malformed_colour = 1, ///< not "#rrggbb"
    contrast_too_low,     ///< under 4.5 : 1 against the page or against the text set on it (WCAG 2.2, 1.4.3)
};

boost::system::error_category const& category() noexcept;
inline boost::system::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace assay::pages

template <>
struct boost::system::is_error_code_enum<assay::pages::errc> : std::true_type {};
