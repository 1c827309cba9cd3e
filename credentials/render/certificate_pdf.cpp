#include "credentials/render/certificate_pdf.hpp"

#include "credentials/render/detail/package.hpp"
#include "credentials/render/detail/page.hpp"
#include "credentials/render/detail/text.hpp"
#include "credentials/render/errors.hpp"
#include "credentials/render/qr_code.hpp"

#include <algorithm>
#include <cairo-pdf.h>
#include <stdexcept>

namespace assay::credentials::render {
namespace {

using detail::Paragraph;
using detail::TextStyle;

// The page's rank: the name first, then what was achieved, then until when; everything else is quiet.
constexpr auto margin = 66.0;                            // at the start, beside the accent; and at the end
constexpr auto measure = detail::page_width - 2 * margin; // widest line
constexpr auto facts_top = 462.0;
constexpr auto qr_side = 104.0; // 37 mm with its quiet zone: a telephone reads it from a screen, or a desk's width away
constexpr auto ink = Colour{0x1a, 0x1c, 0x21};
constexpr auto quiet = Colour{0x59, 0x5f, 0x69};
constexpr auto hairline = Colour{0xd4, 0xd7, 0xdc};
constexpr auto warning = Colour{0xa3, 0x16, 0x21};
constexpr auto warning_pale = Colour{0xf6, 0xdf, 0xe0};
constexpr auto white = Colour{0xff, 0xff, 0xff};

constexpr auto issuer_style = TextStyle{.size = 15, .size_min = 8, .lines_max = 2, .bold = true};
constexpr auto heading_style = TextStyle{.size = 11, .size_min = 8};
constexpr auto lead_style = TextStyle{.size = 12.5, .size_min = 9, .lines_max = 2};
constexpr auto name_style = TextStyle{
    .families = detail::display_families, .size = 50, .size_min = 20, .lines_max = 2, .display = true};
constexpr auto title_style = TextStyle{
    .families = detail::serif_families, .size = 25, .size_min = 14, .lines_max = 2, .bold = true, .display = true};
constexpr auto programme_style = TextStyle{.size = 12.5, .size_min = 9, .lines_max = 2};
constexpr auto scope_style = TextStyle{.size = 11, .size_min = 7.5, .lines_max = 3};
constexpr auto label_style = TextStyle{.size = 8.5, .size_min = 6.5, .lines_max = 1};
constexpr auto value_style = TextStyle{.size = 11.5, .size_min = 7, .lines_max = 1, .bold = true};
constexpr auto address_style = TextStyle{.size = 9.5, .size_min = 5.5};
constexpr auto banner_style = TextStyle{.size = 15, .size_min = 8, .bold = true};

struct Fact {
    Paragraph label;
    Paragraph value;
};

/// Every text of the sheet, set but not placed.
struct SetSheet {
    Paragraph issuer, heading, awarded_to, name, achieved, title, programme;
    std::optional<Paragraph> scope, banner;
    std::vector<Fact> facts;
    Paragraph verify, address;
    QrCode code;
};

/// Texts that must be there, in the order in which the page has them.
std::vector<std::string const*> required_texts(CertificateSheet const& sheet)
{
    auto const& words = sheet.labels;
    return {&sheet.issuer,    &words.certificate, &words.awarded_to, &sheet.holder_name, &words.achieved,   &sheet.achievement,
            &words.programme, &sheet.programme,   &words.scope,      &words.decided_on,  &sheet.decided_on, &words.valid_from,
            &sheet.valid_from, &words.valid_until, &words.number,    &sheet.number,      &words.verify,     &words.qr_alternative,
            &words.attachment, &words.receipt};
}

std::vector<std::string const*> optional_texts(CertificateSheet const& sheet)
{
    auto texts = std::vector<std::string const*>{&sheet.scope, &sheet.valid_until};
    if (sheet.demonstration) texts.push_back(&*sheet.demonstration);
    return texts;
}

/// An address that a viewer may open and a page may print as it is: http(s), visible ASCII.
bool is_address(std::string_view text)
{
    auto const visible = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    // cairo writes the address into a PDF string as it is: a backslash, which no URI has, would escape what follows it.
    return visible && text.find('\\') == std::string_view::npos && (text.starts_with("https://") || text.starts_with("http://")) && text.size() <= 2000;
}

result<void> require_sheet(CertificateSheet const& sheet, AttachedFile const& credential)
{
    if (auto const checked = detail::require_language(sheet.language); !checked) return checked;
    for (auto const* text : required_texts(sheet))
        if (auto const checked = detail::require_text(*text); !checked) return checked;
    for (auto const* text : optional_texts(sheet))
        if (auto const checked = detail::characters(*text); !checked) return checked.error();
    // An empty banner would make a demonstration look like the real thing.
    if (sheet.demonstration)
        if (auto const checked = detail::require_text(*sheet.demonstration); !checked) return checked;
    if (!is_address(sheet.verification_url)) return errc::text_malformed;
    EXPECTS(!credential.name.empty() && !credential.media_type.empty());
    return {};
}

/// Sets texts one after the other and keeps the first reason why one can't be set.
class Setting {
public:
    explicit Setting(CertificateSheet const& sheet) : typesetter_{sheet.language, sheet.direction} {}

