#pragma once
// Small predicates on text from outside, shared by the parsers of this folder. ASCII only, whatever the locale says.
#include <algorithm>
#include <string>
#include <string_view>

namespace assay::net::detail {

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept
{
    return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

inline std::string lower(std::string_view text)
{
    auto out = std::string{text};
    std::ranges::transform(out, out.begin(), to_lower);
    return out;
}

constexpr bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// RFC 9110 section 5.6.2.
constexpr bool is_token_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}
inline bool is_token(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, is_token_character); }

inline std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Calls `use` with each part of `text` between separators, trimmed; stops when it returns false.
template <class Use>
bool for_each_part(std::string_view text, char separator, Use use)
{
    for (;;) {
        auto const end = text.find(separator);
        if (!use(trim(text.substr(0, end)))) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

} // namespace assay::net::detail
