#pragma once
// JSON-LD 1.1 contexts: what a term of a document means. Only contexts that were compiled in are known by address; nothing is
// ever fetched. Source: JSON-LD 1.1 Processing Algorithms and API, section 4 (context processing, term definitions, IRI expansion).
#include "core/json.hpp"

#include <map>
#include <memory>
#include <optional>

namespace assay::credentials::rdf {

/// Why a document has no RDF form that a signature could stand for.
enum class RefusalKind {
    not_defined,     ///< a term, type or identifier expands to nothing: it would lie outside the signature
    unknown_context, ///< @context names a document that we don't have
    unsupported,     ///< a construct of JSON-LD that credentials don't need and we don't interpret
    malformed,       ///< JSON-LD forbids it
    too_large,
};
struct Refusal {
    RefusalKind kind;
    std::string what; ///< one sentence for people
};

struct TermDefinition {
    std::optional<std::string> iri; ///< nothing: mapped to null
    std::string type;               ///< "@id", "@vocab", "@json", "@none", a datatype, or empty
    bool prefix = false;
    bool is_protected = false;
    bool list = false, graph = false;
    std::optional<std::optional<std::string>> language; ///< set to nothing: explicitly none
    std::optional<std::optional<std::string>> direction;
    json::value const* context = nullptr; ///< property- or type-scoped; lives as long as the document that defines it

    friend bool operator==(TermDefinition const&, TermDefinition const&) = default;
};

struct ActiveContext;
using ContextPointer = std::shared_ptr<ActiveContext const>;

struct ActiveContext {
    std::map<std::string, std::shared_ptr<TermDefinition const>, std::less<>> terms;
    std::optional<std::string> vocabulary, language, direction;
    ContextPointer previous; ///< what a nested node falls back to, after a type-scoped context
    bool pinned = true;      ///< made of compiled contexts only, so that it may be kept

    TermDefinition const* find(std::string_view term) const
    {
        auto const at = terms.find(term);
        return at == terms.end() ? nullptr : at->second.get();
    }
};

ContextPointer initial_context();

struct ProcessOptions {
    bool override_protected = false;
    bool propagate = true;
};

/// `active` with `local` on top. Nothing, and `refusal` filled, when that is not allowed. `local` must outlive the result.
ContextPointer process_context(ContextPointer const& active, json::value const& local, ProcessOptions options,
                               std::optional<Refusal>& refusal);

/// IRI expansion in a finished context: an IRI, a keyword, the value as it stood (relative), or nothing (mapped to null).
std::optional<std::string> expand_iri(ActiveContext const& context, std::string_view value, bool vocabulary);

bool is_keyword(std::string_view text) noexcept;
/// Has it the form of an absolute IRI that N-Quads can hold?
bool is_absolute_iri(std::string_view text) noexcept;

} // namespace assay::credentials::rdf
