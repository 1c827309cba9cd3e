// The first line is a DID, the rest its document.
#include "credentials/did.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials;
    auto const text = text_of(std::as_bytes(std::span{data, size}));
    auto const line = text.find('\n');
    auto const did = text.substr(0, line);
    if (auto const url = did_web_url(did); url && !url->starts_with("https://")) std::abort();
    if (auto const resolved = resolve_did_key(did)) {
        auto const* key = std::get_if<PublicKey>(&resolved->methods.front().key.value());
        if (key != nullptr && did_key(*key) != did) std::abort();
    }
    auto const document = parse_did_document(line == std::string_view::npos ? std::string_view{} : text.substr(line + 1), did);
    if (document && document->id != did) std::abort();
    return 0;
}
