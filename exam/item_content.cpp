#include "exam/item.hpp"

#include <algorithm>
#include <array>

namespace assay::exam {
namespace {

using namespace std::string_view_literals;

// Sorted: searched by halves.
constexpr auto html_elements = std::array{
    "abbr"sv,  "address"sv, "article"sv, "aside"sv,   "b"sv,      "bdi"sv,     "bdo"sv,   "blockquote"sv, "br"sv,     "caption"sv, "cite"sv,
    "code"sv,  "col"sv,     "colgroup"sv, "dd"sv,     "del"sv,    "dfn"sv,     "div"sv,   "dl"sv,         "dt"sv,     "em"sv,      "figcaption"sv,
    "figure"sv, "footer"sv, "h1"sv,      "h2"sv,      "h3"sv,     "h4"sv,      "h5"sv,    "h6"sv,         "header"sv, "hr"sv,      "i"sv,
    "img"sv,   "ins"sv,     "kbd"sv,     "li"sv,      "mark"sv,   "ol"sv,      "p"sv,     "pre"sv,        "q"sv,      "rb"sv,      "rp"sv,
    "rt"sv,    "ruby"sv,    "s"sv,       "samp"sv,    "section"sv, "small"sv,  "span"sv,  "strong"sv,     "sub"sv,    "sup"sv,     "table"sv,
    "tbody"sv, "td"sv,      "tfoot"sv,   "th"sv,      "thead"sv,  "tr"sv,      "u"sv,     "ul"sv,         "var"sv,    "wbr"sv};
static_assert(std::ranges::is_sorted(html_elements));

// Presentation MathML without links, actions and annotations.
constexpr auto math_elements = std::array{
    "math"sv,  "mfrac"sv, "mi"sv,     "mmultiscripts"sv, "mn"sv,   "mo"sv,    "mover"sv,   "mpadded"sv, "mphantom"sv, "mprescripts"sv, "mroot"sv,
    "mrow"sv,  "ms"sv,    "mspace"sv, "msqrt"sv,         "mstyle"sv, "msub"sv, "msubsup"sv, "msup"sv,    "mtable"sv,   "mtd"sv,         "mtext"sv,
    "mtr"sv,   "munder"sv, "munderover"sv, "none"sv,     "semantics"sv};
static_assert(std::ranges::is_sorted(math_elements));

constexpr auto math_attributes = std::array{
    "accent"sv, "accentunder"sv, "columnalign"sv, "columnspan"sv, "depth"sv, "display"sv, "displaystyle"sv, "fence"sv, "form"sv, "height"sv,
    "largeop"sv, "linethickness"sv, "lspace"sv, "mathvariant"sv, "movablelimits"sv, "rowalign"sv, "rowspan"sv, "rspace"sv, "separator"sv,
    "stretchy"sv, "width"sv};
static_assert(std::ranges::is_sorted(math_attributes));

constexpr auto picture_suffixes = std::array{".gif"sv, ".jpeg"sv, ".jpg"sv, ".png"sv, ".svg"sv, ".webp"sv};

bool is_number(std::string_view value)
{
    return !value.empty() && value.size() <= 5 && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_length(std::string_view value)
{
    if (value.ends_with('%')) value.remove_suffix(1);
    return is_number(value);
}

// A path below the package's root and nothing else: no scheme, host, query, climb or absolute path can pass.
bool is_picture_path(std::string_view path)
{
    if (path.empty() || path.size() > 512 || path.front() == '/') return false;
    if (path.find_first_of("\\:?#%\"'<>") != path.npos) return false;
    for (auto rest = path; !rest.empty();) {
        auto const slash = rest.find('/');
        auto const part = rest.substr(0, slash);
        if (part.empty() || part == "." || part == "..") return false;
        rest = slash == rest.npos ? std::string_view{} : rest.substr(slash + 1);
    }
    auto lower = std::string{path};
    for (auto& c : lower) if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return std::ranges::any_of(picture_suffixes, [&](auto suffix) { return lower.ends_with(suffix); });
}

} // namespace

bool is_allowed_element(std::string_view name) noexcept
{
    return std::ranges::binary_search(html_elements, name) || std::ranges::binary_search(math_elements, name);
}

bool is_allowed_attribute(std::string_view element, std::string_view attribute, std::string_view value) noexcept
{
    if (value.size() > 1024 || std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) return false;
    if (attribute == "lang" || attribute == "title" || attribute == "aria-label") return true;
    if (attribute == "dir") return value == "ltr" || value == "rtl" || value == "auto";
    if (element == "img") {
        if (attribute == "src") return is_picture_path(value);
        if (attribute == "alt") return true;
        return (attribute == "width" || attribute == "height") && is_length(value);
    }
    if (element == "td" || element == "th") {
        if (attribute == "colspan" || attribute == "rowspan") return is_number(value);
        if (attribute == "abbr") return true;
        return attribute == "scope" && (value == "row" || value == "col" || value == "rowgroup" || value == "colgroup");
    }
    if (element == "col" || element == "colgroup") return attribute == "span" && is_number(value);
    if (element == "ol") return (attribute == "start" && is_number(value)) || (attribute == "type" && value.size() == 1);
    if (element == "li") return attribute == "value" && is_number(value);
    if (std::ranges::binary_search(math_elements, element))
        return std::ranges::binary_search(math_attributes, attribute) && value.find_first_of("<>:()\\") == value.npos;
    return false;
}

std::string_view kind_name(InteractionKind const& kind) noexcept
{
    constexpr auto names = std::array{"choice"sv, "order"sv, "match"sv, "text-entry"sv, "inline-choice"sv};
    return names[kind.index()];
}

} // namespace assay::exam
