#include "credentials/data_integrity.hpp"

#include <algorithm>

namespace assay::credentials {

std::array<std::byte, 64> data_integrity_hash(json::object const& document, json::object const& options)
{
    auto unsecured = document;
    unsecured.erase("proof");
    auto const of_options = sha256(canonical_json(options));
    auto const of_document = sha256(canonical_json(unsecured));
    auto both = std::array<std::byte, 64>{};
    std::ranges::copy(of_document.octets, std::ranges::copy(of_options.octets, both.begin()).out);
    return both;
}

json::object sign_document(json::object document, Signer const& signer, Timestamp created)
{
    EXPECTS(document.contains("@context") && !document.contains("proof"));
    auto proof = json::object{{"@context", document.at("@context")},
                              {"type", "DataIntegrityProof"},
                              {"cryptosuite", "eddsa-jcs-2022"},
                              {"created", to_rfc3339(created)},
                              {"verificationMethod", signer.method()},
                              {"proofPurpose", "assertionMethod"}};
    auto const signature = signer.key.sign(data_integrity_hash(document, proof));
    proof["proofValue"] = "z" + to_base58btc(signature);
    document["proof"] = json::array{std::move(proof)}; // the Open Badges schema wants an array
    return document;
}

bool proof_matches(json::object const& document, json::object const& proof, PublicKey const& key)
{
    constexpr std::size_t longest = 96; // 64 bytes are at most 88 digits
    auto const* value = proof.if_contains("proofValue");
    if (value == nullptr || !value->is_string()) return false;
    auto const text = std::string_view{value->get_string()};
    if (text.size() > longest || !text.starts_with('z')) return false;
    auto const signature = from_base58btc(text.substr(1));
    if (!signature) return false;

    auto options = proof;
    options.erase("proofValue");
    return verify_signature(key, data_integrity_hash(document, options), *signature);
}

} // namespace assay::credentials
