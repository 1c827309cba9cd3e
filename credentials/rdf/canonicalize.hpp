#pragma once
// RDFC-1.0: the same dataset gives the same bytes, whatever its blank nodes were called and in which order its quads came.
// A dataset can be built so that naming its blank nodes takes exponential work ("poison graph"); the work is bounded.
// Source: W3C RDF Dataset Canonicalization 1.0, section 4.
#include "credentials/rdf/quads.hpp"

#include <functional>
#include <map>

namespace assay::credentials::rdf {

struct CanonicalizeBounds {
    std::size_t quads_max = 10'000;
    std::size_t blank_nodes_max = 2'000;
    /// Steps of the N-degree part: one for each call and each permutation tried. Our own credentials need none or a few.
    std::size_t work_max = 40'000;
    std::size_t depth_max = 200;
};

/// Hex digest of a text; the algorithm's hash is SHA-256 unless the caller says otherwise.
using HexHash = std::function<std::string(std::string_view)>;

struct Canonical {
    std::string nquads;                             ///< sorted lines
    std::map<std::string, std::string> identifiers; ///< blank node label → "c14n0"
};

/// errc::rdf_too_large, errc::rdf_too_complex when a bound is passed. Duplicate quads count once.
result<Canonical> canonicalize(std::vector<Quad> quads, CanonicalizeBounds const& bounds = {}, HexHash const& hash = {});

} // namespace assay::credentials::rdf
