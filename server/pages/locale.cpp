#include "server/pages/locale.hpp"

#include <algorithm>

namespace assay::pages {
namespace {

constexpr auto header_size_max = std::size_t{512};
constexpr auto ranges_max = 32;

bool same_letters(std::string_view a, std::string_view lower) noexcept
{
    return std::ranges::equal(a, lower, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? char(x + ('a' - 'A')) : x) == y; });
}

std::string_view trimmed(std::string_view text) noexcept
{
    auto const blank = std::string_view{" \t"};
    auto const first = text.find_first_not_of(blank);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// "0.8" in thousandths; what is no weight counts as 0, so that a malformed range is never preferred.
int weight(std::string_view text) noexcept
{
    if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
    auto thousandths = (text[0] - '0') * 1000;
    if (text.size() == 1) return thousandths;
    if (text[1] != '.' || text.size() > 5) return 0;
    auto scale = 100;
    for (auto const digit : text.substr(2)) {
        if (digit < '0' || digit > '9') return 0;
        thousandths += (digit - '0') * scale;
        scale /= 10;
    }
    return std::min(thousandths, 1000);
}

} // namespace

std::optional<Locale> parse_locale(std::string_view tag) noexcept
{
    auto const language = tag.substr(0, tag.find_first_of("-_"));
    if (same_letters(language, "ar")) return Locale::arabic;
    if (same_letters(language, "en")) return Locale::english;
    return std::nullopt;
}

Locale negotiate(std::string_view query_lang, std::string_view cookie_lang, std::string_view accept_language) noexcept
{
    if (auto const asked = parse_locale(query_lang)) return *asked;
    if (auto const kept = parse_locale(cookie_lang)) return *kept;

    auto best = Locale::english;
    auto best_weight = 0;
    auto rest = accept_language.substr(0, header_size_max);
    for (auto seen = 0; !rest.empty() && seen < ranges_max; ++seen) {
        auto const comma = rest.find(',');
        auto const range = rest.substr(0, comma);
        rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);

        auto const semicolon = range.find(';');
        auto const language = parse_locale(trimmed(range.substr(0, semicolon)));
        auto preference = 1000;
        if (semicolon != range.npos) {
            auto const parameter = trimmed(range.substr(semicolon + 1));
            preference = parameter.starts_with("q=") ? weight(parameter.substr(2)) : 0;
        }
        if (language && preference > best_weight) {
            best = *language;
            best_weight = preference;
        }
    }
    return best;
}

} // namespace assay::pages
