// Any JSON object as a JSON-LD document under contexts that we have: bounded, and its RDF can be written and read.
#include "core/json.hpp"
#include "credentials/rdf/canonicalize.hpp"
#include "credentials/rdf/to_rdf.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials::rdf;
    auto const parsed = parse_json(text_of(std::as_bytes(std::span{data, size})), {.size_max = 1 << 16});
    if (!parsed || !parsed->is_object()) return 0;
    auto const converted = to_rdf(parsed->get_object(), {.quads_max = 1'000});
    auto const* document = std::get_if<RdfDocument>(&converted);
    if (document == nullptr) return 0;
    auto const canonical = canonicalize(document->quads, {.quads_max = 1'000, .blank_nodes_max = 200, .work_max = 2'000, .depth_max = 60});
    if (canonical && !parse_nquads(canonical->nquads, 1'000)) std::abort();
    return 0;
}
