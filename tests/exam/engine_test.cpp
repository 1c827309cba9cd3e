// The engine in the sitting: every model, criterion, exposure rule, stop rule and form rule, through decide() and back through replay_check().
#include "exam/exposure_record.hpp"
#include "tests/exam/form_support.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <map>
#include <set>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FormRules, AreNeverBrokenInManySittingsWhateverEndsThem)
{
    auto version = form_version();
    version.settings.standard_error_stop = 0.4;
    ASSERT_THAT(findings(version), IsEmpty());
    auto lengths = std::set<std::size_t>{};
    for (auto seed = std::uint64_t{1}; seed <= 60; ++seed) {
        auto const run = simulated_run(version, {-2.5 + 5.0 * static_cast<double>(seed) / 60}, seed);
        EXPECT_THAT(broken(run), IsEmpty()) << "seed " << seed;
        EXPECT_THAT(run.sitting.outcome->reasons, ::testing::Not(Contains(OutcomeReason::blueprint_minimum_not_reached)));
        lengths.insert(run.sitting.items.size());
        if (seed % 10 == 0) expect_identical_replay(run, "seed " + std::to_string(seed));
    }
    EXPECT_GE(*lengths.begin(), 15u);
    EXPECT_LE(*lengths.rbegin(), 24u);
    EXPECT_GT(lengths.size(), 1u) << "the stop rules ended some sittings earlier";
}

TEST(Selection, ReplaysIdenticallyByEveryCriterionWithAndWithoutFormRules)
{
    using adaptive::Criterion;
    for (auto c = 0; c <= static_cast<int>(Criterion::random); ++c)
        for (auto const with_form : {false, true}) {
            auto version = form_version();
            if (!with_form) {
                version.settings.form.reset();
                for (auto& area : version.settings.blueprint) area.maximum.reset();
            }
            version.settings.selection.criterion = static_cast<Criterion>(c);
            version.settings.selection.start = Criterion::klp;
            version.settings.selection.start_items = 3;
            version.settings.randomesque = {.candidates = 3, .items = 2};
            auto const what = std::string{adaptive::name(static_cast<Criterion>(c))} + (with_form ? " with form rules" : "");
            ASSERT_THAT(findings(version), IsEmpty()) << what;
            auto const run = simulated_run(version, {0.6}, 11);
            if (with_form) {
                EXPECT_THAT(broken(run), IsEmpty()) << what;
            }
            expect_identical_replay(run, what);
        }
}

TEST(Selection, AsksTheCriterionForTheBestOfTheArea)
{
    auto version = demo_version();
    version.settings.randomesque = {.candidates = 1, .items = 0};
    version.settings.selection.criterion = adaptive::Criterion::mepv;
    auto const exam = prepared(version);
    auto const posterior = adaptive::NodePosterior{exam->tables(), {}};
    auto network = std::vector<std::uint32_t>{};
    for (auto i = std::uint32_t{0}; i < version.pool.size(); ++i)
        if (version.pool[i].area == "network") network.push_back(i); // the largest share comes first
    auto random = adaptive::Random{1};
    auto const ranked = adaptive::rank(exam->tables(), network, {posterior, 0, 0}, {.criterion = adaptive::Criterion::mepv}, random);
    auto const nobody = Ineligible{};
    auto const theta = Theta{posterior.moments(exam->tables()).mean};
    auto const chosen = select_next_item(*exam, {.administered = {}, .banned = {}, .ineligible = nobody, .posterior = posterior, .theta = theta, .seed = {}});
    EXPECT_EQ(chosen.value(), version.pool[ranked.front().item].id);
}

