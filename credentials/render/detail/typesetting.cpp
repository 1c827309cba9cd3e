#include "credentials/render/detail/typesetting.hpp"

#include "credentials/render/errors.hpp"

#include <algorithm>
#include <fontconfig/fontconfig.h>
#include <pango/pangofc-fontmap.h>
#include <stdexcept>

namespace assay::credentials::render::detail {
namespace {

// Only these folders: a certificate must not change its face with whatever else a machine has installed. The folder under
// opentype is where fonts-noto-cjk goes; it may be absent.
constexpr auto font_folders = R"xml(<?xml version="1.0"?><fontconfig>
  <dir>/usr/share/fonts/truetype/noto</dir>
  <dir>/usr/share/fonts/truetype/dejavu</dir>
  <dir>/usr/share/fonts/opentype/noto</dir>
  <cachedir>/var/cache/fontconfig</cachedir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>)xml";

FcConfig* load_fonts()
{
    auto* config = FcConfigCreate();
    auto const* text = reinterpret_cast<FcChar8 const*>(font_folders);
    if (config == nullptr || !FcConfigParseAndLoadFromMemory(config, text, FcTrue) || !FcConfigBuildFonts(config))
        throw std::runtime_error{"the font list can't be built"};
    auto const* found = FcConfigGetFonts(config, FcSetSystem);
    if (found == nullptr || found->nfont == 0) throw std::runtime_error{"no fonts: install fonts-noto-core and fonts-dejavu-core"};
    return config;
}

FontMap make_font_map()
{
    static auto* const config = load_fonts(); // read-only afterwards, and for the life of the process
    auto map = FontMap{pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT)};
    if (!map) throw std::runtime_error{"Pango was built without FreeType"};
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map.get()), config);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map.get()), 72); // a point is a unit of PDF
    return map;
}

PangoDirection to_pango(Direction direction)
{
    return direction == Direction::right_to_left ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR;
}

double points(int pango_units) { return pango_units / double{PANGO_SCALE}; }

void resize(PangoLayout* layout, double size)
{
    auto const* current = pango_layout_get_font_description(layout);
    auto* description = pango_font_description_copy(current);
    pango_font_description_set_absolute_size(description, size * PANGO_SCALE);
    pango_layout_set_font_description(layout, description);
    pango_font_description_free(description);
}

bool fits(PangoLayout* layout, double width, int lines)
{
    pango_layout_set_width(layout, static_cast<int>(width * PANGO_SCALE));
    auto logical = PangoRectangle{};
    pango_layout_get_extents(layout, nullptr, &logical);
    return pango_layout_get_line_count(layout) <= lines && points(logical.width) <= width + 0.01;
}

/// The narrowest width that still takes as few lines, so that the last one is no lonely word.
void balance(PangoLayout* layout, double width)
{
    auto const lines = pango_layout_get_line_count(layout);
    if (lines < 2) return;
    auto narrow = width / lines, wide = width;
    for (auto step = 0; step != 10; ++step) {
        auto const middle = (narrow + wide) / 2;
        (fits(layout, middle, lines) ? wide : narrow) = middle;
    }
    fits(layout, wide, lines);
}

std::vector<std::string> lines_of(PangoLayout* layout)
{
    auto const text = std::string_view{pango_layout_get_text(layout)};
    auto lines = std::vector<std::string>{};
    for (auto* at = pango_layout_get_lines_readonly(layout); at != nullptr; at = at->next) {
        auto const* line = static_cast<PangoLayoutLine const*>(at->data);
        auto part = text.substr(static_cast<std::size_t>(line->start_index), static_cast<std::size_t>(line->length));
        while (part.ends_with(' ')) part.remove_suffix(1);
        lines.emplace_back(part);
    }
    return lines;
}

struct Attempt {
    double size;
    int lines;
};

/// Sizes and numbers of lines in the order in which they are preferred.
std::vector<Attempt> attempts(TextStyle const& style)
{
    constexpr auto step = 0.95;
    auto tried = std::vector<Attempt>{};
    auto const sizes_down_from = [&](double largest, int lines) {
        for (auto size = largest; size > style.size_min; size *= step) tried.push_back({size, lines});
        tried.push_back({style.size_min, lines});
    };
    if (!style.display) {
        sizes_down_from(style.size, style.lines_max);
        return tried;
    }
    // A title that needs a second line is a long one, and looks better smaller than shouting over two lines.
    for (auto lines = 1; lines <= style.lines_max; ++lines) {
        auto const largest = lines == 1 ? style.size : style.size * 0.8;
        auto const smallest = lines == style.lines_max ? style.size_min : std::max(style.size_min, largest * 0.7);
        for (auto size = largest; size >= smallest; size *= step) tried.push_back({size, lines});
    }
    tried.push_back({style.size_min, style.lines_max});
    return tried;
}

} // namespace

