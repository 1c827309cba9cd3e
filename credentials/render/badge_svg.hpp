#pragma once
#include "core/contract.hpp"
#include "credentials/render/certificate_pdf.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace assay::credentials::render {

/// What a badge shows.
struct BadgeFace {
    std::string achievement;
    std::string issuer;
    std::optional<std::string> demonstration;  ///< "Demonstration": a ribbon across the badge when present
    std::string language = "en";               ///< BCP 47
    Direction direction = Direction::left_to_right;
    Colour accent{0x1f, 0x4e, 0x79};
};

/// A square SVG image for a credential's `image` and for pages: no script, no reference to anything outside, texts as text (escaped), with
/// title and description for screen readers. Lines are broken by measuring, so a long title gets smaller, never cut.
/// Errors: text_missing, text_malformed, text_too_long, glyph_missing.
result<std::string> badge_svg(BadgeFace const& face);

/// `badge` (from badge_svg) with the signed credential baked in: its JSON in CDATA of the first child element
/// `openbadges:credential`. "]]>" inside a JSON string becomes "]]\u003e": other bytes, the same JSON, and so the same canonical
/// form and proof. Expects an image of ours that has no credential yet. Source: Open Badges 3.0, section 5.3.2.1 (SVG).
std::string bake_credential(std::string_view badge, std::string_view credential_json);

} // namespace assay::credentials::render
