// Testlets: presented whole, scored as one item by their own model, counted by their items.
#include "exam/answer_table.hpp"
#include "exam/errors.hpp"
#include "tests/exam/form_support.hpp"

#include <gmock/gmock.h>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Two testlets, of three and of two items, that tell more than any other item around 0.
ExamVersion testlet_version()
{
    auto version = form_version();
    version.settings.length = {.minimum = 15, .maximum = 18};
    version.settings.form->testlets = {
        {.name = "outage", .items = {"backup-12", "backup-10", "backup-11"},
         .model = ItemModel::of({.kind = ModelKind::generalized_partial_credit, .slopes = {3}, .thresholds = {-0.5, 0.1, 0.6}}), .provisional = true},
        {.name = "leak", .items = {"security-10", "security-11"},
         .model = ItemModel::of({.kind = ModelKind::graded, .slopes = {6}, .thresholds = {-0.3, 0.4}}), .provisional = true}};
    return version;
}

std::string name_of(SittingRun const& run, std::size_t i) { return find_presentable(run.version, run.sitting.items[i].item)->identifier; }

/// Where the item stands among those presented, or nothing.
std::optional<std::size_t> place_of(SittingRun const& run, std::string const& identifier)
{
    for (auto i = std::size_t{0}; i < run.sitting.items.size(); ++i)
        if (name_of(run, i) == identifier) return i;
    return std::nullopt;
}

/// The EAP from the definition: the prior times the product of category probabilities, single items by their models and whole testlets by theirs.
double expected_theta(SittingRun const& run)
{
    auto total = 0.0L;
    auto first = 0.0L;
    for (auto n = 120; n >= 0; --n) {
        auto const theta = (n - 60) / 10.0;
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
        first += weight * static_cast<long double>(theta);
    }
    return static_cast<double>(first / total);
}

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
    EXPECT_THAT(complaint([](auto& v, auto&) { v.settings.selection.criterion = adaptive::Criterion::mepv; }), Contains(HasSubstr("can't be chosen by mepv")));
    EXPECT_THAT(complaint([](auto& v, auto&) { v.settings.exposure.rule = adaptive::ExposureRule::sympson_hetter; }), Contains(HasSubstr("Sympson-Hetter")));
    EXPECT_THAT(complaint([](auto& v, auto&) { v.settings.form->passage_items["backups"] = {"backup-10"}; }), Contains(HasSubstr("items of different passages")));
    auto version = testlet_version();
    for (auto& item : version.pool) item.provisional = false;
    EXPECT_THAT(production_findings(version), Contains("The testlet 'outage' has provisional parameters."));
}

} // namespace
} // namespace assay::exam
