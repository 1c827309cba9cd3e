#include "credentials/render/detail/page.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace assay::credentials::render::detail {

void Page::fill(double x, double y, double width, double height, Colour colour) const
{
    ink(colour);
    cairo_rectangle(cairo_, left(x, width), y, width, height);
    cairo_fill(cairo_);
}

void Page::draw(Paragraph const& paragraph, double x, double y, Colour colour) const
{
    // The layout may be wider than its longest line, and a line stands where the page starts (see Typesetter::set).
    auto const width = pango_layout_get_width(paragraph.layout.get()) / double{PANGO_SCALE};
    ink(colour);
    cairo_move_to(cairo_, left(x, width), y);
    pango_cairo_show_layout(cairo_, paragraph.layout.get());
}

void Page::draw_on_baseline(Paragraph const& paragraph, double x, double baseline, Colour colour) const
{
    draw(paragraph, x, baseline - paragraph.baseline, colour);
}

void Page::draw_ending(Paragraph const& paragraph, double x_end, double baseline, Colour colour) const
{
    draw_on_baseline(paragraph, x_end - paragraph.width, baseline, colour);
}

void Page::draw(QrCode const& code, double x, double y, double side) const
{
    fill(x, y, side, side, Colour{255, 255, 255});
    auto const module = side / static_cast<double>(code.extent());
    auto const origin = left(x, side) + static_cast<double>(QrCode::quiet_zone) * module;
    auto const top = y + static_cast<double>(QrCode::quiet_zone) * module;
    ink(Colour{0, 0, 0});
    // One path for all modules: filled one by one, neighbours would show hairlines between them.
    for (auto row = std::size_t{0}; row != code.size; ++row) {
        for (auto column = std::size_t{0}; column != code.size; ++column) {
            auto end = column;
            while (end != code.size && code.dark(row, end)) ++end;
            if (end == column) continue;
            cairo_rectangle(cairo_, origin + static_cast<double>(column) * module, top + static_cast<double>(row) * module,
                            static_cast<double>(end - column) * module, module);
            column = end - 1;
        }
    }
    cairo_fill(cairo_);
}

void Page::rose(double x, double y, double radius, Colour colour) const
{
    constexpr auto turn = 2 * std::numbers::pi;
    ink(colour);
    cairo_set_line_width(cairo_, 0.35);
    auto const centre = left(x, 0);
    for (auto ring = 0; ring != 9; ++ring) {
        auto const phase = ring * turn / 9 / 12;
        for (auto step = 0; step <= 360; ++step) {
            auto const angle = step * turn / 360;
            auto const distance = radius * (0.74 + 0.24 * std::sin(12 * (angle + phase)) * std::cos(ring * turn / 18));
            cairo_line_to(cairo_, centre + distance * std::cos(angle), y + distance * std::sin(angle));
        }
        cairo_close_path(cairo_);
        cairo_stroke(cairo_);
    }
}

void Page::watermark(Paragraph const& paragraph, Colour colour) const
{
    auto const diagonal = std::hypot(page_width, page_height);
    auto const scale = std::min(0.72 * diagonal / paragraph.width, 110 / paragraph.size);
    auto const layout_width = pango_layout_get_width(paragraph.layout.get()) / double{PANGO_SCALE};
    auto const start = direction_ == Direction::left_to_right ? 0.0 : layout_width - paragraph.width; // see Typesetter::set
    ink(colour);
    cairo_save(cairo_);
    cairo_translate(cairo_, page_width / 2, page_height / 2);
    cairo_rotate(cairo_, -std::atan2(page_height, page_width));
    cairo_scale(cairo_, scale, scale);
    cairo_move_to(cairo_, -start - paragraph.width / 2, -paragraph.height / 2);
    pango_cairo_layout_path(cairo_, paragraph.layout.get());
    cairo_fill(cairo_);
    cairo_restore(cairo_);
}

void Page::tagged(char const* tag, std::function<void()> const& content, std::string const& attributes) const
{
    cairo_tag_begin(cairo_, tag, attributes.c_str());
    content();
    cairo_tag_end(cairo_, tag);
}

} // namespace assay::credentials::render::detail
