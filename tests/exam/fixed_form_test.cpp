// Forms that are fixed when a sitting opens: the same for everybody (linear), or one for each candidate (loft).
#include "exam/assembly/solver.hpp"
#include "exam/errors.hpp"
#include "tests/exam/form_support.hpp"

#include <gmock/gmock.h>
#include <set>

namespace assay::exam {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SittingRun answered_run(ExamVersion const& version, std::uint64_t seed)
{
    auto run = started_run(version, seed);
    for (auto i = 0; !run.sitting.ended; ++i) EXPECT_FALSE(run.answer(right(), noon + seconds{i}));
    return run;
}

TEST(LinearForm, IsTheSameForEverybodyToItsEndWhateverTheAnswersSay)
{
    auto version = linear_version();
    version.settings.standard_error_stop = 2; // reached at once: it is not asked
    ASSERT_THAT(findings(version), IsEmpty());
    ASSERT_EQ(version.settings.fixed_form.items.size(), 18u);
    for (auto seed = std::uint64_t{1}; seed <= 2; ++seed) {
        auto const run = simulated_run(version, {seed == 1 ? -2.0 : 2.0}, seed);
        EXPECT_EQ(presented(run), version.settings.fixed_form.items);
        EXPECT_THAT(broken(run), IsEmpty());
        EXPECT_EQ(run.all<Submitted>().at(0).cause, SubmitCause::maximum_length);
        expect_identical_replay(run, "linear");
    }
    auto const first = std::ranges::find(version.settings.fixed_form.items, "security-10");
    ASSERT_NE(first, version.settings.fixed_form.items.end());
    EXPECT_EQ(*(first + 1), "security-11") << "a testlet in its order";
}

TEST(LinearForm, IsShuffledByTheSeedWithTestletsAndPassagesTogether)
{
    auto version = linear_version();
    version.settings.fixed_form.shuffled = true;
    auto orders = std::set<std::vector<std::string>>{};
    for (auto seed = std::uint64_t{1}; seed <= 10; ++seed) {
        auto const run = answered_run(version, seed);
        auto const names = presented(run);
        orders.insert(names);
        EXPECT_TRUE(std::ranges::is_permutation(names, version.settings.fixed_form.items));
        auto const testlet = std::ranges::find(names, "security-10");
        EXPECT_EQ(*(testlet + 1), "security-11");
        for (auto const& [passage, members] : version.settings.form->passage_items) {
            auto places = std::vector<std::ptrdiff_t>{};
            for (auto const& member : members)
                if (auto const at = std::ranges::find(names, member); at != names.end()) places.push_back(at - names.begin());
            std::ranges::sort(places);
            if (places.empty()) continue;
            EXPECT_EQ(places.back() - places.front() + 1, std::ssize(places)) << passage;
        }
        if (seed == 1) expect_identical_replay(run, "shuffled");
    }
    EXPECT_EQ(orders.size(), 10u);
}

TEST(LinearForm, PassesOverWhatIsSuspendedAndStopsWhenThePlannedTimeIsUsed)
{
    auto version = linear_version();
    auto const& items = version.settings.fixed_form.items;
    auto const id_of = [&](std::string const& name) { return std::ranges::find(version.pool, name, &PoolItem::identifier)->id; };
    auto const single = *std::ranges::find_if(items, [](auto const& name) { return !name.starts_with("security-1"); });
    auto run = SittingRun{.version = version};
    auto open = opening(version);
    open.banned = {id_of(single)};
    ASSERT_FALSE(run.send(open, noon));
    ASSERT_FALSE(run.send(Attach{1}, noon));
    ASSERT_FALSE(run.send(WithdrawItem{id_of("security-11")}, noon));
    ASSERT_FALSE(run.send(Start{1}, noon));
    for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(wrong(), noon + seconds{i}));
    auto expected = items;
    std::erase_if(expected, [&](auto const& name) { return name == single || name == "security-11" || name == "security-10"; });
    EXPECT_EQ(presented(run), expected) << "and the testlet of a suspended item";
    EXPECT_EQ(run.all<Submitted>().at(0).cause, SubmitCause::form_complete);
    expect_identical_replay(run, "suspended");

    auto plain = demo_version();
    plain.settings.selection.mode = SelectionMode::linear;
    plain.settings.length = {.minimum = 15, .maximum = 30};
    plain.settings.fixed_form.items = best_form(plain);
    plain.settings.stop.time = minutes{6}; // 20 s an answer: the 18th
    for (auto& area : plain.settings.blueprint) area.minimum = 0; // as elsewhere, time ends no run before its blueprint's minima
    ASSERT_THAT(findings(plain), IsEmpty());
    auto const timed = simulated_run(plain, {0}, 3);
    EXPECT_EQ(timed.sitting.items.size(), 18u);
    EXPECT_EQ(timed.all<Submitted>().at(0).cause, SubmitCause::planned_time_used);
    EXPECT_FALSE(suffices_without(*prepared(plain), std::vector{timed.sitting.items[0].item})) << "there is one form only";
}

