// Credentials of others, made here as a careless or hostile issuer would make them. What other programs make is in interop/.
#include "credentials/baking.hpp"
#include "credentials/data_integrity.hpp"
#include "credentials/jwt.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/credentials/token_keys.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

using test::at;
using test::SampleIssuer;

json::object credential_of(SampleIssuer const& sample) { return to_credential(sample.claim(), sample.status()); }

std::string compact(TokenKeyPair const& key, json::object const& header, json::object const& payload)
{
    auto text = to_base64url(bytes_of(canonical_json(header))) + "." + to_base64url(bytes_of(canonical_json(payload)));
    return text + "." + to_base64url(key.sign(bytes_of(text)));
}

/// The sample's documents, with a P-256 key in its DID document and an RSA key at an address of its own.
struct Tokens : SampleIssuer {
    TokenKeyPair p256 = test::p256_pair();
    TokenKeyPair rsa = test::rsa_pair();
    std::string rsa_address = "https://localhost:8443/t/acme/keys/1";

    Documents with_keys() const
    {
        auto all = documents();
        auto document = parse_json(did_json()).value().as_object();
        auto method = json::object{{"id", did + "#p256"}, {"type", "JsonWebKey"}, {"controller", did}, {"publicKeyJwk", to_jwk(p256.public_key())}};
        document["verificationMethod"].as_array().push_back(method);
        document["assertionMethod"].as_array().push_back(json::value(did + "#p256"));
        all.by_url[did_web_url(did).value()] = canonical_json(document);
        all.by_url[rsa_address] = canonical_json(to_jwk(rsa.public_key()));
        return all;
    }
    Verification check(std::string const& file) const { return verify(bytes_of(file), with_keys(), now); }
};

TEST(VerifyJwt, AcceptsEs256AndTheBadgeProfileWithRs256)
{
    auto const tokens = Tokens{};
    auto const es256 = sign_jwt(tokens.issued().unsigned_json, tokens.did, tokens.p256.signer(tokens.did + "#p256"), at("2026-11-23T10:05:00Z"));
    auto report = tokens.check(es256);
    EXPECT_EQ(report.verdict(), Verdict::valid) << report.proof.detail;
    EXPECT_EQ(report.facts.encoding, "vc+jwt");
    EXPECT_EQ(report.facts.digest, tokens.issued().digest);

    auto const rs256 = sign_badge_jwt(credential_of(tokens), tokens.rsa.signer(tokens.rsa_address));
    report = tokens.check(rs256);
    EXPECT_EQ(report.verdict(), Verdict::valid) << report.proof.detail << report.issuer.detail;
    EXPECT_EQ(report.facts.encoding, "jwt");
    EXPECT_EQ(report.facts.digest, tokens.issued().digest);
}

TEST(VerifyJwt, TakesTheAlgorithmFromTheKeyInEveryProfile)
{
    auto const tokens = Tokens{};
    auto const credential = credential_of(tokens);
    auto const proof = [&](json::object const& header) { return tokens.check(compact(tokens.p256, header, credential)).proof.result; };
    auto const kid = tokens.did + "#p256";
    EXPECT_EQ(proof({{"alg", "ES256"}, {"typ", "vc+jwt"}, {"kid", kid}}), Check::passed);
    for (auto const* algorithm : {"EdDSA", "RS256", "ES384", "HS256", "none", "es256"})
        EXPECT_EQ(proof({{"alg", algorithm}, {"typ", "vc+jwt"}, {"kid", kid}}), Check::failed) << algorithm;
    EXPECT_EQ(proof({{"alg", "ES256"}, {"typ", "vc+jwt"}, {"kid", kid}, {"x5c", json::array{}}}), Check::unknown);
    EXPECT_EQ(proof({{"alg", "ES256"}, {"typ", "vc+jwt"}, {"kid", tokens.credential_signer().method()}}), Check::failed) << "an Ed25519 key";
}

