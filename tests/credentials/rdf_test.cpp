#include "credentials/data_integrity.hpp"
#include "credentials/errors.hpp"
#include "credentials/rdf/canonicalize.hpp"
#include "credentials/rdf/pinned_contexts.hpp"
#include "credentials/rdf/to_rdf.hpp"
#include "credentials/verify.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace assay::credentials::rdf {
namespace {

std::filesystem::path vectors() { return assay::test::shared_directory() / "testdata/vectors"; }

/// Short and long forms of a definition mean the same: {"@id": x} is x.
json::value simplified(json::value value)
{
    if (auto* object = value.if_object()) {
        if (object->size() == 1 && object->contains("@id")) return object->at("@id");
        for (auto& member : *object) member.value() = simplified(std::move(member.value()));
    }
    return value;
}

void expect_same_context(PinnedContext const& context, std::filesystem::path const& file)
{
    auto const text = assay::test::read_file(file);
    EXPECT_EQ(to_string(sha256(text)), context.sha256) << file;
    auto const published = parse_json(text).value().at("@context");
    EXPECT_EQ(canonical_json(simplified(*find_pinned_context(context.url))), canonical_json(simplified(published))) << context.url;
}

TEST(PinnedContexts, SayWhatThePublishedDocumentsSay)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/contexts");
    auto const files = std::map<std::string_view, std::string>{
        {"https://www.w3.org/ns/credentials/v2", "credentials-v2.json"},
        {"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "ob-3.0.3.json"},
        {"https://purl.imsglobal.org/spec/ob/v3p0/extensions.json", "ob-v3p0-extensions.json"},
        {"https://www.w3.org/ns/credentials/examples/v2", "credentials-examples-v2.json"},
        {"https://w3id.org/security/data-integrity/v2", "data-integrity-v2.json"},
        {"https://w3id.org/security/multikey/v1", "multikey-v1.json"},
        {"https://w3id.org/security/jwk/v1", "jwk-v1.json"},
        {"https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", "clr-v2p0-2.0.1.json"}};
    auto compared = 0;
    for (auto const& context : pinned_contexts())
        if (auto const at = files.find(context.url); at != files.end()) {
            expect_same_context(context, vectors() / "contexts" / at->second);
            ++compared;
        }
    EXPECT_EQ(compared, 8);
}

TEST(PinnedContexts, OfOlderCredentialsSayWhatTheNpmPackagesSay)
{
    auto const modules = assay::test::source_directory() / "web/node_modules";
    auto const files = std::map<std::string_view, std::string>{
        {"https://www.w3.org/2018/credentials/v1", "@digitalbazaar/credentials-context/contexts/v1.jsonld"},
        {"https://w3id.org/security/suites/ed25519-2020/v1", "ed25519-signature-2020-context/contexts/ed25519-signature-2020-v1.jsonld"},
        {"https://w3id.org/vc/status-list/2021/v1", "@digitalbazaar/vc-status-list-context/contexts/vc-status-list-v1.jsonld"}};
    for (auto const& [url, file] : files)
        if (!std::filesystem::exists(modules / file)) GTEST_SKIP() << "skipped: needs " << (modules / file) << " (npm ci in web/)";
    auto compared = 0;
    for (auto const& context : pinned_contexts())
        if (auto const at = files.find(context.url); at != files.end()) {
            expect_same_context(context, modules / at->second);
            ++compared;
        }
    EXPECT_EQ(compared, 3);
}

std::string sha384(std::string_view text)
{
    auto digest = std::array<std::byte, 48>{};
    auto size = 0U;
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha384(), nullptr);
    return to_hex(digest);
}

