#include "credentials/status_list.hpp"

#include "credentials/data_integrity.hpp"
#include "credentials/rdf/pinned_contexts.hpp"
#include "credentials/detail/inflate.hpp"
#include "credentials/errors.hpp"

#include <algorithm>
#include <cstring>

namespace assay::credentials {
namespace {

/// Index 0 is the left-most bit of byte 0.
std::byte mask_of(std::size_t index) { return std::byte{0x80} >> (index & 7); }

} // namespace

std::string_view to_string(StatusPurpose purpose) noexcept
{
    switch (purpose) {
    case StatusPurpose::revocation: return "revocation";
    case StatusPurpose::suspension: return "suspension";
    case StatusPurpose::message: return "message";
    }
    return "revocation";
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

result<unsigned> StatusList::value_at(std::size_t index, std::size_t bits) const
{
    EXPECTS(bits >= 1 && bits <= 8);
    if (index >= size() / bits) return errc::status_index_out_of_range;
    auto value = 0U;
    for (auto i = std::size_t{}; i < bits; ++i) value = value * 2 + (at(index * bits + i).value() ? 1 : 0);
    return value;
}

result<void> StatusList::set(std::size_t index, bool value)
{
    if (index >= size()) return errc::status_index_out_of_range;
    if (value) octets_[index / 8] |= mask_of(index);
    else octets_[index / 8] &= ~mask_of(index);
    return {};
}

std::string StatusList::encode() const { return "u" + to_base64url(deflated(octets_, Wrapper::gzip)); }

result<StatusList> StatusList::decode(std::string_view encoded)
{
    if (!encoded.starts_with('u')) return errc::malformed_status_list;
    return decode_legacy(encoded.substr(1));
}

result<StatusList> StatusList::decode_legacy(std::string_view encoded)
{
    constexpr auto octets_max = status_list_entries_max / 8;
    if (encoded.size() > 2 * octets_max) return errc::malformed_status_list;
    auto const packed = from_base64url(encoded);
    if (!packed) return errc::malformed_status_list;
    auto octets = inflated(*packed, Wrapper::gzip, octets_max);
    if (!octets || octets->size() < status_list_entries_min / 8) return errc::malformed_status_list;
    auto list = StatusList{};
    list.octets_ = std::move(*octets);
    return list;
}

namespace {

constexpr auto word_size = sizeof(std::uint64_t);

/// How many of 64 bits are set. std::popcount calls into libgcc on a processor of which nothing is assumed; this is inlined and vectorised.
std::size_t set_bits(std::uint64_t bits)
{
    bits -= (bits >> 1) & 0x5555'5555'5555'5555;
    bits = (bits & 0x3333'3333'3333'3333) + ((bits >> 2) & 0x3333'3333'3333'3333);
    bits = (bits + (bits >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
    return static_cast<std::size_t>((bits * 0x0101'0101'0101'0101) >> 56);
}

/// Of up to eight octets.
std::size_t set_bits(ByteView octets)
{
    auto word = std::uint64_t{};
    std::memcpy(&word, octets.data(), octets.size());
    return set_bits(word);
}

} // namespace

result<std::size_t> allocate_status_index(StatusList const& used, std::array<std::byte, 16> const& random)
{
    auto taken = std::size_t{};
    auto const octets = used.octets();
    for (auto at = std::size_t{}; at < octets.size(); at += word_size) taken += set_bits(octets.subspan(at, std::min(word_size, octets.size() - at)));
    auto const left = used.size() - taken;
    if (left == 0) return errc::status_list_full;

    // 128 random bits modulo at most 2^25: the bias is below 2^-100. Then the rank-th index that is free.
    auto rank = std::size_t{};
    for (auto const octet : random) rank = (rank * 256 + std::to_integer<std::size_t>(octet)) % left;
    for (auto at = std::size_t{};; at += word_size) {
        auto const word = octets.subspan(at, std::min(word_size, octets.size() - at));
        auto const free = 8 * word.size() - set_bits(word);
        if (rank >= free) {
            rank -= free;
            continue;
        }
        for (auto index = at * 8;; ++index)
            if (!used.at(index).value() && rank-- == 0) return index;
    }
}

std::string issue_status_list(StatusList const& list, StatusListDetails const& details, Signer const& signer, Timestamp now)
{
    EXPECTS(details.issuer == signer.did);
    auto const milliseconds = std::chrono::milliseconds{details.time_to_live}.count();
    auto credential = json::object{
        {"@context", json::array{rdf::context_credentials_v2}},
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
    return canonical_json(sign_document_twice(std::move(credential), signer, now).value());
}

} // namespace assay::credentials
