#pragma once
// Versions with everything that form rules can be made of, with testlets, fixed forms, families and pretest items; what a sitting of them breaks, and whether it
// replays after a trip through JSON.
#include "exam/assembly/program.hpp"
#include "exam/replay.hpp"
#include "exam/sitting_json.hpp"
#include "tests/exam/support.hpp"

#include <cmath>

namespace assay::exam::test {

/// Five areas of 24 items with types, keys, words, passages, enemies and friends: what form rules can be made of.
inline ExamVersion form_version()
{
    auto random = std::mt19937_64{7};
    auto version = ExamVersion{.identifier = "forms-1", .title = "Running databases", .language = "en"};
    version.settings.length = {.minimum = 15, .maximum = 24};
    version.settings.blueprint = {{"backup", 1, 3, 6}, {"network", 1, 2, 6}, {"queries", 1, 3, 7}, {"security", 1, 2, 6}, {"tuning", 1, 2, 8}};
    auto& form = version.settings.form.emplace();
    constexpr std::string_view keys = "ABCD";
    auto n = 0;
    for (auto const& area : version.settings.blueprint)
        for (auto i = 0; i < 24; ++i, ++n) {
            auto item = pool_item(area.area + "-" + std::to_string(i), area.area,
                                  {.discrimination = 0.8 + 1.2 * uniform(random), .difficulty = -2.5 + 5 * uniform(random), .pseudo_guessing = 0.2 * uniform(random)});
            item.type = n % 5 == 0 ? "match" : "choice";
            if (item.type == "choice") item.key = std::string{keys.substr(static_cast<std::size_t>(uniform(random) * 4), 1)};
            item.words = 20 + std::floor(80 * uniform(random));
            item.seconds = 30 + std::floor(90 * uniform(random));
            version.pool.push_back(std::move(item));
        }
    form.types = {{"match", {.minimum = 2, .maximum = 5}}};
    for (auto const key : keys) form.keys[std::string{key}] = {.minimum = 0, .maximum = 7};
    form.words = {.minimum = 0, .maximum = 1500};
    form.seconds = {.minimum = 0, .maximum = 1800};
    form.passages = assembly::PassageRule{.passages = {.minimum = 1, .maximum = 2}, .items = {.minimum = 2, .maximum = 3}};
    form.passage_items = {{"incident", {"tuning-0", "tuning-1", "tuning-2", "tuning-3"}},
                          {"migration", {"queries-0", "queries-1", "queries-2"}},
                          {"audit", {"security-4", "security-5", "security-6", "security-7"}}};
    form.enemies = {{"backup-0", "backup-1", "backup-2"}, {"network-3", "queries-9"}, {"security-1", "tuning-9"}};
    form.friends = {{"network-10", "network-11"}};
    form.exclude = {"backup-5"};
    std::sort(version.pool.begin(), version.pool.end(), [](PoolItem const& a, PoolItem const& b) { return a.id < b.id; });
    return version;
}

/// Two testlets, of three and of two items, that tell more than any other item around 0.
inline ExamVersion testlet_version()
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

/// One form for everybody, with the testlet leak.
inline ExamVersion linear_version()
{
    auto version = testlet_version();
    version.settings.form->testlets.erase(version.settings.form->testlets.begin());
    version.settings.selection.mode = SelectionMode::linear;
    version.settings.fixed_form.items = best_form(version);
    return version;
}

/// A form for each candidate.
inline ExamVersion loft_version()
{
    auto version = form_version();
    version.settings.length = {.minimum = 15, .maximum = 18};
    version.settings.selection.mode = SelectionMode::loft;
    return version;
}

/// Every `size` items of an area, in the order of their numbers, are a family.
inline ExamVersion with_families_of(ExamVersion version, int size)
{
    for (auto const& item : version.pool) {
        auto const dash = item.identifier.rfind('-');
        auto const number = std::stoi(item.identifier.substr(dash + 1));
        version.settings.families[item.area + " " + std::to_string(number / size)].push_back(item.identifier);
    }
    return version;
}

/// With `slots` slots and `count` items for them, new-0, new-1, …, of the version's areas in turn.
inline ExamVersion with_pretest(ExamVersion version, int slots, int count)
{
    version.settings.pretest.slots = slots;
    for (auto i = 0; i < count; ++i)
        version.pretest.push_back(pool_item("new-" + std::to_string(i), version.settings.blueprint[static_cast<std::size_t>(i) % version.settings.blueprint.size()].area, {}));
    std::sort(version.pretest.begin(), version.pretest.end(), [](PoolItem const& a, PoolItem const& b) { return a.id < b.id; });
    return version;
}

inline PretestWeights equal_weights(ExamVersion const& version)
{
    auto weights = PretestWeights{};
    for (auto const& item : version.pretest) weights.push_back({item.id, 1});
    return weights;
}

/// Whatever else is asked: an item gets the same answer in every sitting of this seed.
inline ResponseSet answer_of(ItemId item, std::uint64_t seed)
{
    return sha256(to_string(item) + std::to_string(seed)).octets[0] < std::byte{128} ? right() : wrong();
}

inline SittingRun run_of(ExamVersion const& version, std::uint64_t seed, PretestWeights const& weights)
{
    auto run = SittingRun{.version = version};
    auto open = opening(version, seed);
    open.pretest = weights;
    EXPECT_FALSE(run.send(open, noon));
    EXPECT_FALSE(run.send(Attach{1}, noon));
    EXPECT_FALSE(run.send(Start{1}, noon));
    for (auto i = 1; !run.sitting.ended; ++i)
        if (auto const refused = run.answer(answer_of(run.sitting.items.back().item, seed), noon + seconds{i})) throw std::runtime_error{refused.message()};
    return run;
}

inline SittingRun run_of(ExamVersion const& version, std::uint64_t seed) { return run_of(version, seed, equal_weights(version)); }

inline std::string name_of(SittingRun const& run, std::size_t i) { return find_presentable(run.version, run.sitting.items[i].item)->identifier; }

/// The identifiers of what was presented, in order.
inline std::vector<std::string> presented(SittingRun const& run)
{
    auto names = std::vector<std::string>{};
    for (auto i = std::size_t{0}; i < run.sitting.items.size(); ++i) names.push_back(name_of(run, i));
    return names;
}

/// The rows of the form rules that the answered items break, counted from the document itself.
inline std::vector<std::string> broken(SittingRun const& run)
{
    auto const bank = form_bank(run.version);
    auto const program = form_program(run.version);
    EXPECT_TRUE(program.has_value());
    auto chosen = std::vector<std::uint8_t>(bank.items.size(), 0);
    for (auto const& item : run.sitting.items)
        if (item.scored) chosen[static_cast<std::size_t>(find_item(run.version, item.item) - run.version.pool.data())] = 1;
    return assembly::broken_rows(*program, chosen);
}

inline void expect_identical_replay(SittingRun const& run, std::string const& what)
{
    auto reread = std::vector<Event>{};
    for (auto const& event : run.events) reread.push_back(event_from_json(parse_json(canonical_json(to_json(event))).value()).value());
    ASSERT_EQ(reread, run.events) << what;
    auto const version = exam_version_from_json(parse_json(canonical_json(to_json(run.version))).value());
    ASSERT_TRUE(version) << what;
    ASSERT_EQ(*version, run.version) << what;
    auto const report = replay_check(PreparedExam{*version}, run.scorer, reread);
    EXPECT_TRUE(report.identical) << what << ": event " << report.difference->index << ' ' << report.difference->member << ": " << report.difference->recorded << " / "
                                  << report.difference->derived;
    EXPECT_EQ(report.events_checked, run.events.size()) << what;
}

} // namespace assay::exam::test
