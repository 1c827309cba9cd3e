// Any bytes as a receipt (tlog-proof) and as tiles: what is read is written the same, and no made-up proof is believed.
#include "credentials/log/receipt.hpp"
#include "credentials/log/tiles.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials::tlog;
    auto const bytes = std::as_bytes(std::span{data, size});
    if (auto const receipt = parse_receipt(text_of(bytes))) {
        if (to_string(*receipt) != text_of(bytes)) std::abort();
        (void)verify_inclusion(leaf_hash({}), receipt->index, receipt->index + 1, receipt->proof, empty_root());
    }
    if (auto const bundle = decode_bundle(bytes); bundle && encode_bundle(*bundle) != to_bytes(bytes)) std::abort();
    if (auto const tile = decode_tile(bytes); tile && encode_tile(*tile) != to_bytes(bytes)) std::abort();
    return 0;
}
