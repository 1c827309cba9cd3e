// Pretest items in hidden slots: they count for nothing, nobody can tell them apart, and those come up that need answers.
#include "exam/answer_table.hpp"
#include "exam/errors.hpp"
#include "exam/exposure_record.hpp"
#include "tests/exam/form_support.hpp"

#include <gmock/gmock.h>
#include <map>
#include <set>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Pretest, CountsForNothing)
{
    auto lengths = std::set<std::size_t>{};
    for (auto const& plain : {demo_version(), form_version()}) {
        auto version = plain;
        version.settings.standard_error_stop = 0.45;
        version.settings.near_cut_z = 0.5;
        auto const with = with_pretest(version, 4, 10);
        ASSERT_THAT(findings(with), IsEmpty());
        for (auto seed = std::uint64_t{1}; seed <= (plain.settings.form ? 3u : 20u); ++seed) {
            auto const scored = run_of(version, seed);
            auto const tried = run_of(with, seed);
            EXPECT_EQ(tried.sitting.outcome, scored.sitting.outcome) << "items, theta, areas and all, to the last bit; seed " << seed;
            EXPECT_EQ(tried.all<Submitted>().at(0).cause, scored.all<Submitted>().at(0).cause);
            EXPECT_EQ(tried.sitting.items.size(), scored.sitting.items.size() + 4) << "every slot is used, whenever the run ends";
            EXPECT_EQ(answered_count(tried.sitting), scored_count(tried.sitting) + 4);
            EXPECT_TRUE(tried.sitting.items.back().scored);
            lengths.insert(scored.sitting.items.size());
            if (seed <= 2) expect_identical_replay(tried, "seed " + std::to_string(seed));
        }
    }
    EXPECT_GT(lengths.size(), 1u) << "stop rules ended some sittings earlier than others";
}

TEST(Pretest, StandsAnywhereBeforeAStopRuleMayEndTheRunEachPlaceEquallyOften)
{
    auto settings = demo_version().settings;
    settings.length = {.minimum = 6, .maximum = 20};
    settings.pretest.slots = 3;
    auto places = std::map<std::uint32_t, int>{};
    auto sets = std::map<std::vector<std::uint32_t>, int>{};
    constexpr auto draws = 5600;
    for (auto seed = std::uint64_t{0}; seed < draws; ++seed) {
        auto const ordinals = pretest_ordinals(settings, seed_from(seed));
        ASSERT_EQ(ordinals.size(), 3u);
        ++sets[ordinals];
        for (auto const ordinal : ordinals) ++places[ordinal];
    }
    EXPECT_EQ(places.begin()->first, 1u);
    EXPECT_EQ(places.rbegin()->first, 8u) << "of the 6 + 3 items of the shortest sitting any but the last";
    EXPECT_EQ(sets.size(), 56u) << "8 over 3";
    // Each of 56 sets 100 times: a chi-square of 55 degrees of freedom, mean 55, SD 10.5.
    auto chi_square = 0.0;
    for (auto const& [set, count] : sets) chi_square += (count - 100.0) * (count - 100.0) / 100.0;
    EXPECT_LT(chi_square, 55 + 4 * 10.5);
    EXPECT_GT(chi_square, 55 - 4 * 10.5);
}

TEST(Pretest, TakesTheItemsThatNeedAnswersMost)
{
    auto const version = with_pretest(demo_version(), 1, 3);
    auto const exam = prepared(version);
    auto const weights = PretestWeights{{version.pretest[0].id, 1}, {version.pretest[1].id, 0.5}, {version.pretest[2].id, 0.25}};
    auto count = std::map<ItemId, int>{};
    constexpr auto draws = 7000;
    for (auto seed = std::uint64_t{0}; seed < draws; ++seed) ++count[select_pretest_item(*exam, weights, {}, {}, seed_from(seed), 4).value()];
    // 4/7, 2/7 and 1/7 of 7000; SDs 41, 38, 29.
    EXPECT_NEAR(count[version.pretest[0].id], 4000, 4 * 41);
    EXPECT_NEAR(count[version.pretest[1].id], 2000, 4 * 38);
    EXPECT_NEAR(count[version.pretest[2].id], 1000, 4 * 29);
}

