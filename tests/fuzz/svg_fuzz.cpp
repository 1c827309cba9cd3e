// Any text as an SVG, and as a verification link.
#include "credentials/baking.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials;
    auto const text = text_of(std::as_bytes(std::span{data, size}));
    if (auto const found = credential_in_svg(text); found && found->empty()) std::abort();
    auto const carried = credential_in_link(text);
    if (!carried) return 0;
    auto const link = link_with_credential("https://h/v", *carried); // packed by somebody else perhaps, but the same inside
    if (!link || credential_in_link(*link).value() != *carried) std::abort();
    return 0;
}
