#include "credentials/token_status_list.hpp"

#include "credentials/detail/inflate.hpp"
#include "credentials/errors.hpp"

namespace assay::credentials {

result<TokenStatusList> TokenStatusList::decode(std::string_view lst, unsigned bits)
{
    if (bits != 1 && bits != 2 && bits != 4 && bits != 8) return errc::malformed_status_list;
    if (lst.size() > 2 * octets_max) return errc::malformed_status_list;
    auto const packed = from_base64url(lst);
    if (!packed) return errc::malformed_status_list;
    auto octets = inflated(*packed, Wrapper::zlib, octets_max);
    if (!octets) return errc::malformed_status_list;
    return TokenStatusList{std::move(*octets), bits};
}

result<unsigned> TokenStatusList::at(std::size_t index) const
{
    if (index >= size()) return errc::status_index_out_of_range;
    auto const bit = index * bits_;
    return (std::to_integer<unsigned>(octets_[bit / 8]) >> (bit % 8)) & ((1U << bits_) - 1);
}

} // namespace assay::credentials