TEST(Rdfc10, PassesTheTestSuite)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/rdf-canon/manifest.jsonld");
    auto const folder = vectors() / "rdf-canon";
    auto const manifest = parse_json(assay::test::read_file(folder / "manifest.jsonld")).value();
    auto evaluated = 0, mapped = 0, refused = 0;
    for (auto const& entry : *find_array(manifest, "entries")) {
        auto const type = std::string_view{*find_string(entry, "type")};
        auto const id = std::string{*find_string(entry, "id")};
        auto const input = parse_nquads(assay::test::read_file(folder / std::string{*find_string(entry, "action")}));
        ASSERT_TRUE(input.has_value()) << id;
        auto const* hash = find_string(entry, "hashAlgorithm");
        auto const canonical = canonicalize(*input, {}, hash != nullptr && *hash == "SHA384" ? HexHash{sha384} : HexHash{});
        if (type == "rdfc:RDFC10NegativeEvalTest") {
            EXPECT_EQ(canonical.error(), errc::rdf_too_complex) << id;
            ++refused;
            continue;
        }
        ASSERT_TRUE(canonical.has_value()) << id << ": " << canonical.error().message();
        auto const expected = assay::test::read_file(folder / std::string{*find_string(entry, "result")});
        if (type == "rdfc:RDFC10EvalTest") {
            EXPECT_EQ(canonical->nquads, expected) << id;
            ++evaluated;
        } else {
            auto map = json::object{};
            for (auto const& [label, name] : canonical->identifiers) map[label] = name;
            EXPECT_EQ(canonical_json(map), canonical_json(parse_json(expected).value())) << id;
            ++mapped;
        }
    }
    EXPECT_EQ(evaluated, 64);
    EXPECT_EQ(mapped, 21);
    EXPECT_EQ(refused, 1);
}

std::string canonical_rdf(json::object const& document)
{
    auto converted = to_rdf(document);
    if (auto const* refusal = std::get_if<Refusal>(&converted)) return "refused: " + refusal->what;
    return canonicalize(std::get<RdfDocument>(converted).quads).value().nquads;
}

json::object vector_object(std::string const& name) { return parse_json(assay::test::read_file(vectors() / name)).value().as_object(); }

TEST(ToRdf, GivesTheCanonicalFormOfTheDataIntegrityVectors)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/di-eddsa");
    auto const document = vector_object("di-eddsa/unsigned.json");
    EXPECT_EQ(canonical_rdf(document), assay::test::read_file(vectors() / "di-eddsa/eddsa-rdfc-2022/canonDocDataInt.txt"));
    EXPECT_EQ(canonical_rdf(vector_object("di-eddsa/eddsa-rdfc-2022/proofConfigDataInt.json")),
              assay::test::read_file(vectors() / "di-eddsa/eddsa-rdfc-2022/proofCanonDataInt.txt"));
}

// 1EdTech's vectors print the canonical form of a credential that has a url besides what simple.json has, and another issuer.
TEST(ToRdf, GivesTheCanonicalFormThat1EdTechPrints)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/ob-1edtech-canon/document-canon.txt");
    auto document = vector_object("openbadges/1edtech/simple.json");
    document.erase("proof");
    document["issuer"].as_object()["id"] = "https://example.edu/issuers/565049";
    document["issuer"].as_object()["url"] = "https://www.imsglobal.org";
    EXPECT_EQ(canonical_rdf(document), assay::test::read_file(vectors() / "ob-1edtech-canon/document-canon.txt"));
}

json::object badge() { return to_credential(credentials::test::SampleIssuer{}.claim(), credentials::test::SampleIssuer{}.status()); }

