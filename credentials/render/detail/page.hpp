#pragma once
#include "credentials/render/detail/typesetting.hpp"
#include "credentials/render/qr_code.hpp"

#include <functional>
#include <string>

namespace assay::credentials::render::detail {

inline constexpr double page_width = 841.89;  ///< A4 landscape, in points
inline constexpr double page_height = 595.28;

/// Draws on a page that may be mirrored: every x is a distance from the edge where its script starts.
class Page {
public:
    Page(cairo_t* cairo, Direction direction) : cairo_{cairo}, direction_{direction} {}

    void fill(double x, double y, double width, double height, Colour colour) const;
    void draw(Paragraph const& paragraph, double x, double y, Colour colour) const;
    void draw_on_baseline(Paragraph const& paragraph, double x, double baseline, Colour colour) const;
    /// Ends `paragraph` at `x_end` instead of starting it there.
    void draw_ending(Paragraph const& paragraph, double x_end, double baseline, Colour colour) const;
    /// The code with its quiet zone on white, `side` points wide.
    void draw(QrCode const& code, double x, double y, double side) const;
    /// A fine engraved rose: ornament, no part of the text.
    void rose(double x, double y, double radius, Colour colour) const;
    /// `paragraph` across the page from corner to corner, as outlines, so that it is neither copied nor read out with the text.
    void watermark(Paragraph const& paragraph, Colour colour) const;
    /// What `content` draws is an element of the structure tree (ISO 32000-1, 14.8.4).
    void tagged(char const* tag, std::function<void()> const& content, std::string const& attributes = {}) const;

private:
    double left(double x, double width) const { return direction_ == Direction::left_to_right ? x : page_width - x - width; }
    void ink(Colour colour) const { cairo_set_source_rgb(cairo_, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0); }

    cairo_t* cairo_;
    Direction direction_;
};

} // namespace assay::credentials::render::detail
