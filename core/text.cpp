#include "core/text.hpp"

namespace assay {
namespace {

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

} // namespace

std::string_view utf8_prefix(std::string_view text, std::size_t size_max) noexcept
{
    if (text.size() <= size_max) return text;
    constexpr auto continuations_max = std::size_t{3}; // of one character: more are no UTF-8
    auto size = size_max;
    while (size > 0 && size_max - size < continuations_max && continues(text[size])) --size;
    return text.substr(0, continues(text[size]) ? size_max : size);
}

} // namespace assay
