#include "core/uuid.hpp"

#include "core/errors.hpp"
#include "core/hash.hpp"

#include <algorithm>

namespace assay {

std::string to_string(Uuid const& uuid)
{
    auto text = to_hex(uuid.octets);
    for (auto const at : {20, 16, 12, 8}) text.insert(static_cast<std::size_t>(at), 1, '-');
    return text;
}

result<Uuid> parse_uuid(std::string_view text)
{
    if (text.size() != 36) return core::errc::malformed;
    auto digits = std::string{};
    for (auto i = std::size_t{}; i < text.size(); ++i) {
        auto const dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return core::errc::malformed;
        if (!dash) digits += text[i];
    }
    auto const bytes = from_hex(digits);
    if (!bytes) return bytes.error();
    auto uuid = Uuid{};
    std::ranges::copy(*bytes, uuid.octets.begin());
    return uuid;
}

Uuid uuid_from_name(std::string_view space, std::string_view name)
{
    auto input = to_bytes(space);
    input.push_back(std::byte{});
    append(input, bytes_of(name));
    auto const digest = sha256(input);
    auto uuid = Uuid{};
    std::copy_n(digest.octets.begin(), 16, uuid.octets.begin());
    uuid.octets[6] = (uuid.octets[6] & std::byte{0x0f}) | std::byte{0x80};
    uuid.octets[8] = (uuid.octets[8] & std::byte{0x3f}) | std::byte{0x80};
    return uuid;
}

} // namespace assay
