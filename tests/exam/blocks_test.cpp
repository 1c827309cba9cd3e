// Items that come several at a time: blocks of adaptive and fixed forms, modules of stages, and answers that are changed before a block is handed in.
#include "exam/errors.hpp"
#include "exam/stage_assembly.hpp"
#include "tests/exam/form_support.hpp"

#include <gmock/gmock.h>
#include <map>
#include <set>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ExamVersion in_blocks(ExamVersion version, int items, bool review)
{
    version.settings.block = {.items = items, .review = review};
    return version;
}

ItemId id_of(ExamVersion const& version, std::string const& name) { return std::ranges::find(version.pool, name, &PoolItem::identifier)->id; }

std::vector<std::size_t> sizes_of_blocks(SittingRun const& run)
{
    auto sizes = std::vector<std::size_t>{};
    for (auto const& block : run.all<BlockChosen>()) sizes.push_back(block.items.size());
    return sizes;
}

/// Answers everything by `knows`, hands each block in where that is asked.
template <class Knows>
void sit_to_the_end(SittingRun& run, Knows knows)
{
    for (auto now = noon + seconds{1}; !run.sitting.ended; now += seconds{1}) {
        auto const handing_in = awaits_block_end(run.sitting, run.version);
        auto const refused = handing_in ? run.send(FinishBlock{run.sitting.attachment, static_cast<std::uint32_t>(run.sitting.block_begin + 1)}, now) : run.answer(knows(run.sitting.items.size() - 1) ? right() : wrong(), now);
        ASSERT_FALSE(refused) << refused.message();
    }
}

TEST(Blocks, AreChosenWholeWhateverIsAnsweredInThem)
{
    for (auto const& plain : {demo_version(), form_version()}) {
        auto version = in_blocks(plain, 4, false);
        version.settings.length = {.minimum = 15, .maximum = 18};
        ASSERT_THAT(findings(version), IsEmpty());
        auto knowing = started_run(version, 3);
        auto unknowing = started_run(version, 3);
        sit_to_the_end(knowing, [](std::size_t i) { return i < 4 || i % 2 == 0; });
        sit_to_the_end(unknowing, [](std::size_t i) { return i >= 4 && i % 2 == 0; });
        EXPECT_EQ(knowing.all<BlockChosen>()[0].items, unknowing.all<BlockChosen>()[0].items);
        EXPECT_NE(knowing.all<BlockChosen>()[1].items, unknowing.all<BlockChosen>()[1].items) << "the next one by what was answered";
        for (auto const* run : {&knowing, &unknowing}) {
            EXPECT_THAT(sizes_of_blocks(*run), ElementsAre(4, 4, 4, 4, 2)) << "no item beyond the maximum length";
            auto chosen = std::vector<ItemId>{};
            for (auto const& block : run->all<BlockChosen>()) chosen.insert(chosen.end(), block.items.begin(), block.items.end());
            auto presented = std::vector<ItemId>{};
            for (auto const& item : run->sitting.items) presented.push_back(item.item);
            EXPECT_EQ(presented, chosen);
            EXPECT_EQ(run->all<Submitted>()[0].cause, SubmitCause::maximum_length);
            if (plain.settings.form) {
                EXPECT_THAT(broken(*run), IsEmpty());
            }
            expect_identical_replay(*run, "blocks");
        }
    }
}

TEST(Blocks, AskTheStopRulesWhenTheyAreOver)
{
    auto version = in_blocks(demo_version(), 4, false);
    version.settings.standard_error_stop = 2; // reached at once
    version.settings.near_cut_z = 0;
    version.settings.length = {.minimum = 15, .maximum = 30};
    auto run = started_run(version, 1);
    sit_to_the_end(run, [](std::size_t) { return true; });
    EXPECT_EQ(run.sitting.items.size(), 16u) << "the block that the fifteenth item stands in";
    EXPECT_EQ(run.all<Submitted>()[0].cause, SubmitCause::precision_reached);
}