TEST(Pretest, LearnsFromRecordsOfEarlierSittingsWhichItemsHaveAnswers)
{
    auto const version = with_pretest(demo_version(), 2, 3);
    ASSERT_TRUE(keeps_record(version.settings));
    auto records = std::vector<ExposureRecord>{};
    auto answers = std::map<ItemId, int>{};
    for (auto seed = std::uint64_t{1}; seed <= 5; ++seed) {
        auto const run = run_of(version, seed);
        auto const record = exposure_record_of(run.sitting, *prepared(version));
        EXPECT_EQ(record.items.size() + 2, run.sitting.items.size()) << "exposure of scored items";
        auto const reread = exposure_record_from_json(parse_json(canonical_json(to_json(record))).value());
        ASSERT_EQ(reread.value(), record);
        records.push_back(record);
        for (auto const& item : run.sitting.items)
            if (!item.scored) ++answers[item.item];
    }
    auto const weights = pretest_weights(version, records);
    ASSERT_EQ(weights.size(), 3u);
    for (auto const& each : weights) EXPECT_EQ(each.weight, 1.0 / (1 + answers[each.item]));
    EXPECT_THAT(pretest_weights(demo_version(), {}), IsEmpty());
    EXPECT_EQ(canonical_json(to_json(ExposureRecord{.items = {3}, .bands = {2}, .kept = {}, .pretested = {}})), R"({"items":[[3,2]],"kept":[]})") << "as before there were slots";
}

TEST(Pretest, NeverStandsBesideAnEnemy)
{
    auto version = with_pretest(form_version(), 2, 2);
    // Of new-0 every eighth item of the pool is an enemy, in sets of two; of new-1 the other pretest item.
    for (auto i = std::size_t{0}; i < version.pool.size(); i += 8) version.settings.form->enemies.push_back({"new-0", version.pool[i].identifier});
    version.settings.form->enemies.push_back({"new-1", "new-0"});
    ASSERT_THAT(findings(version), IsEmpty());
    auto const exam = prepared(version);
    auto seen = std::set<std::string>{};
    for (auto seed = std::uint64_t{1}; seed <= 8; ++seed) {
        auto const run = run_of(version, seed + 11);
        EXPECT_THAT(broken(run), IsEmpty());
        for (auto const& one : run.sitting.items) {
            if (!one.scored) seen.insert(find_presentable(version, one.item)->identifier);
            auto const enemies = exam->enemies_of(one.item);
            for (auto const& other : run.sitting.items)
                EXPECT_FALSE(std::binary_search(enemies.begin(), enemies.end(), other.item)) << "seed " << seed << ": " << to_string(one.item) << " and " << to_string(other.item);
        }
    }
    EXPECT_EQ(seen, (std::set<std::string>{"new-0", "new-1"})) << "each came up at some time";
}

