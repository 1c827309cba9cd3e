// Testlets: presented whole, scored as one item by their own model, counted by their items.
#include "exam/answer_table.hpp"
#include "exam/errors.hpp"
#include "exam/exposure_record.hpp"
#include "tests/exam/form_support.hpp"

#include <gmock/gmock.h>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Where the item stands among those presented, or nothing.
std::optional<std::size_t> place_of(SittingRun const& run, std::string const& identifier)
{
    for (auto i = std::size_t{0}; i < run.sitting.items.size(); ++i)
        if (name_of(run, i) == identifier) return i;
    return std::nullopt;
}

constexpr double node(int n) { return (n - 60) / 10.0; }
constexpr auto node_count = 121;

/// From the definition: the prior times the product of category probabilities, single items by their models and whole testlets by theirs, summing to 1.
std::vector<long double> expected_posterior(SittingRun const& run)
{
    auto weights = std::vector<long double>{};
    auto total = 0.0L;
    for (auto n = 0; n < node_count; ++n) {
        auto const theta = node(n);
        auto weight = std::exp(-0.5L * static_cast<long double>(theta * theta));
        for (auto const& item : run.sitting.items) {
            if (!item.answered_at) continue;
            auto const* known = find_item(run.version, item.item);
            auto const in_testlet = std::ranges::any_of(run.version.settings.form->testlets, [&](Testlet const& t) { return std::ranges::find(t.items, known->identifier) != t.items.end(); });
            if (!in_testlet) weight *= static_cast<long double>(category_terms(known->model, item.correct ? 1 : 0, {theta}).probability);
        }
        for (auto const& testlet : run.version.settings.form->testlets) {
            auto right_ones = std::size_t{0};
            auto answered = std::size_t{0};
            for (auto const& name : testlet.items)
                if (auto const at = place_of(run, name); at && run.sitting.items[*at].answered_at) {
                    ++answered;
                    right_ones += run.sitting.items[*at].correct ? 1 : 0;
                }
            if (answered == testlet.items.size()) weight *= static_cast<long double>(category_terms(testlet.model, right_ones, {theta}).probability);
        }
        total += weight;
        weights.push_back(weight);
    }
    for (auto& weight : weights) weight /= total;
    return weights;
}

double mean_of(std::vector<long double> const& posterior)
{
    auto mean = 0.0L;
    for (auto n = 0; n < node_count; ++n) mean += posterior[static_cast<std::size_t>(n)] * static_cast<long double>(node(n));
    return static_cast<double>(mean);
}

double expected_theta(SittingRun const& run) { return mean_of(expected_posterior(run)); }

SittingRun run_with(ExamVersion const& version, std::uint64_t seed)
{
    auto run = started_run(version, seed);
    for (auto i = 0; !run.sitting.ended; ++i) EXPECT_FALSE(run.answer((static_cast<std::uint64_t>(i) + seed) % 3 != 0 ? right() : wrong(), noon + seconds{i}));
    return run;
}

TEST(Testlet, IsPresentedWholeInItsOrderAndScoredAsOneItem)
{
    auto const version = testlet_version();
    ASSERT_THAT(findings(version), IsEmpty());
    for (auto seed = std::uint64_t{1}; seed <= 3; ++seed) {
        auto const run = run_with(version, seed);
        auto const outage = place_of(run, "backup-12");
        ASSERT_TRUE(outage) << "the most informative choice around 0";
        EXPECT_EQ(name_of(run, *outage + 1), "backup-10");
        EXPECT_EQ(name_of(run, *outage + 2), "backup-11");
        auto const leak = place_of(run, "security-10");
        ASSERT_TRUE(leak);
        EXPECT_EQ(name_of(run, *leak + 1), "security-11");
        EXPECT_THAT(broken(run), IsEmpty()) << "length, areas, types, keys and words count the items";
        EXPECT_NEAR(run.sitting.outcome->estimate.theta.logits, expected_theta(run), 1e-10);
        EXPECT_EQ(scored_answers(run.sitting, *prepared(version)).size(), run.sitting.items.size() - 3) << "five items tell two things";
        EXPECT_EQ(run.sitting.outcome->items.size(), run.sitting.items.size());
        expect_identical_replay(run, "testlets");

        auto const table = answer_table(*prepared(version), std::vector{run.sitting});
        auto const column = static_cast<std::size_t>(std::ranges::find(table.items, "outage") - table.items.begin());
        ASSERT_LT(column, table.items.size());
        auto points = 0;
        for (auto i = *outage; i < *outage + 3; ++i) points += run.sitting.items[i].correct ? 1 : 0;
        EXPECT_EQ(table.at(0, column), points);
        EXPECT_EQ(std::ranges::count(table.items, "backup-10"), 0);
    }
}

