#include "credentials/foreign/answer.hpp"

#include "core/errors.hpp"

#include <algorithm>

namespace assay::credentials::foreign {
namespace {

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

void put(Bytes& out, std::string_view text)
{
    append_big_endian(out, text.size(), length_size);
    append(out, bytes_of(text));
}

bool take(std::string_view& rest, std::string& text)
{
    if (rest.size() < length_size) return false;
    auto const size = parse_length(bytes_of(rest).first<length_size>());
    rest.remove_prefix(length_size);
    if (size > rest.size()) return false;
    text = rest.substr(0, size);
    rest.remove_prefix(size);
    return true;
}

std::string printable(std::string_view text)
{
    auto out = std::string{text.substr(0, why_max)};
    std::ranges::replace_if(out, [](char c) { return !is_printable(c); }, '?');
    return out;
}

Bytes refusal(std::string_view why)
{
    auto out = to_bytes("U");
    put(out, printable(why));
    return out;
}

} // namespace

Bytes with_length(ByteView bytes)
{
    auto out = Bytes{};
    append_big_endian(out, bytes.size(), length_size);
    append(out, bytes);
    return out;
}

std::size_t parse_length(std::span<std::byte const, length_size> prefix) noexcept
{
    auto length = std::size_t{};
    for (auto const octet : prefix) length = length * 256 + std::to_integer<std::size_t>(octet);
    return length;
}

Bytes to_answer(Opened const& opened)
{
    if (auto const* unreadable = std::get_if<Unreadable>(&opened)) return refusal(unreadable->why);
    auto const& contents = std::get<Contents>(opened);
    if (contents.receipts.size() > receipts_max) return refusal("more than " + std::to_string(receipts_max) + " receipts are attached");
    auto out = to_bytes("C");
    put(out, contents.credential);
    for (auto const& receipt : contents.receipts) put(out, receipt);
    if (out.size() > answer_size_max) return refusal("what is inside is longer than " + std::to_string(answer_size_max) + " bytes");
    return out;
}

result<Opened> parse_answer(ByteView bytes)
{
    auto rest = text_of(bytes);
    if (rest.empty() || rest.size() > answer_size_max) return core::errc::malformed;
    auto const kind = rest.front();
    rest.remove_prefix(1);
    if (kind == 'U') {
        auto unreadable = Unreadable{};
        if (!take(rest, unreadable.why) || !rest.empty() || unreadable.why.size() > why_max || !std::ranges::all_of(unreadable.why, is_printable))
            return core::errc::malformed;
        return Opened{std::move(unreadable)};
    }
    auto contents = Contents{};
    if (kind != 'C' || !take(rest, contents.credential)) return core::errc::malformed;
    while (!rest.empty())
        if (contents.receipts.size() == receipts_max || !take(rest, contents.receipts.emplace_back())) return core::errc::malformed;
    return Opened{std::move(contents)};
}

} // namespace assay::credentials::foreign
