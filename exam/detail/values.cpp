#include "exam/detail/values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace assay::exam::detail {
namespace {

constexpr auto white_space = " \t\r\n";
constexpr auto exact_integer_max = 9007199254740992.0; // 2^53

struct Decoded {
    char32_t code;
    std::size_t size;
};

// Enough of UTF-8 to fold one character; anything malformed passes through byte by byte.
Decoded decode(std::string_view text) noexcept
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) >= 0xC2 && byte(0) <= 0xDF && text.size() > 1 && (byte(1) & 0xC0) == 0x80)
        return {static_cast<char32_t>((byte(0) & 0x1F) << 6 | (byte(1) & 0x3F)), 2};
    return {byte(0), 1};
}

char32_t fold(char32_t c) noexcept
{
    if ((c >= U'A' && c <= U'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7)) return c + 32;
    if ((c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c + (c & 1);
    if (c == 0x178) return 0xFF;
    if (c >= 0x391 && c <= 0x3A9) return c + 32;
    if (c == 0x3C2) return 0x3C3; // final sigma
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    return c;
}

} // namespace

std::string_view trimmed(std::string_view text) noexcept
{
    auto const first = text.find_first_not_of(white_space);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::optional<double> parse_number(std::string_view text) noexcept
{
    text = trimmed(text);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    auto value = 0.0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value == 0 ? 0.0 : value; // no negative zero
}

std::optional<Value::Atom> parse_atom(BaseType type, std::string_view text)
{
    switch (type) {
    case BaseType::string: return Value::Atom{std::string{text}};
    case BaseType::boolean:
        text = trimmed(text);
        if (text == "true" || text == "1") return Value::Atom{true};
        if (text == "false" || text == "0") return Value::Atom{false};
        return std::nullopt;
    case BaseType::integer:
    case BaseType::floating: {
        auto const number = parse_number(text);
        if (!number) return std::nullopt;
        if (type == BaseType::integer && (std::trunc(*number) != *number || std::abs(*number) > exact_integer_max)) return std::nullopt;
        return Value::Atom{*number};
    }
    case BaseType::pair:
    case BaseType::directed_pair: {
        text = trimmed(text);
        auto const space = text.find_first_of(white_space);
        if (space == text.npos) return std::nullopt;
        auto first = std::string{text.substr(0, space)};
        auto second = std::string{trimmed(text.substr(space))};
        if (second.find_first_of(white_space) != second.npos) return std::nullopt;
        if (type == BaseType::pair && second < first) std::swap(first, second);
        return Value::Atom{first + ' ' + second};
    }
    case BaseType::identifier:
    case BaseType::point:
    case BaseType::duration:
    case BaseType::uri:
        text = trimmed(text);
        if (text.empty()) return std::nullopt;
        return Value::Atom{std::string{text}};
    }
    return std::nullopt;
}

std::string fold_case(std::string_view utf8)
{
    auto folded = std::string{};
    folded.reserve(utf8.size());
    while (!utf8.empty()) {
        auto const [code, size] = decode(utf8);
        if (size == 1) {
            folded += static_cast<char>(code < 0x80 ? fold(code) : code);
        } else {
            auto const lower = fold(code); // stays below U+0800: two bytes again
            folded += static_cast<char>(0xC0 | (lower >> 6));
            folded += static_cast<char>(0x80 | (lower & 0x3F));
        }
        utf8.remove_prefix(size);
    }
    return folded;
}

bool equal_atoms(Value::Atom const& a, Value::Atom const& b) noexcept
{
    if (a.index() == b.index()) return a == b;
    // A number beside a text: an author compares a string response with 42, or a number with "42".
    auto const number = [](Value::Atom const& atom) -> std::optional<double> {
        if (auto const* value = std::get_if<double>(&atom)) return *value;
        if (auto const* text = std::get_if<std::string>(&atom)) return parse_number(*text);
        return std::nullopt;
    };
    auto const x = number(a);
    auto const y = number(b);
    return x && y && *x == *y;
}

bool equal_values(Value const& a, Value const& b)
{
    if (a.atoms.size() != b.atoms.size()) return false;
    if (a.cardinality == Cardinality::ordered || b.cardinality == Cardinality::ordered) return std::ranges::equal(a.atoms, b.atoms, equal_atoms);
    return std::ranges::is_permutation(a.atoms, b.atoms, equal_atoms);
}

std::string rounded(double value, Rounding mode, int figures)
{
    char buffer[32];
    auto const end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
    auto const text = std::string_view{buffer, static_cast<std::size_t>(end - buffer)}; // d.ddde±xx
    auto const e = text.find('e');
    auto digits = std::string{};
    for (auto const c : text.substr(0, e)) if (c != '.') digits += c;
    auto exponent = 0;
    auto const signed_exponent = text.substr(e + 1);
    auto const unsigned_exponent = signed_exponent.substr(signed_exponent.front() == '+' ? 1 : 0);
    std::from_chars(unsigned_exponent.data(), unsigned_exponent.data() + unsigned_exponent.size(), exponent);

    // Digit i is worth 10^(exponent - i); keep `kept` of them.
    auto const kept = mode == Rounding::significant_figures ? figures : exponent + 1 + figures;
    if (kept < 0) return "0";
    if (static_cast<std::size_t>(kept) < digits.size()) {
        auto const up = digits[static_cast<std::size_t>(kept)] >= '5';
        digits.resize(static_cast<std::size_t>(kept));
        if (up) {
            auto i = digits.size();
            while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
            if (i > 0) ++digits[i - 1];
            else {
                digits.insert(digits.begin(), '1');
                ++exponent;
            }
        }
    }
    while (!digits.empty() && digits.back() == '0') digits.pop_back();
    if (digits.empty()) return "0";
    return (value < 0 ? "-" : "") + digits + 'e' + std::to_string(exponent);
}

} // namespace assay::exam::detail
