#include "server/net/detail/text.hpp"
#include "server/net/form.hpp"
#include "server/net/http_types.hpp"

namespace assay::net {

namespace detail {

bool is_utf8(std::string_view text) noexcept
{
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    for (auto i = std::size_t{0}; i < text.size();) {
        auto const lead = byte(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        auto const length = lead >= 0xf0 ? 4u : lead >= 0xe0 ? 3u : 2u;
        if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return false;
        // The second byte's range carries the rules against overlong forms, surrogates and values over U+10FFFF.
        auto const low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        auto const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (byte(i + 1) < low || byte(i + 1) > high) return false;
        for (auto k = 2u; k < length; ++k)
            if ((byte(i + k) & 0xc0) != 0x80) return false;
        i += length;
    }
    return true;
}

} // namespace detail

namespace {

constexpr std::size_t target_max = 4 * 1024;
constexpr std::size_t segments_max = 32;

int hex_value(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// A decoded path segment that no handler can be led astray with.
bool is_safe_segment(std::string_view segment) noexcept
{
    if (segment.empty() || segment == "." || segment == "..") return false;
    return std::ranges::none_of(segment, [](char c) { return c == '/' || c == '\\' || detail::is_control(c); });
}

} // namespace

result<std::string> percent_decode(std::string_view text, bool plus_is_space)
{
    auto out = std::string{};
    out.reserve(text.size());
    for (auto i = std::size_t{0}; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return errc::malformed_target;
            auto const high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return errc::malformed_target;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::string percent_encode(std::string_view text)
{
    constexpr auto digits = std::string_view{"0123456789ABCDEF"};
    auto out = std::string{};
    for (auto const c : text) {
        auto const unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                                c == '_' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

result<Target> Target::parse(std::string_view raw)
{
    if (raw.size() > target_max) return errc::too_large;
    // RFC 9112 section 3.2: visible ASCII only. A '#' never reaches a server, a '"' or '<' only from somebody who tries.
    if (std::ranges::any_of(raw, [](char c) { return c <= 0x20 || c >= 0x7f || c == '#'; })) return errc::malformed_target;
    if (raw.empty() || raw.front() != '/') return errc::malformed_target;

    auto target = Target{};
    auto const question = raw.find('?');
    auto path = raw.substr(0, question);
    target.raw_path = path;
    if (question != std::string_view::npos) target.raw_query = raw.substr(question + 1);

    path.remove_prefix(1);
    if (!path.empty() && path.back() == '/') {
        target.trailing_slash = true;
        path.remove_suffix(1);
        if (path.empty()) return errc::malformed_target; // "//" would be read as a host by a browser that is sent there
    }
    while (!path.empty()) {
        auto const end = path.find('/');
        auto segment = percent_decode(path.substr(0, end), false);
        if (!segment) return segment.error();
        if (!is_safe_segment(*segment) || !detail::is_utf8(*segment)) return errc::malformed_target;
        if (target.segments.size() == segments_max) return errc::too_large;
        target.segments.push_back(std::move(*segment));
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
        if (path.empty()) return errc::malformed_target; // "/a//": the empty segment is inside
    }

    auto query = parse_urlencoded(target.raw_query);
    if (!query) return query.error() == errc::too_large ? errc::too_large : errc::malformed_target;
    target.query = std::move(*query);
    return target;
}

} // namespace assay::net