TEST(VerifyBadgeJwt, WantsItsClaimsAndAKeyOfTheIssuers)
{
    auto const tokens = Tokens{};
    auto const good = parse_compact_jws(sign_badge_jwt(credential_of(tokens), tokens.rsa.signer(tokens.rsa_address))).value();
    auto const payload = parse_json(good.payload).value().as_object();
    auto const verdict = [&](json::object const& claims, json::object const& header) { return tokens.check(compact(tokens.rsa, header, claims)).verdict(); };
    EXPECT_EQ(verdict(payload, good.header), Verdict::valid);
    for (auto const* claim : {"iss", "jti", "nbf", "sub", "exp"}) {
        auto changed = payload;
        changed[claim] = std::string_view{claim} == "nbf" || std::string_view{claim} == "exp" ? json::value(1) : json::value("urn:other");
        EXPECT_EQ(verdict(changed, good.header), Verdict::invalid) << claim;
    }
    for (auto const* claim : {"iss", "jti", "nbf"}) {
        auto changed = payload;
        changed.erase(claim);
        EXPECT_EQ(verdict(changed, good.header), Verdict::invalid) << claim;
    }
    auto header = good.header;
    header.erase("typ");
    EXPECT_EQ(verdict(payload, header), Verdict::valid) << "typ is optional there";

    // The same key elsewhere is nobody's.
    header["kid"] = "https://evil.example/key";
    auto documents = tokens.with_keys();
    documents.by_url["https://evil.example/key"] = documents.by_url[tokens.rsa_address];
    auto report = verify(bytes_of(compact(tokens.rsa, header, payload)), documents, tokens.now);
    EXPECT_EQ(report.issuer.result, Check::failed);
    EXPECT_EQ(report.verdict(), Verdict::invalid);
    // Another tenant of the same host is somebody else.
    header["kid"] = "https://localhost:8443/t/other/keys/1";
    documents.by_url["https://localhost:8443/t/other/keys/1"] = documents.by_url[tokens.rsa_address];
    EXPECT_EQ(verify(bytes_of(compact(tokens.rsa, header, payload)), documents, tokens.now).verdict(), Verdict::invalid);
    // One of a set, named by the fragment.
    auto named = to_jwk(tokens.rsa.public_key());
    named["kid"] = "one";
    documents.by_url["https://localhost:8443/t/acme/jwks.json"] = canonical_json(json::object{{"keys", json::array{to_jwk(tokens.p256.public_key()), named}}});
    header["kid"] = "https://localhost:8443/t/acme/jwks.json#one";
    EXPECT_EQ(verify(bytes_of(compact(tokens.rsa, header, payload)), documents, tokens.now).verdict(), Verdict::valid);
    documents.by_url["https://localhost:8443/t/acme/jwks.json"] = canonical_json(jwk_set(std::array{tokens.p256.public_key(), tokens.rsa.public_key()}));
    header["kid"] = "https://localhost:8443/t/acme/jwks.json#" + jwk_thumbprint(tokens.rsa.public_key());
    EXPECT_EQ(verify(bytes_of(compact(tokens.rsa, header, payload)), documents, tokens.now).verdict(), Verdict::valid);
    header["kid"] = "https://localhost:8443/t/acme/jwks.json#two";
    EXPECT_EQ(verify(bytes_of(compact(tokens.rsa, header, payload)), documents, tokens.now).verdict(), Verdict::invalid);
    auto const weak = parse_jwk(parse_json(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})").value().as_object());
    EXPECT_FALSE(weak);
}

json::object legacy_credential(SampleIssuer const& sample)
{
    return {{"@context", json::array{"https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/suites/ed25519-2020/v1",
                                     "https://w3id.org/vc/status-list/2021/v1"}},
            {"id", "urn:uuid:3f0c1c52-57a2-4c51-8f0e-0a9c4f3b2d10"},
            {"type", json::array{"VerifiableCredential"}},
            {"issuer", sample.did},
            {"issuanceDate", "2020-01-01T00:00:00Z"},
            {"expirationDate", "2030-01-01T00:00:00Z"},
            {"credentialSubject", json::object{{"id", "urn:uuid:0f0c1c52-57a2-4c51-8f0e-0a9c4f3b2d10"}}}};
}

TEST(VerifyLegacy, ReadsTheTokenOfVc11)
{
    auto const tokens = Tokens{};
    auto inner = legacy_credential(tokens);
    inner["@context"] = json::array{"https://www.w3.org/2018/credentials/v1"};
    auto payload = json::object{{"vc", inner}, {"iss", tokens.did}, {"jti", inner["id"]}, {"nbf", 1'577'836'800}, {"exp", 1'893'456'000}, {"sub", inner["credentialSubject"].at("id")}};
    auto const header = json::object{{"alg", "ES256"}, {"typ", "JWT"}, {"kid", tokens.did + "#p256"}};
    auto const verdict = [&] { return tokens.check(compact(tokens.p256, header, payload)).verdict(); };
    EXPECT_EQ(verdict(), Verdict::valid) << tokens.check(compact(tokens.p256, header, payload)).proof.detail;
    for (auto const* member : {"id", "issuer", "issuanceDate", "expirationDate"}) payload["vc"].as_object().erase(member);
    EXPECT_EQ(verdict(), Verdict::valid) << "the claims fill in";
    payload["exp"] = 1'600'000'000;
    EXPECT_EQ(verdict(), Verdict::expired);
    payload["vc"].as_object()["issuer"] = "did:web:somebody.example";
    EXPECT_EQ(verdict(), Verdict::invalid);
}