TEST(Blocks, EndEarlyOnceAStoppedSittingIsComplete)
{
    auto version = in_blocks(demo_version(), 10, false);
    version.settings.standard_error_stop = 2;
    version.settings.near_cut_z = 0;
    version.settings.randomesque = {.candidates = 1, .items = 0};
    version.settings.length = {.minimum = 10, .maximum = 60};
    // By its share an area gets its turn late: after ten items it lacks its minimum.
    version.settings.blueprint = {{"backup", 500, 2}, {"network", 500, 2}, {"queries", 1, 1}, {"security", 1, 1}, {"tuning", 1, 1}};
    auto form = FormRules{}; // a shadow test completes; areas in turn keep their minima within the minimum length
    form.include = {version.pool[0].identifier, version.pool[1].identifier, version.pool[2].identifier};
    version.settings.form = form;
    ASSERT_THAT(findings(version), IsEmpty());
    auto run = started_run(version, 1);
    sit_to_the_end(run, [](std::size_t) { return true; });
    auto const sizes = sizes_of_blocks(run);
    ASSERT_EQ(sizes.size(), 2u);
    EXPECT_EQ(sizes[0], 10u);
    EXPECT_LE(sizes[1], 6u) << "three items that must be in the form and three areas' minima, at most";
    auto ids = std::vector<ItemId>{};
    for (auto const& item : run.sitting.items) ids.push_back(item.item);
    EXPECT_TRUE(is_complete(*prepared(version), ids));
    ids.pop_back();
    EXPECT_FALSE(is_complete(*prepared(version), ids)) << "not an item more than it takes";
}

TEST(Blocks, AreOneItemWhereTheVersionSaysNothingOfThem)
{
    auto const run = simulated_run(demo_version(), {0.3}, 5);
    EXPECT_THAT(run.all<BlockChosen>(), IsEmpty());
    EXPECT_FALSE(to_json(demo_version()).at("settings").as_object().contains("block")) << "documents of before keep their ids";
}

TEST(BlockReview, TakesTheLastAnswerOfEachItem)
{
    auto const version = in_blocks(demo_version(), 5, true);
    auto steady = started_run(version, 2);
    sit_to_the_end(steady, [](std::size_t i) { return i % 3 != 0; });

    auto wavering = started_run(version, 2);
    for (auto now = noon + seconds{1}; !wavering.sitting.ended; now += seconds{1}) {
        auto const& sitting = wavering.sitting;
        if (!awaits_block_end(sitting, version)) {
            ASSERT_FALSE(wavering.answer(sitting.items.size() % 2 == 0 ? right() : wrong(), now));
            continue;
        }
        auto const begin = review_begin(sitting, version).value();
        EXPECT_EQ(begin, sitting.items.size() - 4);
        for (auto ordinal = static_cast<std::uint32_t>(sitting.items.size()); ordinal >= begin; --ordinal) {
            now += seconds{1};
            ASSERT_FALSE(wavering.send(SubmitResponse{1, ordinal, (ordinal - 1) % 3 != 0 ? right() : wrong()}, now));
            EXPECT_EQ(wavering.sitting.items[ordinal - 1].answered_at, now);
        }
        ASSERT_FALSE(wavering.send(FinishBlock{1, begin}, now));
    }
    EXPECT_EQ(wavering.sitting.outcome, steady.sitting.outcome) << "theta, items and all, to the last bit";
    EXPECT_GT(wavering.all<ResponseRecorded>().size(), steady.all<ResponseRecorded>().size());
    expect_identical_replay(wavering, "wavering");

    // A changed answer is part of what a replay checks.
    for (auto& event : wavering.events)
        if (auto* recorded = std::get_if<ResponseRecorded>(&event); recorded != nullptr && recorded->ordinal == 5) recorded->response = wrong(), recorded->score.score = 0;
    EXPECT_FALSE(replay_check(*prepared(version), score_right, wavering.events).identical);
}

