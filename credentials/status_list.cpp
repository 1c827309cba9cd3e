#include "credentials/status_list.hpp"

#include "credentials/data_integrity.hpp"
#include "credentials/detail/contexts.hpp"
#include "credentials/errors.hpp"

#include <bit>
#include <zlib.h>

namespace assay::credentials {
namespace {

constexpr int gzip_window_bits = 15 + 16; // zlib: the gzip wrapper instead of zlib's own

/// Index 0 is the left-most bit of byte 0.
std::byte mask_of(std::size_t index) { return std::byte{0x80} >> (index & 7); }

Bytef* octets_of(std::byte* bytes) { return reinterpret_cast<Bytef*>(bytes); }

/// The whole of `plain` as one gzip member. zlib writes no time and no name unless told to: the same bytes every time.
Bytes gzip(ByteView plain)
{
    auto stream = z_stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window_bits, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc{};
    auto packed = Bytes(deflateBound(&stream, plain.size()));
    stream.next_in = octets_of(const_cast<std::byte*>(plain.data())); // zlib 1.2 has no const here; it only reads
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = octets_of(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    auto const status = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    EXPECTS(status == Z_STREAM_END);
    return packed;
}

/// One gzip member and nothing after it, no longer than `size_max` once inflated: a kilobyte can hold a gigabyte of zeros.
result<Bytes> gunzip(ByteView packed, std::size_t size_max)
{
    auto stream = z_stream{};
    if (inflateInit2(&stream, gzip_window_bits) != Z_OK) throw std::bad_alloc{};
    auto plain = Bytes(status_list_entries_min / 8);
    stream.next_in = octets_of(const_cast<std::byte*>(packed.data()));
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
    if (!whole || plain.size() > size_max) return errc::malformed_status_list;
    return plain;
}

} // namespace

std::string_view to_string(StatusPurpose purpose) noexcept
{
    return purpose == StatusPurpose::revocation ? "revocation" : "suspension";
}

json::object to_json(StatusEntry const& entry)
{
    auto const index = std::to_string(entry.index);
    return {{"id", entry.list_url + "#" + index},
            {"type", "BitstringStatusListEntry"},
            {"statusPurpose", to_string(entry.purpose)},
            {"statusListIndex", index}, // a string: the specification says so
            {"statusListCredential", entry.list_url}};
}

StatusList::StatusList(std::size_t entries) : octets_(entries / 8)
{
    EXPECTS(entries >= status_list_entries_min && entries <= status_list_entries_max && entries % 8 == 0);
}

result<bool> StatusList::at(std::size_t index) const
{
    if (index >= size()) return errc::status_index_out_of_range;
    return (octets_[index / 8] & mask_of(index)) != std::byte{};
}

result<void> StatusList::set(std::size_t index, bool value)
{
    if (index >= size()) return errc::status_index_out_of_range;
    if (value) octets_[index / 8] |= mask_of(index);
    else octets_[index / 8] &= ~mask_of(index);
    return {};
}

std::string StatusList::encode() const { return "u" + to_base64url(gzip(octets_)); }

result<StatusList> StatusList::decode(std::string_view encoded)
{
    constexpr auto octets_max = status_list_entries_max / 8;
    if (!encoded.starts_with('u') || encoded.size() > 2 * octets_max) return errc::malformed_status_list;
    auto const packed = from_base64url(encoded.substr(1));
    if (!packed) return errc::malformed_status_list;
    auto octets = gunzip(*packed, octets_max);
    if (!octets || octets->size() < status_list_entries_min / 8) return errc::malformed_status_list;
    auto list = StatusList{};
    list.octets_ = std::move(*octets);
    return list;
}

result<std::size_t> allocate_status_index(StatusList const& used, std::array<std::byte, 16> const& random)
{
    auto taken = std::size_t{};
    for (auto const octet : used.octets()) taken += static_cast<std::size_t>(std::popcount(std::to_integer<unsigned>(octet)));
    auto const left = used.size() - taken;
    if (left == 0) return errc::status_list_full;

    // 128 random bits modulo at most 2^25: the bias is below 2^-100. Then the rank-th index that is free.
    auto rank = std::size_t{};
    for (auto const octet : random) rank = (rank * 256 + std::to_integer<std::size_t>(octet)) % left;
    for (auto index = std::size_t{};; ++index) {
        if (used.at(index).value()) continue;
        if (rank == 0) return index;
        --rank;
    }
}

std::string issue_status_list(StatusList const& list, StatusListDetails const& details, Signer const& signer, Timestamp now)
{
    EXPECTS(details.issuer == signer.did);
    auto const milliseconds = std::chrono::milliseconds{details.time_to_live}.count();
    auto credential = json::object{
        {"@context", json::array{context_credentials_v2.url}},
        {"id", details.url},
        {"type", json::array{"VerifiableCredential", "BitstringStatusListCredential"}},
        {"issuer", details.issuer},
        {"validFrom", to_rfc3339(now)},
        {"validUntil", to_rfc3339(now + details.validity)},
        {"credentialSubject",
         json::object{{"id", details.url + "#list"},
                      {"type", "BitstringStatusList"},
                      {"statusPurpose", to_string(details.purpose)},
                      {"encodedList", list.encode()},
                      {"ttl", milliseconds}}}};
    return canonical_json(sign_document(std::move(credential), signer, now));
}

} // namespace assay::credentials
