#include "policies/exam_policy.hpp"
#include "policies/proctoring.hpp"
#include "policies/programme.hpp"
#include "policies/retention.hpp"
#include "tests/support/shared_data.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assay::policies {
namespace {

std::string default_document(std::string const& name) { return test::read_file(test::source_directory() / "policies/defaults" / name); }

template <class T>
std::string problems_of(Parsed<T> const& parsed)
{
    auto text = std::string{};
    for (auto const& problem : parsed.problems) text += to_string(problem) + "\n";
    return text;
}

// The shipped files state every default: reading them must give what an empty document gives.
TEST(Defaults, AreThoseOfTheTypes)
{
    auto const proctoring = parse_proctoring_policy(default_document("proctoring.toml"), "proctoring.toml");
    ASSERT_TRUE(proctoring.value) << problems_of(proctoring);
    EXPECT_EQ(*proctoring.value, proctor::ProctoringPolicy{});
    auto const credential = parse_credential_policy(default_document("credential.toml"), "credential.toml");
    ASSERT_TRUE(credential.value) << problems_of(credential);
    EXPECT_EQ(*credential.value, credentials::CredentialPolicy{});
    auto const retention = parse_retention_policy(default_document("retention.toml"), "retention.toml");
    ASSERT_TRUE(retention.value) << problems_of(retention);
    EXPECT_EQ(*retention.value, RetentionPolicy{});
    auto const exam = parse_exam_policy(default_document("exam.toml"), "exam.toml");
    ASSERT_TRUE(exam.value) << problems_of(exam);
    auto expected = exam::ExamSettings{};
    expected.blueprint = {{"storage", 1, 3}, {"queries", 1, 3}};
    EXPECT_EQ(*exam.value, expected);
    auto const programme = parse_programme(default_document("programme.toml"), "programme.toml");
    ASSERT_TRUE(programme.value) << problems_of(programme);
    EXPECT_EQ(programme.value->requirements.size(), 1U);
    EXPECT_FALSE(programme.value->rule);
}

TEST(Problems, NameFileLineKeyAndWhatWasExpected)
{
    auto const parsed = parse_retention_policy("clean_evidence_days = \"long\"\n\nidentity_images_days = 9999\n", "acme.toml");
    ASSERT_EQ(parsed.problems.size(), 2U);
    EXPECT_FALSE(parsed.value);
    EXPECT_EQ(to_string(parsed.problems[0]), "acme.toml:1:23: clean_evidence_days: expected a whole number from 0 to 365, found \"long\"");
    EXPECT_EQ(to_string(parsed.problems[1]), "acme.toml:3:24: identity_images_days: expected a whole number from 0 to 365, found 9999");
}

TEST(Problems, SuggestTheLikelyNameOfAnUnknownKey)
{
    auto const parsed = parse_exam_policy("cut = 0.5\n[[blueprint]]\narea = \"a\"\n[length]\nminumum = 5\n", "x.toml");
    ASSERT_EQ(parsed.problems.size(), 1U) << problems_of(parsed);
    EXPECT_EQ(to_string(parsed.problems[0]), "x.toml:5:11: length.minumum: is not a key of this document; did you mean minimum?");
}

TEST(Problems, TellASyntaxErrorByItsPlace)
{
    auto const parsed = parse_programme("title = \n", "p.toml");
    ASSERT_EQ(parsed.problems.size(), 1U);
    EXPECT_EQ(parsed.problems[0].line, 1);
}

// toml++ asserts here; found by policy_fuzz.
TEST(Problems, TellWhereAPlaceStopsBeingToml)
{
    auto const parsed = parse_retention_policy("evidence_days = 90\n\n[\nclock]\n", "retention.toml");
    EXPECT_FALSE(parsed.value);
    EXPECT_THAT(problems_of(parsed), testing::StartsWith("retention.toml:3:1: "));
}

TEST(ExamPolicy, RefusesRulesThatContradictThemselves)
{
    auto const parsed = parse_exam_policy("cut = 0\n[[blueprint]]\narea = \"a\"\nminimum = 30\n[length]\nminimum = 10\nmaximum = 20\n", "x.toml");
    EXPECT_FALSE(parsed.value);
    EXPECT_FALSE(parsed.problems.empty());
}

TEST(Programme, NeedsARequirementAndTwoApprovalsForARule)
{
    auto document = default_document("programme.toml");
    auto const one = "[decision_rule]\napproved_by = [\"2489e9ad-2ee2-8e00-8ec9-32d5f69181c0\", \"2489e9ad-2ee2-8e00-8ec9-32d5f69181c0\"]\n";
    auto const parsed = parse_programme(document + one, "p.toml");
    EXPECT_NE(problems_of(parsed).find("two different people"), std::string::npos);
    auto const two = "[decision_rule]\napproved_by = [\"2489e9ad-2ee2-8e00-8ec9-32d5f69181c0\", \"2489e9ad-2ee2-8e00-8ec9-32d5f69181c1\"]\n";
    EXPECT_TRUE(parse_programme(document + two, "p.toml").value);
    auto const none = document.replace(document.find("[[requirement]]"), std::string{"[[requirement]]"}.size(), "[requirement]");
    EXPECT_FALSE(parse_programme(none, "p.toml").value);
}

TEST(DeletionDue, IsCountedFromTheDecisionOrFromTheEndOfTheTimeToAppeal)
{
    auto const decided = parse_rfc3339("2026-11-24T10:00:00Z").value();
    auto const policy = RetentionPolicy{};
    EXPECT_EQ(deletion_due(policy, {.settled = true, .flagged = false, .decided_at = decided}), parse_rfc3339("2026-12-24T10:00:00Z").value());
    EXPECT_EQ(deletion_due(policy, {.settled = true, .flagged = true, .decided_at = decided}), parse_rfc3339("2027-03-24T10:00:00Z").value());
    EXPECT_EQ(deletion_due(policy, {.settled = false, .flagged = false, .decided_at = decided}), std::nullopt);
}

TEST(Documents, AreBounded) { EXPECT_FALSE(parse_retention_policy(std::string(document_size_max + 1, '#'), "big.toml").value); }

} // namespace
} // namespace assay::policies