TEST(BlockReview, ReachesNoFurtherThanTheBlock)
{
    auto const version = in_blocks(demo_version(), 3, true);
    auto run = started_run(version);
    auto const change = [&](std::uint32_t ordinal) { return run.send(SubmitResponse{1, ordinal, right()}, noon + seconds{30}); };
    ASSERT_FALSE(run.answer(wrong(), noon + seconds{10}));
    EXPECT_EQ(run.send(FinishBlock{1, 1}, noon + seconds{11}), errc::block_not_answered);
    EXPECT_FALSE(change(1)) << "while the block is under way";
    EXPECT_EQ(presented_ordinal(run.sitting), 2u) << "and the item that waits goes on waiting";
    EXPECT_EQ(change(3), errc::item_not_presented);
    EXPECT_EQ(change(0), errc::item_not_presented);
    ASSERT_FALSE(run.answer(wrong(), noon + seconds{31}));
    ASSERT_FALSE(run.answer(wrong(), noon + seconds{32}));
    EXPECT_TRUE(awaits_block_end(run.sitting, version));
    EXPECT_EQ(run.answer(right(), noon + seconds{33}), errc::item_not_presented) << "nothing waits";
    EXPECT_EQ(run.send(FinishBlock{2, 1}, noon + seconds{34}), errc::stale_attachment);
    EXPECT_EQ(run.send(FinishBlock{1, 4}, noon + seconds{34}), errc::block_not_answered) << "another block";
    ASSERT_FALSE(run.send(FinishBlock{1, 1}, noon + seconds{34}));
    EXPECT_EQ(presented_ordinal(run.sitting), 4u);
    EXPECT_EQ(change(3), errc::item_not_presented) << "handed in";
    EXPECT_EQ(run.send(FinishBlock{1, 1}, noon + seconds{36}), errc::block_not_answered) << "a repeat hands no other block in";
    ASSERT_FALSE(run.send(Pause{.kind = PauseKind::staff, .by = staff, .reason = "noise"}, noon + seconds{40}));
    ASSERT_FALSE(run.send(Resume{staff}, noon + seconds{41}));
    expect_identical_replay(run, "review");

    auto plain = started_run(in_blocks(demo_version(), 3, false));
    ASSERT_FALSE(plain.answer(wrong(), noon + seconds{10}));
    EXPECT_EQ(plain.send(SubmitResponse{1, 1, right()}, noon + seconds{11}), errc::item_not_presented) << "without review an answer is final";
    EXPECT_EQ(plain.send(FinishBlock{1, 1}, noon + seconds{12}), errc::block_not_answered);
}

TEST(BlockReview, CountsWhatWasAnsweredWhenTheTimeIsUp)
{
    auto const version = in_blocks(demo_version(), 5, true);
    auto run = started_run(version);
    for (auto i = 1; i <= 5; ++i) ASSERT_FALSE(run.answer(right(), noon + seconds{i}));
    ASSERT_TRUE(awaits_block_end(run.sitting, version));
    auto const late = noon + std::chrono::hours{1};
    EXPECT_EQ(run.send(FinishBlock{1, 1}, late), errc::time_limit_reached);
    EXPECT_EQ(run.send(SubmitResponse{1, 2, wrong()}, late), errc::time_limit_reached);
    ASSERT_FALSE(run.send(Expire{}, late));
    EXPECT_EQ(run.sitting.outcome->items.size(), 5u);
    EXPECT_FALSE(review_begin(run.sitting, version)) << "nothing can be changed after the end";
    expect_identical_replay(run, "timed out");
}

TEST(BlockReview, PassesOverWhatIsSuspendedMeanwhile)
{
    auto const version = in_blocks(demo_version(), 4, true);
    auto run = started_run(version);
    auto const block = run.sitting.block;
    ASSERT_FALSE(run.send(WithdrawItem{block[1]}, noon + seconds{1}));
    ASSERT_FALSE(run.send(WithdrawItem{block[3]}, noon + seconds{1}));
    ASSERT_FALSE(run.answer(right(), noon + seconds{2}));
    EXPECT_EQ(run.sitting.items.back().item, block[2]);
    ASSERT_FALSE(run.answer(right(), noon + seconds{3}));
    EXPECT_TRUE(awaits_block_end(run.sitting, version));
    ASSERT_FALSE(run.send(FinishBlock{1, 1}, noon + seconds{4}));
    EXPECT_EQ(run.sitting.items.size(), 3u);
    expect_identical_replay(run, "suspended");
}

