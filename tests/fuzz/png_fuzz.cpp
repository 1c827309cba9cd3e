// Any bytes as a PNG: what is read out of one can be baked in again and read again.
#include "credentials/baking.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials;
    auto const image = std::as_bytes(std::span{data, size});
    auto const found = credential_in_png(image);
    auto const baked = bake_png(image, found ? *found : "{}");
    if (found && (!baked || credential_in_png(*baked) != found)) std::abort();
    return 0;
}
