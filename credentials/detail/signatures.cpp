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
constexpr auto foreign_cryptosuites = std::array<std::string_view, 4>{"ecdsa-sd-2023", "bbs-2023", "eddsa-2022", "ecdsa-2019"};
constexpr auto foreign_algorithms = std::array<std::string_view, 8>{"RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "ES256K"};
// A header that brings its own key, or a condition that we don't know, is refused (RFC 7515, 4.1.11).
constexpr auto refused_header_members = std::array<std::string_view, 5>{"crit", "jwk", "jku", "x5u", "b64"};
constexpr auto certificate_header_members = std::array<std::string_view, 3>{"x5c", "x5t", "x5t#S256"};

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

// ---- embedded proofs

/// The rules of the proof's own text, before any key: what is asked for, dates, context.
std::optional<SignatureFindings> refuse_proof(json::object const& credential, json::object const& proof, Timestamp now)
{
    auto const type = text_member(proof, "type");
    auto const suite = text_member(proof, "cryptosuite");
    if (!suite_of(proof)) {
        if (type != "DataIntegrityProof") {
            if (suite.empty() && !type.empty()) return unknown("a proof of type " + std::string{type} + ", which we don't have");
            return failed("a cryptosuite is only for a DataIntegrityProof");
        }
        if (among(foreign_cryptosuites, suite)) return unknown("the cryptosuite " + std::string{suite} + " is not one that we have");
        return failed("no such cryptosuite is known");
    }
    if (text_member(proof, "proofPurpose") != "assertionMethod") return failed("the proof is not made for an assertion");
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
Finding check_time(VerificationMethod const& method, std::optional<Timestamp> created, std::optional<Timestamp> recorded, Timestamp now, std::string what)
{
    if (created && *created > now + clock_skew) return {Check::failed, "signed in the future, on " + to_rfc3339(*created)};
    auto life = check_key_life(method, created, recorded);
    if (life.result != Check::passed) return life;
    auto said = std::move(what) + (created ? ", signed on " + to_rfc3339(*created) : std::string{});
    if (method.revoked) said += "; " + life.detail;
    return {Check::passed, std::move(said)};
}

/// Data Integrity, 2.1.2: the proofs that one of a chain stands on, in the order of the set; nothing when one of them is missing.
std::optional<json::array> previous_proofs(json::object const& proof, std::vector<json::value> const& all)
{
    auto const& named = proof.at("previousProof");
    auto const names = named.is_array() ? named.get_array() : json::array{named};
    auto found = json::array{};
    for (auto const& name : names) {
        auto const is_it = [&](json::value const& one) { return one.is_object() && one.get_object().contains("id") && one.get_object().at("id") == name; };
        if (!name.is_string() || std::ranges::count_if(all, is_it) != 1) return std::nullopt;
        found.push_back(*std::ranges::find_if(all, is_it));
    }
    return found;
}

Finding refused(rdf::Refusal const& refusal)
{
    auto const cant_tell = refusal.kind == rdf::RefusalKind::unknown_context || refusal.kind == rdf::RefusalKind::unsupported;
    return {cant_tell ? Check::unknown : Check::failed, "the signature can't cover the whole file: " + refusal.what};
}

class ProofSet {
public:
    ProofSet(OpenedFile const& file, Documents const& documents, std::optional<Timestamp> recorded, Timestamp now)
        : file_{file}, documents_{documents}, recorded_{recorded}, now_{now}, secured_{file.credential}
    {
    }

    /// Each stands for itself over the document without any (one of a chain: with those that it follows). One that fails spoils the
    /// set, and one of a suite of ours that can't be checked leaves it in doubt; proofs of suites that we don't have take nothing away.
    SignatureFindings check()
    {
        auto ours = SignatureFindings{{Check::passed, {}}, {Check::passed, {}}};
        auto foreign = std::optional<SignatureFindings>{};
        auto checked = std::size_t{};
        for (auto const& value : file_.proofs) {
            auto one = check_one(value);
            if (one.proof.result == Check::failed) return one;
            if (!value.is_object() || !suite_of(value.get_object())) {
                foreign = std::move(one);
                continue;
            }
            ours.issuer = checked == 0 ? std::move(one.issuer) : worse(std::move(ours.issuer), std::move(one.issuer));
            if (one.proof.result == Check::passed && ours.proof.result == Check::passed) ours.proof.detail += (checked == 0 ? "" : "; ") + one.proof.detail;
            else ours.proof = worse(std::move(ours.proof), std::move(one.proof));
            ++checked;
        }
        if (checked == 0) return std::move(*foreign);
        if (foreign) ours.proof.detail += " (" + std::to_string(checked) + " of " + std::to_string(file_.proofs.size()) + " proofs are of suites that we have)";
        if (!covers_json_) note_uncovered(ours.proof.detail);
        return ours;
    }

private:
    void note_uncovered(std::string& detail) const
    {
        if (secured_.without_trace().empty()) return;
        detail += "; not covered by the signature:";
        for (auto const& member : secured_.without_trace()) detail += " " + member.substr(0, 80);
    }

    SignatureFindings check_one(json::value const& value)
    {
        if (!value.is_object()) return failed("the proof is no object");
        auto const& proof = value.get_object();
        if (auto why = refuse_proof(file_.credential, proof, now_)) return std::move(*why);
        auto created = std::optional<Timestamp>{};
        if (proof.contains("created")) {
            auto const parsed = parse_rfc3339(text_member(proof, "created"));
            if (!parsed) return failed("`created` is no date with an offset");
            created = *parsed;
        }
        auto const method_url = text_member(proof, "verificationMethod");
        auto const key = find_key(method_url, documents_);
        auto issuer = check_issuer(issuer_of(file_.credential), method_url, key, documents_);
        if (key.finding.result != Check::passed) return {worse(key.finding, without_key(proof)), std::move(issuer)};
        return {check_bytes(proof, key.method, created), std::move(issuer)};
    }

    /// What no key could mend: a document that has no RDF form, a proofValue that is no signature.
    Finding without_key(json::object const& proof)
    {
        auto options = proof;
        options.erase("proofValue");
        if (!has_signature(proof)) return {Check::failed, "proofValue is no signature: z and base58btc of 64 bytes are expected"};
        if (proof.contains("previousProof")) return {Check::passed, {}};
        auto const hash = secured_.hash(*suite_of(proof), options);
        auto const* refusal = std::get_if<rdf::Refusal>(&hash);
        return refusal == nullptr ? Finding{Check::passed, {}} : refused(*refusal);
    }

    Finding check_bytes(json::object const& proof, VerificationMethod const& method, std::optional<Timestamp> created)
    {
        auto const suite = *suite_of(proof);
        auto matches = std::variant<bool, rdf::Refusal>{false};
        if (proof.contains("previousProof")) {
            auto const before = previous_proofs(proof, file_.proofs);
            if (!before) return {Check::failed, "the proof follows another one, which is not there"};
            auto document = file_.credential;
            document["proof"] = *before;
            auto chained = SecuredDocument{std::move(document)};
            matches = proof_matches(chained, proof, suite, *method.key);
        } else {
            matches = proof_matches(secured_, proof, suite, *method.key);
        }
        if (auto const* refusal = std::get_if<rdf::Refusal>(&matches)) return refused(*refusal);
        if (!std::get<bool>(matches)) return {Check::failed, "the signature does not match"};
        covers_json_ |= suite == Cryptosuite::eddsa_jcs_2022 || suite == Cryptosuite::ecdsa_jcs_2019;
        return check_time(method, created, recorded_, now_, std::string{to_string(suite)} + " by " + method.id);
    }

    OpenedFile const& file_;
    Documents const& documents_;
    std::optional<Timestamp> recorded_;
    Timestamp now_;
    SecuredDocument secured_;
    bool covers_json_ = false;
};

// ---- tokens

/// Registered claims say again what the credential says (VC-JOSE-COSE, 3.3; Open Badges 3.0, 8.2.4): they must not differ.
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
    auto const legacy = !credential.contains("validFrom") && credential.contains("issuanceDate");
    auto const member = claim == "nbf" ? (legacy ? "issuanceDate" : "validFrom") : (legacy ? "expirationDate" : "validUntil");
    auto const date = parse_rfc3339(text_member(credential, member));
    auto const said = numeric_date(*value);
    return date && said && std::chrono::floor<std::chrono::seconds>(*date) == *said;
}

std::string complaint_about_claims(CompactJws const& jws, OpenedFile const& file)
{
    if (jws.header.contains("cty") && text_member(jws.header, "cty") != "vc") return "the JWT's cty is not vc";
    for (auto const* claims : {&jws.header, &file.claims})
        for (auto const* claim : {"iss", "jti", "sub", "nbf", "exp"})
            if (!claim_agrees(*claims, file.credential, claim)) return "`" + std::string{claim} + "` differs from what the credential says";
    auto const type = text_member(jws.header, "typ");
    if (type.starts_with("vc+")) return {};
    // The Open Badges profile and VC 1.1: the claims are not optional.
    for (auto const* claim : {"iss", "jti", "nbf"})
        if (!file.claims.contains(claim) && !(std::string_view{claim} == "jti" && !file.credential.contains("id")))
            return "the JWT has no claim `" + std::string{claim} + "`";
    return {};
}

std::string complaint_about_header(json::object const& header, std::vector<std::string_view> const& types)
{
    for (auto const member : refused_header_members)
        if (header.contains(member)) return "the JWT's header has `" + std::string{member} + "`, which is refused";
    auto const* type = header.if_contains("typ");
    if (type == nullptr ? !among(types, "") : !type->is_string() || !among(types, type->get_string())) return "the JWT is not of the expected type (typ)";
    auto const algorithm = text_member(header, "alg");
    if (algorithm.empty() || algorithm == "none" || algorithm.starts_with("HS")) return "the JWT's algorithm is none that a public key could check";
    return {};
}

} // namespace