TEST(LinearForm, IsFoundFaultWithWhereItBreaksTheRules)
{
    auto const complaint = [](auto change) {
        auto version = linear_version();
        change(version, version.settings.fixed_form.items);
        return findings(version);
    };
    EXPECT_THAT(complaint([](auto&, auto& form) { form.resize(10); }), Contains(HasSubstr("The fixed form has 10 items, but the length is 15 to 18")));
    EXPECT_THAT(complaint([](auto&, auto& form) { form[0] = "nobody"; }), Contains(HasSubstr("names item 'nobody'")));
    EXPECT_THAT(complaint([](auto&, auto& form) { form[0] = form[1]; }), Contains(HasSubstr("twice")));
    EXPECT_THAT(complaint([](auto& v, auto& form) { v.settings.form->exclude.push_back(form.back()); }), Contains(HasSubstr("against the form rules")));
    EXPECT_THAT(complaint([](auto& v, auto&) { v.settings.form->words.maximum = 400; }), ::testing::Not(IsEmpty()));
    EXPECT_THAT(complaint([](auto&, auto& form) { std::swap(*std::ranges::find(form, "security-10"), *std::ranges::find(form, "security-11")); }),
                Contains("The fixed form does not present testlet 'leak' in its order."));
    EXPECT_THAT(complaint([](auto& v, auto&) { v.settings.selection.mode = SelectionMode::adaptive; }), Contains(HasSubstr("for the selection mode linear only")));
    auto loft = loft_version();
    loft.settings.form.reset();
    for (auto& area : loft.settings.blueprint) area.maximum.reset();
    EXPECT_THAT(findings(loft), Contains(HasSubstr("it needs form rules")));
}

TEST(LoftForm, IsEachCandidatesOwnAndBreaksNoRule)
{
    auto version = loft_version();
    version.settings.exposure = {.rule = adaptive::ExposureRule::eligibility, .rate = 0.3};
    ASSERT_THAT(findings(version), IsEmpty());
    auto forms = std::set<std::set<std::string>>{};
    auto used = std::set<std::string>{};
    for (auto seed = std::uint64_t{1}; seed <= 8; ++seed) {
        auto run = SittingRun{.version = version};
        auto open = opening(version, seed);
        open.ineligible.resize(1);
        for (auto i = static_cast<std::size_t>(seed); i < version.pool.size(); i += 9) open.ineligible[0].push_back(version.pool[i].id);
        open.banned = {version.pool[3].id};
        ASSERT_FALSE(run.send(open, noon));
        ASSERT_FALSE(run.send(Attach{1}, noon));
        ASSERT_FALSE(run.send(Start{1}, noon));
        for (auto i = 0; !run.sitting.ended; ++i) ASSERT_FALSE(run.answer(i % 2 != 0 ? right() : wrong(), noon + seconds{i}));
        EXPECT_THAT(broken(run), IsEmpty()) << seed;
        EXPECT_EQ(run.sitting.items.size(), 18u);
        auto ids = std::vector<ItemId>{};
        for (auto const& item : run.sitting.items) {
            ids.push_back(item.item);
            EXPECT_FALSE(std::binary_search(run.sitting.ineligible[0].begin(), run.sitting.ineligible[0].end(), item.item));
            EXPECT_NE(item.item, version.pool[3].id);
        }
        EXPECT_EQ(ids, run.all<SittingOpened>().at(0).form) << "recorded at the opening";
        auto const names = presented(run);
        used.insert(names.begin(), names.end());
        forms.emplace(names.begin(), names.end());
        if (seed <= 2) expect_identical_replay(run, "loft " + std::to_string(seed));
    }
    EXPECT_EQ(forms.size(), 8u);
    EXPECT_GT(used.size(), 50u) << "half of the worth is drawn: the pool is used";
}

TEST(LoftForm, IsTheBestOneWhereNothingIsDrawn)
{
    auto version = loft_version();
    version.settings.fixed_form.randomness = 0;
    auto const exam = prepared(version);
    auto solver = assembly::FormSolver{*exam->program()};
    solver.set_values(exam->information(version.settings.cut));
    auto const best = solver.solve();
    for (auto seed = std::uint64_t{1}; seed <= 2; ++seed) {
        auto sum = 0.0;
        for (auto const& id : draw_form(*exam, {}, {}, seed_from(seed)).value()) sum += information(find_item(version, id)->model, version.settings.cut);
        EXPECT_GE(sum, 0.99 * best.objective);
        EXPECT_LE(sum, best.bound * (1 + 1e-9));
    }
}

TEST(LoftForm, IsDerivedAgainInAReplayAndAForgedOneIsFound)
{
    auto const version = loft_version();
    auto run = answered_run(version, 4);
    expect_identical_replay(run, "loft");
    auto& form = std::get<SittingOpened>(run.events.front()).form;
    std::swap(form[0], form[1]);
    auto const report = replay_check(*prepared(version), score_right, run.events);
    ASSERT_FALSE(report.identical);
    EXPECT_EQ(report.difference->member, "/form");
    form.push_back(form.front());
    EXPECT_FALSE(replay_check(*prepared(version), score_right, run.events).identical);
    auto adaptive = form_version();
    EXPECT_TRUE(misfit({}, adaptive, run.events.front())) << "an adaptive version fixes none";
}

} // namespace
} // namespace assay::exam
