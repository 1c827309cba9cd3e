#include "credentials/errors.hpp"
#include "credentials/issue.hpp"
#include "credentials/jwt.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <functional>
#include <gtest/gtest.h>

namespace assay::credentials {
namespace {

json::value member(json::value const& value, std::initializer_list<std::string_view> path)
{
    auto const* at = &value;
    for (auto const name : path) {
        if (at->is_array()) at = &at->get_array().at(0);
        at = find(*at, name);
        if (at == nullptr) return nullptr;
    }
    return *at;
}

TEST(IdentityHash, IsTheOneOfOpenBadges)
{
    // Open Badges 3.0, IdentityHash: the example in the definition of the type.
    EXPECT_EQ(identity_hash("a@example.com", "Kosher"), "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399");
    EXPECT_EQ(identity_hash("A@Example.COM", "Kosher"), identity_hash("a@example.com", "Kosher"));
}

// achievementcredential.json (Open Badges 3.0, canonical form): what is an array there, what is one object, what is required.
TEST(Issue, HasTheShapeOfTheOpenBadgesSchema)
{
    auto const sample = test::SampleIssuer{};
    auto const credential = parse_json(sample.issued().json).value();
    for (auto const* name : {"@context", "type", "proof"}) EXPECT_TRUE(find(credential, name)->is_array()) << name;
    for (auto const* name : {"type", "identifier", "result"})
        EXPECT_TRUE(member(credential, {"credentialSubject", name}).is_array()) << name;
    for (auto const* name : {"type", "otherIdentifier", "resultDescription", "tag"})
        EXPECT_TRUE(member(credential, {"credentialSubject", "achievement", name}).is_array()) << name;
    EXPECT_TRUE(member(credential, {"credentialStatus"}).is_object());
    EXPECT_EQ(member(credential, {"credentialSubject", "achievement", "otherIdentifier", "type"}), "IdentifierEntry"); // no array
    EXPECT_EQ(member(credential, {"credentialSubject", "identifier", "type"}), "IdentityObject");
    EXPECT_TRUE(member(credential, {"issuer", "type"}).is_array());
    EXPECT_EQ(member(credential, {"credentialStatus", "statusListIndex"}), "94567");
    EXPECT_EQ(member(credential, {"credentialSubject", "result", "resultDescription"}),
              member(credential, {"credentialSubject", "achievement", "resultDescription", "id"}));
    EXPECT_EQ(member(credential, {"credentialSubject", "achievement", "achievementType"}), "Certification");
    EXPECT_EQ(member(credential, {"credentialSubject", "identifier", "identityHash"}), "Ada \"日本\" Lovelace");
    EXPECT_EQ(sample.issued().json.find("xample.com"), std::string::npos) << "the e-mail must not be readable";
}

TEST(Issue, SaysDemonstrationWhereverPeopleLook)
{
    auto const sample = test::SampleIssuer{};
    auto claim = sample.claim();
    auto const issue_json = [&] { return issue(claim, sample.status(), sample.credential_signer(), sample.now).value().json; };
    auto const shown = parse_json(issue_json()).value();
    EXPECT_TRUE(find_string(shown, "name")->starts_with("DEMONSTRATION"));
    EXPECT_TRUE(find_string(shown, "description")->starts_with("Demonstration"));
    EXPECT_TRUE(member(shown, {"credentialSubject", "achievement", "name"}).as_string().starts_with("DEMONSTRATION"));
    EXPECT_EQ(member(shown, {"credentialSubject", "achievement", "tag"}), json::array{"demonstration"});
    claim.demonstration = false;
    EXPECT_EQ(issue_json().find("emonstration"), std::string::npos);
}

TEST(Issue, SignsTheSameBytesInBothEncodings)
{
    auto const issued = test::SampleIssuer{}.issued();
    EXPECT_EQ(parse_compact_jws(issued.jwt).value().payload, issued.unsigned_json);
    EXPECT_EQ(issued.digest, sha256(issued.unsigned_json));
    auto without_proof = parse_json(issued.json).value().as_object();
    without_proof.erase("proof");
    EXPECT_EQ(canonical_json(without_proof), issued.unsigned_json);
    auto const again = test::SampleIssuer{}.issued();
    EXPECT_EQ(again.json, issued.json);
    EXPECT_EQ(again.jwt, issued.jwt);
}

TEST(Issue, RefusesWhatNoCertificateMaySay)
{
    auto const sample = test::SampleIssuer{};
    struct Case {
        errc expected;
        std::function<void(AchievementClaim&)> break_it;
    };
    auto const cases = std::vector<Case>{
        {errc::result_not_passed, [](auto& claim) { claim.result.passed = false; }},
        {errc::incomplete_claim, [](auto& claim) { claim.holder.full_name.clear(); }},
        {errc::incomplete_claim, [](auto& claim) { claim.achievement.criteria.clear(); }},
        {errc::malformed_claim, [](auto& claim) { claim.holder.full_name = "\xff\xfe"; }},
        {errc::malformed_claim, [](auto& claim) { claim.holder.id = "mailto:ada@example.com"; }},
        {errc::malformed_claim, [](auto& claim) { claim.holder.id = "ada"; }},
        {errc::malformed_claim, [](auto& claim) { claim.result.scaled_score = "599"; }},
        {errc::malformed_claim, [](auto& claim) { claim.result.scaled_score = "801"; }},
        {errc::malformed_claim, [](auto& claim) { claim.result.scaled_score = "nan"; }},
        {errc::period_is_empty, [](auto& claim) { claim.valid_until = claim.valid_from; }},
    };
    for (auto const& one : cases) {
        auto claim = sample.claim();
        one.break_it(claim);
        EXPECT_EQ(issue(claim, sample.status(), sample.credential_signer(), sample.now).error(), one.expected);
    }
}

TEST(Issue, NeedsTheIssuersOwnKey)
{
    auto const sample = test::SampleIssuer{};
    auto const other = Signer{.did = "did:web:other.example", .key = sample.credential_key};
    EXPECT_THROW((void)issue(sample.claim(), sample.status(), other, sample.now), ContractViolation);
}

} // namespace
} // namespace assay::credentials