std::optional<Timestamp> numeric_date(json::value const& value)
{
    constexpr auto year_10000 = std::int64_t{253'402'300'800};
    auto const seconds = value.is_int64() ? value.get_int64() : -1;
    if (seconds < 0 || seconds >= year_10000) return std::nullopt;
    return Timestamp{std::chrono::seconds{seconds}};
}

std::string complaint_about(CompactJws const& jws, VerificationKey const& key)
{
    auto const algorithm = text_member(jws.header, "alg");
    auto const expected = algorithm_of(key);
    if (algorithm != expected && !(algorithm == "Ed25519" && expected == "EdDSA"))
        return "the key is for " + std::string{expected} + ", and the header says " + std::string{algorithm.substr(0, 16)};
    if (!verify_signature(key, bytes_of(jws.signing_input), jws.signature)) return "the signature does not match";
    return {};
}

SignatureFindings check_token(CompactJws const& jws, std::optional<Timestamp> issued_at, TokenRules const& rules, Documents const& documents, Timestamp now)
{
    if (auto why = complaint_about_header(jws.header, rules.types); !why.empty()) return failed(std::move(why));
    for (auto const member : certificate_header_members)
        if (jws.header.contains(member)) return unknown("the JWT rests on an X.509 certificate, and we trust none");
    auto const algorithm = text_member(jws.header, "alg");
    auto const kid = text_member(jws.header, "kid");
    auto const keys = rules.sd_jwt ? find_sd_jwt_keys(rules.issuer, kid, documents) : find_token_keys(rules.issuer, kid, documents);

    auto worst = SignatureFindings{};
    auto first = true;
    for (auto const& [key, issuer] : keys) {
        auto one = SignatureFindings{key.finding, issuer};
        if (key.finding.result == Check::passed) {
            auto why = complaint_about(jws, *key.method.key);
            if (why.empty()) return {check_time(key.method, issued_at, rules.recorded, now, std::string{algorithm} + " JWT by " + key.method.id), issuer};
            one.proof = {Check::failed, std::move(why)};
        } else if (key.finding.result == Check::unknown && !among(foreign_algorithms, algorithm) && algorithm != "EdDSA" && algorithm != "Ed25519" &&
                   algorithm != "ES256" && algorithm != "RS256") {
            one.proof = {Check::failed, "the JWT's algorithm is none that exists"};
        }
        if (first || one.proof.result == Check::unknown) worst = std::move(one); // several keys: one that can't be read might have been it
        first = false;
    }
    return worst;
}

Finding worse(Finding a, Finding b)
{
    auto const rank = [](Check check) { return check == Check::failed ? 2 : check == Check::unknown ? 1 : 0; };
    return rank(b.result) > rank(a.result) ? std::move(b) : std::move(a);
}

SignatureFindings check_signatures(OpenedFile const& file, Documents const& documents, Timestamp now)
{
    if (file.proofs.size() > proofs_max) return failed("more than " + std::to_string(proofs_max) + " proofs");
    auto const recorded = documents.recorded.empty() ? std::nullopt : recorded_at(sha256(canonical_json(file.credential)), issuer_of(file.credential), documents);
    if (!file.jws) return file.proofs.empty() ? failed("the credential carries no proof") : ProofSet{file, documents, recorded, now}.check();

    auto const* date = file.jws->header.if_contains("iat");
    if (date == nullptr) date = file.claims.if_contains("iat");
    auto const issued_at = date == nullptr ? std::nullopt : numeric_date(*date);
    if (date != nullptr && !issued_at) return failed("`iat` is no date");
    if (auto why = complaint_about_claims(*file.jws, file); !why.empty()) return failed(std::move(why));
    auto rules = TokenRules{.issuer = {}, .types = {"vc+jwt", "vc+ld+json+jwt", "JWT", ""}};
    auto const issuer = issuer_of(file.credential);
    rules.issuer = issuer;
    rules.recorded = recorded;
    auto of_token = check_token(*file.jws, issued_at, rules, documents, now);
    if (file.proofs.empty() || of_token.proof.result == Check::failed) return of_token;
    auto embedded = ProofSet{file, documents, recorded, now}.check();
    return {worse(std::move(of_token.proof), std::move(embedded.proof)), worse(std::move(of_token.issuer), std::move(embedded.issuer))};
}

} // namespace assay::credentials
