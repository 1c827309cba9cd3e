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

constexpr auto engine_document = R"(
cut = 0.0
standard_error_stop = 0
area_reliability_minimum = 0
[[blueprint]]
area = "a"
minimum = 2
maximum = 20
[length]
minimum = 10
maximum = 20
[selection]
criterion = "kl-interval"
start = "mpwi"
start_items = 3
predictive_from_posterior = true
expected_information = true
strata = 3
acceleration = 2.0
mode = "loft"
[exposure]
rule = "eligibility-theta"
rate = 0.2
[stop]
all = true
class_probability = 0.95
confidence_z = 1.96
curtailment_z = 2.05
minimum_information = 0.1
minutes = 40
sprt = { alpha = 0.1 }
glr = { beta = 0.1, delta = 0.3 }
plateau = { answers = 4, within = 0.1 }
[form]
enemies = [["x", "y"], ["y", "z"]]
friends = [["v", "w"]]
include = ["v"]
exclude = ["u"]
words = { max = 1000 }
seconds = { min = 60, max = 1200 }
types = { choice = { min = 5 } }
keys = { A = { max = 4 }, B = { max = 4 } }
passages = { min = 1, max = 2, items = { min = 2, max = 3 } }
[[form.testlet]]
name = "outage"
items = ["x", "y"]
model = "GRM"
a = 1.25
b = [-0.5, 0.75]
calibrated = true
[[form.passage]]
name = "logs"
items = ["p", "q", "r"]
[[family]]
name = "subnets"
items = ["f", "g"]
[fixed_form]
randomness = 0.25
[pretest]
slots = 3
[block]
items = 4
review = true
)";

TEST(ExamPolicy, ChoosesTheWholeEngine)
{
    auto const parsed = parse_exam_policy(engine_document, "x.toml");
    ASSERT_TRUE(parsed.value) << problems_of(parsed);
    auto const& s = *parsed.value;
    using namespace exam::adaptive;
    EXPECT_EQ(s.standard_error_stop, std::nullopt);
    EXPECT_EQ(s.area_reliability_minimum, std::nullopt);
    EXPECT_EQ(s.blueprint.at(0).maximum, 20);
    EXPECT_EQ(s.selection, (exam::SelectionRule{Criterion::kl_interval, Criterion::mpwi, 3, true, true, 3, 2.0, exam::SelectionMode::loft}));
    EXPECT_EQ(s.exposure, (exam::ExposureLimit{ExposureRule::eligibility_theta, 0.2}));
    auto stop = exam::FurtherStopRules{};
    stop.all = true;
    stop.class_probability = 0.95;
    stop.confidence_z = 1.96;
    stop.curtailment_z = 2.05;
    stop.minimum_information = 0.1;
    stop.time = std::chrono::minutes{40};
    stop.sprt = CutTest{.alpha = 0.1};
    stop.glr = CutTest{.beta = 0.1, .delta = 0.3};
    stop.plateau = Plateau{.answers = 4, .within = 0.1};
    EXPECT_EQ(s.stop, stop);
    auto form = exam::FormRules{};
    form.enemies = {{"x", "y"}, {"y", "z"}};
    form.friends = {{"v", "w"}};
    form.include = {"v"};
    form.exclude = {"u"};
    form.words.maximum = 1000;
    form.seconds = {.minimum = 60, .maximum = 1200};
    form.types = {{"choice", {.minimum = 5}}};
    form.keys = {{"A", {.maximum = 4}}, {"B", {.maximum = 4}}};
    form.passages = exam::assembly::PassageRule{.passages = {.minimum = 1, .maximum = 2}, .items = {.minimum = 2, .maximum = 3}};
    form.passage_items = {{"logs", {"p", "q", "r"}}};
    form.testlets = {{.name = "outage", .items = {"x", "y"}, .model = exam::ItemModel::of({.kind = exam::ModelKind::graded, .slopes = {1.25}, .thresholds = {-0.5, 0.75}}), .provisional = false}};
    EXPECT_EQ(s.form, form);
    EXPECT_EQ(s.pretest.slots, 3);
    EXPECT_EQ(s.block, (exam::BlockRule{.items = 4, .review = true}));
    EXPECT_EQ(s.fixed_form, exam::FixedFormRule{.randomness = 0.25});
    EXPECT_EQ(s.families, (std::map<std::string, std::vector<std::string>>{{"subnets", {"f", "g"}}}));
}

