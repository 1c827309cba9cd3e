#include "credentials/data_integrity.hpp"

#include "credentials/errors.hpp"
#include "credentials/rdf/canonicalize.hpp"
#include "credentials/rdf/to_rdf.hpp"

#include <algorithm>

namespace assay::credentials {
namespace {

struct SuiteName {
    Cryptosuite suite;
    std::string_view name;
};
constexpr auto suite_names = std::array{
    SuiteName{Cryptosuite::eddsa_jcs_2022, "eddsa-jcs-2022"}, SuiteName{Cryptosuite::eddsa_rdfc_2022, "eddsa-rdfc-2022"},
    SuiteName{Cryptosuite::ecdsa_jcs_2019, "ecdsa-jcs-2019"}, SuiteName{Cryptosuite::ecdsa_rdfc_2019, "ecdsa-rdfc-2019"},
    SuiteName{Cryptosuite::ed25519_signature_2020, "Ed25519Signature2020"}};

// A credential has some dozens of statements; what has thousands was made to keep us busy.
constexpr auto rdf_bounds = rdf::ToRdfBounds{.quads_max = 5'000, .depth_max = 34};
constexpr auto canonical_bounds = rdf::CanonicalizeBounds{.quads_max = 5'000, .blank_nodes_max = 1'000, .work_max = 20'000, .depth_max = 100};

bool uses_rdf(Cryptosuite suite) { return suite != Cryptosuite::eddsa_jcs_2022 && suite != Cryptosuite::ecdsa_jcs_2019; }
bool uses_p256(Cryptosuite suite) { return suite == Cryptosuite::ecdsa_jcs_2019 || suite == Cryptosuite::ecdsa_rdfc_2019; }

std::variant<Sha256Digest, rdf::Refusal> digest_of_rdf(json::object const& document, std::vector<std::string>& without_trace)
{
    auto converted = rdf::to_rdf(document, rdf_bounds);
    if (auto* refusal = std::get_if<rdf::Refusal>(&converted)) return std::move(*refusal);
    auto& read = std::get<rdf::RdfDocument>(converted);
    without_trace = std::move(read.without_trace);
    auto const canonical = rdf::canonicalize(std::move(read.quads), canonical_bounds);
    if (!canonical) return rdf::Refusal{rdf::RefusalKind::too_large, canonical.error().message()};
    return sha256(canonical->nquads);
}

std::optional<Bytes> signature_of(json::object const& proof)
{
    constexpr std::size_t longest = 96; // 64 bytes are at most 88 digits
    auto const* value = find_string(proof, "proofValue");
    if (value == nullptr || value->size() > longest || !value->starts_with('z')) return std::nullopt;
    auto bytes = from_base58btc(std::string_view{*value}.substr(1));
    return bytes ? std::optional{std::move(*bytes)} : std::nullopt;
}

} // namespace

std::string_view to_string(Cryptosuite suite) noexcept { return std::ranges::find(suite_names, suite, &SuiteName::suite)->name; }

std::optional<Cryptosuite> suite_of(json::object const& proof) noexcept
{
    auto const* type = find_string(proof, "type");
    auto const* named = find_string(proof, "cryptosuite");
    if (type == nullptr) return std::nullopt;
    if (*type == "Ed25519Signature2020") return proof.contains("cryptosuite") ? std::nullopt : std::optional{Cryptosuite::ed25519_signature_2020};
    if (*type != "DataIntegrityProof" || named == nullptr) return std::nullopt;
    auto const at = std::ranges::find(suite_names, std::string_view{*named}, &SuiteName::name);
    if (at == suite_names.end() || at->suite == Cryptosuite::ed25519_signature_2020) return std::nullopt;
    return at->suite;
}

Sha256Digest const& SecuredDocument::jcs_digest()
{
    if (!jcs_) jcs_ = sha256(canonical_json(document_));
    return *jcs_;
}

std::variant<Sha256Digest, rdf::Refusal> const& SecuredDocument::rdf_digest()
{
    if (!rdf_) rdf_ = digest_of_rdf(document_, without_trace_);
    return *rdf_;
}

std::variant<ProofHash, rdf::Refusal> SecuredDocument::hash(Cryptosuite suite, json::object const& options)
{
    auto of_options = Sha256Digest{};
    auto of_document = Sha256Digest{};
    if (uses_rdf(suite)) {
        auto const& whole = rdf_digest();
        if (auto const* refusal = std::get_if<rdf::Refusal>(&whole)) return *refusal;
        of_document = std::get<Sha256Digest>(whole);
        auto in_context = options; // the document's context gives the options their meaning; it is not published with them
        if (auto const* context = document_.if_contains("@context")) in_context["@context"] = *context;
        auto ignored = std::vector<std::string>{};
        auto const digest = digest_of_rdf(in_context, ignored);
        if (auto const* refusal = std::get_if<rdf::Refusal>(&digest)) return *refusal;
        if (!ignored.empty()) return rdf::Refusal{rdf::RefusalKind::not_defined, "the proof has a member without a value"};
        of_options = std::get<Sha256Digest>(digest);
    } else {
        of_document = jcs_digest();
        of_options = sha256(canonical_json(options));
    }
    auto both = ProofHash{};
    std::ranges::copy(of_document.octets, std::ranges::copy(of_options.octets, both.begin()).out);
    return both;
}

result<json::object> make_proof(SecuredDocument& document, Cryptosuite suite, Signer const& signer, Timestamp created)
{
    EXPECTS(suite == Cryptosuite::eddsa_jcs_2022 || suite == Cryptosuite::eddsa_rdfc_2022);
    EXPECTS(document.document().contains("@context") && !document.document().contains("proof"));
    auto proof = json::object{{"type", "DataIntegrityProof"},
                              {"cryptosuite", to_string(suite)},
                              {"created", to_rfc3339(created)},
                              {"verificationMethod", signer.method()},
                              {"proofPurpose", "assertionMethod"}};
    if (suite == Cryptosuite::eddsa_jcs_2022) proof["@context"] = document.document().at("@context"); // 3.3.5: published with it
    auto const hash = document.hash(suite, proof);
    if (std::holds_alternative<rdf::Refusal>(hash)) return errc::not_in_rdf_form;
    proof["proofValue"] = "z" + to_base58btc(signer.key.sign(std::get<ProofHash>(hash)));
    return proof;
}

json::object sign_document(json::object document, Signer const& signer, Timestamp created)
{
    auto secured = SecuredDocument{std::move(document)};
    auto proof = make_proof(secured, Cryptosuite::eddsa_jcs_2022, signer, created).value();
    auto signed_document = std::move(secured).document();
    signed_document["proof"] = json::array{std::move(proof)}; // the Open Badges schema wants an array
    return signed_document;
}

result<json::object> sign_document_twice(json::object document, Signer const& signer, Timestamp created, std::optional<Sha256Digest> jcs)
{
    auto secured = SecuredDocument{std::move(document), jcs};
    auto proofs = json::array{};
    for (auto const suite : {Cryptosuite::eddsa_jcs_2022, Cryptosuite::eddsa_rdfc_2022}) {
        auto proof = make_proof(secured, suite, signer, created);
        if (!proof) return proof.error();
        proofs.push_back(std::move(*proof));
    }
    auto signed_document = std::move(secured).document();
    signed_document["proof"] = std::move(proofs);
    return signed_document;
}

std::variant<bool, rdf::Refusal> proof_matches(SecuredDocument& document, json::object const& proof, Cryptosuite suite, VerificationKey const& key)
{
    auto const signature = signature_of(proof);
    auto const right_kind = uses_p256(suite) ? std::holds_alternative<P256PublicKey>(key) : std::holds_alternative<PublicKey>(key);
    if (!signature || !right_kind) return false;
    auto options = proof;
    options.erase("proofValue");
    auto const hash = document.hash(suite, options);
    if (auto const* refusal = std::get_if<rdf::Refusal>(&hash)) return *refusal;
    return verify_signature(key, std::get<ProofHash>(hash), *signature);
}

bool has_signature(json::object const& proof)
{
    auto const bytes = signature_of(proof);
    return bytes && bytes->size() == std::tuple_size_v<Signature>;
}

bool proof_matches(json::object const& document, json::object const& proof, PublicKey const& key)
{
    auto unsecured = document;
    unsecured.erase("proof");
    auto secured = SecuredDocument{std::move(unsecured)};
    auto const matches = proof_matches(secured, proof, Cryptosuite::eddsa_jcs_2022, key);
    return std::holds_alternative<bool>(matches) && std::get<bool>(matches);
}

} // namespace assay::credentials
