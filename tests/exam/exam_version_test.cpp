#include "exam/exam_version.hpp"

#include "exam/errors.hpp"
#include "tests/exam/support.hpp"

#include <gmock/gmock.h>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;

TEST(ExamVersion, HasNothingToComplainOfInTheDemo) { EXPECT_THAT(findings(demo_version()), ::testing::IsEmpty()); }

TEST(ExamVersion, ComesBackFromItsCanonicalJsonWithTheSameId)
{
    auto version = demo_version();
    version.settings.standard_setting = StandardSettingReference{"Angoff panel, May 2026", sha256("panel")};
    version.settings.cut = {-0.3125};
    auto const text = canonical_json(to_json(version));
    auto const back = exam_version_from_json(parse_json(text).value());
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, version);
    EXPECT_EQ(document_id(*back), sha256(text));

    version.settings.time_limit.reset();
    EXPECT_EQ(exam_version_from_json(to_json(version)).value(), version);
}

TEST(ExamVersion, OfEarlierTimesIsReadAndWrittenWithTheSameBytes)
{
    // As it was written before an exam could choose more than this.
    auto const text = std::string{
        R"({"format":"assay.exam-version.v1","identifier":"old","language":"en","pool":[{"area":"a","id":"7b5e6b3c-5c0c-8f7e-9f52-0d3e4c1b2a39","identifier":"a-1",)"
        R"("item_document":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","parameters":{"difficulty":0.25,"discrimination":1.5,"pseudo_guessing":0.2},)"
        R"("provisional":true}],"settings":{"area_feedback_minimum":5,"blueprint":[{"area":"a","minimum":1,"share":1}],"clock":{"break_each_seconds":600,"breaks_max":0,)"
        R"("disconnect_credit_each_seconds":60,"disconnect_credit_total_seconds":180},"cut":0,"decision":"estimate_reaches_cut","length":{"maximum":1,"minimum":1},"near_cut_z":1.645,)"
        R"("proctored":false,"randomesque":{"candidates":5,"items":5},"scale":{"intercept":500,"maximum":800,"minimum":200,"slope":100,"step":1},"standard_error_stop":0.3,)"
        R"("time_limit_seconds":3600},"title":"Old"})"};
    auto const version = exam_version_from_json(parse_json(text).value());
    ASSERT_TRUE(version);
    EXPECT_EQ(canonical_json(to_json(*version)), text);
    EXPECT_EQ(version->pool.at(0).model, three_parameter_item(1.5, 0.25, 0.2).value());
    EXPECT_EQ(version->settings.area_reliability_minimum, std::nullopt) << "it asks for the number of items alone";
    EXPECT_EQ(version->settings.form, std::nullopt);
    EXPECT_EQ(version->settings.selection, SelectionRule{});
}

TEST(ExamVersion, RefusesADocumentWithAnyMemberMissingAddedOrMistyped)
{
    auto version = demo_version();
    version.pool.resize(1);
    auto const document = to_json(version);
    ASSERT_TRUE(exam_version_from_json(document));
    for (auto const& [name, value] : document.as_object()) {
        auto without = document;
        without.as_object().erase(name);
        EXPECT_EQ(exam_version_from_json(without).error(), errc::malformed_document) << name;
        auto mistyped = document;
        mistyped.as_object()[name] = nullptr;
        EXPECT_FALSE(exam_version_from_json(mistyped)) << name;
    }
    for (auto const& [name, value] : document.at("settings").as_object()) {
        if (name == "time_limit_seconds") continue; // may be absent: untimed
        auto without = document;
        without.as_object()["settings"].as_object().erase(name);
        EXPECT_FALSE(exam_version_from_json(without)) << name;
    }
    for (auto const& [name, value] : document.at("pool").at(0).as_object()) {
        auto without = document;
        without.as_object()["pool"].as_array()[0].as_object().erase(name);
        EXPECT_FALSE(exam_version_from_json(without)) << name;
    }
    auto added = document;
    added.as_object()["settings"].as_object()["bonus"] = 1;
    EXPECT_FALSE(exam_version_from_json(added));
    auto wild = document;
    wild.as_object()["pool"].as_array()[0].as_object()["parameters"].as_object()["pseudo_guessing"] = 0.9;
    EXPECT_FALSE(exam_version_from_json(wild));
    EXPECT_FALSE(exam_version_from_json(json::array{}));
}

TEST(ExamVersion, SaysInWordsWhatIsWrong)
{
    auto const complaint = [](auto change) {
        auto version = demo_version();
        change(version);
        return findings(version);
    };
    EXPECT_THAT(complaint([](auto& v) { v.settings.length.minimum = 14; }), Contains(HasSubstr("does not cover the blueprint's minima (15)")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.blueprint[1].minimum = 41; }), Contains(HasSubstr("'network' has 40 items")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.blueprint.pop_back(); }), Contains(HasSubstr("which the blueprint does not name")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.blueprint[0].area = "tuning"; }), Contains(HasSubstr("names the area 'tuning' twice")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.length.maximum = 201; }), Contains(HasSubstr("smaller than the maximum length")));
    EXPECT_THAT(complaint([](auto& v) { std::swap(v.pool[0], v.pool[1]); }), Contains(HasSubstr("ascending order")));
    EXPECT_THAT(complaint([](auto& v) { v.pool[1].identifier = v.pool[0].identifier; }), Contains(HasSubstr("stands for two items")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.scale.maximum = 400; }), Contains(HasSubstr("not inside the scale's bounds")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.standard_error_stop = 0.1; }), Contains(HasSubstr("standard error stop")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.time_limit = seconds{59}; }), Contains(HasSubstr("time limit")));
    EXPECT_THAT(complaint([](auto& v) { v.title.clear(); }), Contains(HasSubstr("no title")));
}

TEST(ExamVersion, IsNotForProductionWithoutARecordOfItsCutOrWithProvisionalParameters)
{
    auto version = demo_version();
    EXPECT_THAT(production_findings(version), Contains(HasSubstr("standard-setting")));
    EXPECT_THAT(production_findings(version), Contains(HasSubstr("200 items have provisional parameters")));
    version.settings.standard_setting = StandardSettingReference{"panel", sha256("panel")};
    for (auto& item : version.pool) item.provisional = false;
    EXPECT_THAT(production_findings(version), ::testing::IsEmpty());
}

TEST(ScaledScore, RoundsHalvesUpWithinItsBounds)
{
    auto settings = demo_version().settings;
    settings.scale = {.slope = 100, .intercept = 500, .step = 10, .minimum = 200, .maximum = 800};
    settings.cut = {-2};
    EXPECT_EQ(scaled_score(settings, {0.25}), 530); // 525
    EXPECT_EQ(scaled_score(settings, {0.2499}), 520);
    EXPECT_EQ(scaled_score(settings, {5}), 800);
    EXPECT_EQ(scaled_score(settings, {-5}), 200);
}

TEST(ScaledScore, NeverShowsTheCutsScoreToSomebodyBelowTheCut)
{
    auto settings = demo_version().settings;
    settings.cut = {0.5};
    EXPECT_EQ(scaled_score(settings, {0.5}), 550);
    EXPECT_EQ(scaled_score(settings, {0.4999}), 549); // 549.99 would round to 550
}

} // namespace
} // namespace assay::exam