TEST(Blocks, HavePretestItemsThatCountForNothing)
{
    for (auto const review : {false, true}) {
        auto const plain = in_blocks(demo_version(), 4, review);
        auto version = plain;
        version.settings.pretest.slots = 4;
        for (auto i = 0; i < 8; ++i) version.pretest.push_back(pool_item("new-" + std::to_string(i), version.settings.blueprint[static_cast<std::size_t>(i) % 5].area, {}));
        std::ranges::sort(version.pretest, {}, &PoolItem::id);
        ASSERT_THAT(findings(version), IsEmpty());
        for (auto seed = std::uint64_t{1}; seed <= 10; ++seed) {
            auto const knows = [&](SittingRun const& run) { return [&run, seed](std::size_t i) { return sha256(name_of(run, i) + std::to_string(seed)).octets[0] < std::byte{128}; }; };
            auto scored = started_run(plain, seed);
            sit_to_the_end(scored, knows(scored));
            auto tried = SittingRun{.version = version};
            auto open = opening(version, seed);
            for (auto const& item : version.pretest) open.pretest.push_back({item.id, 1});
            ASSERT_FALSE(tried.send(open, noon));
            ASSERT_FALSE(tried.send(Attach{1}, noon));
            ASSERT_FALSE(tried.send(Start{1}, noon));
            sit_to_the_end(tried, knows(tried));
            EXPECT_EQ(tried.sitting.outcome, scored.sitting.outcome) << seed;
            EXPECT_EQ(tried.sitting.items.size(), scored.sitting.items.size() + 4) << seed;
            EXPECT_TRUE(tried.sitting.items.back().scored);
            if (seed <= 2) expect_identical_replay(tried, "pretest in blocks");
        }
    }
}

TEST(Blocks, HoldTestletsWhole)
{
    auto version = in_blocks(testlet_version(), 2, true);
    auto linear = version;
    linear.settings.block.items = 4;
    linear.settings.selection.mode = SelectionMode::linear;
    linear.settings.fixed_form.items = best_form(linear);
    for (auto const& each : {version, linear}) {
        ASSERT_THAT(findings(each), IsEmpty());
        auto run = started_run(each, 4);
        sit_to_the_end(run, [](std::size_t i) { return i % 2 == 0; });
        auto whole = 0;
        for (auto const& block : run.all<BlockChosen>())
            for (auto i = std::size_t{0}; i < block.items.size(); ++i)
                if (block.items[i] == id_of(each, "backup-12")) {
                    ASSERT_GE(block.items.size(), i + 3);
                    EXPECT_EQ(block.items[i + 1], id_of(each, "backup-10"));
                    EXPECT_EQ(block.items[i + 2], id_of(each, "backup-11"));
                    ++whole;
                }
        EXPECT_EQ(whole, 1);
        EXPECT_THAT(broken(run), IsEmpty());
        expect_identical_replay(run, "testlets in blocks");
    }
}

TEST(Blocks, MayBeAWholeLinearForm)
{
    auto version = in_blocks(demo_version(), 500, true);
    version.settings.length = {.minimum = 15, .maximum = 20};
    version.settings.selection.mode = SelectionMode::linear;
    version.settings.fixed_form.items = best_form(version);
    ASSERT_THAT(findings(version), IsEmpty());
    auto run = started_run(version);
    EXPECT_EQ(run.sitting.block, run.sitting.form);
    for (auto i = 1; i <= 20; ++i) ASSERT_FALSE(run.answer(wrong(), noon + seconds{i}));
    ASSERT_FALSE(run.send(SubmitResponse{1, 1, right()}, noon + seconds{30})) << "from the last question back to the first";
    ASSERT_FALSE(run.send(FinishBlock{1, 1}, noon + seconds{31}));
    EXPECT_EQ(run.all<Submitted>()[0].cause, SubmitCause::maximum_length);
    EXPECT_TRUE(run.sitting.items[0].correct);
    expect_identical_replay(run, "linear review");
}

// ---- stages

