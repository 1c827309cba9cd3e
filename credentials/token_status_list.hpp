#pragma once
// Token Status List: what SD-JWTs use in place of a bitstring status list. 1, 2, 4 or 8 bits an entry, least significant bit
// first, ZLIB: nothing in common with status_list.hpp but the idea. Read, never issued.
// Source: Token Status List (draft-ietf-oauth-status-list), sections 4 and 7.
#include "core/bytes.hpp"
#include "core/contract.hpp"

namespace assay::credentials {

class TokenStatusList {
public:
    static constexpr std::size_t octets_max = 4 << 20;

    /// errc::malformed_status_list: bits other than 1, 2, 4, 8; not base64url of one ZLIB stream; longer than octets_max.
    static result<TokenStatusList> decode(std::string_view lst, unsigned bits);

    std::size_t size() const noexcept { return octets_.size() * (8 / bits_); }
    result<unsigned> at(std::size_t index) const; ///< errc::status_index_out_of_range
    ByteView octets() const noexcept { return octets_; }

private:
    TokenStatusList(Bytes octets, unsigned bits) : octets_{std::move(octets)}, bits_{bits} {}
    Bytes octets_;
    unsigned bits_;
};

} // namespace assay::credentials
