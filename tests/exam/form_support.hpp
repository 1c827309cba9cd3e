#pragma once
// A version with everything that form rules can be made of, what of them a sitting breaks, and whether it replays after a trip through JSON.
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