TEST(Exposure, ReplaysIdenticallyAndKeepsIneligibleItemsAwayWhileOthersAreLeft)
{
    using adaptive::ExposureRule;
    for (auto const rule : {ExposureRule::none, ExposureRule::sympson_hetter, ExposureRule::eligibility, ExposureRule::eligibility_theta, ExposureRule::restricted,
                            ExposureRule::priority}) {
        auto version = form_version();
        version.settings.exposure = {.rule = rule, .rate = 0.3};
        if (rule == ExposureRule::sympson_hetter)
            for (auto i = std::size_t{0}; i < version.pool.size(); i += 2) version.pool[i].administration_probability = 0.4;
        auto const what = std::string{adaptive::name(rule)};
        ASSERT_THAT(findings(version), IsEmpty()) << what;
        auto run = SittingRun{.version = version};
        auto open = opening(version, 5);
        auto const bands = rule == ExposureRule::eligibility_theta || rule == ExposureRule::priority ? adaptive::theta_bands : rule == ExposureRule::eligibility || rule == ExposureRule::restricted ? 1u : 0u;
        open.ineligible.resize(bands);
        for (auto band = std::size_t{0}; band < bands; ++band)
            for (auto i = band; i < version.pool.size(); i += 4) open.ineligible[band].push_back(version.pool[i].id);
        for (auto& list : open.ineligible) std::reverse(list.begin(), list.end());
        ASSERT_FALSE(run.send(open, noon));
        ASSERT_FALSE(run.send(Attach{1}, noon));
        ASSERT_FALSE(run.send(Start{1}, noon));
        for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(i % 3 != 0 ? right() : wrong(), noon + seconds{i}));
        EXPECT_THAT(broken(run), IsEmpty()) << what;
        for (auto const& item : run.sitting.items) {
            auto const kept = bands == 1 && std::binary_search(run.sitting.ineligible[0].begin(), run.sitting.ineligible[0].end(), item.item);
            EXPECT_FALSE(kept) << what;
        }
        expect_identical_replay(run, what);
    }
}

TEST(Exposure, LearnsFromSittingsAndKeepsPopularItemsBelowTheRate)
{
    for (auto const rule : {adaptive::ExposureRule::eligibility, adaptive::ExposureRule::eligibility_theta, adaptive::ExposureRule::restricted, adaptive::ExposureRule::priority}) {
        auto version = demo_version();
        version.settings.length = {.minimum = 15, .maximum = 15};
        version.settings.exposure = {.rule = rule, .rate = 0.25};
        auto const exam = prepared(version);
        auto records = std::vector<ExposureRecord>{};
        auto uses = std::map<ItemId, int>{};
        auto normal = std::normal_distribution<double>{};
        auto random = std::mt19937_64{8};
        constexpr auto sittings = 300;
        for (auto n = 0; n < sittings; ++n) {
            auto run = SittingRun{.version = version};
            auto open = opening(version, static_cast<std::uint64_t>(n));
            open.ineligible = draw_ineligible(*exam, records, open.seed);
            EXPECT_EQ(open.ineligible.size(), rule == adaptive::ExposureRule::eligibility_theta || rule == adaptive::ExposureRule::priority ? adaptive::theta_bands : 1u);
            ASSERT_FALSE(run.send(open, noon));
            ASSERT_FALSE(run.send(Attach{1}, noon));
            ASSERT_FALSE(run.send(Start{1}, noon));
            auto const theta = Theta{normal(random)};
            while (!run.sitting.ended) {
                auto const* item = find_item(version, run.sitting.items.back().item);
                ASSERT_FALSE(run.answer(uniform(random) < response_probability(item->model, theta) ? right() : wrong(), noon));
            }
            for (auto const& item : run.sitting.items) ++uses[item.item];
            records.push_back(exposure_record_of(run.sitting, *exam));
            EXPECT_EQ(records.back().items.size(), 15u);
            EXPECT_EQ(exposure_record_from_json(parse_json(canonical_json(to_json(records.back()))).value()).value(), records.back());
        }
        auto most = 0;
        for (auto const& [item, count] : uses) most = std::max(most, count);
        // The rules meet the rate on average; 300 sittings of a probabilistic rule vary by 3 SD of 0.025.
        EXPECT_LE(most / static_cast<double>(sittings), 0.25 + 0.075) << adaptive::name(rule);
    }
}

TEST(Exposure, RefusesARecordThatIsNone)
{
    for (auto const* text : {"{}", "[]", R"({"items":[[1]],"kept":[]})", R"({"items":[[1,5]],"kept":[]})", R"({"items":[[1,0]],"kept":[[1],[2]]})",
                             R"({"items":[[-1,0]],"kept":[]})", R"({"items":[],"kept":[],"more":1})"})
        EXPECT_FALSE(exposure_record_from_json(parse_json(text).value())) << text;
}

