#include "core/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace assay {
namespace {

/// Compares UTF-8 texts by their UTF-16 code units. Only supplementary characters (lead byte F0 and above) sort otherwise
/// than their bytes do: their surrogates D800–DFFF come before U+E000–U+FFFF (lead bytes EE and EF).
bool utf16_less(std::string_view a, std::string_view b)
{
    auto const [at, bt] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (at == a.end() || bt == b.end()) return at == a.end() && bt != b.end();
    auto const x = static_cast<unsigned char>(*at), y = static_cast<unsigned char>(*bt);
    if (x >= 0xf0 && (y == 0xee || y == 0xef)) return true;
    if (y >= 0xf0 && (x == 0xee || x == 0xef)) return false;
    return x < y;
}

void write_string(std::string& out, std::string_view text)
{
    constexpr std::string_view hex = "0123456789abcdef";
    auto const is_plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
    out += '"';
    while (!text.empty()) {
        auto const plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain); // nearly always all of it
        if (plain == text.size()) break;
        auto const c = text[plain];
        text.remove_prefix(plain + 1);
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4];
            out += hex[c & 15];
        }
    }
    out += '"';
}

/// ECMA-262 Number::toString: shortest digits that read back the same, then laid out by the decimal exponent.
void write_double(std::string& out, double value)
{
    EXPECTS(std::isfinite(value));
    if (value == 0) {
        out += '0'; // also for -0
        return;
    }
    char text[32];
    auto const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    auto const shortest = std::string_view{text, static_cast<std::size_t>(end - text)};
    auto const e = shortest.find('e');
    auto digits = std::string{};
    for (auto const c : shortest.substr(0, e))
        if (c >= '0' && c <= '9') digits += c;
    auto exponent = 0;
    auto const* first = text + e + 1 + (shortest[e + 1] == '+' ? 1 : 0);
    std::from_chars(first, end, exponent);

    auto const k = static_cast<int>(digits.size());
    auto const n = exponent + 1;
    if (value < 0) out += '-';
    if (k <= n && n <= 21) {
        out += digits + std::string(static_cast<std::size_t>(n - k), '0');
    } else if (0 < n && n <= 21) {
        out += digits.substr(0, static_cast<std::size_t>(n)) + "." + digits.substr(static_cast<std::size_t>(n));
    } else if (-6 < n && n <= 0) {
        out += "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
    } else {
        out += digits.substr(0, 1);
        if (k > 1) out += "." + digits.substr(1);
        out += n - 1 < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(n - 1));
    }
}

template <class Integer>
void write_integer(std::string& out, Integer value)
{
    constexpr auto exact = Integer{1} << 53;
    if constexpr (std::is_signed_v<Integer>) {
        if (value < -exact || value > exact) return write_double(out, static_cast<double>(value));
    } else {
        if (value > exact) return write_double(out, static_cast<double>(value));
    }
    out += std::to_string(value);
}

void write(std::string& out, json::value const& value)
{
    switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: write_integer(out, value.get_int64()); break;
    case json::kind::uint64: write_integer(out, value.get_uint64()); break;
    case json::kind::double_: write_double(out, value.get_double()); break;
    case json::kind::string: write_string(out, value.get_string()); break;
    case json::kind::array: {
        auto separator = '[';
        for (auto const& element : value.get_array()) {
            out += std::exchange(separator, ',');
            write(out, element);
        }
        out += separator == '[' ? "[]" : "]";
        break;
    }
    case json::kind::object: {
        auto members = std::vector<json::key_value_pair const*>{};
        members.reserve(value.get_object().size());
        for (auto const& member : value.get_object()) members.push_back(&member);
        std::ranges::sort(members, [](auto const* a, auto const* b) { return utf16_less(a->key(), b->key()); });
        auto separator = '{';
        for (auto const* member : members) {
            out += std::exchange(separator, ',');
            write_string(out, member->key());
            out += ':';
            write(out, member->value());
        }
        out += separator == '{' ? "{}" : "}";
        break;
    }
    }
}

} // namespace

std::string canonical_json(json::value const& value)
{
    auto out = std::string{};
    write(out, value);
    return out;
}

json::value const* find(json::object const& object, std::string_view member) noexcept { return object.if_contains(member); }

json::string const* find_string(json::object const& object, std::string_view member) noexcept
{
    auto const* found = object.if_contains(member);
    return found == nullptr ? nullptr : found->if_string();
}

json::object const* find_object(json::object const& object, std::string_view member) noexcept
{
    auto const* found = object.if_contains(member);
    return found == nullptr ? nullptr : found->if_object();
}

json::array const* find_array(json::object const& object, std::string_view member) noexcept
{
    auto const* found = object.if_contains(member);
    return found == nullptr ? nullptr : found->if_array();
}

json::value const* find(json::value const& value, std::string_view member) noexcept
{
    auto const* object = value.if_object();
    return object == nullptr ? nullptr : find(*object, member);
}

json::string const* find_string(json::value const& value, std::string_view member) noexcept
{
    auto const* object = value.if_object();
    return object == nullptr ? nullptr : find_string(*object, member);
}

json::object const* find_object(json::value const& value, std::string_view member) noexcept
{
    auto const* object = value.if_object();
    return object == nullptr ? nullptr : find_object(*object, member);
}

json::array const* find_array(json::value const& value, std::string_view member) noexcept
{
    auto const* object = value.if_object();
    return object == nullptr ? nullptr : find_array(*object, member);
}

} // namespace assay