Typesetter::Typesetter(std::string const& language, Direction page) : fonts_{make_font_map()}, page_{page}
{
    context_.reset(pango_font_map_create_context(fonts_.get()));
    pango_context_set_language(context_.get(), pango_language_from_string(language.c_str()));
    pango_context_set_base_dir(context_.get(), to_pango(page));
    // The page is printed: outlines as designed, placed where they belong, not on a screen's pixels.
    pango_context_set_round_glyph_positions(context_.get(), FALSE);
    auto* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context_.get(), options);
    cairo_font_options_destroy(options);
}

Layout Typesetter::layout_of(std::string_view text, TextStyle const& style) const
{
    auto layout = Layout{pango_layout_new(context_.get())};
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD);
    auto* description = pango_font_description_new();
    pango_font_description_set_family(description, style.families);
    pango_font_description_set_weight(description, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(description, style.size * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), description);
    pango_font_description_free(description);
    return layout;
}

result<Paragraph> Typesetter::set(std::string_view text, TextStyle const& style, double width) const
{
    auto layout = layout_of(text, style);
    // From the first strong character, or the page's direction when there is none.
    auto const direction = pango_layout_get_line_readonly(layout.get(), 0)->resolved_dir;
    // Every paragraph stands at the edge where the page starts: an Arabic name on an English page keeps its own order of letters
    // and stands at the left margin, a Latin title on an Arabic page at the right one. Pango turns the alignment of a paragraph
    // round when its direction is not the context's, so what is asked of it is turned round beforehand.
    auto const at_right = (page_ == Direction::right_to_left) == (direction == to_pango(page_));
    pango_layout_set_alignment(layout.get(), at_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);

    auto const tried = attempts(style);
    auto const fit = std::find_if(tried.begin(), tried.end(), [&](Attempt const& attempt) {
        resize(layout.get(), attempt.size);
        return fits(layout.get(), width, attempt.lines);
    });
    if (pango_layout_get_unknown_glyphs_count(layout.get()) != 0) return errc::glyph_missing;
    if (fit == tried.end()) return errc::text_too_long;
    if (style.display) balance(layout.get(), width);

    auto logical = PangoRectangle{};
    pango_layout_get_extents(layout.get(), nullptr, &logical);
    auto set = Paragraph{.size = fit->size,
                         .width = points(logical.width),
                         .height = points(logical.height),
                         .baseline = points(pango_layout_get_baseline(layout.get())),
                         .right_to_left = direction == PANGO_DIRECTION_RTL,
                         .lines = lines_of(layout.get())};
    set.layout = std::move(layout);
    return set;
}

std::vector<char32_t> Typesetter::missing(std::string_view text) const
{
    auto const layout = layout_of(text, TextStyle{});
    auto found = std::vector<char32_t>{};
    for (auto* at = pango_layout_get_lines_readonly(layout.get()); at != nullptr; at = at->next) {
        // Visual order within a line is turned back into that of the text by the positions of the clusters.
        auto by_position = std::vector<std::pair<int, char32_t>>{};
        for (auto* run = static_cast<PangoLayoutLine const*>(at->data)->runs; run != nullptr; run = run->next) {
            auto const* item = static_cast<PangoGlyphItem const*>(run->data);
            for (auto index = 0; index != item->glyphs->num_glyphs; ++index) {
                auto const glyph = item->glyphs->glyphs[index].glyph;
                if (glyph == PANGO_GLYPH_EMPTY || (glyph & PANGO_GLYPH_UNKNOWN_FLAG) == 0) continue;
                by_position.emplace_back(item->item->offset + item->glyphs->log_clusters[index],
                                         static_cast<char32_t>(glyph & ~PANGO_GLYPH_UNKNOWN_FLAG));
            }
        }
        std::stable_sort(by_position.begin(), by_position.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
        for (auto const& [position, character] : by_position)
            if (std::find(found.begin(), found.end(), character) == found.end()) found.push_back(character);
    }
    return found;
}

} // namespace assay::credentials::render::detail
