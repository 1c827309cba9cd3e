#pragma once
#include "core/contract.hpp"
#include "server/pages/errors.hpp"

#include <string_view>

namespace assay::pages {

/// A tenant's own colour, for light and for dark pages. The rest of the look is not for sale: legibility is everybody's.
struct Brand {
    std::string accent = "#1f5f5b";      ///< "#rrggbb": links, buttons, the mark of a chosen answer
    std::string accent_dark = "#7fd1c7"; ///< the same on a dark page
};

/// (L1 + 0.05) / (L2 + 0.05) of the relative luminances, 1 … 21. Source: WCAG 2.2, "contrast ratio".
/// Errors: errc::malformed_colour.
result<double> contrast_ratio(std::string_view colour, std::string_view other);

/// The stylesheet of custom properties that a tenant's pages load after ours (served at {base}/brand.css: the content security
/// policy allows no inline style). Errors: errc::malformed_colour; errc::contrast_too_low.
result<std::string> brand_stylesheet(Brand const& brand);

} // namespace assay::pages
