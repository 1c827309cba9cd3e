#pragma once
// The operating system's random bytes. Only the edge calls these: the domains take random values as arguments.
#include "core/uuid.hpp"

#include <sodium.h>

namespace assay {

template <std::size_t N>
std::array<std::byte, N> random_array() noexcept
{
    auto bytes = std::array<std::byte, N>{};
    randombytes_buf(bytes.data(), N);
    return bytes;
}

/// Version 4 (RFC 9562): 122 random bits.
inline Uuid random_uuid() noexcept
{
    auto uuid = Uuid{random_array<16>()};
    uuid.octets[6] = (uuid.octets[6] & std::byte{0x0f}) | std::byte{0x40};
    uuid.octets[8] = (uuid.octets[8] & std::byte{0x3f}) | std::byte{0x80};
    return uuid;
}

template <class AnyId>
AnyId random_id() noexcept { return AnyId{random_uuid()}; }

} // namespace assay