TEST(ExamPolicy, NamesEveryCriterionAndExposureRule)
{
    auto const with = [](std::string const& section) { return parse_exam_policy("cut = 0\n[[blueprint]]\narea = \"a\"\n" + section, "x.toml"); };
    for (auto c = 0; c <= static_cast<int>(exam::adaptive::Criterion::random); ++c) {
        auto const criterion = static_cast<exam::adaptive::Criterion>(c);
        auto const parsed = with("[selection]\ncriterion = \"" + std::string{exam::adaptive::name(criterion)} + "\"\n");
        ASSERT_TRUE(parsed.value) << problems_of(parsed);
        EXPECT_EQ(parsed.value->selection.criterion, criterion);
    }
    for (auto const* rule : {"none", "sympson-hetter", "eligibility", "eligibility-theta", "restricted", "priority"}) {
        auto const parsed = with(std::string{"[exposure]\nrule = \""} + rule + "\"\n");
        ASSERT_TRUE(parsed.value) << problems_of(parsed);
        EXPECT_EQ(exam::adaptive::name(parsed.value->exposure.rule), rule);
    }
    EXPECT_NE(problems_of(with("[selection]\ncriterion = \"best\"\n")).find("x.toml:5:13: selection.criterion: expected mfi, cut"), std::string::npos);
    EXPECT_NE(problems_of(with("[exposure]\nrule = \"randomesque\"\n")).find("exposure.rule: expected none"), std::string::npos);
    EXPECT_NE(problems_of(with("[form]\nwords = { min = 9, max = 3 }\n")).find("form.words.min: is above max"), std::string::npos);
    EXPECT_NE(problems_of(with("[form]\nenemies = [\"a\", \"b\"]\n")).find("expected an array of at most 10000 arrays of texts"), std::string::npos);
    auto const linear = with("[selection]\nmode = \"linear\"\n[fixed_form]\nitems = [\"x\", \"y\"]\nshuffled = true\n");
    ASSERT_TRUE(linear.value) << problems_of(linear);
    EXPECT_EQ(linear.value->fixed_form, (exam::FixedFormRule{.items = {"x", "y"}, .shuffled = true}));
    EXPECT_NE(problems_of(with("[selection]\nmode = \"phases\"\n")).find("selection.mode: expected adaptive, linear, loft or stages, found \"phases\""), std::string::npos);
    auto const stages = with("[selection]\nmode = \"stages\"\n[block]\nreview = true\n[[stage]]\n[[stage.module]]\nname = \"first\"\npanel = \"A\"\nitems = [\"x\"]\n"
                             "[[stage]]\nitems = 7\n[[stage.module]]\nname = \"easier\"\npanel = \"A\"\nitems = [\"y\"]\n[[stage.module]]\nname = \"harder\"\npanel = \"A\"\ntheta = 0.5\nfrom = 0.25\n");
    ASSERT_TRUE(stages.value) << problems_of(stages);
    EXPECT_EQ(stages.value->stages, (std::vector<exam::Stage>{{0, {{"first", "A", {"x"}, {}, {}}}}, {7, {{"easier", "A", {"y"}, {}, {}}, {"harder", "A", {}, 0.5, 0.25}}}}));
    EXPECT_TRUE(stages.value->block.review);
    EXPECT_NE(problems_of(with("[selection]\nmode = \"stages\"\n")).find("needs stages"), std::string::npos);
    EXPECT_NE(problems_of(with("[selection]\nmode = \"stages\"\n[[stage]]\n[[stage.module]]\nname = \"first\"\n")).find("items"), std::string::npos);
    EXPECT_NE(problems_of(with("[[stage]]\nmodule = 3\n")).find("stage"), std::string::npos);
    EXPECT_NE(problems_of(with("[selection]\nmode = \"loft\"\n")).find("it needs form rules"), std::string::npos);
    EXPECT_NE(problems_of(with("[pretest]\nslots = 51\n")).find("pretest.slots: expected a whole number from 0 to 50"), std::string::npos);
    auto const testlet = std::string{"[[form.testlet]]\nname = \"t\"\nitems = [\"x\", \"y\"]\na = 1\nb = [0.5, -0.5]\nmodel = "};
    EXPECT_TRUE(with(testlet + "\"GPCM\"\n").value) << "disordered steps";
    EXPECT_NE(problems_of(with(testlet + "\"GRM\"\n")).find("form.testlet"), std::string::npos) << "thresholds must not fall";
    EXPECT_NE(problems_of(with(testlet + "\"3PL\"\n")).find("expected GRM, GPCM or PCM, found \"3PL\""), std::string::npos);
    EXPECT_NE(problems_of(with("[stop]\nall = true\n")).find("needs at least two of them"), std::string::npos);
}

TEST(ExamPolicy, OfTheDemonstrationHasAShadowTest)
{
    for (auto const* name : {"exam-camera.toml", "exam-open.toml"}) {
        auto const parsed = parse_exam_policy(test::read_file(test::source_directory() / "policies/demo" / name), name);
        ASSERT_TRUE(parsed.value) << problems_of(parsed);
        ASSERT_TRUE(parsed.value->form) << name;
        EXPECT_EQ(parsed.value->form->enemies.size(), 18U);
    }
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