TEST(Exposure, DrawsNothingWhereNoRuleLearns)
{
    EXPECT_TRUE(draw_ineligible(*prepared(demo_version()), {}, seed_from(1)).empty());
}

TEST(Exposure, FindsLowerProbabilitiesForItemsThatEverybodyWouldSee)
{
    auto version = demo_version();
    version.settings.exposure = {.rule = adaptive::ExposureRule::sympson_hetter, .rate = 0.3};
    version.settings.length = {.minimum = 15, .maximum = 20};
    auto const probabilities = administration_probabilities(*prepared(version));
    ASSERT_EQ(probabilities.size(), version.pool.size());
    for (auto const p : probabilities) {
        EXPECT_GT(p, 0);
        EXPECT_LE(p, 1);
    }
    EXPECT_LT(*std::min_element(probabilities.begin(), probabilities.end()), 0.7);
    EXPECT_EQ(*std::max_element(probabilities.begin(), probabilities.end()), 1);
}

TEST(Exposure, HoldsOneLotteryASittingNotOneEachTimeAnItemIsSelected)
{
    // The item that everybody would see, at every step the most informative: shown to a share of `k`, however often it is selected.
    auto version = demo_version();
    version.settings.exposure = {.rule = adaptive::ExposureRule::sympson_hetter, .rate = 0.3};
    version.settings.length = {.minimum = 15, .maximum = 15};
    auto& best = version.pool[17];
    best.model = ItemModel::dichotomous(ModelKind::three_parameter, 2.5, 0, 0);
    best.administration_probability = 0.3;
    ASSERT_THAT(findings(version), IsEmpty());
    constexpr auto sittings = 80;
    auto shown = 0;
    for (auto seed = std::uint64_t{1}; seed <= sittings; ++seed) {
        auto run = started_run(version, seed);
        for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(i % 2 != 0 ? right() : wrong(), noon + seconds{i}));
        shown += static_cast<int>(std::ranges::count(run.sitting.items, best.id, &AdministeredItem::item));
    }
    EXPECT_NEAR(shown, 0.3 * sittings, 3 * std::sqrt(0.3 * 0.7 * sittings));
}