/// Two panels of three stages, 1-2-2, five items a module: the easiest items of the areas for the lower module, the hardest for the upper one.
ExamVersion staged_version()
{
    auto version = demo_version();
    version.settings.length = {.minimum = 15, .maximum = 15};
    version.settings.selection.mode = SelectionMode::stages;
    auto by_difficulty = std::map<std::string, std::vector<std::string>>{};
    auto sorted = version.pool;
    std::ranges::sort(sorted, {}, [](PoolItem const& item) { return item.model.threshold(); });
    for (auto const& item : sorted) by_difficulty[item.area].push_back(item.identifier);
    auto const module = [&](std::string name, std::string panel, std::size_t place) {
        auto out = StageModule{.name = std::move(name), .panel = std::move(panel), .items = {}, .target = {}, .from = {}};
        for (auto const& [area, items] : by_difficulty) out.items.push_back(items.at(place));
        return out;
    };
    auto& stages = version.settings.stages;
    stages.resize(3);
    for (auto const& [panel, shift] : {std::pair{"A", 0}, std::pair{"B", 1}}) {
        auto const at = [&](int place) { return static_cast<std::size_t>(place + shift); };
        auto const name = [&](char const* what) { return std::string{panel} + " " + what; };
        stages[0].modules.push_back(module(name("first"), panel, at(19)));
        stages[1].modules.push_back(module(name("second, easier"), panel, at(10)));
        stages[1].modules.push_back(module(name("second, harder"), panel, at(28)));
        stages[2].modules.push_back(module(name("third, easier"), panel, at(5)));
        stages[2].modules.push_back(module(name("third, harder"), panel, at(34)));
    }
    return version;
}

std::vector<std::string> way_of(SittingRun const& run)
{
    auto names = std::vector<std::string>{};
    for (auto const& block : run.all<BlockChosen>()) names.push_back(block.module);
    return names;
}

/// I(theta) of the three-parameter model, from its definition (Lord 1980, (4-43)): a² (q/p) ((p - c) / (1 - c))².
double told_by(ExamVersion const& version, StageModule const& module, double theta)
{
    auto sum = 0.0;
    for (auto const& name : module.items) {
        auto const& model = std::ranges::find(version.pool, name, &PoolItem::identifier)->model;
        auto const c = model.lower();
        auto const p = c + (1 - c) / (1 + std::exp(-model.slope() * (theta - model.threshold())));
        sum += model.slope() * model.slope() * (1 - p) / p * (p - c) * (p - c) / ((1 - c) * (1 - c));
    }
    return sum;
}

TEST(Stages, PresentTheModuleThatTellsMostAtTheEstimate)
{
    auto const version = staged_version();
    ASSERT_THAT(findings(version), IsEmpty());
    auto ways = std::set<std::vector<std::string>>{};
    for (auto seed = std::uint64_t{1}; seed <= 24; ++seed) {
        auto run = started_run(version, seed);
        auto const knows = [&](std::size_t i) { return sha256(std::to_string(seed * 100 + i)).octets[0] < std::byte{static_cast<unsigned char>(20 + 9 * seed)}; };
        for (auto now = noon + seconds{1}; !run.sitting.ended; now += seconds{1}) {
            auto const before = run.sitting.modules.size();
            ASSERT_FALSE(run.answer(knows(run.sitting.items.size() - 1) ? right() : wrong(), now));
            if (run.sitting.modules.size() == before) continue;
            auto upto = run.sitting; // the estimate when the stage was over
            upto.items.pop_back();
            auto const theta = estimate_of(posterior_of(upto, *prepared(version)), *prepared(version)).theta.logits;
            auto const& chosen = run.sitting.modules.back();
            auto told = std::map<std::string, double>{};
            for (auto const& module : version.settings.stages[before].modules)
                if (module.panel == chosen.substr(0, 1)) told[module.name] = told_by(version, module, theta);
            ASSERT_EQ(told.size(), 2u);
            for (auto const& [name, value] : told) EXPECT_LE(value, told.at(chosen) * (1 + 1e-12)) << seed << ' ' << name << " at " << theta;
        }
        ways.insert(way_of(run));
        EXPECT_EQ(run.sitting.items.size(), 15u);
        EXPECT_EQ(run.all<Submitted>()[0].cause, SubmitCause::maximum_length);
        EXPECT_EQ(std::ranges::count(run.sitting.outcome->reasons, OutcomeReason::blueprint_minimum_not_reached), 0);
        for (auto const& name : run.sitting.modules) EXPECT_EQ(name[0], run.sitting.modules[0][0]) << "one panel";
        if (seed <= 3) expect_identical_replay(run, "stages");
    }
    EXPECT_GE(ways.size(), 5u) << "of two panels with four ways each";
}

