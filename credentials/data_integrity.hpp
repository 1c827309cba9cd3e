#pragma once
// The eddsa-jcs-2022 cryptosuite: an embedded signature over canonical JSON, so that what is signed is what is parsed.
// Source: W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.3; RFC 8785.
#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "credentials/keys.hpp"

namespace assay::credentials {

/// SHA-256(JCS(options)) || SHA-256(JCS(document without proof)): the 64 bytes that are signed.
/// `options` is the proof without proofValue.
std::array<std::byte, 64> data_integrity_hash(json::object const& document, json::object const& options);

/// `document` with a DataIntegrityProof for assertionMethod. Expects it to have an "@context" and no "proof".
json::object sign_document(json::object document, Signer const& signer, Timestamp created);

/// Is proof.proofValue a signature of `key` over `document` (its `proof` is left out) and the other members of `proof`?
/// Says nothing about whose key it is, nor about dates. False when proofValue is not "z" + base58btc of 64 bytes.
bool proof_matches(json::object const& document, json::object const& proof, PublicKey const& key);

} // namespace assay::credentials
