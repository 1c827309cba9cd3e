// Any text as N-Quads: what is read and canonicalised reads and canonicalises to itself.
#include "credentials/rdf/canonicalize.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials::rdf;
    auto const quads = parse_nquads(text_of(std::as_bytes(std::span{data, size})), 500);
    if (!quads) return 0;
    auto const bounds = CanonicalizeBounds{.quads_max = 500, .blank_nodes_max = 100, .work_max = 2'000, .depth_max = 60};
    auto const canonical = canonicalize(*quads, bounds);
    if (!canonical) return 0;
    auto const again = parse_nquads(canonical->nquads, 500);
    if (!again) std::abort();
    if (auto const twice = canonicalize(*again, bounds); twice && twice->nquads != canonical->nquads) std::abort();
    return 0;
}
