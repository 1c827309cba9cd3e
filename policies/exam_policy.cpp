#include "policies/exam_policy.hpp"

#include "policies/detail/table_reader.hpp"

namespace assay::policies {
namespace {

using detail::TableReader;

constexpr auto criterion_words = "mfi, cut, kl, kl-interval, klp, mlwi, mpwi, mei, mepv, a-stratified, randomesque, progressive or random";

void optional_number(TableReader& t, std::string_view key, std::optional<double>& value, double least, double most)
{
    if (!t.has(key)) return;
    t.number(key, value.emplace(), least, most);
}

void read_criterion(TableReader& t, std::string_view key, exam::adaptive::Criterion& value)
{
    auto word = std::string{exam::adaptive::name(value)};
    t.text(key, word, 40);
    auto const known = exam::adaptive::criterion(word);
    if (known) value = *known;
    else t.problem(key, std::string{"expected "} + criterion_words + ", found \"" + word + "\"");
}

void read_selection(TableReader& t, exam::SelectionRule& rule)
{
    auto word = std::string{to_string(rule.mode)};
    t.text("mode", word, 40);
    auto known = false;
    for (auto const mode : {exam::SelectionMode::adaptive, exam::SelectionMode::linear, exam::SelectionMode::loft, exam::SelectionMode::stages})
        if (word == to_string(mode)) rule.mode = mode, known = true;
    if (!known) t.problem("mode", "expected adaptive, linear, loft or stages, found \"" + word + "\"");
    read_criterion(t, "criterion", rule.criterion);
    if (t.has("start")) read_criterion(t, "start", rule.start.emplace());
    t.whole_number("start_items", rule.start_items, 0, 100);
    t.flag("predictive_from_posterior", rule.predictive_from_posterior);
    t.flag("expected_information", rule.expected_information);
    t.whole_number("strata", rule.strata, 1, 20);
    t.number("acceleration", rule.acceleration, 0, 10);
}

void read_exposure(TableReader& t, exam::ExposureLimit& limit)
{
    auto word = std::string{exam::adaptive::name(limit.rule)};
    t.text("rule", word, 40);
    auto const known = exam::adaptive::exposure(word);
    if (known && word == exam::adaptive::name(known->rule) && known->rule != exam::adaptive::ExposureRule::randomesque) limit.rule = known->rule;
    else t.problem("rule", "expected none, sympson-hetter, eligibility, eligibility-theta, restricted or priority, found \"" + word + "\"");
    t.number("rate", limit.rate, 0.01, 1);
}

void read_cut_test(TableReader& t, exam::adaptive::CutTest& test)
{
    t.number("alpha", test.alpha, 0.0001, 0.5);
    t.number("beta", test.beta, 0.0001, 0.5);
    t.number("delta", test.delta, 0.001, 10);
}

void read_stop(TableReader& t, exam::FurtherStopRules& stop)
{
    t.flag("all", stop.all);
    optional_number(t, "class_probability", stop.class_probability, 0.5, 1);
    optional_number(t, "confidence_z", stop.confidence_z, 0, 10);
    optional_number(t, "curtailment_z", stop.curtailment_z, 0, 10);
    optional_number(t, "minimum_information", stop.minimum_information, 0, 100);
    if (t.has("minutes")) {
        auto minutes = 1;
        t.whole_number("minutes", minutes, 1, 1440);
        stop.time = std::chrono::minutes{minutes};
    }
    t.table("sprt", [&](TableReader& test) { read_cut_test(test, stop.sprt.emplace()); });
    t.table("glr", [&](TableReader& test) { read_cut_test(test, stop.glr.emplace()); });
    t.table("plateau", [&](TableReader& plateau) {
        auto& rule = stop.plateau.emplace();
        plateau.whole_number("answers", rule.answers, 2, 500);
        plateau.number("within", rule.within, 0, 10);
    });
}

void read_range(TableReader& t, exam::assembly::Range& range)
{
    t.number("min", range.minimum, 0, 1e9);
    t.number("max", range.maximum, 0, 1e9);
    if (range.minimum > range.maximum) t.problem("min", "is above max");
}

void read_testlet(TableReader& t, exam::Testlet& testlet)
{
    for (auto const* key : {"name", "items", "model", "a", "b"}) t.require(key);
    t.text("name", testlet.name, 100);
    t.texts("items", testlet.items, 50, 200);
    auto word = std::string{exam::name(testlet.model.kind())};
    t.text("model", word, 10);
    auto values = exam::ItemModel::Values{};
    values.thresholds.clear();
    t.number("a", values.slopes.front(), -10, 10);
    t.numbers("b", values.thresholds, -20, 20, exam::ItemModel::categories_max - 1);
    auto calibrated = false;
    t.flag("calibrated", calibrated);
    testlet.provisional = !calibrated;
    auto const kind = exam::model_kind(word);
    if (!kind || exam::is_dichotomous(*kind) || *kind == exam::ModelKind::nominal) return t.problem("model", "expected GRM, GPCM or PCM, found \"" + word + "\"");
    values.kind = *kind;
    if (auto const problem = exam::ItemModel::problem(values)) t.problem("b", *problem);
    else testlet.model = exam::ItemModel::of(std::move(values));
}

void read_form(TableReader& t, exam::FormRules& form)
{
    constexpr auto sets_max = std::size_t{10'000};
    auto const ranges = [&](std::string_view key, std::map<std::string, exam::assembly::Range>& map) {
        t.named_tables(key, 100, [&](std::string const& name, TableReader& range) { read_range(range, map[name]); });
    };
    ranges("types", form.types);
    ranges("keys", form.keys);
    t.table("words", [&](TableReader& range) { read_range(range, form.words); });
    t.table("seconds", [&](TableReader& range) { read_range(range, form.seconds); });
    t.table("passages", [&](TableReader& p) {
        auto& rule = form.passages.emplace();
        p.number("min", rule.passages.minimum, 0, 1000);
        p.number("max", rule.passages.maximum, 0, 1e9);
        p.table("items", [&](TableReader& range) { read_range(range, rule.items); });
        if (rule.passages.minimum > rule.passages.maximum) p.problem("min", "is above max");
    });
    t.tables("passage", 1000, [&](TableReader& p) {
        auto name = std::string{};
        p.require("name");
        p.require("items");
        p.text("name", name, 100);
        p.texts("items", form.passage_items[name], 1000, 200);
    });
    t.tables("testlet", 1000, [&](TableReader& testlet) { read_testlet(testlet, form.testlets.emplace_back()); });
    t.text_lists("enemies", form.enemies, sets_max, 200);
    t.text_lists("friends", form.friends, sets_max, 200);
    t.texts("include", form.include, sets_max, 200);
    t.texts("exclude", form.exclude, sets_max, 200);
}

void read_module(TableReader& t, exam::StageModule& module)
{
    t.require("name");
    t.text("name", module.name, 100);
    t.text("panel", module.panel, 100);
    t.texts("items", module.items, 500, 200);
    optional_number(t, "theta", module.target, -6, 6);
    optional_number(t, "from", module.from, -6, 6);
}

/// 0 in the document: not asked.
void number_or_nothing(TableReader& t, std::string_view key, std::optional<double>& value, double most)
{
    auto number = value.value_or(0);
    t.number(key, number, 0, most);
    value.reset();
    if (number > 0) value = number;
}

void read(TableReader& root, exam::ExamSettings& s)
{
    root.require("blueprint");
    root.tables("blueprint", 50, [&](TableReader& t) {
        auto area = exam::BlueprintArea{};
        t.require("area");
        t.text("area", area.area, 100);
        t.whole_number("share", area.share, 1, 1000);
        t.whole_number("minimum", area.minimum, 0, 500);
        if (t.has("maximum")) t.whole_number("maximum", area.maximum.emplace(), 0, 500);
        s.blueprint.push_back(std::move(area));
    });
    root.table("length", [&](TableReader& t) {
        t.whole_number("minimum", s.length.minimum, 1, 500);
        t.whole_number("maximum", s.length.maximum, 1, 500);
    });
    number_or_nothing(root, "standard_error_stop", s.standard_error_stop, 2);
    root.require("cut");
    root.number("cut", s.cut.logits, -6, 6);
    root.number("near_cut_z", s.near_cut_z, 0, 5);
    root.table("standard_setting", [&](TableReader& t) {
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
    root.table("randomesque", [&](TableReader& t) {
        t.whole_number("candidates", s.randomesque.candidates, 1, 100);
        t.whole_number("items", s.randomesque.items, 0, 100);
    });
    root.table("selection", [&](TableReader& t) { read_selection(t, s.selection); });
    root.table("exposure", [&](TableReader& t) { read_exposure(t, s.exposure); });
    root.table("stop", [&](TableReader& t) { read_stop(t, s.stop); });
    root.table("form", [&](TableReader& t) { read_form(t, s.form.emplace()); });
    root.table("fixed_form", [&](TableReader& t) {
        t.texts("items", s.fixed_form.items, 500, 200);
        t.flag("shuffled", s.fixed_form.shuffled);
        t.number("randomness", s.fixed_form.randomness, 0, 1);
    });
    root.table("block", [&](TableReader& t) {
        t.whole_number("items", s.block.items, 1, 500);
        t.flag("review", s.block.review);
    });
    root.tables("stage", 20, [&](TableReader& stage) {
        auto& out = s.stages.emplace_back();
        stage.require("module");
        stage.whole_number("items", out.items, 0, 500);
        stage.tables("module", 1000, [&](TableReader& t) { read_module(t, out.modules.emplace_back()); });
    });
    root.tables("family", 10'000, [&](TableReader& t) {
        auto name = std::string{};
        t.require("name");
        t.require("items");
        t.text("name", name, 100);
        t.texts("items", s.families[name], 1000, 200);
    });
    root.table("pretest", [&](TableReader& t) { t.whole_number("slots", s.pretest.slots, 0, 50); });
    auto minutes = s.time_limit ? static_cast<int>(std::chrono::floor<std::chrono::minutes>(*s.time_limit).count()) : 0;
    root.whole_number("time_limit_minutes", minutes, 0, 1440);
    s.time_limit.reset();
    if (minutes > 0) s.time_limit = std::chrono::minutes{minutes};
    root.table("clock", [&](TableReader& t) {
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
    root.table("scale", [&](TableReader& t) {
        t.number("slope", s.scale.slope, 0.001, 10'000);
        t.number("intercept", s.scale.intercept, -100'000, 100'000);
        t.number("step", s.scale.step, 0.001, 1000);
        t.number("minimum", s.scale.minimum, -100'000, 100'000);
        t.number("maximum", s.scale.maximum, -100'000, 100'000);
    });
    root.whole_number("area_feedback_minimum", s.area_feedback_minimum, 1, 100);
    number_or_nothing(root, "area_reliability_minimum", s.area_reliability_minimum, 1);
    root.flag("proctored", s.proctored);
    root.flag("retake_excludes_seen", s.retake_excludes_seen);
}

} // namespace

Parsed<exam::ExamSettings> parse_exam_policy(std::string_view document, std::string const& source)
{
    auto settings = exam::ExamSettings{};
    auto parsed = Parsed<exam::ExamSettings>{};
    parsed.problems = detail::read_document(document, source, [&](TableReader& root) { read(root, settings); });
    if (parsed.problems.empty())
        for (auto& sentence : exam::findings(settings)) parsed.problems.push_back({source, 0, 0, {}, std::move(sentence)});
    if (parsed.problems.empty()) parsed.value = std::move(settings);
    return parsed;
}

} // namespace assay::policies
