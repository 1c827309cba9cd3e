#include "credentials/data_integrity.hpp"
#include "credentials/errors.hpp"
#include "credentials/jwt.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

using test::at;
using test::SampleIssuer;

std::string told(Verification const& report)
{
    return "shape: " + report.shape.detail + "; proof: " + report.proof.detail + "; issuer: " + report.issuer.detail +
           "; period: " + report.period.detail + "; status: " + report.status.detail;
}

/// Any document signed as the sample's issuer: what a careless or hostile issuer could sign.
std::string signed_json(SampleIssuer const& sample, json::object document)
{
    return canonical_json(sign_document(std::move(document), sample.credential_signer(), at("2026-11-23T10:05:00Z")));
}

json::object credential_of(SampleIssuer const& sample) { return to_credential(sample.claim(), sample.status()); }

std::string jwt_with_header(SampleIssuer const& sample, std::string const& header)
{
    auto text = to_base64url(bytes_of(header)) + "." + to_base64url(bytes_of(sample.issued().unsigned_json));
    return text + "." + to_base64url(sample.credential_key.sign(bytes_of(text)));
}

TEST(Verify, FindsEachEncodingOfAnIssuedCredentialValid)
{
    auto const sample = SampleIssuer{};
    auto const issued = sample.issued();
    auto const enveloped = canonical_json(json::object{{"@context", "https://www.w3.org/ns/credentials/v2"},
                                                       {"type", "EnvelopedVerifiableCredential"},
                                                       {"id", "data:application/vc+jwt," + issued.jwt}});
    for (auto const& [file, encoding] :
         {std::pair{issued.json, "json"}, {issued.jwt, "vc+jwt"}, {issued.jwt + "\n", "vc+jwt"}, {enveloped, "enveloped"}}) {
        auto const report = sample.verify_now(file);
        EXPECT_EQ(report.verdict(), Verdict::valid) << encoding << told(report);
        EXPECT_EQ(report.facts.encoding, encoding);
        EXPECT_EQ(report.facts.digest, issued.digest);
        EXPECT_EQ(report.facts.holder_name, "Ada \"日本\" Lovelace");
        EXPECT_EQ(report.facts.issuer, sample.did);
        EXPECT_TRUE(report.facts.demonstration);
    }
}

TEST(Verify, IsUnknownWithoutAStatusListAndStillReportsTheRest)
{
    auto const sample = SampleIssuer{};
    auto documents = sample.documents();
    documents.by_url.erase(sample.list_url);
    auto const report = verify(bytes_of(sample.issued().json), documents, sample.now);
    EXPECT_EQ(report.verdict(), Verdict::unknown);
    EXPECT_EQ(report.proof.result, Check::passed);
    EXPECT_EQ(report.issuer.result, Check::passed);
    EXPECT_EQ(report.period.result, Check::passed);
    EXPECT_EQ(report.status.result, Check::unknown);
}

TEST(Verify, IsUnknownWithoutTheIssuersDocument)
{
    auto const sample = SampleIssuer{};
    auto const report = verify(bytes_of(sample.issued().jwt), {}, sample.now);
    EXPECT_EQ(report.verdict(), Verdict::unknown);
    EXPECT_EQ(report.proof.result, Check::unknown);
    EXPECT_EQ(report.period.result, Check::passed);
}

TEST(Verify, BelievesAPinnedKeyWithoutAnyDocument)
{
    auto const sample = SampleIssuer{};
    auto const pinned =
        parse_pinned_key(sample.credential_signer().method() + "=" + to_multikey(sample.credential_key.public_key())).value();
    auto const report = verify(bytes_of(sample.issued().json), {.keys = {pinned}}, sample.now);
    EXPECT_EQ(report.proof.result, Check::passed);
    EXPECT_EQ(report.issuer.result, Check::passed);
}

TEST(Verify, BelievesNoOtherKeyOfAnIssuerWhoseKeysArePinned)
{
    auto const sample = SampleIssuer{};
    auto documents = sample.documents();
    documents.keys = {{.method = sample.did + "#other", .key = test::key_pair(9).public_key()}};
    auto const report = verify(bytes_of(sample.issued().json), documents, sample.now);
    EXPECT_EQ(report.proof.result, Check::unknown);
    documents.keys = {{.method = sample.credential_signer().method(), .key = test::key_pair(9).public_key()}};
    EXPECT_EQ(verify(bytes_of(sample.issued().json), documents, sample.now).proof.result, Check::failed);
}