TEST(Stages, RouteByThetaWhereTheDocumentSaysSo)
{
    auto version = staged_version();
    for (auto s : {1u, 2u})
        for (auto& module : version.settings.stages[s].modules)
            if (module.name.ends_with("harder")) module.from = -1.0;
    ASSERT_THAT(findings(version), IsEmpty());
    for (auto const none_right : {false, true}) {
        auto run = started_run(version);
        sit_to_the_end(run, [&](std::size_t i) { return !none_right && i % 2 == 0; });
        auto const way = way_of(run);
        auto upto = run.sitting;
        upto.items.resize(5);
        auto const theta = estimate_of(posterior_of(upto, *prepared(version)), *prepared(version)).theta.logits;
        EXPECT_EQ(theta >= -1.0, !none_right) << theta;
        EXPECT_EQ(way[1].ends_with("harder"), !none_right) << "though at most of these thetas the easier one tells more";
    }
}

TEST(Stages, DrawAPanelAndInARetakeAnotherOne)
{
    auto const version = staged_version();
    auto panels = std::map<char, int>{};
    for (auto seed = std::uint64_t{1}; seed <= 60; ++seed) ++panels[started_run(version, seed).sitting.modules.at(0)[0]];
    EXPECT_EQ(panels.size(), 2u);
    EXPECT_GT(panels['A'], 15) << "of 60, each with probability one half: below 15 in one of 15,000 cases";
    EXPECT_GT(panels['B'], 15);

    for (auto seed = std::uint64_t{1}; seed <= 10; ++seed) {
        auto run = SittingRun{.version = version};
        auto open = opening(version, seed);
        auto const& seen = version.settings.stages[2].modules[0]; // of panel A
        for (auto const& name : seen.items) open.banned.push_back(id_of(version, name));
        ASSERT_FALSE(run.send(open, noon));
        ASSERT_FALSE(run.send(Attach{1}, noon));
        ASSERT_FALSE(run.send(Start{1}, noon));
        EXPECT_EQ(run.sitting.modules.at(0), "B first");
    }
    auto const exam = prepared(version);
    auto seen = std::vector<ItemId>{};
    for (auto const& name : version.settings.stages[0].modules[0].items) seen.push_back(id_of(version, name));
    EXPECT_TRUE(suffices_without(*exam, seen)) << "panel B is left";
    for (auto const& name : version.settings.stages[1].modules[3].items) seen.push_back(id_of(version, name));
    EXPECT_FALSE(suffices_without(*exam, seen));
    auto retaken = version;
    retaken.settings.retake_excludes_seen = true;
    EXPECT_THAT(warnings(retaken), IsEmpty());
    for (auto& stage : retaken.settings.stages) std::erase_if(stage.modules, [](auto const& module) { return module.panel == "B"; });
    EXPECT_THAT(warnings(retaken), Contains(HasSubstr("too small for a retake")));
}

TEST(Stages, MayBeReviewedModuleByModule)
{
    auto version = staged_version();
    version.settings.block.review = true;
    ASSERT_THAT(findings(version), IsEmpty());
    auto run = started_run(version, 6);
    for (auto i = 1; i <= 5; ++i) ASSERT_FALSE(run.answer(wrong(), noon + seconds{i}));
    for (auto i = 1u; i <= 5; ++i) ASSERT_FALSE(run.send(SubmitResponse{1, i, right()}, noon + seconds{10}));
    ASSERT_FALSE(run.send(FinishBlock{1, 1}, noon + seconds{11}));
    EXPECT_TRUE(run.sitting.modules[1].ends_with("harder")) << "by what was handed in";
    expect_identical_replay(run, "review of a stage");

    auto forged = run.events;
    for (auto& event : forged)
        if (auto* chosen = std::get_if<BlockChosen>(&event); chosen != nullptr && chosen->module.ends_with("harder")) chosen->module.replace(10, 6, "easier");
    auto const report = replay_check(*prepared(version), score_right, forged);
    ASSERT_FALSE(report.identical);
    EXPECT_EQ(report.difference->member, "/module");
}

