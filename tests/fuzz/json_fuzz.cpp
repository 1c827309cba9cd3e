// JSON from outside: what is read can be written canonically, and the canonical form reads back as the same value and the same bytes.
#include "core/json.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    auto const value = parse_json({reinterpret_cast<char const*>(data), size}, {.size_max = 1 << 16, .depth_max = 32});
    if (!value) return 0;
    auto const canonical = canonical_json(*value);
    auto const again = parse_json(canonical, {.size_max = 1 << 20, .depth_max = 32});
    if (!again || canonical_json(*again) != canonical) std::abort();
    return 0;
}
