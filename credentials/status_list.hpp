#pragma once
// Bitstring Status List v1.0: one bit a credential, in a list that is published for all alike, so that looking up one
// certificate tells nobody which. Index 0 is the left-most bit of the first byte.
#include "core/json.hpp"
#include "core/time.hpp"
#include "credentials/keys.hpp"

#include <chrono>

namespace assay::credentials {

constexpr std::size_t status_list_entries_min = 131'072; ///< herd privacy: the specification's minimum, 16 KiB
constexpr std::size_t status_list_entries_max = 8 * 4'194'304; ///< 4 MiB once inflated: what we accept from others

/// revocation is final; suspension can be lifted; message says one of several things in more than one bit. A list has one purpose.
enum class StatusPurpose { revocation, suspension, message };
std::string_view to_string(StatusPurpose purpose) noexcept;

/// What a credential says about where its status stands.
struct StatusEntry {
    std::string list_url;
    std::size_t index = 0;
    StatusPurpose purpose = StatusPurpose::revocation;
};
json::object to_json(StatusEntry const& entry); ///< BitstringStatusListEntry, id = list_url#index

class StatusList {
public:
    /// All clear. Expects a multiple of 8 within [status_list_entries_min, status_list_entries_max].
    explicit StatusList(std::size_t entries = status_list_entries_min);

    std::size_t size() const noexcept { return octets_.size() * 8; }
    /// errc::status_index_out_of_range
    result<bool> at(std::size_t index) const;
    result<void> set(std::size_t index, bool value);
    /// The number in `bits` bits (1..8) at position index × bits, most significant first. errc::status_index_out_of_range
    result<unsigned> value_at(std::size_t index, std::size_t bits) const;

    /// "u" + base64url(gzip), the same bytes for the same list (no time in the header, whole list in one stream).
    std::string encode() const;
    /// errc::malformed_status_list: also for fewer entries than the minimum, more than the maximum, or bytes after the stream.
    static result<StatusList> decode(std::string_view encoded);
    /// StatusList2021's form, which lacks the "u".
    static result<StatusList> decode_legacy(std::string_view encoded);

    ByteView octets() const noexcept { return octets_; }
    friend bool operator==(StatusList const&, StatusList const&) = default;

private:
    Bytes octets_;
};

/// An index that `used` does not have, uniform among those left, so that neighbours don't reveal who sat together.
/// Indices are never reused: the caller stores the new one in `used`. errc::status_list_full.
result<std::size_t> allocate_status_index(StatusList const& used, std::array<std::byte, 16> const& random);

struct StatusListDetails {
    std::string url;          ///< where it is published: the credential's id
    std::string issuer;       ///< DID, the same as of the credentials it speaks for
    StatusPurpose purpose = StatusPurpose::revocation;
    std::chrono::seconds validity = std::chrono::hours{24};
    std::chrono::seconds time_to_live = std::chrono::minutes{5}; ///< how long a copy may be used without asking again
};

/// The signed BitstringStatusListCredential, canonical JSON: valid from `now` for `validity`.
std::string issue_status_list(StatusList const& list, StatusListDetails const& details, Signer const& signer, Timestamp now);

} // namespace assay::credentials