TEST(Exposure, GivesWayWhereNothingElseIsLeft)
{
    auto version = demo_version();
    auto run = SittingRun{.version = version};
    auto open = opening(version);
    open.ineligible.resize(1);
    for (auto const& item : version.pool) open.ineligible[0].push_back(item.id);
    ASSERT_FALSE(run.send(open, noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    EXPECT_FALSE(run.send(Start{1}, noon));
}

TEST(WithdrawItem, KeepsASuspendedItemFromEverySittingThatHasNotHadIt)
{
    for (auto const& version : {demo_version(), form_version()}) {
        auto const plain = simulated_run(version, {0.3}, 3);
        auto run = started_run(version, 3);
        auto random = std::mt19937_64{3};
        auto withdrawn = std::set<ItemId>{};
        for (auto now = noon; !run.sitting.ended;) {
            now += seconds{20};
            // Whatever would come next in the undisturbed sitting is suspended just before.
            auto const next = run.sitting.items.size();
            if (next % 3 == 0 && next < plain.sitting.items.size()) {
                auto const item = plain.sitting.items[next].item;
                auto const had = std::any_of(run.sitting.items.begin(), run.sitting.items.end(), [&](auto const& i) { return i.item == item; });
                ASSERT_FALSE(run.send(WithdrawItem{item}, now));
                ASSERT_FALSE(run.send(WithdrawItem{item}, now)) << "twice records once";
                if (!had) withdrawn.insert(item);
            }
            auto const* item = find_item(run.version, run.sitting.items.back().item);
            ASSERT_FALSE(run.answer(uniform(random) < response_probability(item->model, {0.3}) ? right() : wrong(), now));
        }
        EXPECT_EQ(run.all<ItemWithdrawn>().size(), withdrawn.size());
        EXPECT_GT(withdrawn.size(), 2u);
        for (auto const& item : run.sitting.items) EXPECT_FALSE(withdrawn.contains(item.item));
        if (version.settings.form) {
            EXPECT_THAT(broken(run), IsEmpty());
        }
        expect_identical_replay(run, version.identifier);
    }
}

TEST(WithdrawItem, LetsASittingGoOnThatCanNotKeepItsFormAnyMore)
{
    auto version = form_version();
    version.settings.form->include = {"backup-7"};
    ASSERT_THAT(findings(version), IsEmpty());
    auto run = started_run(version, 9);
    auto const included = std::find_if(version.pool.begin(), version.pool.end(), [](auto const& item) { return item.identifier == "backup-7"; })->id;
    ASSERT_FALSE(run.send(WithdrawItem{included}, noon));
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(right(), noon + seconds{i}));
    for (auto const& item : run.sitting.items) EXPECT_NE(item.item, included);
    EXPECT_EQ(run.all<Submitted>().at(0).cause, SubmitCause::maximum_length) << "it can't become complete, so no rule ends it before";
    EXPECT_THAT(run.sitting.outcome->reasons, Contains(OutcomeReason::blueprint_minimum_not_reached));
    expect_identical_replay(run, "included item withdrawn");
}

/// A bank with an item of each model; scores run from 0 to the number of steps.
ExamVersion mixed_version()
{
    auto version = demo_version();
    auto random = std::mt19937_64{3};
    for (auto i = std::size_t{0}; i < version.pool.size(); ++i) {
        auto const a = 0.8 + uniform(random);
        auto const b = -2 + 4 * uniform(random);
        auto& model = version.pool[i].model;
        switch (i % 8) {
        case 0: model = ItemModel::dichotomous(ModelKind::one_parameter, 1, b); break;
        case 1: model = ItemModel::dichotomous(ModelKind::two_parameter, a, b); break;
        case 2: model = ItemModel::dichotomous(ModelKind::three_parameter, a, b, 0.2); break;
        case 3: model = ItemModel::dichotomous(ModelKind::four_parameter, a, b, 0.1, 0.95); break;
        case 4: model = ItemModel::of({.kind = ModelKind::graded, .slopes = {a}, .thresholds = {b - 1, b, b + 1}}); break;
        case 5: model = ItemModel::of({.kind = ModelKind::generalized_partial_credit, .slopes = {a}, .thresholds = {b + 0.5, b - 0.5}}); break;
        case 6: model = ItemModel::of({.kind = ModelKind::partial_credit, .slopes = {1}, .thresholds = {b - 0.7, b, b + 0.7}}); break;
        default: model = ItemModel::of({.kind = ModelKind::nominal, .slopes = {0, a, 2 * a}, .thresholds = {0, 0.3, -b}}); break;
        }
    }
    return version;
}

TEST(Models, AllScoreInOneSittingByCategoryAsTheEstimatorOfTheCommandLineDoes)
{
    auto version = mixed_version();
    version.settings.selection.criterion = adaptive::Criterion::random; // so that every kind is asked
    version.settings.near_cut_z = 4;
    ASSERT_THAT(findings(version), IsEmpty());
    auto run = SittingRun{.version = version};
    run.scorer = [&version](ItemId id, ResponseSet const& response) -> result<ItemScore> {
        return ItemScore{.score = std::stod(response.at("RESPONSE").front()), .max_score = static_cast<double>(find_item(version, id)->model.categories() - 1)};
    };
    ASSERT_FALSE(run.send(opening(version, 2), noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    ASSERT_FALSE(run.send(Start{1}, noon));
    auto random = std::mt19937_64{5};
    for (auto i = 0; !run.sitting.ended; ++i) {
        auto const& model = find_item(version, run.sitting.items.back().item)->model;
        auto const u = uniform(random);
        auto category = std::size_t{0};
        for (auto sum = category_terms(model, 0, {0.5}).probability; u >= sum && category + 1 < model.categories();) sum += category_terms(model, ++category, {0.5}).probability;
        ASSERT_FALSE(run.answer({{"RESPONSE", {std::to_string(category)}}}, noon + seconds{i}));
        EXPECT_EQ(run.sitting.items[static_cast<std::size_t>(i)].category, category);
    }
    auto kinds = std::set<ModelKind>{};
    // exp of the log likelihood itself, item by item and node by node, summed in another order.
    auto total = 0.0L;
    auto first = 0.0L;
    for (auto n = 120; n >= 0; --n) {
        auto const theta = (n - 60) / 10.0;
        auto log = -0.5L * static_cast<long double>(theta * theta);
        for (auto i = run.sitting.items.size(); i-- > 0;) {
            auto const& model = find_item(version, run.sitting.items[i].item)->model;
            kinds.insert(model.kind());
            log += std::log(static_cast<long double>(category_terms(model, run.sitting.items[i].category, {theta}).probability));
        }
        auto const weight = std::exp(log);
        total += weight;
        first += weight * static_cast<long double>(theta);
    }
    EXPECT_EQ(kinds.size(), 8u);
    EXPECT_NEAR(run.sitting.outcome->estimate.theta.logits, static_cast<double>(first / total), 1e-11);
    expect_identical_replay(run, "mixed models");
}

TEST(StopRules, EndSittingsUnderTheirOwnNames)
{
    auto const cause_with = [](auto change) {
        auto version = demo_version();
        version.settings.standard_error_stop.reset();
        version.settings.near_cut_z = 0;
        version.settings.length = {.minimum = 15, .maximum = 40};
        change(version.settings);
        EXPECT_THAT(findings(version), IsEmpty());
        auto const run = simulated_run(version, {1.5}, 21);
        expect_identical_replay(run, "stop rule");
        return run.template all<Submitted>().at(0).cause;
    };
    EXPECT_EQ(cause_with([](auto&) {}), SubmitCause::maximum_length);
    EXPECT_EQ(cause_with([](auto& s) { s.standard_error_stop = 0.45; }), SubmitCause::precision_reached);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.class_probability = 0.95; }), SubmitCause::class_probability_reached);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.sprt = adaptive::CutTest{}; }), SubmitCause::probability_ratio_decided);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.glr = adaptive::CutTest{}; }), SubmitCause::likelihood_ratio_decided);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.confidence_z = 1.96; }), SubmitCause::confidence_interval_clear);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.curtailment_z = 2.05; }), SubmitCause::class_settled);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.minimum_information = 5; }), SubmitCause::nothing_left_to_learn);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.plateau = adaptive::Plateau{.answers = 3, .within = 0.3}; }), SubmitCause::estimate_settled);
    EXPECT_EQ(cause_with([](auto& s) { s.stop.time = minutes{6}; }), SubmitCause::planned_time_used);
    EXPECT_EQ(cause_with([](auto& s) {
                  s.stop.all = true;
                  s.stop.class_probability = 0.5;
                  s.stop.plateau = adaptive::Plateau{.answers = 3, .within = 0};
              }),
              SubmitCause::maximum_length)
        << "all must agree";
}