TEST(Pretest, IsNotPresentedOnceItIsSuspendedAndTheSlotIsThenAnOrdinaryItems)
{
    auto const version = with_pretest(demo_version(), 3, 3);
    auto run = SittingRun{.version = version};
    auto open = opening(version, 3);
    open.pretest = equal_weights(version);
    open.banned = {version.pretest[0].id};
    ASSERT_FALSE(run.send(open, noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    ASSERT_FALSE(run.send(WithdrawItem{version.pretest[1].id}, noon));
    EXPECT_EQ(run.all<ItemWithdrawn>().size(), 1u);
    ASSERT_FALSE(run.send(Start{1}, noon));
    for (auto i = 1; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(right(), noon + seconds{i}));
    auto pretested = std::vector<ItemId>{};
    for (auto const& item : run.sitting.items)
        if (!item.scored) pretested.push_back(item.item);
    EXPECT_EQ(pretested, std::vector<ItemId>{version.pretest[2].id});
    EXPECT_GE(scored_count(run.sitting), 15u);
    expect_identical_replay(run, "suspended pretest items");
}

TEST(Pretest, LooksLikeAnyOtherItemInEveryEventThatReachesTheCandidate)
{
    auto const version = with_pretest(demo_version(), 5, 5);
    auto const run = run_of(version, 9);
    auto members = std::map<std::string, std::set<std::string>>{};
    auto kinds = std::set<bool>{};
    for (auto const& event : run.events) {
        auto const* presented = std::get_if<ItemPresented>(&event);
        auto const* recorded = std::get_if<ResponseRecorded>(&event);
        if (presented == nullptr && recorded == nullptr) continue;
        auto names = std::string{};
        auto const document = to_json(event);
        for (auto const& [name, value] : document.as_object()) names += std::string{name} + " ";
        members[std::string{event_name(event)}].insert(names);
        kinds.insert(find_item(version, presented != nullptr ? presented->item : recorded->item) != nullptr);
    }
    EXPECT_EQ(kinds.size(), 2u) << "scored and pretest items were presented";
    for (auto const& [event, shapes] : members) EXPECT_EQ(shapes.size(), 1u) << event;
    EXPECT_EQ(presented_length(version.settings), (LengthRule{.minimum = 20, .maximum = 35})) << "what the candidate is told covers them";
}

TEST(Pretest, WeightsAreThoseOfTheVersionOrTheEventDoesNotFit)
{
    auto const version = with_pretest(demo_version(), 1, 2);
    auto const run = run_of(version, 1);
    auto opened = std::get<SittingOpened>(run.events.front());
    EXPECT_FALSE(misfit({}, version, opened));
    for (auto const& weights : {PretestWeights{{version.pool[0].id, 1}}, PretestWeights{{version.pretest[0].id, 0}}, PretestWeights{{version.pretest[0].id, std::nan("")}},
                                PretestWeights{{version.pretest[1].id, 1}, {version.pretest[0].id, 1}}, PretestWeights{{version.pretest[0].id, 1}, {version.pretest[0].id, 1}}}) {
        opened.pretest = weights;
        EXPECT_TRUE(misfit({}, version, opened));
        auto events = run.events;
        events.front() = opened;
        EXPECT_FALSE(replay_check(*prepared(version), score_right, events).identical);
    }
}

TEST(Pretest, IsFoundFaultWithWhereItsItemsDoNotFitTheExam)
{
    auto const complaint = [](auto change) {
        auto version = with_pretest(demo_version(), 2, 3);
        change(version);
        return findings(version);
    };
    EXPECT_THAT(complaint([](auto&) {}), IsEmpty());
    EXPECT_THAT(complaint([](auto& v) { v.settings.pretest.slots = 4; }), Contains("The exam has 4 pretest slots, but only 3 pretest items."));
    EXPECT_THAT(complaint([](auto& v) { v.settings.pretest.slots = 0; }), Contains("The exam has pretest items, but no slots for them."));
    EXPECT_THAT(complaint([](auto& v) { v.settings.pretest.slots = 51; }), Contains("The pretest slots are not within 0 to 50."));
    EXPECT_THAT(complaint([](auto& v) { v.pretest[0].area = "cooking"; }), Contains(HasSubstr("of the area 'cooking'")));
    EXPECT_THAT(complaint([](auto& v) { v.pretest[0] = v.pool[0]; }), Contains(HasSubstr("is in the pool too")));
    EXPECT_THAT(complaint([](auto& v) { std::swap(v.pretest[0], v.pretest[1]); }), Contains(HasSubstr("not in ascending order")));
    EXPECT_THAT(complaint([](auto& v) { v.pretest[0].identifier = v.pool[0].identifier; }), Contains(HasSubstr("stands for two items")));
    auto version = with_pretest(demo_version(), 2, 3);
    version.settings.standard_setting = StandardSettingReference{"panel", sha256("panel")};
    for (auto& item : version.pool) item.provisional = false;
    EXPECT_THAT(production_findings(version), IsEmpty()) << "a pretest item is there to be calibrated";
}

TEST(AnswerTable, HoldsEveryAnswerOfEveryItemAndReadsBack)
{
    auto version = with_pretest(demo_version(), 3, 6);
    version.pool[4].provisional = false;
    auto sittings = std::vector<Sitting>{};
    auto expected = std::map<std::string, std::multiset<int>>{};
    auto answers = std::size_t{0};
    for (auto seed = std::uint64_t{1}; seed <= 12; ++seed) {
        sittings.push_back(run_of(version, seed).sitting);
        for (auto const& item : sittings.back().items) {
            expected[find_presentable(version, item.item)->identifier].insert(item.correct ? 1 : 0);
            ++answers;
        }
    }
    auto const table = answer_table(*prepared(version), sittings);
    EXPECT_EQ(table.persons, 12u);
    auto found = std::map<std::string, std::multiset<int>>{};
    for (auto p = std::size_t{0}; p < table.persons; ++p)
        for (auto i = std::size_t{0}; i < table.items.size(); ++i)
            if (table.at(p, i) != not_administered) found[table.items[i]].insert(table.at(p, i));
    EXPECT_EQ(found, expected);
    EXPECT_TRUE(found.contains("new-0") || found.contains("new-1"));
    auto const reread = read_responses(write_responses(table));
    ASSERT_TRUE(reread);
    EXPECT_EQ(*reread, table);
    auto reversed = std::vector<Sitting>(sittings.rbegin(), sittings.rend());
    EXPECT_EQ(answer_table(*prepared(version), reversed), table) << "the order says nothing about who it was";
    ASSERT_EQ(fixed_items(*prepared(version)).size(), 1u);
    EXPECT_EQ(fixed_items(*prepared(version))[0].item, version.pool[4].identifier);
}

} // namespace
} // namespace assay::exam
