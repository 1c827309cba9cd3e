#include "credentials/detail/inflate.hpp"

#include "core/errors.hpp"

#include <algorithm>
#include <zlib.h>

namespace assay::credentials {
namespace {

int window_bits(Wrapper wrapper)
{
    switch (wrapper) {
    case Wrapper::gzip: return 15 + 16;
    case Wrapper::zlib: return 15;
    case Wrapper::raw: return -15;
    }
    return 15;
}

Bytef* octets_of(std::byte const* bytes) { return reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes)); } // zlib 1.2 has no const

} // namespace

Bytes deflated(ByteView plain, Wrapper wrapper)
{
    auto stream = z_stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits(wrapper), 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc{};
    auto packed = Bytes(deflateBound(&stream, plain.size()));
    stream.next_in = octets_of(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = octets_of(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    auto const status = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    EXPECTS(status == Z_STREAM_END);
    return packed;
}

result<Bytes> inflated(ByteView packed, Wrapper wrapper, std::size_t size_max)
{
    auto stream = z_stream{};
    if (inflateInit2(&stream, window_bits(wrapper)) != Z_OK) throw std::bad_alloc{};
    auto plain = Bytes(std::min(size_max + 1, std::max<std::size_t>(packed.size() * 4, 16'384)));
    stream.next_in = octets_of(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    auto status = Z_OK;
    for (;;) {
        stream.next_out = octets_of(plain.data() + stream.total_out);
        stream.avail_out = static_cast<uInt>(plain.size() - stream.total_out);
        status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK || stream.avail_out != 0) break; // done, broken, or starved of input
        if (plain.size() > size_max) break;
        plain.resize(std::min(plain.size() * 2, size_max + 1)); // one byte beyond the cap tells "too long" from "exactly full"
    }
    auto const whole = status == Z_STREAM_END && stream.avail_in == 0;
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    if (plain.size() > size_max) return core::errc::too_large;
    if (!whole) return core::errc::malformed;
    return plain;
}

} // namespace assay::credentials
