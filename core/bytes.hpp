#pragma once
#include "core/contract.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<std::byte const>;

ByteView bytes_of(std::string_view text) noexcept;
std::string_view text_of(ByteView bytes) noexcept;
Bytes to_bytes(std::string_view text);
Bytes to_bytes(ByteView view);
void append(Bytes& to, ByteView more);

/// Appends `value` big-endian in `width` bytes (1..8). Expects the value to fit.
void append_big_endian(Bytes& to, std::uint64_t value, std::size_t width);

/// Equal, in a time that depends on the lengths alone.
bool equal_constant_time(ByteView a, ByteView b) noexcept;

// Every decoder accepts exactly what its encoder writes (one encoding a value): errc::malformed otherwise.

std::string to_hex(ByteView bytes);                 ///< lower case
result<Bytes> from_hex(std::string_view text);      ///< lower case only, even length

std::string to_base64(ByteView bytes);              ///< RFC 4648 section 4, padded
result<Bytes> from_base64(std::string_view text);

std::string to_base64url(ByteView bytes);           ///< RFC 4648 section 5, without padding; unused bits zero
result<Bytes> from_base64url(std::string_view text);

/// Bitcoin alphabet, as Multibase 'z' uses it (without the 'z'). Quadratic: bounded to 1 KiB of input, errc::too_large.
std::string to_base58btc(ByteView bytes);
result<Bytes> from_base58btc(std::string_view text);

} // namespace assay
