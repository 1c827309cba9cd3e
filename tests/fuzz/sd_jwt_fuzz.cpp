// Any text as an SD-JWT: disclosures never disappear, and no trace of a digest is left.
#include "credentials/sd_jwt.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials;
    auto const parsed = parse_sd_jwt(text_of(std::as_bytes(std::span{data, size})));
    if (!parsed) return 0;
    auto const payload = parse_json(parsed->jws.payload);
    if (!payload || !payload->is_object()) return 0;
    auto const disclosed = disclose(*parsed, payload->get_object(), {});
    if (!disclosed.complaint.empty()) return 0;
    if (disclosed.names.size() > parsed->disclosures.size()) std::abort();
    if (disclosed.claims.contains("_sd") || disclosed.claims.contains("_sd_alg")) std::abort();
    return 0;
}
