#include "credentials/jwt.hpp"

#include "core/errors.hpp"

namespace assay::credentials {

std::string sign_jwt(std::string_view payload, Signer const& signer, Timestamp issued_at)
{
    auto const seconds = std::chrono::floor<std::chrono::seconds>(issued_at).time_since_epoch().count();
    auto const header = json::object{{"alg", "EdDSA"},       {"cty", "vc"},   {"iat", seconds}, {"iss", signer.did},
                                     {"kid", signer.method()}, {"typ", "vc+jwt"}};
    auto text = to_base64url(bytes_of(canonical_json(header))) + "." + to_base64url(bytes_of(payload));
    auto const signature = signer.key.sign(bytes_of(text));
    return text + "." + to_base64url(signature);
}

result<CompactJws> parse_compact_jws(std::string_view text)
{
    auto const first = text.find('.');
    if (first == std::string_view::npos) return core::errc::malformed;
    auto const second = text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return core::errc::malformed;

    auto const header_bytes = from_base64url(text.substr(0, first));
    auto const payload = from_base64url(text.substr(first + 1, second - first - 1));
    auto signature = from_base64url(text.substr(second + 1));
    if (!header_bytes || !payload || !signature) return core::errc::malformed;
    auto const header = parse_json(text_of(*header_bytes), {.size_max = 8 * 1024, .depth_max = 4});
    if (!header) return header.error();
    if (!header->is_object()) return core::errc::malformed;
    return CompactJws{.header = header->get_object(),
                      .payload = std::string{text_of(*payload)},
                      .signature = std::move(*signature),
                      .signing_input = std::string{text.substr(0, second)}};
}

} // namespace assay::credentials