std::string legacy_signed(SampleIssuer const& sample, json::object document)
{
    auto proof = json::object{{"type", "Ed25519Signature2020"}, {"created", "2026-11-23T10:05:00Z"}, {"verificationMethod", sample.credential_signer().method()},
                              {"proofPurpose", "assertionMethod"}};
    auto secured = SecuredDocument{document};
    proof["proofValue"] = "z" + to_base58btc(sample.credential_key.sign(std::get<ProofHash>(secured.hash(Cryptosuite::ed25519_signature_2020, proof))));
    document["proof"] = std::move(proof);
    return canonical_json(document);
}

TEST(VerifyLegacy, ReadsStatusList2021)
{
    auto sample = SampleIssuer{};
    auto const url = std::string{"https://localhost:8443/t/acme/status/old"};
    auto credential = legacy_credential(sample);
    credential["credentialStatus"] = json::object{{"id", url + "#7"}, {"type", "StatusList2021Entry"}, {"statusPurpose", "suspension"},
                                                  {"statusListIndex", "7"}, {"statusListCredential", url}};
    auto const verdict = [&](bool set) {
        auto bits = StatusList{};
        bits.set(7, set).value();
        auto list = legacy_credential(sample);
        list["id"] = url;
        list["type"] = json::array{"VerifiableCredential", "StatusList2021Credential"};
        list["credentialSubject"] = json::object{{"id", url + "#list"}, {"type", "StatusList2021"}, {"statusPurpose", "suspension"}, {"encodedList", bits.encode().substr(1)}};
        auto documents = sample.documents();
        documents.by_url[url] = legacy_signed(sample, list);
        auto const report = verify(bytes_of(legacy_signed(sample, credential)), documents, sample.now);
        EXPECT_EQ(report.proof.result, Check::passed) << report.proof.detail;
        EXPECT_NE(report.status.result, Check::unknown) << report.status.detail;
        return report.verdict();
    };
    EXPECT_EQ(verdict(false), Verdict::valid);
    EXPECT_EQ(verdict(true), Verdict::suspended);
}

