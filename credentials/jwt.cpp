#include "credentials/jwt.hpp"

#include "core/errors.hpp"

namespace assay::credentials {
namespace {

std::int64_t seconds_of(Timestamp at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); }

std::string compact(json::object const& header, std::string_view payload, std::function<Bytes(ByteView)> const& sign)
{
    auto text = to_base64url(bytes_of(canonical_json(header))) + "." + to_base64url(bytes_of(payload));
    return text + "." + to_base64url(sign(bytes_of(text)));
}

} // namespace

std::string sign_jwt(std::string_view payload, Signer const& signer, Timestamp issued_at)
{
    auto const token = TokenSigner{.algorithm = "EdDSA", .key_id = signer.method(), .sign = [&](ByteView message) { return to_bytes(signer.key.sign(message)); }};
    return sign_jwt(payload, signer.did, token, issued_at);
}

std::string sign_jwt(std::string_view payload, std::string_view issuer, TokenSigner const& signer, Timestamp issued_at)
{
    auto const header = json::object{{"alg", signer.algorithm}, {"cty", "vc"},           {"iat", seconds_of(issued_at)},
                                     {"iss", issuer},           {"kid", signer.key_id}, {"typ", "vc+jwt"}};
    return compact(header, payload, signer.sign);
}

std::string sign_badge_jwt(json::object credential, TokenSigner const& signer)
{
    auto const date = [&](char const* member) { return seconds_of(parse_rfc3339(*find_string(credential, member)).value()); };
    auto claims = json::object{{"iss", credential.at("issuer").at("id")},
                               {"jti", credential.at("id")},
                               {"nbf", date("validFrom")},
                               {"sub", credential.at("credentialSubject").at("id")}};
    if (credential.contains("validUntil")) claims["exp"] = date("validUntil");
    for (auto const& claim : claims) credential[claim.key()] = claim.value();
    return compact({{"alg", signer.algorithm}, {"kid", signer.key_id}, {"typ", "JWT"}}, canonical_json(credential), signer.sign);
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