TEST(Testlet, TellsNothingUntilItIsCompleteAndNoRuleEndsTheRunBefore)
{
    auto version = testlet_version();
    version.settings.randomesque = {.candidates = 1, .items = 0};
    auto run = started_run(version, 1);
    ASSERT_EQ(name_of(run, 0), "security-10") << "at 0 it tells 3.2 an item, the other one 1.7";
    auto const before = run.estimate();
    ASSERT_FALSE(run.answer(right(), noon));
    EXPECT_EQ(run.estimate(), before);
    EXPECT_EQ(name_of(run, 1), "security-11");
    ASSERT_FALSE(run.answer(right(), noon));
    EXPECT_GT(run.estimate().theta, before.theta);
    EXPECT_NEAR(run.estimate().theta.logits, expected_theta(run), 1e-10);

    auto handed_in = started_run(version, 1);
    ASSERT_FALSE(handed_in.answer(right(), noon));
    ASSERT_FALSE(handed_in.send(Finish{1}, noon));
    EXPECT_EQ(handed_in.sitting.outcome->estimate, before);
    EXPECT_THAT(handed_in.sitting.outcome->items, IsEmpty());
    EXPECT_EQ(handed_in.sitting.outcome->areas[3].answered, 0);
    expect_identical_replay(handed_in, "handed in within a testlet");
}

