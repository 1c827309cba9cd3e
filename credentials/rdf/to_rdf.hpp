#pragma once
// JSON-LD 1.1 to RDF in safe mode: every term, type and identifier must expand, or the document has no RDF form at all, because what
// does not expand would lie outside an eddsa-rdfc-2022 signature. Expansion and conversion happen in one walk.
// Source: JSON-LD 1.1 Processing Algorithms and API, sections 5.1 (expansion) and 8.1 (deserialisation), rdfDirection i18n-datatype.
// Understood: node, value, list and set objects; scoped contexts; @graph and @list containers; @json. What credentials don't use
// (@reverse, @included, @nest, @index, language and id maps, @graph in a node) is refused by name.
#include "credentials/rdf/context.hpp"
#include "credentials/rdf/quads.hpp"

#include <variant>

namespace assay::credentials::rdf {

struct ToRdfBounds {
    std::size_t quads_max = 10'000;
    std::size_t depth_max = 40;
};

struct RdfDocument {
    std::vector<Quad> quads;
    /// Members that leave no trace in the quads, as "evidence (empty)": null, and arrays without elements.
    std::vector<std::string> without_trace;
};

/// The default graph and named graphs of one JSON-LD document. No base address.
std::variant<RdfDocument, Refusal> to_rdf(json::object const& document, ToRdfBounds const& bounds = {});

} // namespace assay::credentials::rdf
