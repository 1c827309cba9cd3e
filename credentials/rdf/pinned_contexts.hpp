#pragma once
// The JSON-LD contexts that we know: compiled in, term by term, and held in a test to the documents that their publishers serve.
// Under eddsa-jcs-2022 only their addresses are signed, under eddsa-rdfc-2022 what they make of the terms; both are worth
// something only because these documents never change. The digest says which bytes we mean.
#include "core/json.hpp"

#include <span>

namespace assay::credentials::rdf {

struct PinnedContext {
    std::string_view url;
    std::string_view sha256; ///< of the document published there
    std::string_view terms;  ///< its content in the notation of pinned_contexts.cpp
};

constexpr std::string_view context_credentials_v2 = "https://www.w3.org/ns/credentials/v2";
constexpr std::string_view context_credentials_v1 = "https://www.w3.org/2018/credentials/v1";
constexpr std::string_view context_open_badges = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
constexpr std::string_view context_open_badges_extensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json";
constexpr std::string_view context_multikey = "https://w3id.org/security/multikey/v1";

std::span<PinnedContext const> pinned_contexts() noexcept;

/// What stands under "@context" in the document of this address; nullptr when we don't have it. Lives for ever.
json::value const* find_pinned_context(std::string_view url);

/// Is this value (by its address) part of a compiled context?
bool is_compiled(json::value const& value);

} // namespace assay::credentials::rdf