/// The form rules of form_version() that speak of single items, twice its pool, and two panels of 1-2-3 modules that are still to be assembled.
ExamVersion open_stages()
{
    auto version = form_version();
    version.settings.length = {.minimum = 18, .maximum = 18};
    version.settings.selection.mode = SelectionMode::stages;
    version.settings.form->passages.reset();
    version.settings.form->friends.clear();
    for (auto i = std::size_t{0}, count = version.pool.size(); i < count; ++i) { // twice the pool: panels that share nothing have a choice
        auto more = version.pool[i];
        more.identifier += "-again";
        more.id = ItemId{uuid_from_name("item", more.identifier)};
        more.model = three_parameter_item(more.model.slope(), -more.model.threshold(), more.model.lower()).value();
        version.pool.push_back(std::move(more));
    }
    std::ranges::sort(version.pool, {}, &PoolItem::id);
    version.settings.families = {{"twins", {"backup-20", "network-20"}}};
    for (auto const& targets : {std::vector{0.0}, std::vector{-0.7, 0.7}, std::vector{-1.2, 0.0, 1.2}}) {
        auto& stage = version.settings.stages.emplace_back();
        stage.items = 6;
        for (auto const* panel : {"A", "B"})
            for (auto const target : targets)
                stage.modules.push_back({.name = panel + std::to_string(version.settings.stages.size()) + " at " + std::to_string(target), .panel = panel, .items = {}, .target = target, .from = {}});
    }
    return version;
}

TEST(Stages, AreAssembledSoThatEveryWayKeepsTheRules)
{
    auto version = open_stages();
    EXPECT_TRUE(has_open_modules(version.settings));
    EXPECT_THAT(findings(version.settings), IsEmpty()) << "the policy is whole";
    EXPECT_THAT(findings(version), Contains(HasSubstr("has no items"))) << "the exam is not yet";
    auto const stages = assemble_stages(version);
    ASSERT_TRUE(stages) << stages.error().what;
    version.settings.stages = *stages;
    EXPECT_FALSE(has_open_modules(version.settings));
    ASSERT_THAT(findings(version), IsEmpty()) << "all 12 ways, each against length, areas and every form rule";
    auto used = std::map<std::string, int>{};
    for (auto const& stage : version.settings.stages)
        for (auto const& module : stage.modules) {
            EXPECT_EQ(module.items.size(), 6u);
            for (auto const& item : module.items) ++used[item];
            for (auto const& other : stage.modules) {
                if (other.panel == module.panel && other.name != module.name) {
                    EXPECT_GT(told_by(version, module, *module.target), told_by(version, other, *module.target)) << module.name << ' ' << other.name;
                }
            }
        }
    EXPECT_TRUE(std::ranges::all_of(used, [](auto const& item) { return item.second == 1; })) << "the pool is large enough for panels that share nothing";
    auto run = started_run(version, 5);
    sit_to_the_end(run, [](std::size_t i) { return i % 2 == 0; });
    EXPECT_EQ(run.sitting.modules.size(), 3u);
    EXPECT_THAT(broken(run), IsEmpty());
    expect_identical_replay(run, "assembled stages");
    EXPECT_EQ(assemble_stages(open_stages()).value(), *stages) << "the same each time";
}