TEST(PinnedKey, HasOneForm)
{
    auto const key = to_multikey(test::key_pair(1).public_key());
    EXPECT_EQ(parse_pinned_key("did:web:h#a=" + key).value().method, "did:web:h#a");
    for (auto const& bad : {"did:web:h=" + key, "#a=" + key, "did:web:h#=" + key, std::string{"did:web:h#a"}})
        EXPECT_EQ(parse_pinned_key(bad).error(), errc::malformed_key_name) << bad;
    EXPECT_EQ(parse_pinned_key("did:web:h#a=z6Mk").error(), errc::malformed_multikey);
}

TEST(Verify, SeesTheFirstAndTheLastInstantOfThePeriod)
{
    auto const sample = SampleIssuer{};
    auto const period = [&](std::string_view now) { return verify(bytes_of(sample.issued().json), {}, at(now)).period.result; };
    EXPECT_EQ(period("2026-11-23T09:59:59.999999Z"), Check::failed);
    EXPECT_EQ(period("2026-11-23T10:00:00Z"), Check::passed);
    EXPECT_EQ(period("2028-11-23T23:59:58.999999Z"), Check::passed);
    EXPECT_EQ(period("2028-11-23T23:59:59Z"), Check::failed);
}

TEST(Verify, SeesARevocationAndOnlyOfThisIndex)
{
    auto sample = SampleIssuer{};
    sample.list.set(sample.status().index + 1, true).value();
    EXPECT_EQ(sample.verify_now(sample.issued().json).verdict(), Verdict::valid);
    sample.list.set(sample.status().index, true).value();
    auto const report = sample.verify_now(sample.issued().json);
    EXPECT_EQ(report.status.result, Check::failed);
    EXPECT_EQ(report.verdict(), Verdict::revoked);
}

TEST(Verify, DrawsNothingFromAStatusListThatItCantBelieve)
{
    auto const sample = SampleIssuer{};
    auto const issued = sample.issued().json;
    auto const status_with = [&](std::string const& list, std::string_view now) {
        auto documents = sample.documents();
        documents.by_url[sample.list_url] = list;
        return verify(bytes_of(issued), documents, at(now)).status;
    };
    auto const today = "2026-11-24T12:00:00Z";
    auto const good = sample.status_list_json();
    EXPECT_EQ(status_with(good, today).result, Check::passed);
    EXPECT_EQ(status_with(good, "2026-11-25T00:00:00Z").result, Check::unknown) << "a day later it is stale";

    auto forged = good;
    forged.replace(forged.find("\"ttl\":300000"), 12, "\"ttl\":300001");
    EXPECT_EQ(status_with(forged, today).result, Check::unknown);

    auto const mallory = test::key_pair(66);
    auto const mallorys = Signer{.did = did_key(mallory.public_key()), .key = mallory};
    EXPECT_EQ(
        status_with(issue_status_list(sample.list, {.url = sample.list_url, .issuer = mallorys.did}, mallorys, sample.now), today)
            .result,
        Check::unknown);
    auto const signer = sample.status_signer();
    EXPECT_EQ(status_with(
                  issue_status_list(sample.list, {.url = sample.list_url + "2", .issuer = sample.did}, signer, sample.now), today)
                  .result,
              Check::unknown);
    auto const suspensions = StatusListDetails{.url = sample.list_url, .issuer = sample.did, .purpose = StatusPurpose::suspension};
    EXPECT_EQ(status_with(issue_status_list(sample.list, suspensions, signer, sample.now), today).result, Check::unknown);
    EXPECT_EQ(status_with(issued, today).result, Check::unknown) << "a credential is no list";
    EXPECT_EQ(status_with("", today).result, Check::unknown);
}

