#include "policies/exam_policy.hpp"

#include "policies/detail/table_reader.hpp"

namespace assay::policies {
namespace {

void read(detail::TableReader& root, exam::ExamSettings& s)
{
    root.require("blueprint");
    root.tables("blueprint", 50, [&](detail::TableReader& t) {
        auto area = exam::BlueprintArea{};
        t.require("area");
        t.text("area", area.area, 100);
        t.whole_number("share", area.share, 1, 1000);
        t.whole_number("minimum", area.minimum, 0, 500);
        s.blueprint.push_back(std::move(area));
    });
    root.table("length", [&](detail::TableReader& t) {
        t.whole_number("minimum", s.length.minimum, 1, 500);
        t.whole_number("maximum", s.length.maximum, 1, 500);
    });
    root.number("standard_error_stop", s.standard_error_stop, 0.05, 2);
    root.require("cut");
    root.number("cut", s.cut.logits, -6, 6);
    root.number("near_cut_z", s.near_cut_z, 0, 5);
    root.table("standard_setting", [&](detail::TableReader& t) {
        auto reference = exam::StandardSettingReference{};
        auto hash = std::string{};
        t.require("reference");
        t.require("document");
        t.text("reference", reference.reference, 200);
        t.text("document", hash, 64);
        auto const digest = parse_sha256(hash);
        if (digest) reference.document = *digest;
        else t.problem("document", "expected a SHA-256 in lower-case hex");
        s.standard_setting = std::move(reference);
    });
    root.table("randomesque", [&](detail::TableReader& t) {
        t.whole_number("candidates", s.randomesque.candidates, 1, 100);
        t.whole_number("items", s.randomesque.items, 0, 100);
    });
    auto minutes = s.time_limit ? static_cast<int>(std::chrono::floor<std::chrono::minutes>(*s.time_limit).count()) : 0;
    root.whole_number("time_limit_minutes", minutes, 0, 1440);
    s.time_limit.reset();
    if (minutes > 0) s.time_limit = std::chrono::minutes{minutes};
    root.table("clock", [&](detail::TableReader& t) {
        auto each = 60, total = 180, break_minutes = 10;
        t.whole_number("disconnect_credit_each_seconds", each, 0, 3600);
        t.whole_number("disconnect_credit_total_seconds", total, 0, 7200);
        t.whole_number("breaks", s.clock.breaks_max, 0, 10);
        t.whole_number("break_minutes", break_minutes, 1, 60);
        s.clock.disconnect_credit_each = std::chrono::seconds{each};
        s.clock.disconnect_credit_total = std::chrono::seconds{total};
        s.clock.break_each = std::chrono::minutes{break_minutes};
    });
    auto rule = std::string{"estimate_reaches_cut"};
    root.text("decision", rule, 100);
    if (rule != "estimate_reaches_cut") root.problem("decision", "expected \"estimate_reaches_cut\", found \"" + rule + "\"");
    root.table("scale", [&](detail::TableReader& t) {
        t.number("slope", s.scale.slope, 0.001, 10'000);
        t.number("intercept", s.scale.intercept, -100'000, 100'000);
        t.number("step", s.scale.step, 0.001, 1000);
        t.number("minimum", s.scale.minimum, -100'000, 100'000);
        t.number("maximum", s.scale.maximum, -100'000, 100'000);
    });
    root.whole_number("area_feedback_minimum", s.area_feedback_minimum, 1, 100);
    root.flag("proctored", s.proctored);
}

} // namespace

Parsed<exam::ExamSettings> parse_exam_policy(std::string_view document, std::string const& source)
{
    auto settings = exam::ExamSettings{};
    auto parsed = Parsed<exam::ExamSettings>{};
    parsed.problems = detail::read_document(document, source, [&](detail::TableReader& root) { read(root, settings); });
    if (parsed.problems.empty())
        for (auto& sentence : exam::findings(settings)) parsed.problems.push_back({source, 0, 0, {}, std::move(sentence)});
    if (parsed.problems.empty()) parsed.value = std::move(settings);
    return parsed;
}

} // namespace assay::policies