    Paragraph operator()(std::string_view text, TextStyle const& style, double width)
    {
        auto set = typesetter_.set(text, style, width);
        if (set) return std::move(*set);
        if (!refusal) refusal = set.error();
        return {};
    }

    std::optional<boost::system::error_code> refusal;

private:
    detail::Typesetter typesetter_;
};

result<SetSheet> set_sheet(CertificateSheet const& sheet)
{
    auto const& words = sheet.labels;
    auto set = Setting{sheet};
    auto code = encode_qr(sheet.qr_payload);
    if (!code) return code.error();

    auto const beside_code = measure - qr_side - 24;
    auto done = SetSheet{
        .issuer = set(sheet.issuer, issuer_style, measure * 0.62),
        .heading = set(words.certificate, heading_style, measure * 0.34),
        .awarded_to = set(words.awarded_to, lead_style, measure),
        .name = set(sheet.holder_name, name_style, measure),
        .achieved = set(words.achieved, lead_style, measure),
        .title = set(sheet.achievement, title_style, measure * 0.92),
        .programme = set(words.programme + ": " + sheet.programme, programme_style, measure * 0.85),
        .verify = set(words.verify, label_style, beside_code),
        .address = set(sheet.verification_url, address_style, beside_code),
        .code = std::move(*code),
    };
    if (!sheet.scope.empty()) done.scope = set(words.scope + ": " + sheet.scope, scope_style, measure * 0.78);
    if (sheet.demonstration) done.banner = set(*sheet.demonstration, banner_style, measure);

    auto facts = std::vector<std::pair<std::string const*, std::string const*>>{{&words.valid_until, &sheet.valid_until},
                                                                                {&words.valid_from, &sheet.valid_from},
                                                                                {&words.decided_on, &sheet.decided_on},
                                                                                {&words.number, &sheet.number}};
    std::erase_if(facts, [](auto const& fact) { return fact.second->empty(); });
    auto const column = beside_code / static_cast<double>(facts.size());
    for (auto const& [label, value] : facts)
        done.facts.push_back({set(*label, label_style, column - 14), set(*value, value_style, column - 14)});
    if (set.refusal) return *set.refusal;
    return done;
}

/// Issuer at the start, "Certificate" at the end, on one baseline.
void draw_head(detail::Page const& page, SetSheet const& set, Colour accent, double baseline)
{
    page.tagged("P", [&] { page.draw_on_baseline(set.issuer, margin, baseline, accent); });
    page.tagged("P", [&] { page.draw_ending(set.heading, detail::page_width - margin, baseline, quiet); });
}

/// The sentence that the certificate is, from "This certifies that" to the scope, in the middle of what is left.
result<void> draw_sentence(detail::Page const& page, SetSheet const& set, Colour accent, double top, double bottom)
{
    constexpr auto after_lead = 2.0, after_name = 8.0, rule = 2.0, after_rule = 16.0, after_achieved = 3.0, after_title = 9.0, after_programme = 5.0;
    auto height = set.awarded_to.height + after_lead + set.name.height + after_name + rule + after_rule + set.achieved.height
                  + after_achieved + set.title.height + after_title + set.programme.height;
    if (set.scope) height += after_programme + set.scope->height;
    auto const free = bottom - top - height;
    if (free < 0) return errc::text_too_long;

    auto y = top + free * 0.45; // the optical middle lies above the measured one
    auto const line = [&](char const* tag, Paragraph const& paragraph, Colour colour, double gap) {
        page.tagged(tag, [&] { page.draw(paragraph, margin, y, colour); });
        y += paragraph.height + gap;
    };
    line("P", set.awarded_to, quiet, after_lead);
    line("H1", set.name, ink, after_name);
    page.fill(margin, y, 72, rule, accent);
    y += rule + after_rule;
    line("P", set.achieved, quiet, after_achieved);
    line("H2", set.title, accent, after_title);
    line("P", set.programme, ink, after_programme);
    if (set.scope) line("P", *set.scope, quiet, 0);
    return {};
}

/// Dates and number in columns, the address below them, the code in the corner.
void draw_facts(detail::Page const& page, SetSheet const& set, CertificateSheet const& sheet)
{
    auto const code_x = detail::page_width - margin - qr_side;
    auto const beside_code = code_x - 24 - margin;
    page.fill(margin, facts_top, beside_code, 0.6, hairline);
    auto const column = beside_code / static_cast<double>(set.facts.size());
    for (auto index = std::size_t{0}; index != set.facts.size(); ++index) {
        auto const x = margin + static_cast<double>(index) * column;
        page.tagged("P", [&] {
            page.draw_on_baseline(set.facts[index].label, x, facts_top + 19, quiet);
            page.draw_on_baseline(set.facts[index].value, x, facts_top + 36, ink);
        });
    }
    page.tagged("P", [&] { page.draw_on_baseline(set.verify, margin, facts_top + 65, quiet); });
    auto target = std::string{"uri='"};
    for (auto const letter : sheet.verification_url) {
        if (letter == '\'' || letter == '\\') target += '\\';
        target += letter;
    }
    page.tagged("Link", [&] { page.draw_on_baseline(set.address, margin, facts_top + 80, ink); }, target + "'");
    // The quiet zone reaches into the margin, so that the modules themselves end where the text does.
    auto const overhang = qr_side * static_cast<double>(QrCode::quiet_zone) / static_cast<double>(set.code.extent());
    page.tagged("Figure", [&] { page.draw(set.code, code_x + overhang, facts_top - overhang, qr_side); });
}

cairo_status_t collect(void* to, unsigned char const* data, unsigned length)
{
    append(*static_cast<Bytes*>(to), ByteView{reinterpret_cast<std::byte const*>(data), length});
    return CAIRO_STATUS_SUCCESS;
}

using Surface = std::unique_ptr<cairo_surface_t, detail::Released<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, detail::Released<cairo_destroy>>;

std::string document_title(CertificateSheet const& sheet)
{
    auto const title = sheet.achievement + " \u2013 " + sheet.holder_name;
    return sheet.demonstration ? *sheet.demonstration + " \u2013 " + title : title;
}

result<Bytes> draw_page(CertificateSheet const& sheet, SetSheet const& set, Timestamp created)
{
    auto drawn = Bytes{};
    auto const surface = Surface{cairo_pdf_surface_create_for_stream(&collect, &drawn, detail::page_width, detail::page_height)};
    auto const date = to_rfc3339(std::chrono::floor<std::chrono::seconds>(created));
    auto const note = [&](cairo_pdf_metadata_t which, std::string const& text) {
        cairo_pdf_surface_set_metadata(surface.get(), which, text.c_str());
    };
    note(CAIRO_PDF_METADATA_TITLE, document_title(sheet));
    note(CAIRO_PDF_METADATA_AUTHOR, sheet.issuer);
    note(CAIRO_PDF_METADATA_SUBJECT, sheet.labels.number + ": " + sheet.number);
    note(CAIRO_PDF_METADATA_CREATE_DATE, date);
    note(CAIRO_PDF_METADATA_MOD_DATE, date);

    auto const cairo = Cairo{cairo_create(surface.get())};
    auto const page = detail::Page{cairo.get(), sheet.direction};
    auto const accent = legible_on_white(sheet.accent);
    auto const tint = [&](std::uint8_t channel) { return static_cast<std::uint8_t>(255 - (255 - channel) / 6); };
    auto head = 74.0;
    page.rose(detail::page_width - margin - 88, 205, 128, Colour{tint(accent.red), tint(accent.green), tint(accent.blue)});
    if (set.banner) page.watermark(*set.banner, warning_pale);
    page.fill(0, 0, 18, detail::page_height, accent);

    auto written = result<void>{};
    page.tagged("Document", [&] {
        if (set.banner) {
            page.fill(0, 0, detail::page_width, 40, warning);
            page.tagged("P", [&] { page.draw_on_baseline(*set.banner, (detail::page_width - set.banner->width) / 2, 25.5, white); });
            head += 22;
        }
        draw_head(page, set, accent, head);
        written = draw_sentence(page, set, accent, head + 18, facts_top - 18);
        draw_facts(page, set, sheet);
    });
    if (!written) return written.error();
    cairo_show_page(cairo.get());
    cairo_surface_finish(surface.get());
    for (auto const status : {cairo_status(cairo.get()), cairo_surface_status(surface.get())})
        if (status != CAIRO_STATUS_SUCCESS) throw std::runtime_error{std::string{"cairo: "} + cairo_status_to_string(status)};
    return drawn;
}

} // namespace

result<Bytes> render_pdf(CertificateSheet const& sheet, AttachedFile const& credential, Timestamp created, std::optional<AttachedFile> const& receipt)
{
    if (auto const checked = require_sheet(sheet, credential); !checked) return checked.error();
    auto const set = set_sheet(sheet);
    if (!set) return set.error();
    auto const drawn = draw_page(sheet, *set, created);
    if (!drawn) return drawn.error();
    auto const packaging = detail::Packaging{.title = document_title(sheet),
                                             .author = sheet.issuer,
                                             .language = sheet.language,
                                             .direction = sheet.direction,
                                             .figure_alternative = sheet.labels.qr_alternative,
                                             .created = created};
    auto attachments = std::vector<detail::Attachment>{{credential, sheet.labels.attachment, "/Alternative"}};
    if (receipt) attachments.push_back({*receipt, sheet.labels.receipt, "/Supplement"});
    return detail::package(*drawn, attachments, packaging);
}

result<std::vector<char32_t>> missing_characters(CertificateSheet const& sheet)
{
    auto texts = required_texts(sheet);
    auto const more = optional_texts(sheet);
    texts.insert(texts.end(), more.begin(), more.end());
    auto const typesetter = detail::Typesetter{sheet.language, sheet.direction};
    auto found = std::vector<char32_t>{};
    for (auto const* text : texts) {
        if (auto const checked = detail::characters(*text); !checked) return checked.error();
        for (auto const character : typesetter.missing(*text))
            if (std::find(found.begin(), found.end(), character) == found.end()) found.push_back(character);
    }
    return found;
}

} // namespace assay::credentials::render