TEST(Verify, RefusesAnIndexBeyondTheList)
{
    auto sample = SampleIssuer{};
    auto credential = to_credential(sample.claim(), {.list_url = sample.list_url, .index = 131'072});
    EXPECT_EQ(sample.verify_now(signed_json(sample, credential)).status.result, Check::unknown);
    credential["credentialStatus"].as_object()["statusListIndex"] = "094567";
    EXPECT_EQ(sample.verify_now(signed_json(sample, credential)).status.result, Check::unknown);
}

TEST(Verify, RefusesAContextAppendedAfterSigning)
{
    auto const sample = SampleIssuer{};
    auto document = parse_json(sample.issued().json).value().as_object();
    document["@context"].as_array().push_back("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json");
    EXPECT_EQ(sample.verify_now(canonical_json(document)).proof.result, Check::failed);
}

TEST(Verify, DoesNotInterpretContextsThatItDoesNotKnow)
{
    auto const sample = SampleIssuer{};
    auto credential = credential_of(sample);
    credential["@context"].as_array().push_back("https://example.com/terms");
    auto const report = sample.verify_now(signed_json(sample, credential));
    EXPECT_EQ(report.proof.result, Check::passed);
    EXPECT_EQ(report.shape.result, Check::unknown);
    credential["@context"] = json::array{"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"};
    EXPECT_EQ(sample.verify_now(signed_json(sample, credential)).shape.result, Check::failed);
}

TEST(Verify, RefusesAnotherIssuersKey)
{
    auto const sample = SampleIssuer{};
    auto const mallory = test::key_pair(66);
    auto const mallorys = Signer{.did = did_key(mallory.public_key()), .key = mallory};
    auto const forged = canonical_json(sign_document(credential_of(sample), mallorys, sample.now));
    auto const report = sample.verify_now(forged);
    EXPECT_EQ(report.proof.result, Check::passed) << "it is a signature of somebody";
    EXPECT_EQ(report.issuer.result, Check::failed) << "but not of the issuer";
    EXPECT_EQ(report.verdict(), Verdict::invalid);
    EXPECT_NE(verify(bytes_of(forged), {}, sample.now).verdict(), Verdict::valid);

    auto const jwt = sign_jwt(sample.issued().unsigned_json, mallorys, sample.now);
    EXPECT_EQ(sample.verify_now(jwt).verdict(), Verdict::invalid);
}

TEST(Verify, RefusesAKeyThatTheIssuerDoesNotList)
{
    auto const sample = SampleIssuer{};
    auto const other = test::key_pair(5);
    auto const file = canonical_json(sign_document(credential_of(sample), {.did = sample.did, .key = other}, sample.now));
    EXPECT_EQ(sample.verify_now(file).proof.result, Check::failed);
}

TEST(Verify, JudgesAKeyByItsLife)
{
    auto const sample = SampleIssuer{}; // signed on 23 November, 10:05
    auto const proof_with = [&](PublishedKey const& key, std::string const& file) {
        auto documents = sample.documents();
        documents.by_url[did_web_url(sample.did).value()] = canonical_json(did_document(sample.did, std::array{key}));
        return verify(bytes_of(file), documents, sample.now).proof.result;
    };
    auto const key = sample.credential_key.public_key();
    for (auto const& file : {sample.issued().json, sample.issued().jwt}) {
        EXPECT_EQ(proof_with({.key = key, .expires = at("2026-11-23T10:05:01Z")}, file), Check::passed);
        EXPECT_EQ(proof_with({.key = key, .expires = at("2026-11-23T10:05:00Z")}, file), Check::failed);
        EXPECT_EQ(proof_with({.key = key, .revoked = at("2026-11-23T10:05:00Z")}, file), Check::failed);
        EXPECT_EQ(proof_with({.key = key, .revoked = at("2026-12-01T00:00:00Z")}, file), Check::unknown);
    }
}

TEST(Verify, RefusesASignatureFromTheFuture)
{
    auto const sample = SampleIssuer{};
    auto const file = canonical_json(sign_document(credential_of(sample), sample.credential_signer(), at("2026-11-24T00:05:01Z")));
    EXPECT_EQ(sample.verify_now(file).proof.result, Check::failed);
}

TEST(Verify, RefusesAProofForAnotherPurposeOrOfAnUnknownKind)
{
    auto const sample = SampleIssuer{};
    auto const with = [&](char const* name, json::value value) {
        auto document = credential_of(sample);
        auto proof =
            json::object{{"@context", document["@context"]},  {"type", "DataIntegrityProof"},
                         {"cryptosuite", "eddsa-jcs-2022"},   {"created", "2026-11-23T10:05:00Z"},
                         {"proofPurpose", "assertionMethod"}, {"verificationMethod", sample.credential_signer().method()}};
        proof[name] = std::move(value);
        auto secured = SecuredDocument{document};
        auto const hash = std::get<ProofHash>(secured.hash(Cryptosuite::eddsa_jcs_2022, proof));
        proof["proofValue"] = "z" + to_base58btc(sample.credential_key.sign(hash));
        document["proof"] = std::move(proof);
        return sample.verify_now(canonical_json(document)).proof.result;
    };
    EXPECT_EQ(with("nonce", "x"), Check::passed); // signed like all the rest
    EXPECT_EQ(with("proofPurpose", "authentication"), Check::failed);
    EXPECT_EQ(with("type", "SomethingElse"), Check::failed);
    EXPECT_EQ(with("cryptosuite", "eddsa-jcs-2023"), Check::failed);
    EXPECT_EQ(with("cryptosuite", "ecdsa-jcs-2019"), Check::failed) << "the key is Ed25519";
    EXPECT_EQ(with("cryptosuite", "bbs-2023"), Check::unknown);
    EXPECT_EQ(with("created", "2026-11-23T10:05:00"), Check::failed); // no offset
    EXPECT_EQ(with("expires", "2026-11-23T11:00:00Z"), Check::failed);
    EXPECT_EQ(with("previousProof", "urn:x"), Check::failed) << "there is no such proof";
    EXPECT_EQ(with("verificationMethod", json::value(sample.did)), Check::failed); // no fragment
}

TEST(Verify, LetsOneWrongProofSpoilASet)
{
    auto const sample = SampleIssuer{};
    auto document = parse_json(sample.issued().json).value().as_object();
    auto& proofs = document["proof"].as_array();
    proofs.push_back(json::object{{"type", "SomeProofType"}});
    EXPECT_EQ(sample.verify_now(canonical_json(document)).proof.result, Check::passed);
    proofs.push_back(proofs.front());
    proofs.back().as_object()["created"] = "2026-11-23T10:06:00Z";
    EXPECT_EQ(sample.verify_now(canonical_json(document)).proof.result, Check::failed);
}

TEST(VerifyJwt, TakesTheAlgorithmFromTheKeyAndRefusesKeysInTheHeader)
{
    auto const sample = SampleIssuer{};
    auto const kid = "\"kid\":\"" + sample.credential_signer().method() + "\"";
    auto const proof = [&](std::string const& header) { return sample.verify_now(jwt_with_header(sample, header)).proof.result; };
    EXPECT_EQ(proof("{\"alg\":\"EdDSA\",\"typ\":\"vc+jwt\"," + kid + "}"), Check::passed);
    EXPECT_EQ(proof("{\"alg\":\"none\",\"typ\":\"vc+jwt\"," + kid + "}"), Check::failed);
    EXPECT_EQ(proof("{\"alg\":\"HS256\",\"typ\":\"vc+jwt\"," + kid + "}"), Check::failed);
    EXPECT_EQ(proof("{\"alg\":\"ES256\",\"typ\":\"vc+jwt\"," + kid + "}"), Check::failed) << "the key is Ed25519";
    EXPECT_EQ(proof("{\"alg\":\"EdDSA\",\"typ\":\"JWT\"," + kid + "}"), Check::failed);
    EXPECT_EQ(proof("{\"alg\":\"EdDSA\",\"typ\":\"vc+jwt\",\"crit\":[\"x\"]," + kid + "}"), Check::failed);
    EXPECT_EQ(proof("{\"alg\":\"EdDSA\",\"typ\":\"vc+jwt\",\"jwk\":{}," + kid + "}"), Check::failed);
    EXPECT_EQ(proof("{\"alg\":\"EdDSA\",\"typ\":\"vc+jwt\",\"iss\":\"did:web:x\"," + kid + "}"), Check::failed);
    EXPECT_EQ(proof("{\"alg\":\"EdDSA\",\"typ\":\"vc+jwt\"}"), Check::passed) << "without a kid each key of the issuer may have been it";
    auto const duplicate =
        sample.verify_now(jwt_with_header(sample, "{\"alg\":\"EdDSA\",\"alg\":\"none\",\"typ\":\"vc+jwt\"," + kid + "}"));
    EXPECT_EQ(duplicate.verdict(), Verdict::invalid);
}

TEST(Verify, ReadsOneStrictDocument)
{
    auto const sample = SampleIssuer{};
    auto const json = sample.issued().json;
    auto const shape = [&](std::string const& file) { return sample.verify_now(file).shape.result; };
    EXPECT_EQ(shape("{\"id\":\"urn:x\"," + json.substr(1)), Check::failed); // a member named twice
    EXPECT_EQ(shape(json + "{}"), Check::failed);
    EXPECT_EQ(shape(std::string(2 << 20, ' ') + json), Check::failed);
    EXPECT_EQ(shape(std::string(100, '{')), Check::failed);
    EXPECT_EQ(shape(""), Check::failed);
    EXPECT_EQ(shape("[]"), Check::failed);
    EXPECT_EQ(shape("{}"), Check::failed);
    for (auto const* container : {"\x89PNG\r\n\x1a\n", "%PDF-1.7", "<svg/>", "\xef\xbb\xbf<svg/>", "\n <?xml"}) EXPECT_EQ(shape(container), Check::unknown) << container;
    auto const envelope =
        R"({"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiableCredential","name":"free text","id":"data:application/vc+jwt,)";
    EXPECT_EQ(shape(envelope + sample.issued().jwt + "\"}"), Check::failed) << "what stands beside the JWT is not signed";
}

TEST(Verify, RefusesWhatIsNoOpenBadgeAlthoughItSaysSo)
{
    auto const sample = SampleIssuer{};
    auto const shape_without = [&](char const* member) {
        auto credential = credential_of(sample);
        credential["credentialSubject"].as_object().erase(member);
        credential.erase(member);
        return sample.verify_now(signed_json(sample, credential)).shape.result;
    };
    for (auto const* member : {"achievement", "validFrom", "type", "issuer", "credentialSubject"})
        EXPECT_EQ(shape_without(member), Check::failed) << member;
    EXPECT_EQ(shape_without("description"), Check::passed);
}

// The property that makes a file worth showing. Three different alterations at every position, all of both encodings.
TEST(Verify, FailsAfterAnyOneByteIsAltered)
{
    auto const sample = SampleIssuer{};
    auto const documents = sample.documents();
    for (auto const& whole : {sample.issued().json, sample.issued().jwt}) {
        ASSERT_EQ(verify(bytes_of(whole), documents, sample.now).verdict(), Verdict::valid);
        for (auto i = std::size_t{}; i < whole.size(); ++i) {
            for (auto const mask : {0x01, 0x20, 1 << (i % 8)}) {
                auto altered = whole;
                altered[i] = static_cast<char>(altered[i] ^ mask);
                ASSERT_EQ(verify(bytes_of(altered), documents, sample.now).verdict(), Verdict::invalid)
                    << "byte " << i << ", mask " << mask << "\n"
                    << altered;
            }
        }
    }
}

TEST(Verify, FailsAfterAnyOneByteIsRemovedOrDoubled)
{
    auto const sample = SampleIssuer{};
    auto const documents = sample.documents();
    for (auto const& whole : {sample.issued().json, sample.issued().jwt}) {
        for (auto i = std::size_t{}; i < whole.size(); ++i) {
            auto shorter = whole;
            auto longer = whole;
            shorter.erase(i, 1);
            longer.insert(i, 1, whole[i]);
            ASSERT_EQ(verify(bytes_of(shorter), documents, sample.now).verdict(), Verdict::invalid) << i << "\n" << shorter;
            ASSERT_EQ(verify(bytes_of(longer), documents, sample.now).verdict(), Verdict::invalid) << i << "\n" << longer;
        }
    }
}

} // namespace
} // namespace assay::credentials
