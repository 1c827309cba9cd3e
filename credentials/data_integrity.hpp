#pragma once
// Embedded proofs (W3C Data Integrity 1.0): signatures over a document's canonical form, carried inside it. Two suites are issued,
// side by side: eddsa-jcs-2022 signs canonical JSON (RFC 8785), so that what is signed is what is parsed; eddsa-rdfc-2022 signs
// the document's RDF (RDFC-1.0), which is what 1EdTech certifies. The ECDSA suites and Ed25519Signature2020 are only verified.
// Sources: Data Integrity EdDSA Cryptosuites 1.0, 3.2 and 3.3; Data Integrity ECDSA Cryptosuites 1.0, 3.2 and 3.3;
// Ed25519Signature2020 (CCG report), which is eddsa-rdfc-2022 under another name.
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "credentials/keys.hpp"
#include "credentials/rdf/context.hpp"
#include "credentials/verification_key.hpp"

#include <optional>
#include <variant>

namespace assay::credentials {

enum class Cryptosuite { eddsa_jcs_2022, eddsa_rdfc_2022, ecdsa_jcs_2019, ecdsa_rdfc_2019, ed25519_signature_2020 };
std::string_view to_string(Cryptosuite suite) noexcept;

/// What a proof object says it is: nothing for a suite that we don't have.
std::optional<Cryptosuite> suite_of(json::object const& proof) noexcept;

/// The two digests that a signature stands on.
using ProofHash = std::array<std::byte, 64>;

/// A document on its way to be signed or checked, canonicalised at most once in each way, however many proofs it has.
class SecuredDocument {
public:
    /// `document` is without `proof`. `jcs`: SHA-256 of its canonical JSON, from whoever has that already.
    explicit SecuredDocument(json::object document, std::optional<Sha256Digest> jcs = std::nullopt) : document_{std::move(document)}, jcs_{jcs} {}

    json::object const& document() const& noexcept { return document_; }
    json::object document() && noexcept { return std::move(document_); }

    /// SHA-256(canonical options) || SHA-256(canonical document): what is signed. `options` is the proof without proofValue.
    /// The refusal says why the RDF suites can't sign it: a term without meaning would lie outside the signature.
    std::variant<ProofHash, rdf::Refusal> hash(Cryptosuite suite, json::object const& options);

    /// Members that an RDF signature does not see (null, empty arrays); known after hash() with an RDF suite.
    std::vector<std::string> const& without_trace() const noexcept { return without_trace_; }

private:
    std::variant<Sha256Digest, rdf::Refusal> const& rdf_digest();
    Sha256Digest const& jcs_digest();

    json::object document_;
    std::optional<Sha256Digest> jcs_;
    std::optional<std::variant<Sha256Digest, rdf::Refusal>> rdf_;
    std::vector<std::string> without_trace_;
};

/// The proof that `signer` makes over `document` for assertionMethod. Expects a suite of Ed25519 that we issue.
/// errc::not_in_rdf_form.
result<json::object> make_proof(SecuredDocument& document, Cryptosuite suite, Signer const& signer, Timestamp created);

/// `document` with an eddsa-jcs-2022 proof alone. Expects it to have an "@context" and no "proof".
json::object sign_document(json::object document, Signer const& signer, Timestamp created);

/// `document` with an eddsa-jcs-2022 and an eddsa-rdfc-2022 proof, each over the document without any. `jcs` as for SecuredDocument.
/// errc::not_in_rdf_form.
result<json::object> sign_document_twice(json::object document, Signer const& signer, Timestamp created, std::optional<Sha256Digest> jcs = std::nullopt);

/// Is proof.proofValue a signature of `key` over `document` and the other members of `proof`? Says nothing about whose key it is,
/// nor about dates. False when proofValue is not "z" + base58btc of 64 bytes or the key is not of the suite's kind.
std::variant<bool, rdf::Refusal> proof_matches(SecuredDocument& document, json::object const& proof, Cryptosuite suite, VerificationKey const& key);
bool has_signature(json::object const& proof); ///< is proofValue "z" + base58btc of 64 bytes?
bool proof_matches(json::object const& document, json::object const& proof, PublicKey const& key); ///< eddsa-jcs-2022; `document` may have its proof

} // namespace assay::credentials