TEST(Stages, ThatCanNotBeAssembledSayWhy)
{
    auto const why = [](auto change) {
        auto version = open_stages();
        change(version);
        auto const stages = assemble_stages(version);
        return stages ? std::string{} : stages.error().what;
    };
    EXPECT_THAT(why([](auto& v) { v.settings.form->friends = {{"network-10", "network-11"}}; }), HasSubstr("friends"));
    EXPECT_THAT(why([](auto& v) { v.settings.stages[0].items = 7; }), HasSubstr("have 19 items in all, but the length is 18 to 18"));
    EXPECT_THAT(why([](auto& v) { v.settings.form->words.maximum = 100; }), HasSubstr("words"));
    EXPECT_THAT(why([](auto& v) { v.pool.erase(v.pool.begin() + 30, v.pool.end()); }), HasSubstr("which the exam does not have"));
    auto nothing_to_go_by = open_stages();
    nothing_to_go_by.settings.stages[1].modules[0].target.reset();
    EXPECT_THAT(findings(nothing_to_go_by.settings), Contains(HasSubstr("could be assembled for")));
}

TEST(Stages, AreFoundFaultWithWhereAWayBreaksTheRules)
{
    auto const complaint = [](auto change) {
        auto version = staged_version();
        change(version);
        return findings(version);
    };
    auto const module = [](ExamVersion& v, std::size_t stage, std::size_t n) -> StageModule& { return v.settings.stages.at(stage).modules.at(n); };
    EXPECT_THAT(complaint([&](auto& v) { module(v, 2, 1).items.pop_back(); }), Contains(HasSubstr("The way 'A first', 'A second, easier', 'A third, harder' has 14 items, but the length is 15 to 15")));
    EXPECT_THAT(complaint([&](auto& v) { module(v, 2, 3).items[0] = module(v, 0, 1).items[0]; }), Contains(HasSubstr("'B third, harder' names item")));
    EXPECT_THAT(complaint([&](auto& v) { module(v, 1, 0).items[0] = "nobody"; }), Contains(HasSubstr("names item 'nobody', which the pool does not have")));
    EXPECT_THAT(complaint([&](auto& v) { module(v, 1, 0).items[0] = module(v, 1, 0).items[1], module(v, 1, 0).items[1] = "queries-1"; }), ::testing::Not(IsEmpty()));
    EXPECT_THAT(complaint([&](auto& v) { std::erase_if(v.settings.stages[1].modules, [](auto const& m) { return m.panel == "B"; }); }), Contains("Stage 2 of panel 'B' has no module."));
    EXPECT_THAT(complaint([&](auto& v) { for (auto& m : v.settings.stages[1].modules) m.from = 0.0; }), Contains(HasSubstr("has two modules from the same theta")));
    EXPECT_THAT(complaint([&](auto& v) { module(v, 1, 0).from = 0.0, module(v, 1, 1).from = 1.0; }), Contains(HasSubstr("needs one module, the lowest")));
    EXPECT_THAT(complaint([&](auto& v) { module(v, 0, 1).name = "A first"; }), Contains("Module 'A first' has no name of its own."));
    EXPECT_THAT(complaint([&](auto& v) { v.settings.stages.clear(); }), Contains("The selection mode stages needs stages."));
    EXPECT_THAT(complaint([&](auto& v) { v.settings.stages.assign(2, {}); }), Contains("A stage has no module."));
    EXPECT_THAT(complaint([&](auto& v) { v.settings.selection.mode = SelectionMode::adaptive; }), Contains("Stages are for the selection mode stages only."));
    EXPECT_THAT(complaint([&](auto& v) { v.settings.block.items = 3; }), Contains(HasSubstr("a block is a module")));
    EXPECT_THAT(complaint([&](auto& v) { v.settings.exposure.rule = adaptive::ExposureRule::priority; }), Contains(HasSubstr("spread by panels")));
    EXPECT_THAT(complaint([&](auto& v) {
                    v.settings.form.emplace().testlets = {{.name = "t", .items = {module(v, 0, 0).items[4], module(v, 1, 0).items[4]},
                                                           .model = ItemModel::of({.kind = ModelKind::graded, .slopes = {1}, .thresholds = {-0.3, 0.4}}), .provisional = true}};
                }),
                Contains(HasSubstr("has a part of testlet 't' only")));
    auto review = demo_version();
    review.settings.block.review = true;
    EXPECT_THAT(findings(review), Contains(HasSubstr("it needs blocks of more than one item")));
}

} // namespace
} // namespace assay::exam
