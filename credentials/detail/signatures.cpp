#include "credentials/detail/signatures.hpp"

#include "credentials/data_integrity.hpp"
#include "credentials/detail/key_lookup.hpp"
#include "credentials/detail/shape.hpp"

#include <algorithm>
#include <array>

namespace assay::credentials {
namespace {

constexpr std::size_t proofs_max = 8;
constexpr auto clock_skew = std::chrono::minutes{5};

// Suites and algorithms that exist and that we don't have: for them we can't tell. Any other name is simply wrong.
constexpr auto foreign_cryptosuites = std::array<std::string_view, 7>{
    "eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023", "bbs-2023", "eddsa-2022", "ecdsa-2019"};
constexpr auto foreign_algorithms = std::array<std::string_view, 11>{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                                                                     "ES256", "ES384", "ES512", "ES256K", "Ed25519"};
// A header that brings its own key, or a condition that we don't know, is refused (RFC 7515, 4.1.11).
constexpr auto refused_header_members = std::array<std::string_view, 7>{"crit", "jwk", "jku", "x5u", "x5c", "x5t", "b64"};

bool among(auto const& names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }

std::string_view text_member(json::object const& object, std::string_view member)
{
    auto const* text = find_string(object, member);
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

SignatureFindings failed(std::string detail)
{
    return {{Check::failed, std::move(detail)}, {Check::unknown, "no signature to say so"}};
}
SignatureFindings unknown(std::string detail)
{
    return {{Check::unknown, std::move(detail)}, {Check::unknown, "no signature to say so"}};
}

/// The rules of the proof's own text, before any key: what is asked for, dates, context.
std::optional<SignatureFindings> refuse_proof(json::object const& credential, json::object const& proof, Timestamp now)
{
    auto const type = text_member(proof, "type");
    auto const suite = text_member(proof, "cryptosuite");
    constexpr std::string_view ours = "eddsa-jcs-2022";
    if (type != "DataIntegrityProof") {
        if (suite.empty() && !type.empty()) return unknown("a proof of type " + std::string{type} + ", which we don't have");
        return failed("a cryptosuite is only for a DataIntegrityProof");
    }
    if (among(foreign_cryptosuites, suite)) return unknown("the cryptosuite " + std::string{suite} + " is not one that we have");
    if (suite != ours) return failed("no such cryptosuite is known");
    if (text_member(proof, "proofPurpose") != "assertionMethod") return failed("the proof is not made for an assertion");
    if (proof.contains("previousProof")) return unknown("a proof chain, which we don't follow");
    auto const* context = proof.if_contains("@context");
    auto const* document_context = credential.if_contains("@context");
    if (context != nullptr && (document_context == nullptr || *context != *document_context))
        return failed("@context is not the one that was signed"); // also one appended later
    if (proof.contains("expires")) {
        auto const expires = parse_rfc3339(text_member(proof, "expires"));
        if (!expires || now >= *expires) return failed("the proof itself has expired");
    }
    return std::nullopt;
}

/// A signature whose bytes are right: was the key allowed to make it then?
Finding check_time(VerificationMethod const& method, std::optional<Timestamp> created, Timestamp now, std::string what)
{
    if (created && *created > now + clock_skew) return {Check::failed, "signed in the future, on " + to_rfc3339(*created)};
    auto life = check_key_life(method, created);
    if (life.result != Check::passed) return life;
    return {Check::passed, std::move(what) + (created ? ", signed on " + to_rfc3339(*created) : std::string{})};
}

SignatureFindings check_proof(json::object const& credential, json::value const& value, Documents const& documents, Timestamp now)
{
    if (!value.is_object()) return failed("the proof is no object");
    auto const& proof = value.get_object();
    if (auto refused = refuse_proof(credential, proof, now)) return std::move(*refused);

    auto created = std::optional<Timestamp>{};
    if (proof.contains("created")) {
        auto const parsed = parse_rfc3339(text_member(proof, "created"));
        if (!parsed) return failed("`created` is no date with an offset");
        created = *parsed;
    }
    auto const method_url = text_member(proof, "verificationMethod");
    auto const key = find_key(method_url, documents);
    auto issuer = check_issuer(issuer_of(credential), method_url, key, documents);
    if (key.finding.result != Check::passed) return {key.finding, std::move(issuer)};
    if (!proof_matches(credential, proof, *key.method.key))
        return {{Check::failed, "the signature does not match"}, std::move(issuer)};
    return {check_time(key.method, created, now, "eddsa-jcs-2022 by " + key.method.id), std::move(issuer)};
}

std::optional<Timestamp> numeric_date(json::value const& value)
{
    constexpr auto year_10000 = std::int64_t{253'402'300'800};
    auto const seconds = value.is_int64() ? value.get_int64() : -1;
    if (seconds < 0 || seconds >= year_10000) return std::nullopt;
    return Timestamp{std::chrono::seconds{seconds}};
}

/// Registered claims say again what the credential says (VC-JOSE-COSE, 3.3): when they stand there they must not differ.
bool claim_agrees(json::object const& claims, json::object const& credential, std::string_view claim)
{
    auto const* value = claims.if_contains(claim);
    if (value == nullptr) return true;
    if (claim == "iss") return value->is_string() && std::string_view{value->get_string()} == issuer_of(credential);
    if (claim == "jti") return *value == json::value(text_member(credential, "id"));
    if (claim == "sub") {
        auto const* subject = find_object(credential, "credentialSubject");
        return subject != nullptr && *value == json::value(text_member(*subject, "id"));
    }
    auto const date = parse_rfc3339(text_member(credential, claim == "nbf" ? "validFrom" : "validUntil"));
    auto const said = numeric_date(*value);
    return date && said && std::chrono::floor<std::chrono::seconds>(*date) == *said;
}

std::optional<SignatureFindings> refuse_jws(json::object const& header, json::object const& credential)
{
    for (auto const member : refused_header_members)
        if (header.contains(member)) return failed("the JWT's header has `" + std::string{member} + "`, which is refused");
    auto const algorithm = text_member(header, "alg");
    if (among(foreign_algorithms, algorithm))
        return unknown("the algorithm " + std::string{algorithm} + " is not one that we have");
    if (algorithm != "EdDSA") return failed("the JWT's algorithm is not EdDSA");
    if (text_member(header, "typ") != "vc+jwt") return failed("the JWT's typ is not vc+jwt");
    if (header.contains("cty") && text_member(header, "cty") != "vc") return failed("the JWT's cty is not vc");
    for (auto const* claims : {&header, &credential})
        for (auto const* claim : {"iss", "jti", "sub", "nbf", "exp"})
            if (!claim_agrees(*claims, credential, claim))
                return failed("`" + std::string{claim} + "` differs from what the credential says");
    return std::nullopt;
}

SignatureFindings check_jws(CompactJws const& jws, json::object const& credential, Documents const& documents, Timestamp now)
{
    if (auto refused = refuse_jws(jws.header, credential)) return std::move(*refused);
    auto const* issued_at = jws.header.if_contains("iat");
    if (issued_at == nullptr) issued_at = credential.if_contains("iat");
    auto created = std::optional<Timestamp>{};
    if (issued_at != nullptr) {
        created = numeric_date(*issued_at);
        if (!created) return failed("`iat` is no date");
    }
    auto const method_url = text_member(jws.header, "kid");
    auto const key = find_key(method_url, documents);
    auto issuer = check_issuer(issuer_of(credential), method_url, key, documents);
    if (key.finding.result != Check::passed) return {key.finding, std::move(issuer)};
    if (!verify_signature(*key.method.key, bytes_of(jws.signing_input), jws.signature))
        return {{Check::failed, "the signature does not match"}, std::move(issuer)};
    return {check_time(key.method, created, now, "EdDSA JWT by " + key.method.id), std::move(issuer)};
}

} // namespace

Finding worse(Finding a, Finding b)
{
    auto const rank = [](Check check) { return check == Check::failed ? 2 : check == Check::unknown ? 1 : 0; };
    return rank(b.result) > rank(a.result) ? std::move(b) : std::move(a);
}

SignatureFindings check_signatures(OpenedFile const& file, Documents const& documents, Timestamp now)
{
    if (file.jws) return check_jws(*file.jws, file.credential, documents, now);
    if (file.proofs.empty()) return failed("the credential carries no proof");
    if (file.proofs.size() > proofs_max) return failed("more than " + std::to_string(proofs_max) + " proofs");

    // A set of proofs: each stands for itself over the document without any. One that fails spoils the set; those of suites
    // that we don't have take nothing away from one that passed.
    auto all = SignatureFindings{};
    auto passed = std::size_t{};
    auto first = true;
    for (auto const& value : file.proofs) {
        auto one = check_proof(file.credential, value, documents, now);
        passed += one.proof.result == Check::passed ? 1 : 0;
        auto const foreign = one.proof.result == Check::unknown;
        if (one.proof.result == Check::failed) return one;
        if (first || all.proof.result == Check::unknown) all = std::move(one);
        else if (!foreign) all.issuer = worse(std::move(all.issuer), std::move(one.issuer));
        first = false;
    }
    if (passed > 0 && passed < file.proofs.size())
        all.proof.detail +=
            " (" + std::to_string(passed) + " of " + std::to_string(file.proofs.size()) + " proofs could be checked)";
    return all;
}

} // namespace assay::credentials
