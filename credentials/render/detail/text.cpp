#include "credentials/render/detail/text.hpp"

#include "credentials/render/errors.hpp"

#include <algorithm>
#include <glib.h>

namespace assay::credentials::render::detail {
namespace {

constexpr std::size_t text_bytes_max = 4000;

bool forbidden(char32_t character) noexcept
{
    auto const between = [=](char32_t first, char32_t last) { return first <= character && character <= last; };
    return character < 0x20 || between(0x7f, 0x9f)              // controls
           || between(0x2028, 0x2029)                            // line and paragraph separator
           || between(0x202a, 0x202e) || between(0x2066, 0x2069) // direction embeddings, overrides, isolates
           || character == 0xfeff || between(0xfdd0, 0xfdef) || (character & 0xfffe) == 0xfffe; // byte order mark, noncharacters
}

} // namespace

result<std::u32string> characters(std::string_view text)
{
    if (text.size() > text_bytes_max) return errc::text_too_long;
    if (!g_utf8_validate_len(text.data(), text.size(), nullptr)) return errc::text_malformed;
    auto found = std::u32string{};
    for (auto const *at = text.data(), *end = text.data() + text.size(); at != end; at = g_utf8_next_char(at)) {
        auto const character = static_cast<char32_t>(g_utf8_get_char(at));
        if (forbidden(character)) return errc::text_malformed;
        found += character;
    }
    return found;
}

result<void> require_text(std::string_view text)
{
    auto const found = characters(text);
    if (!found) return found.error();
    auto const blank = std::all_of(found->begin(), found->end(), [](char32_t c) { return g_unichar_isspace(c); });
    if (blank) return errc::text_missing;
    return {};
}

result<void> require_language(std::string_view tag)
{
    auto const good = tag.size() >= 2 && tag.size() <= 35
                      && std::all_of(tag.begin(), tag.end(), [](char c) { return g_ascii_isalnum(c) || c == '-'; });
    if (!good) return errc::text_malformed;
    return {};
}

std::string xml_escaped(std::string_view text)
{
    auto escaped = std::string{};
    escaped.reserve(text.size());
    for (auto const letter : text) {
        switch (letter) {
        case '&': escaped += "&amp;"; break;
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        case '"': escaped += "&quot;"; break;
        case '\'': escaped += "&#39;"; break;
        default: escaped += letter;
        }
    }
    return escaped;
}

} // namespace assay::credentials::render::detail
