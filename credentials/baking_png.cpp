#include "credentials/baking.hpp"
#include "credentials/errors.hpp"

#include <algorithm>
#include <zlib.h>

namespace assay::credentials {
namespace {

constexpr std::string_view png_signature = "\x89PNG\r\n\x1a\n";
constexpr std::string_view keyword = "openbadgecredential";
constexpr std::size_t chunks_max = 10'000;

struct Chunk {
    std::string_view type;
    std::string_view data;
    std::string_view whole; ///< length, type, data, checksum
};

std::size_t big_endian(std::string_view four)
{
    auto value = std::size_t{};
    for (auto const c : four) value = value * 256 + static_cast<unsigned char>(c);
    return value;
}

std::size_t checksum(std::string_view type_and_data)
{
    return crc32(crc32(0, nullptr, 0), reinterpret_cast<Bytef const*>(type_and_data.data()), static_cast<uInt>(type_and_data.size()));
}

result<std::vector<Chunk>> read_chunks(ByteView image)
{
    auto rest = text_of(image);
    if (rest.size() > image_size_max || !rest.starts_with(png_signature)) return errc::malformed_image;
    rest.remove_prefix(png_signature.size());
    auto chunks = std::vector<Chunk>{};
    while (!rest.empty()) {
        if (rest.size() < 12 || chunks.size() == chunks_max) return errc::malformed_image;
        auto const length = big_endian(rest.substr(0, 4));
        if (length > rest.size() - 12) return errc::malformed_image;
        auto const chunk = Chunk{rest.substr(4, 4), rest.substr(8, length), rest.substr(0, length + 12)};
        if (checksum(rest.substr(4, length + 4)) != big_endian(rest.substr(8 + length, 4))) return errc::malformed_image;
        rest.remove_prefix(length + 12);
        if (chunks.empty() != (chunk.type == "IHDR") || (chunk.type == "IEND") != rest.empty()) return errc::malformed_image;
        chunks.push_back(chunk);
    }
    if (chunks.empty()) return errc::malformed_image;
    return chunks;
}

bool is_credential(Chunk const& chunk)
{
    return chunk.type == "iTXt" && chunk.data.starts_with(keyword) && chunk.data.size() > keyword.size() && chunk.data[keyword.size()] == '\0';
}

/// keyword 0 compression-flag compression-method language 0 translated-keyword 0 text
result<std::string> text_of_chunk(Chunk const& chunk)
{
    auto rest = chunk.data.substr(keyword.size() + 1);
    if (rest.size() < 4 || rest[0] != '\0' || rest[1] != '\0') return errc::no_credential_inside; // compressed: not as Open Badges bakes
    rest.remove_prefix(2);
    for (auto i = 0; i < 2; ++i) {
        auto const end = rest.find('\0');
        if (end == std::string_view::npos) return errc::malformed_image;
        rest.remove_prefix(end + 1);
    }
    return std::string{rest};
}

void append_four(Bytes& out, std::size_t value) { append_big_endian(out, value & 0xffffffffU, 4); }

} // namespace

result<std::string> credential_in_png(ByteView image)
{
    auto const chunks = read_chunks(image);
    if (!chunks) return chunks.error();
    if (std::ranges::count_if(*chunks, is_credential) != 1) return errc::no_credential_inside;
    return text_of_chunk(*std::ranges::find_if(*chunks, is_credential));
}

result<Bytes> bake_png(ByteView image, std::string_view credential)
{
    auto const chunks = read_chunks(image);
    if (!chunks) return chunks.error();
    auto data = std::string{"iTXt"} + std::string{keyword};
    data.append(5, '\0'); // end of keyword, not compressed, method 0, no language, no translated keyword
    data += credential;
    auto baked = to_bytes(png_signature);
    for (auto const& chunk : *chunks) {
        if (is_credential(chunk)) continue;
        append(baked, bytes_of(chunk.whole));
        if (chunk.type != "IHDR") continue;
        append_four(baked, data.size() - 4);
        append(baked, bytes_of(data));
        append_four(baked, checksum(data));
    }
    return baked;
}

} // namespace assay::credentials
