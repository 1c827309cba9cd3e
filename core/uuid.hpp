#pragma once
#include "core/bytes.hpp"

#include <compare>
#include <functional>

namespace assay {

/// 16 bytes, compared and sorted as an unsigned big-endian number. Random ones come from random_uuid (core/random.hpp).
struct Uuid {
    std::array<std::byte, 16> octets{};
    friend constexpr auto operator<=>(Uuid const&, Uuid const&) = default;
};

std::string to_string(Uuid const& uuid);          ///< 8-4-4-4-12, lower case
result<Uuid> parse_uuid(std::string_view text);   ///< accepts what to_string writes; core::errc::malformed

/// RFC 9562 version 8 from the first bytes of SHA-256(namespace text || 0 || name): the same name gives the same id everywhere.
Uuid uuid_from_name(std::string_view space, std::string_view name);

/// An id that compares only with its own kind.
template <class Tag>
struct Id {
    Id() = default;
    explicit constexpr Id(Uuid value) noexcept : uuid{value} {}
    friend constexpr auto operator<=>(Id const&, Id const&) = default;
    Uuid uuid;
};

template <class Tag>
std::string to_string(Id<Tag> const& id) { return to_string(id.uuid); }

template <class AnyId>
result<AnyId> parse_id(std::string_view text)
{
    auto const uuid = parse_uuid(text);
    if (!uuid) return uuid.error();
    return AnyId{*uuid};
}

} // namespace assay

template <>
struct std::hash<assay::Uuid> {
    std::size_t operator()(assay::Uuid const& uuid) const noexcept
    {
        return std::hash<std::string_view>{}(assay::text_of(uuid.octets));
    }
};
template <class Tag>
struct std::hash<assay::Id<Tag>> {
    std::size_t operator()(assay::Id<Tag> const& id) const noexcept { return std::hash<assay::Uuid>{}(id.uuid); }
};
