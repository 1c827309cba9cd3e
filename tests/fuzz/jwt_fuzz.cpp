// Any text as a compact JWS and as a JWK: one reading each.
#include "core/json.hpp"
#include "credentials/jwt.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials;
    auto const text = text_of(std::as_bytes(std::span{data, size}));
    if (auto const jws = parse_compact_jws(text))
        if (jws->signing_input + "." + to_base64url(jws->signature) != text) std::abort();
    if (auto const json = parse_json(text); json && json->is_object())
        if (auto const key = parse_jwk(json->get_object())) {
            if (parse_jwk(to_jwk(*key)).value() != *key) std::abort();
            (void)verify_signature(*key, bytes_of("message"), bytes_of(std::string(64, 'x')));
        }
    if (auto const key = parse_any_multikey(text); key && !std::holds_alternative<RsaPublicKey>(*key) && to_multikey(*key) != text) std::abort();
    return 0;
}