TEST(StopRules, GiveExtraTimeToWhoHasIt)
{
    auto version = demo_version();
    version.settings.standard_error_stop.reset();
    version.settings.near_cut_z = 0;
    version.settings.length = {.minimum = 15, .maximum = 30};
    version.settings.stop.time = minutes{6}; // 20 s an answer: the 18th
    auto const plain = simulated_run(version, {1}, 4);
    EXPECT_EQ(plain.sitting.items.size(), 18u);
    auto run = SittingRun{.version = version};
    auto open = opening(version, 4);
    open.extra = minutes{2};
    ASSERT_FALSE(run.send(open, noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    ASSERT_FALSE(run.send(Start{1}, noon));
    for (auto i = 1; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(right(), noon + seconds{20 * i}));
    EXPECT_EQ(run.sitting.items.size(), 24u);
}

TEST(AreaFeedback, IsGivenOnlyWhereTheAreasScoreIsReliable)
{
    auto version = demo_version();
    version.settings.area_reliability_minimum = 0.7;
    version.settings.area_feedback_minimum = 1;
    version.settings.near_cut_z = 4;
    auto some = 0;
    auto none = 0;
    for (auto seed = std::uint64_t{1}; seed <= 20; ++seed) {
        auto const run = simulated_run(version, {0}, seed);
        for (auto const& area : run.sitting.outcome->areas) {
            ASSERT_TRUE(area.reliability);
            // Definition: prior N(0, 1) times the area's likelihood alone, on the nodes.
            auto total = 0.0;
            auto first = 0.0;
            auto second = 0.0;
            for (auto n = 0; n <= 120; ++n) {
                auto const theta = (n - 60) / 10.0;
                auto weight = std::exp(-0.5 * theta * theta);
                for (auto const& item : run.sitting.items) {
                    auto const* of_pool = find_item(run.version, item.item);
                    if (of_pool->area == area.area) weight *= category_terms(of_pool->model, item.category, {theta}).probability;
                }
                total += weight;
                first += weight * theta;
                second += weight * theta * theta;
            }
            auto const mean = first / total;
            EXPECT_NEAR(*area.reliability, 1 - (second / total - mean * mean), 1e-9); // prior variance of 1 (to 1e-9 on these nodes)
            EXPECT_EQ(area.feedback == AreaFeedback::too_few_items, *area.reliability < 0.7);
            ++(area.feedback == AreaFeedback::too_few_items ? none : some);
        }
    }
    EXPECT_GT(some, 0);
    EXPECT_GT(none, 0);
}

TEST(Findings, SayWhatContradictsOrCanNotBeAndWhere)
{
    auto const complaint = [](auto change) {
        auto version = form_version();
        change(version);
        return findings(version);
    };
    EXPECT_THAT(complaint([](auto&) {}), IsEmpty());
    EXPECT_THAT(complaint([](auto& v) { v.settings.form.reset(); }), Contains(HasSubstr("'backup' has a maximum, which only a shadow test keeps")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.blueprint[0].maximum = 2; }), Contains(HasSubstr("maximum of area 'backup' is below its minimum")));
    EXPECT_THAT(complaint([](auto& v) {
                    for (auto& area : v.settings.blueprint) area.maximum = area.minimum;
                }),
                Contains(HasSubstr("maxima (12) do not reach the minimum length (15)")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.form->enemies.push_back({"nobody", "backup-1"}); }), Contains(HasSubstr("enemies names item nobody, which")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.form->passage_items["incident"].push_back("nobody"); }), Contains(HasSubstr("passage 'incident' names item 'nobody'")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.form->types["essay"] = {.minimum = 1}; }), Contains(HasSubstr("type essay: at least 1 items, but all the items that may be used give 0")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.form->words.maximum = 100; }), Contains(HasSubstr("these requirements can't hold together")));
    EXPECT_THAT(complaint([](auto& v) {
                    for (auto& item : v.pool) item.seconds = 0;
                }),
                Contains(HasSubstr("no item says how many seconds")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.stop.sprt = adaptive::CutTest{.alpha = 0.7}; }), Contains(HasSubstr("Stop rules: alpha and beta")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.stop.all = true; }), Contains(HasSubstr("needs at least two of them")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.stop.time = std::chrono::hours{2}; }), Contains(HasSubstr("beyond the time limit")));
    EXPECT_THAT(complaint([](auto& v) { v.settings.exposure.rate = 0; }), Contains(HasSubstr("exposure rate")));
    EXPECT_THAT(complaint([](auto& v) { v.pool[0].model = ItemModel::dichotomous(ModelKind::two_parameter, 50, 0); }), Contains(HasSubstr("outside what an exam may use")));
}

TEST(Retake, IsWarnedOfWhereThePoolIsTooSmall)
{
    auto version = form_version();
    EXPECT_THAT(warnings(version), IsEmpty()) << "nobody asked";
    version.settings.retake_excludes_seen = true;
    EXPECT_THAT(warnings(version), IsEmpty());
    std::erase_if(version.pool, [](PoolItem const& item) { return item.area == "backup" && item.identifier >= "backup-12"; }); // four are left: too few for two sittings
    version.settings.form->enemies.clear();
    version.settings.form->exclude.clear();
    ASSERT_THAT(findings(version), IsEmpty());
    EXPECT_THAT(warnings(version), Contains(HasSubstr("too small for a retake")));

    auto plain = demo_version();
    plain.settings.retake_excludes_seen = true;
    EXPECT_THAT(warnings(plain), IsEmpty());
    plain.settings.length.maximum = 120;
    EXPECT_THAT(warnings(plain), Contains(HasSubstr("The pool (200 items) is too small")));
}

} // namespace
} // namespace assay::exam