TEST(ToRdf, RefusesWhatNoContextDefines)
{
    EXPECT_TRUE(std::holds_alternative<RdfDocument>(to_rdf(badge())));
    auto const refused = [](auto change) {
        auto document = badge();
        change(document);
        auto const result = to_rdf(document);
        auto const* refusal = std::get_if<Refusal>(&result);
        return refusal == nullptr ? std::optional<RefusalKind>{} : refusal->kind;
    };
    EXPECT_EQ(refused([](json::object& d) { d["colour"] = "blue"; }), RefusalKind::not_defined);
    EXPECT_EQ(refused([](json::object& d) { d["credentialSubject"].as_object()["colour"] = "blue"; }), RefusalKind::not_defined);
    EXPECT_EQ(refused([](json::object& d) { d["type"].as_array().push_back("Colourful"); }), RefusalKind::not_defined);
    EXPECT_EQ(refused([](json::object& d) { d["credentialSubject"].as_object()["type"] = "Colourful"; }), RefusalKind::not_defined);
    EXPECT_EQ(refused([](json::object& d) { d["id"] = "relative"; }), RefusalKind::not_defined);
    EXPECT_EQ(refused([](json::object& d) { d["@context"].as_array().push_back("https://example.com/terms"); }), RefusalKind::unknown_context);
    EXPECT_EQ(refused([](json::object& d) { d["@context"].as_array().push_back(json::object{{"name", "https://example.com/name"}}); }), RefusalKind::malformed)
        << "a protected term";
    EXPECT_EQ(refused([](json::object& d) { d["@reverse"] = json::object{}; }), RefusalKind::unsupported);
    EXPECT_EQ(refused([](json::object& d) { d["@type"] = "VerifiableCredential"; }), RefusalKind::malformed) << "two members of one meaning";
}

TEST(ToRdf, BoundsDepthAndSize)
{
    auto document = badge();
    auto deep = json::object{{"id", "urn:a"}};
    for (auto i = 0; i < 60; ++i) deep = json::object{{"id", "urn:a"}, {"evidence", deep}};
    document["evidence"] = deep;
    EXPECT_TRUE(std::holds_alternative<Refusal>(to_rdf(document)));
    EXPECT_TRUE(std::holds_alternative<Refusal>(to_rdf(badge(), {.quads_max = 10})));
}

// JSON-LD 1.1 API, 8.2.2, and what 1EdTech types as xsd:float.
TEST(ToRdf, WritesNumbersInTheirCanonicalForm)
{
    auto const credits = [](json::value number) {
        auto document = badge();
        document["credentialSubject"].as_object()["creditsEarned"] = std::move(number);
        auto const text = canonical_rdf(document);
        auto const at = text.find("#creditsEarned> ") + 16;
        return text.substr(at, text.find("^^", at) - at);
    };
    EXPECT_EQ(credits(7.5), "\"7.5E0\"");
    EXPECT_EQ(credits(8), "\"8\"");
    EXPECT_EQ(credits(8.0), "\"8\"");
    EXPECT_EQ(credits(-0.125), "\"-1.25E-1\"");
    EXPECT_EQ(credits(1e21), "\"1.0E21\"");
    EXPECT_EQ(credits(1e20), "\"100000000000000000000\"");
}

} // namespace
} // namespace assay::credentials::rdf

namespace assay::credentials {
namespace {

std::string file_of(std::string const& name)
{
    auto text = assay::test::read_file(assay::test::shared_directory() / "testdata/vectors/di-eddsa" / name);
    while (text.ends_with('\n')) text.pop_back();
    return text;
}
json::object object_of(std::string const& name) { return parse_json(file_of(name)).value().as_object(); }

KeyPair pair_of(std::string_view multibase)
{
    auto const secret = from_base58btc(multibase.substr(1)).value();
    return KeyPair::from_seed(SecretBytes::copy_of(ByteView{secret}.subspan(2)));
}

TEST(EddsaRdfc2022, ReproducesTheSpecificationStepByStep)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/di-eddsa");
    auto secured = SecuredDocument{object_of("unsigned.json")};
    auto options = object_of("eddsa-rdfc-2022/proofConfigDataInt.json");
    options.erase("@context");
    auto const hash = std::get<ProofHash>(secured.hash(Cryptosuite::eddsa_rdfc_2022, options));
    EXPECT_EQ(to_hex(hash), file_of("eddsa-rdfc-2022/combinedHashDataInt.txt"));
    auto const pair = pair_of(*find_string(object_of("keyPair.json"), "privateKeyMultibase"));
    EXPECT_EQ(to_hex(pair.sign(hash)), file_of("eddsa-rdfc-2022/sigHexDataInt.txt"));
    auto const proof = make_proof(secured, Cryptosuite::eddsa_rdfc_2022, {.did = did_key(pair.public_key()), .key = pair}, test::at("2023-02-24T23:36:38Z"));
    EXPECT_EQ(canonical_json(*proof), canonical_json(object_of("eddsa-rdfc-2022/signedDataInt.json").at("proof")));
}

TEST(EddsaRdfc2022, VerifiesThePublishedDocumentsSetsAndChains)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/di-eddsa");
    auto const now = test::at("2024-01-01T00:00:00Z");
    for (auto const* name : {"eddsa-rdfc-2022/signedDataInt.json", "eddsa-jcs-2022/signedJCS.json", "proof-set-chain/signedProofSet1.json",
                             "proof-set-chain/signedProofSet2.json", "proof-set-chain/signedProofChain1.json", "proof-set-chain/signedProofChain2.json"}) {
        auto const report = verify(bytes_of(file_of(name)), {}, now);
        EXPECT_EQ(report.proof.result, Check::passed) << name << ": " << report.proof.detail;
        auto altered = parse_json(file_of(name)).value().as_object();
        altered["credentialSubject"].as_object()["alumniOf"] = "The School of examples";
        EXPECT_EQ(verify(bytes_of(canonical_json(altered)), {}, now).proof.result, Check::failed) << name;
    }
}