TEST(Testlet, IsLeftOutOnceAnItemOfItIsSuspended)
{
    auto version = testlet_version();
    version.settings.randomesque = {.candidates = 1, .items = 0};
    auto run = SittingRun{.version = version};
    ASSERT_FALSE(run.send(opening(version), noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    auto const suspended = std::ranges::find(version.pool, "security-11", &PoolItem::identifier)->id;
    ASSERT_FALSE(run.send(WithdrawItem{suspended}, noon));
    ASSERT_FALSE(run.send(Start{1}, noon));
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(i % 2 != 0 ? right() : wrong(), noon + seconds{i}));
    EXPECT_FALSE(place_of(run, "security-10")) << "nor its other item";
    EXPECT_FALSE(place_of(run, "security-11"));
    EXPECT_TRUE(place_of(run, "backup-12"));
    EXPECT_THAT(broken(run), IsEmpty());
    expect_identical_replay(run, "testlet left out");

    auto within = started_run(version, 1);
    ASSERT_EQ(name_of(within, 0), "security-10");
    ASSERT_FALSE(within.send(WithdrawItem{suspended}, noon));
    auto const before = within.estimate();
    ASSERT_FALSE(within.answer(right(), noon));
    EXPECT_NE(name_of(within, 1), "security-11");
    EXPECT_EQ(within.estimate(), before) << "what is left of it tells nothing";
}

/// A single item or a testlet: what is chosen.
struct Unit {
    std::string first;
    ItemModel model;
    int items = 1;
};

std::vector<Unit> units_of(ExamVersion const& version)
{
    auto units = std::vector<Unit>{};
    auto const& testlets = version.settings.form->testlets;
    for (auto const& item : version.pool)
        if (std::ranges::none_of(testlets, [&](Testlet const& t) { return std::ranges::find(t.items, item.identifier) != t.items.end(); })) units.push_back({item.identifier, item.model});
    for (auto const& testlet : testlets) units.push_back({testlet.items.front(), testlet.model, static_cast<int>(testlet.items.size())});
    return units;
}

/// The testlets without another rule that could stand in the way of the best choice.
ExamVersion version_choosing_by(adaptive::Criterion criterion)
{
    auto version = testlet_version();
    auto const testlets = version.settings.form->testlets;
    version.settings.form.emplace().testlets = testlets;
    for (auto& area : version.settings.blueprint) area = {area.area, 1, 0};
    version.settings.randomesque = {.candidates = 1, .items = 0};
    version.settings.standard_error_stop = 0.15;
    version.settings.selection = {.criterion = criterion, .predictive_from_posterior = true, .strata = 2};
    return version;
}

/// Runs a sitting; where a unit begins while three more items fit, `best` of the units left, by the definition, must be the one presented. Testlets presented.
template <class Best>
int expect_choices(ExamVersion const& version, std::uint64_t seed, Best const& best)
{
    auto testlets = 0;
    auto run = started_run(version, seed);
    auto left = units_of(version);
    for (auto i = std::size_t{0}; !run.sitting.ended; ++i) {
        auto const presented = std::ranges::find(left, name_of(run, i), &Unit::first);
        if (presented != left.end()) {
            auto const fits = i + 3 <= 18;
            EXPECT_TRUE(!fits || presented->first == best(run, left, static_cast<int>(i)).first) << presented->first << " is item " << i + 1 << ", seed " << seed;
            testlets += presented->items > 1;
            left.erase(presented);
        }
        EXPECT_FALSE(run.answer((i * 7 + seed) % 3 != 0 ? right() : wrong(), noon + seconds{static_cast<int>(i)}));
    }
    expect_identical_replay(run, "testlets chosen");
    return testlets;
}

/// What a unit takes off the posterior variance on average, for each of its items: over its categories, from the definition.
double decrease_an_item(Unit const& unit, std::vector<long double> const& posterior)
{
    auto const variance = [](std::vector<long double> const& weights) {
        auto total = 0.0L, first = 0.0L, second = 0.0L;
        for (auto n = 0; n < node_count; ++n) {
            auto const theta = static_cast<long double>(node(n));
            total += weights[static_cast<std::size_t>(n)];
            first += weights[static_cast<std::size_t>(n)] * theta;
            second += weights[static_cast<std::size_t>(n)] * theta * theta;
        }
        return std::pair{total, second / total - first / total * (first / total)};
    };
    auto decrease = variance(posterior).second;
    for (auto k = std::size_t{0}; k < unit.model.categories(); ++k) {
        auto after = posterior;
        for (auto n = 0; n < node_count; ++n) after[static_cast<std::size_t>(n)] *= static_cast<long double>(category_terms(unit.model, k, {node(n)}).probability);
        auto const [probability, left] = variance(after);
        decrease -= probability * left;
    }
    return static_cast<double>(decrease / unit.items);
}

TEST(Testlet, IsChosenByTheExpectedPosteriorVarianceOverItsCategories)
{
    auto const version = version_choosing_by(adaptive::Criterion::mepv);
    ASSERT_THAT(findings(version), IsEmpty());
    auto const best = [](SittingRun const& run, std::vector<Unit> const& left, int) {
        auto const posterior = expected_posterior(run);
        return *std::ranges::max_element(left, {}, [&](Unit const& unit) { return decrease_an_item(unit, posterior); });
    };
    auto testlets = 0;
    for (auto seed = std::uint64_t{1}; seed <= 3; ++seed) testlets += expect_choices(version, seed, best);
    EXPECT_GE(testlets, 3);
}

TEST(Testlet, BelongsToAStratumByItsGreatestInformationAnItemAndIsChosenByItsLocation)
{
    auto version = version_choosing_by(adaptive::Criterion::a_stratified);
    version.settings.form->testlets[0].model = ItemModel::of({.kind = ModelKind::generalized_partial_credit, .slopes = {0.6}, .thresholds = {-0.02, 0.01, 0.04}});
    ASSERT_THAT(findings(version), IsEmpty());
    auto const all = units_of(version);
    auto const slope = [](Unit const& unit) {
        if (unit.items == 1) return unit.model.slope();
        auto largest = 0.0;
        for (auto n = 0; n < node_count; ++n) largest = std::max(largest, information(unit.model, {node(n)}) / unit.items);
        return 2 * std::sqrt(largest); // I = a²/4
    };
    auto const is_in_upper_half = [&](Unit const& unit) {
        auto items_below = 0;
        for (auto const& other : all)
            if (slope(other) < slope(unit)) items_below += other.items;
        return 2 * items_below >= 120;
    };
    EXPECT_FALSE(is_in_upper_half(all[all.size() - 2])) << "the weak testlet";
    EXPECT_TRUE(is_in_upper_half(all.back()));
    auto const best = [&](SittingRun const& run, std::vector<Unit> const& left, int answered) {
        auto now = std::vector<Unit>{};
        for (auto const& unit : left)
            if (is_in_upper_half(unit) == (answered >= 9)) now.push_back(unit);
        auto const theta = expected_theta(run);
        return *std::ranges::min_element(now, {}, [&](Unit const& unit) {
            auto sum = 0.0;
            for (auto const b : unit.model.thresholds()) sum += b;
            return std::abs(sum / static_cast<double>(unit.model.thresholds().size()) - theta);
        });
    };
    auto testlets = 0;
    for (auto seed = std::uint64_t{1}; seed <= 3; ++seed) testlets += expect_choices(version, seed, best);
    EXPECT_GE(testlets, 3) << "the weak one lies at the first estimate";
}

TEST(Testlet, HasOneLotteryBySympsonAndHetterAndItsOwnProbability)
{
    auto version = testlet_version();
    version.settings.exposure = {.rule = adaptive::ExposureRule::sympson_hetter, .rate = 0.4};
    ASSERT_THAT(findings(version), IsEmpty());
    auto const probabilities = administration_probabilities(*prepared(version));
    ASSERT_EQ(probabilities.size(), version.pool.size());
    auto const of = [&](char const* name) { return probabilities[static_cast<std::size_t>(std::ranges::find(version.pool, name, &PoolItem::identifier) - version.pool.begin())]; };
    EXPECT_LT(of("security-10"), 0.6) << "everybody would see it";
    EXPECT_EQ(of("security-10"), of("security-11"));
    EXPECT_EQ(of("backup-12"), of("backup-10"));
    EXPECT_EQ(of("backup-12"), of("backup-11"));

    for (auto& item : version.pool)
        if (item.identifier == "security-10" || item.identifier == "security-11") item.administration_probability = 0.4;
    constexpr auto sittings = 100;
    auto first = 0;
    for (auto seed = std::uint64_t{1}; seed <= sittings; ++seed) first += name_of(started_run(version, seed), 0) == "security-10";
    EXPECT_NEAR(first, 0.4 * sittings, 3 * std::sqrt(0.4 * 0.6 * sittings)) << "by itself it always comes first";
    auto whole = 0;
    for (auto seed = std::uint64_t{1}; seed <= 8; ++seed) {
        auto const run = run_with(version, seed);
        EXPECT_EQ(place_of(run, "security-10").has_value(), place_of(run, "security-11").has_value());
        whole += place_of(run, "security-10").has_value();
        if (seed <= 2) expect_identical_replay(run, "lottery");
    }
    EXPECT_GT(whole, 0);
    EXPECT_LT(whole, 8);
}

TEST(Testlet, IsFoundFaultWithWhereItCanNotBeScored)
{
    auto const complaint = [](auto change) {
        auto version = testlet_version();
        change(version, version.settings.form->testlets[0]);
        return findings(version);
    };
    EXPECT_THAT(complaint([](auto&, auto& t) { t.items = {"backup-10"}; }), Contains("Testlet 'outage' has not 2 to 50 items."));
    EXPECT_THAT(complaint([](auto&, auto& t) { t.items.push_back("tuning-11"); }), Contains("Testlet 'outage' has items of different areas."));
    EXPECT_THAT(complaint([](auto&, auto& t) { t.items.push_back("nobody"); }), Contains(HasSubstr("names item 'nobody'")));
    EXPECT_THAT(complaint([](auto&, auto& t) { t.items[0] = "backup-10"; }), Contains("Item 'backup-10' stands twice in testlets."));
    EXPECT_THAT(complaint([](auto&, auto& t) { t.name = "leak"; }), Contains("Testlet 'leak' has no name of its own."));
    EXPECT_THAT(complaint([](auto&, auto& t) { t.model = PoolItem{}.model; }), Contains(HasSubstr("needs GRM, GPCM or PCM")));
    EXPECT_THAT(complaint([](auto& v, auto&) { v.settings.form->passage_items["backups"] = {"backup-10"}; }), Contains(HasSubstr("items of different passages")));
    auto version = testlet_version();
    for (auto& item : version.pool) item.provisional = false;
    EXPECT_THAT(production_findings(version), Contains("The testlet 'outage' has provisional parameters."));
}

} // namespace
} // namespace assay::exam
