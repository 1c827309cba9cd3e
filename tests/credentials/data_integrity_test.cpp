#include "credentials/data_integrity.hpp"
#include "credentials/verify.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

constexpr auto folder = "testdata/vectors/di-eddsa";

std::string vector_file(std::string const& name)
{
    auto text = assay::test::read_file(assay::test::shared_directory() / folder / name);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

json::object object_of(std::string const& name) { return parse_json(vector_file(name)).value().as_object(); }

ProofHash hash_of(json::object const& document, json::object const& options)
{
    auto secured = SecuredDocument{document};
    return std::get<ProofHash>(secured.hash(Cryptosuite::eddsa_jcs_2022, options));
}

// W3C vc-di-eddsa test vectors: each intermediate value that the specification prints.
TEST(EddsaJcs2022, ReproducesTheSpecificationStepByStep)
{
    ASSAY_NEEDS_SHARED(folder);
    auto const document = object_of("unsigned.json");
    auto const options = object_of("eddsa-jcs-2022/proofConfigJCS.json");
    EXPECT_EQ(canonical_json(document), vector_file("eddsa-jcs-2022/canonDocJCS.txt"));
    EXPECT_EQ(canonical_json(options), vector_file("eddsa-jcs-2022/proofCanonJCS.txt"));
    EXPECT_EQ(to_string(sha256(canonical_json(document))), vector_file("eddsa-jcs-2022/docHashJCS.txt"));
    EXPECT_EQ(to_string(sha256(canonical_json(options))), vector_file("eddsa-jcs-2022/proofHashJCS.txt"));
    EXPECT_EQ(to_hex(hash_of(document, options)), vector_file("eddsa-jcs-2022/combinedHashJCS.txt"));

    auto const secret =
        from_base58btc(std::string{*find_string(object_of("keyPair.json"), "privateKeyMultibase")}.substr(1)).value();
    ASSERT_EQ(secret.size(), 34U); // 0x80 0x26, then the seed
    auto const pair = KeyPair::from_seed(SecretBytes::copy_of(ByteView{secret}.subspan(2)));
    auto const signature = pair.sign(hash_of(document, options));
    EXPECT_EQ(to_hex(signature), vector_file("eddsa-jcs-2022/sigHexJCS.txt"));
    EXPECT_EQ("z" + to_base58btc(signature), vector_file("eddsa-jcs-2022/sigBTC58JCS.txt"));

    auto const own = sign_document(document, {.did = did_key(pair.public_key()), .key = pair}, test::at("2023-02-24T23:36:38Z"));
    auto expected = object_of("eddsa-jcs-2022/signedJCS.json");
    auto const published_proof = expected.at("proof");
    expected["proof"] = json::array{published_proof}; // one proof or an array of one: the same to the data model
    EXPECT_EQ(canonical_json(own), canonical_json(expected));
}

TEST(EddsaJcs2022, VerifiesThePublishedDocumentAndNoAlteredOne)
{
    ASSAY_NEEDS_SHARED(folder);
    auto const now = test::at("2024-01-01T00:00:00Z");
    auto const text = vector_file("eddsa-jcs-2022/signedJCS.json");
    EXPECT_EQ(verify(bytes_of(text), {}, now).proof.result, Check::passed);
    auto const canonical = canonical_json(parse_json(text).value());
    auto const whole = verify(bytes_of(canonical), {}, now).facts.digest;
    for (auto i = std::size_t{}; i < canonical.size(); ++i) { // canonical: no white space that means nothing
        auto altered = canonical;
        altered[i] = static_cast<char>(altered[i] ^ (i % 2 == 0 ? 1 : 4));
        EXPECT_NE(verify(bytes_of(altered), {}, now).proof.result, Check::passed) << i << ": " << altered;
    }
    EXPECT_TRUE(whole.has_value());
}

} // namespace
} // namespace assay::credentials
