#pragma once
// RDF datasets as they are signed: quads, and the one text that N-Quads canonicalisation gives them.
// Sources: RDF 1.1 N-Quads; RDF Dataset Canonicalization (RDFC-1.0), section 5.
#include "core/bytes.hpp"
#include "core/contract.hpp"

#include <compare>

namespace assay::credentials::rdf {

enum class TermKind : unsigned char { none, iri, blank, literal };

struct Term {
    TermKind kind = TermKind::none; ///< none: the default graph
    /// The IRI without brackets; the label of a blank node without "_:"; a literal as canonical N-Quads writes it.
    std::string text;
    friend auto operator<=>(Term const&, Term const&) = default;
};

struct Quad {
    Term subject;
    std::string predicate; ///< IRI
    Term object;
    Term graph;
    friend auto operator<=>(Quad const&, Quad const&) = default;
};

/// A literal in canonical N-Quads form. `datatype` empty: xsd:string; with a language tag it is left out.
Term literal(std::string_view lexical, std::string_view datatype, std::string_view language = {});

void append_iri(std::string& out, std::string_view iri);
void append_term(std::string& out, Term const& term);

/// One line with its newline.
std::string to_nquad(Quad const& quad);

/// Reads N-Quads. errc::malformed_rdf; errc::rdf_too_large beyond `quads_max`. Duplicate quads are kept.
result<std::vector<Quad>> parse_nquads(std::string_view text, std::size_t quads_max = 10'000);

} // namespace assay::credentials::rdf
