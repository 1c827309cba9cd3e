#include "credentials/did.hpp"
#include "credentials/errors.hpp"
#include "tests/credentials/sample_issuer.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

TEST(DidWeb, MapsToTheAddressThatTheMethodPrescribes)
{
    ASSAY_NEEDS_SHARED("testdata/vectors/did-web/did-web.json");
    auto const vectors =
        parse_json(assay::test::read_file(assay::test::shared_directory() / "testdata/vectors/did-web/did-web.json")).value();
    for (auto const& one : *find_array(vectors, "cases")) {
        auto const did = std::string{*find_string(one, "did")};
        auto const url = did_web_url(did);
        if (auto const* expected = find_string(one, "url")) EXPECT_EQ(url.value(), std::string_view{*expected}) << did;
        else EXPECT_EQ(url.error(), errc::malformed_did) << did;
    }
}

TEST(DidWeb, RefusesWhatWouldLeaveItsHostOrFolder)
{
    for (auto const* did : {"did:web:host:..", "did:web:host:a:.", "did:web:host%2Fx", "did:web:host%3A", "did:web:host%3A0",
                            "did:web:host%3A99999", "did:web:host%3a80", "did:web:user@host", "did:web:host:a%2F..",
                            "did:web:host:a?b", "did:web:[::1]", "web:host"})
        EXPECT_EQ(did_web_url(did).error(), errc::malformed_did) << did;
    EXPECT_EQ(did_web_url("did:example:1").error(), errc::unsupported_did_method);
}

TEST(TenantDid, ResolvesBelowTheTenantsAddress)
{
    EXPECT_EQ(tenant_did("https://localhost:8443", "acme").value(), "did:web:localhost%3A8443:t:acme");
    EXPECT_EQ(did_web_url("did:web:localhost%3A8443:t:acme").value(), "https://localhost:8443/t/acme/did.json");
    EXPECT_EQ(tenant_did("https://exams.example", "").value(), "did:web:exams.example");
    for (auto const* origin :
         {"http://localhost", "https://", "https://Host", "https://h/x", "https://h:", "https://h:0", "https://h:8a"})
        EXPECT_EQ(tenant_did(origin, "acme").error(), errc::malformed_did) << origin;
    EXPECT_EQ(tenant_did("https://h", "a/b").error(), errc::malformed_did);
}

TEST(DidDocument, KeepsEveryKeyWithItsEnd)
{
    auto const retired = PublishedKey{.key = test::key_pair(7).public_key(), .expires = test::at("2027-01-01T00:00:00Z")};
    auto const stolen = PublishedKey{.key = test::key_pair(8).public_key(), .revoked = test::at("2027-02-01T00:00:00Z")};
    auto const current = PublishedKey{.key = test::key_pair(9).public_key()};
    auto const did = std::string{"did:web:exams.example"};
    auto const read = parse_did_document(canonical_json(did_document(did, std::array{retired, stolen, current})), did).value();

    ASSERT_EQ(read.methods.size(), 3U);
    auto const* method = find_method(read, did + "#" + to_multikey(retired.key));
    ASSERT_NE(method, nullptr);
    EXPECT_EQ(*method->key, VerificationKey{retired.key});
    EXPECT_EQ(method->expires, retired.expires);
    EXPECT_EQ(method->controller, did);
    EXPECT_TRUE(method->asserts);
    EXPECT_EQ(find_method(read, did + "#" + to_multikey(stolen.key))->revoked, stolen.revoked);
    EXPECT_EQ(find_method(read, did + "#" + to_multikey(current.key))->expires, std::nullopt);
}

TEST(DidDocument, IsReadStrictly)
{
    auto const id = std::string{"did:web:h"};
    auto const key = to_multikey(test::key_pair(1).public_key());
    auto const method = R"({"id":"#k","type":"Multikey","controller":"did:web:h","publicKeyMultibase":")" + key + R"("})";
    auto const document = [&](std::string const& methods, std::string const& asserting) {
        return R"({"id":"did:web:h","verificationMethod":)" + methods + R"(,"assertionMethod":)" + asserting + "}";
    };
    auto const good = parse_did_document(document("[" + method + "]", R"(["#k"])"), id);
    ASSERT_TRUE(good);
    EXPECT_TRUE(find_method(*good, "did:web:h#k")->asserts);
    EXPECT_FALSE(parse_did_document(document("[" + method + "]", "[]"), id)->methods.front().asserts);
    EXPECT_TRUE(find_method(parse_did_document(document("[]", "[" + method + "]"), id).value(), "did:web:h#k")->asserts);
    EXPECT_TRUE(parse_did_document(document("[]", R"(["did:web:other#k"])"), id)->methods.empty());

    EXPECT_EQ(parse_did_document(document("[" + method + "]", "[]"), "did:web:other").error(), errc::wrong_did_document);
    for (auto const& bad : {document("[" + method + "," + method + "]", "[]"), document("{}", "[]"), document("[]", "[1]"),
                            document("[1]", "[]"), document(R"([{"id":"k","type":"Multikey","controller":"c"}])", "[]"),
                            std::string{"[]"}, std::string{"{"}, R"({"id":"did:web:h","id":"did:web:h"})" + std::string{}})
        EXPECT_EQ(parse_did_document(bad, id).error(), errc::malformed_did_document) << bad;
    EXPECT_FALSE(parse_did_document(document("[]", "[]") + std::string(70'000, ' '), id));
}

} // namespace
} // namespace assay::credentials
