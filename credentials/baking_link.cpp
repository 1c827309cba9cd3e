#include "credentials/baking.hpp"
#include "credentials/detail/inflate.hpp"
#include "credentials/errors.hpp"

#include <algorithm>

namespace assay::credentials {
namespace {

constexpr std::size_t payload_max = 256 << 10;
constexpr std::string_view jwt_mark = "#vc=", sd_mark = "#sd=";

struct Parts {
    std::string_view header, payload, signature;
};

result<Parts> split(std::string_view text)
{
    auto const first = text.find('.');
    auto const second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return errc::malformed_link;
    return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

} // namespace

result<std::string> link_with_credential(std::string_view page, std::string_view credential)
{
    if (page.find('#') != std::string_view::npos) return errc::malformed_link;
    if (credential.find('~') != std::string_view::npos) return std::string{page} + std::string{sd_mark} + std::string{credential};
    auto const parts = split(credential);
    if (!parts) return parts.error();
    auto const payload = from_base64url(parts->payload);
    if (!payload) return errc::malformed_link;
    return std::string{page} + std::string{jwt_mark} + std::string{parts->header} + "." + to_base64url(deflated(*payload, Wrapper::raw)) + "." +
           std::string{parts->signature};
}

result<std::string> credential_in_link(std::string_view link)
{
    auto const hash = link.find('#');
    if (hash == std::string_view::npos) return errc::malformed_link;
    auto const fragment = link.substr(hash);
    if (fragment.starts_with(sd_mark)) {
        auto const text = fragment.substr(sd_mark.size());
        if (text.find('~') == std::string_view::npos) return errc::malformed_link; // no SD-JWT
        return std::string{text};
    }
    if (!fragment.starts_with(jwt_mark)) return errc::malformed_link;
    auto const parts = split(fragment.substr(jwt_mark.size()));
    if (!parts) return parts.error();
    auto const packed = from_base64url(parts->payload);
    if (!packed) return errc::malformed_link;
    auto const payload = inflated(*packed, Wrapper::raw, payload_max);
    if (!payload) return errc::malformed_link;
    return std::string{parts->header} + "." + to_base64url(*payload) + "." + std::string{parts->signature};
}

} // namespace assay::credentials
