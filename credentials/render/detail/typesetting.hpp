#pragma once
#include "core/contract.hpp"
#include "credentials/render/certificate_pdf.hpp"
#include "credentials/render/colour.hpp"

#include <memory>
#include <pango/pangocairo.h>
#include <string>
#include <string_view>
#include <vector>

namespace assay::credentials::render::detail {

template <auto release>
struct Released {
    void operator()(auto* held) const noexcept { release(held); }
};
using FontMap = std::unique_ptr<PangoFontMap, Released<g_object_unref>>;
using Context = std::unique_ptr<PangoContext, Released<g_object_unref>>;
using Layout = std::unique_ptr<PangoLayout, Released<g_object_unref>>;

// Families by role; what they lack (another script) falls back to whichever Noto face has it.
inline constexpr char const* display_families = "Noto Serif Display, Noto Naskh Arabic, Noto Serif Devanagari, Noto Serif, serif";
inline constexpr char const* serif_families = "Noto Serif, Noto Naskh Arabic, Noto Serif Devanagari, serif";
inline constexpr char const* sans_families = "Noto Sans, Noto Naskh Arabic, Noto Sans Devanagari, sans-serif";

/// How a text is set and how far it may give way.
struct TextStyle {
    char const* families = sans_families;
    double size = 11;           ///< points
    double size_min = 11;       ///< the smallest that is still legible in this role
    int lines_max = 1;
    bool bold = false;
    bool display = false;       ///< a shorter size goes before a second line, and lines are balanced
};

/// A text set in a style: measured, not yet drawn. Sizes in points.
struct Paragraph {
    Layout layout;
    double size = 0;      ///< of the type
    double width = 0;     ///< of the longest line
    double height = 0;    ///< line heights together
    double baseline = 0;  ///< of the first line, from the top
    bool right_to_left = false;
    std::vector<std::string> lines;
};

/// Sets texts with our fonts only. One of its own for each document: Pango's objects belong to one thread.
class Typesetter {
public:
    Typesetter(std::string const& language, Direction page);

    /// `text` in lines no wider than `width`, as large as `style` and the width allow.
    /// Errors: text_too_long, glyph_missing. Expects a text that `require_text` accepts.
    result<Paragraph> set(std::string_view text, TextStyle const& style, double width) const;

    /// Characters for which no font has a glyph, in order of appearance.
    std::vector<char32_t> missing(std::string_view text) const;

private:
    Layout layout_of(std::string_view text, TextStyle const& style) const;

    FontMap fonts_;
    Context context_;
    Direction page_;
};

} // namespace assay::credentials::render::detail