TEST(VerifyStatus, ReadsMessagesOfSeveralBits)
{
    auto const sample = SampleIssuer{};
    auto credential = credential_of(sample);
    credential["credentialStatus"] = json::object{
        {"id", "urn:s:1"}, {"type", "BitstringStatusListEntry"}, {"statusPurpose", "message"}, {"statusListIndex", "3"}, {"statusListCredential", sample.list_url}, {"statusSize", 2},
        {"statusMessage", json::array{json::object{{"status", "0x0"}, {"message", "valid"}}, json::object{{"status", "0x1"}, {"message", "suspended"}},
                                      json::object{{"status", "0x2"}, {"message", "superseded"}}, json::object{{"status", "0x3"}, {"message", "ask us"}}}}};
    auto const file = canonical_json(sign_document_twice(credential, sample.credential_signer(), at("2026-11-23T10:05:00Z")).value());
    auto const verdict = [&](bool high, bool low, std::size_t entries = 262'144) {
        auto bits = StatusList{entries};
        bits.set(6, high).value();
        bits.set(7, low).value();
        auto documents = sample.documents();
        documents.by_url[sample.list_url] =
            issue_status_list(bits, {.url = sample.list_url, .issuer = sample.did, .purpose = StatusPurpose::message}, sample.status_signer(), sample.now);
        return verify(bytes_of(file), documents, sample.now).verdict();
    };
    EXPECT_EQ(verdict(false, false), Verdict::valid);
    EXPECT_EQ(verdict(false, true), Verdict::suspended);
    EXPECT_EQ(verdict(true, false), Verdict::superseded);
    EXPECT_EQ(verdict(true, true), Verdict::unknown);
    EXPECT_EQ(verdict(false, false, 131'072), Verdict::unknown) << "half as many entries as keep a holder unobserved";
}

TEST(VerifyStatus, PutsTheFinalBeforeWhatCanBeLifted)
{
    auto const sample = SampleIssuer{};
    auto credential = credential_of(sample);
    auto const suspensions = sample.list_url + "/suspension";
    credential["credentialStatus"] = json::array{to_json(StatusEntry{sample.list_url, 9, StatusPurpose::revocation}), to_json(StatusEntry{suspensions, 9, StatusPurpose::suspension})};
    auto const file = canonical_json(sign_document_twice(credential, sample.credential_signer(), at("2026-11-23T10:05:00Z")).value());
    auto const verdict = [&](bool revoked, bool suspended, char const* now = "2026-11-24T00:00:00Z") {
        auto const list = [&](bool set, std::string const& url, StatusPurpose purpose) {
            auto bits = StatusList{};
            bits.set(9, set).value();
            return issue_status_list(bits, {.url = url, .issuer = sample.did, .purpose = purpose, .validity = std::chrono::hours{24 * 1000}}, sample.status_signer(), sample.now);
        };
        auto documents = sample.documents();
        documents.by_url[sample.list_url] = list(revoked, sample.list_url, StatusPurpose::revocation);
        documents.by_url[suspensions] = list(suspended, suspensions, StatusPurpose::suspension);
        return verify(bytes_of(file), documents, at(now)).verdict();
    };
    EXPECT_EQ(verdict(false, false), Verdict::valid);
    EXPECT_EQ(verdict(false, true), Verdict::suspended);
    EXPECT_EQ(verdict(true, true), Verdict::revoked);
    EXPECT_EQ(verdict(true, false, "2028-12-01T00:00:00Z"), Verdict::revoked) << "and over: revoked all the same";
    EXPECT_EQ(verdict(false, true, "2028-12-01T00:00:00Z"), Verdict::expired);
}

TEST(VerifyRecipient, ComparesTheSaltedHash)
{
    auto const sample = SampleIssuer{};
    auto const recipient = [&](std::string const& mail) {
        return verify(bytes_of(sample.issued().json), sample.documents(), sample.now, {.recipient = mail});
    };
    EXPECT_EQ(recipient("ada@example.com").verdict(), Verdict::valid);
    EXPECT_EQ(recipient("ADA@example.com").verdict(), Verdict::valid);
    EXPECT_EQ(recipient("eve@example.com").verdict(), Verdict::invalid);
    EXPECT_EQ(recipient("eve@example.com").checks().back().name, "recipient");
    auto claim = sample.claim();
    claim.holder.email.clear();
    auto const nameless = issue(claim, sample.status(), sample.credential_signer(), sample.now).value().json;
    EXPECT_EQ(verify(bytes_of(nameless), sample.documents(), sample.now, {.recipient = "ada@example.com"}).verdict(), Verdict::unknown);
}

TEST(Verify, CallsExpiredOnlyWhatIsSoundOtherwise)
{
    auto const sample = SampleIssuer{};
    auto const late = at("2029-01-01T00:00:00Z");
    EXPECT_EQ(verify(bytes_of(sample.issued().json), sample.documents(), late).verdict(), Verdict::expired) << "whatever the stale list says";
    EXPECT_EQ(verify(bytes_of(sample.issued().json), {}, late).verdict(), Verdict::unknown);
    EXPECT_EQ(verify(bytes_of(sample.issued().json), sample.documents(), at("2026-01-01T00:00:00Z")).verdict(), Verdict::invalid) << "not yet";
}

TEST(Verify, WantsBothProofsToStand)
{
    auto const sample = SampleIssuer{};
    auto const file = sample.issued().json;
    auto document = parse_json(file).value().as_object();
    for (auto const which : {0U, 1U}) {
        auto spoilt = document;
        auto& proof = spoilt["proof"].as_array()[which].as_object();
        proof["verificationMethod"] = "did:web:elsewhere.example#" + to_multikey(sample.credential_key.public_key());
        EXPECT_EQ(sample.verify_now(canonical_json(spoilt)).verdict(), Verdict::invalid) << which;
        auto alone = document;
        alone["proof"] = document["proof"].as_array()[which];
        EXPECT_EQ(sample.verify_now(canonical_json(alone)).verdict(), Verdict::valid) << which;
    }
}

TEST(Verify, ReadsATokenAroundACredentialWithProofs)
{
    auto const sample = SampleIssuer{};
    auto const jwt = sign_jwt(sample.issued().json, sample.credential_signer(), sample.now);
    EXPECT_EQ(sample.verify_now(jwt).verdict(), Verdict::valid);
    auto document = parse_json(sample.issued().json).value().as_object();
    document["name"] = "Another name";
    EXPECT_EQ(sample.verify_now(sign_jwt(canonical_json(document), sample.credential_signer(), sample.now)).verdict(), Verdict::invalid);
}

TEST(Endorsement, IsValidInBothForms)
{
    auto const sample = SampleIssuer{};
    for (auto const& file : {sample.endorsement().json, sample.endorsement().jwt}) EXPECT_EQ(sample.verify_now(file).verdict(), Verdict::valid);
}

} // namespace
} // namespace assay::credentials
