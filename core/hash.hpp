#pragma once
#include "core/bytes.hpp"

#include <compare>

namespace assay {

struct Sha256Digest {
    std::array<std::byte, 32> octets{};
    friend constexpr auto operator<=>(Sha256Digest const&, Sha256Digest const&) = default;
};

Sha256Digest sha256(ByteView message) noexcept;
Sha256Digest sha256(std::string_view message) noexcept;
Sha256Digest hmac_sha256(ByteView key, ByteView message) noexcept;

std::string to_string(Sha256Digest const& digest);           ///< lower-case hex, 64 digits: how documents are named
result<Sha256Digest> parse_sha256(std::string_view text);

} // namespace assay
