#include "core/bytes.hpp"

#include <sodium.h>

namespace assay {

ByteView bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span{text.data(), text.size()}); }

std::string_view text_of(ByteView bytes) noexcept
{
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

Bytes to_bytes(std::string_view text) { return to_bytes(bytes_of(text)); }
Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
void append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }

void append_big_endian(Bytes& to, std::uint64_t value, std::size_t width)
{
    EXPECTS(width >= 1 && width <= 8 && (width == 8 || value >> (8 * width) == 0));
    for (auto i = width; i-- > 0;) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

bool equal_constant_time(ByteView a, ByteView b) noexcept
{
    return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

} // namespace assay
