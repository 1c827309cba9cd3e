#pragma once
// A pool with known parameters, candidates with known ability, and a sitting that is driven as the server drives it: every event that
// decide() gives is applied, and the list of them is kept.
#include "exam/sitting.hpp"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>
#include <random>

namespace assay::exam::test {

using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr auto noon = Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{12}};
inline auto const staff = StaffId{uuid_from_name("staff", "invigilator")};

inline double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

inline Seed seed_from(std::uint64_t number)
{
    return sha256("seed " + std::to_string(number)).octets;
}

/// Of a three-parameter item.
struct Parameters {
    double discrimination = 1, difficulty = 0, pseudo_guessing = 0;
};

inline PoolItem pool_item(std::string const& identifier, std::string const& area, Parameters const& values)
{
    return {.id = ItemId{uuid_from_name("item", identifier)},
            .identifier = identifier,
            .area = area,
            .model = three_parameter_item(values.discrimination, values.difficulty, values.pseudo_guessing).value(),
            .provisional = true,
            .item_document = sha256(identifier)};
}

/// Five areas, 40 three-parameter items each: b spread over -3 … 3, a 0.8 … 2.0, c 0 … 0.25. Always the same.
inline ExamVersion demo_version()
{
    auto random = std::mt19937_64{20261124};
    auto version = ExamVersion{.identifier = "demo-1", .title = "Running databases", .language = "en"};
    version.settings.area_reliability_minimum.reset(); // as documents of before
    version.settings.blueprint = {{"backup", 20, 3}, {"network", 30, 3}, {"queries", 20, 3}, {"security", 15, 3}, {"tuning", 15, 3}};
    for (auto const& area : version.settings.blueprint)
        for (auto i = 0; i < 40; ++i)
            version.pool.push_back(pool_item(area.area + "-" + std::to_string(i), area.area,
                                             {.discrimination = 0.8 + 1.2 * uniform(random),
                                              .difficulty = -3 + 6 * uniform(random),
                                              .pseudo_guessing = 0.25 * uniform(random)}));
    std::sort(version.pool.begin(), version.pool.end(), [](PoolItem const& a, PoolItem const& b) { return a.id < b.id; });
    return version;
}

inline ResponseSet right() { return {{"RESPONSE", {"right"}}}; }
inline ResponseSet wrong() { return {{"RESPONSE", {"wrong"}}}; }

inline result<ItemScore> score_right(ItemId, ResponseSet const& response)
{
    return ItemScore{.score = response == right() ? 1.0 : 0.0, .max_score = 1.0};
}

inline Open opening(ExamVersion const& version, std::uint64_t seed = 1)
{
    return {.exam_version = document_id(version), .seed = seed_from(seed), .rules_document = sha256("rules"), .rules_accepted_at = noon};
}

/// The version made ready. The last few are kept: a test sits the same version many times.
inline std::shared_ptr<PreparedExam const> prepared(ExamVersion const& version)
{
    static auto kept = std::vector<std::shared_ptr<PreparedExam const>>{};
    for (auto const& exam : kept)
        if (exam->version() == version) return exam;
    if (kept.size() == 4) kept.erase(kept.begin());
    kept.push_back(std::make_shared<PreparedExam const>(version));
    return kept.back();
}

/// One sitting and the events that made it.
struct SittingRun {
    ExamVersion version = demo_version();
    ResponseScorer scorer = score_right;
    Sitting sitting{};
    std::vector<Event> events{};

    boost::system::error_code send(Command const& command, Timestamp now)
    {
        auto const decided = decide(sitting, *prepared(version), scorer, command, now);
        if (!decided) return decided.error();
        for (auto const& event : *decided) {
            sitting = apply(std::move(sitting), version, event);
            events.push_back(event);
        }
        return {};
    }
    boost::system::error_code answer(ResponseSet const& response, Timestamp now)
    {
        return send(SubmitResponse{sitting.attachment, presented_ordinal(sitting).value_or(0), response}, now);
    }
    std::optional<Timestamp> closing(Timestamp now) const { return closes_at(sitting.clock, version.settings.clock, now); }
    Estimate estimate() const
    {
        auto const exam = prepared(version);
        return estimate_of(posterior_of(sitting, *exam), *exam);
    }
    Clock const& clock() const { return sitting.clock; }

    template <class Kind>
    std::vector<Kind> all() const
    {
        auto found = std::vector<Kind>{};
        for (auto const& event : events)
            if (auto const* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
        return found;
    }
};

inline SittingRun started_run(ExamVersion version = demo_version(), std::uint64_t seed = 1)
{
    auto run = SittingRun{.version = std::move(version)};
    EXPECT_FALSE(run.send(opening(run.version, seed), noon));
    EXPECT_FALSE(run.send(Attach{1}, noon));
    EXPECT_FALSE(run.send(Start{1}, noon));
    return run;
}

/// Answers as a candidate of ability `theta` would, 20 seconds an item, until the run ends.
inline SittingRun simulated_run(ExamVersion const& version, Theta theta, std::uint64_t seed)
{
    auto random = std::mt19937_64{seed};
    auto run = started_run(version, seed);
    for (auto now = noon; !run.sitting.ended;) {
        now += seconds{20};
        auto const* item = find_item(run.version, run.sitting.items.back().item);
        auto const knows = uniform(random) < response_probability(item->model, theta);
        auto const refused = run.answer(knows ? right() : wrong(), now);
        EXPECT_FALSE(refused) << refused.message();
        if (refused) break;
    }
    return run;
}

} // namespace assay::exam::test