TEST(EddsaRdfc2022, RefusesAChainWithoutItsBeginning)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/di-eddsa");
    auto chain = object_of("proof-set-chain/signedProofChain2.json");
    auto& proofs = chain["proof"].as_array();
    proofs.erase(proofs.begin());
    EXPECT_EQ(verify(bytes_of(canonical_json(chain)), {}, test::at("2024-01-01T00:00:00Z")).proof.result, Check::failed);
}

TEST(EddsaRdfc2022, SaysWhatItDoesNotCover)
{
    auto const sample = test::SampleIssuer{};
    auto secured = SecuredDocument{to_credential(sample.claim(), sample.status())};
    auto document = secured.document();
    document["proof"] = json::array{make_proof(secured, Cryptosuite::eddsa_rdfc_2022, sample.credential_signer(), test::at("2026-11-23T10:05:00Z")).value()};
    EXPECT_EQ(sample.verify_now(canonical_json(document)).verdict(), Verdict::valid);
    document["evidence"] = json::array{};
    auto const report = sample.verify_now(canonical_json(document));
    EXPECT_NE(report.proof.detail.find("not covered by the signature: evidence (empty)"), std::string::npos) << report.proof.detail;
}

// Under the RDF suite alone: no character can be altered unless the meaning stays, and in our files none can. What the terms mean under another
// context, or what another suite would have signed, nobody here knows: that is unknown, and never valid.
TEST(EddsaRdfc2022, IsNotValidAfterAnyOneByteIsAltered)
{
    auto const sample = test::SampleIssuer{};
    auto document = parse_json(sample.issued().json).value().as_object();
    document["proof"] = document.at("proof").as_array().at(1);
    auto const whole = canonical_json(document);
    auto const documents = sample.documents();
    ASSERT_EQ(verify(bytes_of(whole), documents, sample.now).verdict(), Verdict::valid);
    auto const context_end = whole.find(']'), proof = whole.find("\"proof\""), proof_end = whole.find('}', proof);
    ASSERT_LT(context_end, proof);
    ASSERT_NE(proof_end, std::string::npos);
    for (auto i = std::size_t{}; i < whole.size(); ++i) {
        auto altered = whole;
        altered[i] = static_cast<char>(altered[i] ^ (i % 2 == 0 ? 1 : 0x20));
        auto const verdict = verify(bytes_of(altered), documents, sample.now).verdict();
        auto const meaning_unknown = i <= context_end || (i >= proof && i <= proof_end);
        if (meaning_unknown) {
            ASSERT_NE(verdict, Verdict::valid) << i << "\n" << altered;
            continue;
        }
        ASSERT_EQ(verdict, Verdict::invalid) << i << "\n" << altered;
    }
}

} // namespace
} // namespace assay::credentials
