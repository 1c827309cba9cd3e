#pragma once
// Decentralised identifiers: how a verifier gets from "did:web:host:t:acme#z6Mk…" in a proof to a public key.
// Sources: DID Core 1.0, did:web and did:key method specifications, W3C Controlled Identifiers 1.0.
#include "core/json.hpp"
#include "core/time.hpp"
#include "credentials/keys.hpp"
#include "credentials/verification_key.hpp"

#include <optional>

namespace assay::credentials {

/// "did:web:localhost%3A8443:t:acme" for a tenant below an origin such as "https://localhost:8443"; without a slug (a tenant
/// with a host of its own) "did:web:exams.example". errc::malformed_did when origin is not https://host[:port] in lower case
/// or slug is not of [a-z0-9-].
result<std::string> tenant_did(std::string_view origin, std::string_view slug);

/// Where the document of a did:web is published: "https://host:port/a/b/did.json", or "/.well-known/did.json" without a path.
/// errc::malformed_did: empty host or path segment, a character outside the DID syntax, a percent code other than %3A.
/// errc::unsupported_did_method when it is another method.
result<std::string> did_web_url(std::string_view did);

/// "did:key:z6Mk…"
std::string did_key(PublicKey const& key);

/// One key of a controller document.
struct VerificationMethod {
    std::string id;          ///< absolute, with fragment
    std::string controller;
    std::optional<VerificationKey> key; ///< nothing when it is of a kind that we can't use
    std::optional<Timestamp> expires;  ///< from then on it signs nothing; what it signed before stays good
    std::optional<Timestamp> revoked;  ///< compromised: no `created` can be believed any more
    bool asserts = false;              ///< listed under assertionMethod
};

struct DidDocument {
    std::string id;
    std::vector<VerificationMethod> methods;
};

/// One key of ours, current or retired.
struct PublishedKey {
    PublicKey key;
    std::optional<Timestamp> expires;
    std::optional<Timestamp> revoked;
};

/// The did.json of a tenant: every key that ever signed for it (old signatures stay verifiable), as Multikeys.
/// Canonical JSON when written with canonical_json. Publish it as application/did+json or application/json.
json::object did_document(std::string_view did, std::span<PublishedKey const> keys);

/// The same keys as a JWK Set (RFC 7517) for JWT libraries: `kid` as our tokens name it, `exp` for a key that has ended (OpenID
/// Federation 1.0, historical keys). A revoked key is left out: such a library knows no journal and would believe it.
json::object key_set(std::string_view did, std::span<PublishedKey const> keys);

/// The journal of a did:web issuer as its checkpoints name it: of "did:web:host%3A8443:t:acme" "host:8443/t/acme/log". Empty for any other.
std::string log_origin(std::string_view did);

/// Reads a controller document (DID document or any controlled identifier document) strictly.
/// Required: `id`; at most 64 verification methods, each with id (absolute, or "#…" relative to `id`), type, controller; entries
/// of assertionMethod are ids, or embedded methods. Bounded to 64 KiB.
/// errc::malformed_did_document; errc::wrong_did_document when its id is not `expected_id`.
result<DidDocument> parse_did_document(std::string_view text, std::string_view expected_id);

/// A did:key is its own document. errc::malformed_did, malformed_multikey, malformed_key, unsupported_key_type.
result<DidDocument> resolve_did_key(std::string_view did);

/// The key named by a DID URL, or nullptr.
VerificationMethod const* find_method(DidDocument const& document, std::string_view did_url) noexcept;

} // namespace assay::credentials
