#include "core/bytes.hpp"
#include "core/errors.hpp"

#include <sodium.h>

namespace assay {
namespace {

unsigned char const* octets(ByteView bytes) { return reinterpret_cast<unsigned char const*>(bytes.data()); }

std::string encode_base64(ByteView bytes, int variant)
{
    auto text = std::string(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), octets(bytes), bytes.size(), variant);
    text.pop_back(); // the terminating zero that libsodium counts
    return text;
}

result<Bytes> decode_base64(std::string_view text, int variant)
{
    auto bytes = Bytes(text.size() / 4 * 3 + 3);
    auto size = std::size_t{};
    auto const* end = static_cast<char const*>(nullptr);
    auto const status = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(),
                                          nullptr, &size, &end, variant);
    if (status != 0 || end != text.data() + text.size()) return core::errc::malformed;
    bytes.resize(size);
    // libsodium is strict about padding and unused bits, but the round trip states it beyond doubt.
    if (encode_base64(bytes, variant) != text) return core::errc::malformed;
    return bytes;
}

constexpr std::string_view base58_alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t base58_input_max = 1024;

} // namespace

std::string to_hex(ByteView bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    auto text = std::string{};
    text.reserve(bytes.size() * 2);
    for (auto const b : bytes) {
        text += digits[std::to_integer<unsigned>(b) >> 4];
        text += digits[std::to_integer<unsigned>(b) & 15];
    }
    return text;
}

result<Bytes> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0) return core::errc::malformed;
    auto const digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
    auto bytes = Bytes{};
    bytes.reserve(text.size() / 2);
    for (auto i = std::size_t{}; i < text.size(); i += 2) {
        auto const high = digit(text[i]);
        auto const low = digit(text[i + 1]);
        if (high < 0 || low < 0) return core::errc::malformed;
        bytes.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return bytes;
}

std::string to_base64(ByteView bytes) { return encode_base64(bytes, sodium_base64_VARIANT_ORIGINAL); }
result<Bytes> from_base64(std::string_view text) { return decode_base64(text, sodium_base64_VARIANT_ORIGINAL); }
std::string to_base64url(ByteView bytes) { return encode_base64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }
result<Bytes> from_base64url(std::string_view text) { return decode_base64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING); }

std::string to_base58btc(ByteView bytes)
{
    EXPECTS(bytes.size() <= base58_input_max);
    auto digits = std::vector<unsigned>{}; // little-endian, base 58
    auto zeros = std::size_t{};
    while (zeros < bytes.size() && bytes[zeros] == std::byte{}) ++zeros;
    for (auto const b : bytes.subspan(zeros)) {
        auto carry = std::to_integer<unsigned>(b);
        for (auto& d : digits) {
            carry += d * 256;
            d = carry % 58;
            carry /= 58;
        }
        for (; carry != 0; carry /= 58) digits.push_back(carry % 58);
    }
    auto text = std::string(zeros, '1');
    for (auto i = digits.size(); i-- > 0;) text += base58_alphabet[digits[i]];
    return text;
}

result<Bytes> from_base58btc(std::string_view text)
{
    if (text.size() > base58_input_max) return core::errc::too_large;
    auto zeros = std::size_t{};
    while (zeros < text.size() && text[zeros] == '1') ++zeros;
    auto octets_le = std::vector<unsigned>{};
    for (auto const c : text.substr(zeros)) {
        auto const at = base58_alphabet.find(c);
        if (at == std::string_view::npos) return core::errc::malformed;
        auto carry = static_cast<unsigned>(at);
        for (auto& o : octets_le) {
            carry += o * 58;
            o = carry % 256;
            carry /= 256;
        }
        for (; carry != 0; carry /= 256) octets_le.push_back(carry % 256);
    }
    auto bytes = Bytes(zeros);
    for (auto i = octets_le.size(); i-- > 0;) bytes.push_back(static_cast<std::byte>(octets_le[i]));
    return bytes;
}

} // namespace assay
