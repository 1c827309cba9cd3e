// Sittings driven by random commands at random times. The seed is printed; ASSAY_SEED repeats a run.
#include "exam/replay.hpp"
#include "exam/sitting_json.hpp"
#include "tests/exam/support.hpp"

#include <cstdlib>
#include <map>
#include <set>

namespace assay::exam {
namespace {

using namespace test;

std::uint64_t property_seed()
{
    auto const* given = std::getenv("ASSAY_SEED");
    auto const seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("seed %llu (repeat with ASSAY_SEED)\n", static_cast<unsigned long long>(seed));
    return seed;
}

struct Whims {
    std::mt19937_64 random;
    std::uint64_t below(std::uint64_t bound) { return random() % bound; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
};

Command random_command(SittingRun const& run, Timestamp now, Whims& whims)
{
    auto const attachment = run.sitting.attachment;
    auto const back = [&] { return std::chrono::microseconds{whims.below(90'000'000)}; };
    switch (whims.below(26)) {
    case 0: return LoseConnection{attachment, now - back()};
    case 1: return Attach{attachment + (whims.one_in(3) ? 1u : 0u)};
    case 2: return Pause{static_cast<PauseKind>(1 + whims.below(3)), staff, "check"};
    case 3: return Resume{staff};
    case 4: return Resume{};
    case 5: return AddMinutes{staff, minutes{1 + whims.below(5)}, "noise"};
    case 6: {
        auto const to = now - back();
        return CreditOutage{to - back(), to};
    }
    case 7: return Expire{};
    case 8: return whims.one_in(8) ? Command{Terminate{staff, "stop"}} : Command{Attach{attachment}};
    case 9: return whims.one_in(8) ? Command{Finish{attachment}} : Command{Attach{attachment}};
    case 10: return FinishBlock{attachment, static_cast<std::uint32_t>(1 + whims.below(30))};
    case 11: return SubmitResponse{attachment, static_cast<std::uint32_t>(1 + whims.below(run.sitting.items.size() + 1)), whims.one_in(2) ? right() : wrong()};
    default:
        if (awaits_block_end(run.sitting, run.version)) return FinishBlock{attachment, static_cast<std::uint32_t>(run.sitting.block_begin + 1)};
        return SubmitResponse{attachment, presented_ordinal(run.sitting).value_or(1), whims.one_in(2) ? right() : wrong()};
    }
}

/// What a person with a ruler finds: the measure of the outages and pauses together, second by second of the recorded intervals.
void check_clock(SittingRun const& run, Timestamp now)
{
    auto const& rules = run.version.settings.clock;
    auto const closing = run.closing(now);
    ASSERT_TRUE(closing);
    auto credits = Microseconds{0};
    auto disconnects = Microseconds{0};
    for (auto const& credit : run.all<TimeCredited>()) {
        EXPECT_GE(credit.amount.count(), 0);
        EXPECT_LE(credit.amount, credit.to - credit.from + rules.disconnect_credit_total);
        credits += credit.amount;
        if (credit.reason == CreditReason::disconnect) disconnects += credit.amount;
    }
    auto added = minutes{0};
    for (auto const& more : run.all<MinutesAdded>()) added += more.minutes;
    EXPECT_EQ(credits, run.clock().credited);
    if (!run.clock().pause && !run.clock().lost_since) {
        EXPECT_EQ(*closing, noon + std::chrono::hours{1} + added + credits) << "with nothing open, the events tell the whole deadline";
    } else {
        EXPECT_GE(*closing, noon + std::chrono::hours{1} + added + credits);
    }
}

TEST(SittingProperties, HoldUnderRandomCommands)
{
    auto const seed = property_seed();
    auto version = demo_version();
    version.settings.clock.breaks_max = 2;
    auto ended = std::map<RunState, int>{};
    for (auto round = std::uint64_t{0}; round < 120; ++round) {
        auto whims = Whims{std::mt19937_64{seed + round}};
        version.settings.block = round % 3 == 0 ? BlockRule{.items = 4, .review = true} : BlockRule{};
        auto run = started_run(version, seed + round);
        auto now = noon;
        for (auto step = 0; step < 120 && !run.sitting.ended; ++step) {
            now += std::chrono::microseconds{whims.below(120'000'000)};
            auto const before = run.sitting;
            auto const closed_before = has_closed(before.clock, version.settings.clock, now);
            auto const command = random_command(run, now, whims);
            auto const refused = run.send(command, now);
            if (refused) {
                EXPECT_EQ(run.sitting, before) << "a refusal changes nothing";
            }
            EXPECT_TRUE(refused || !closed_before || !std::holds_alternative<SubmitResponse>(command)) << "no answer after the deadline";
            if (!run.sitting.ended) check_clock(run, now);
            if (::testing::Test::HasFailure()) FAIL() << "seed " << seed + round << " step " << step;
        }
        if (run.sitting.ended) ++ended[*run.sitting.ended];

        auto items = std::set<ItemId>{};
        for (auto const& item : run.sitting.items) EXPECT_TRUE(items.insert(item.item).second) << "no item is presented twice";
        for (auto const& submitted : run.all<Submitted>())
            for (auto const& area : run.sitting.outcome->areas)
                EXPECT_TRUE(submitted.cause != SubmitCause::precision_reached || area.answered >= 3) << area.area;

        EXPECT_EQ(replay(version, run.events), run.sitting) << "the events alone rebuild the sitting";
        auto reread = std::vector<Event>{};
        for (auto const& event : run.events) {
            auto const text = canonical_json(to_json(event));
            auto const back = event_from_json(parse_json(text).value());
            ASSERT_TRUE(back) << text;
            EXPECT_EQ(*back, event) << text;
            reread.push_back(*back);
        }
        auto const report = replay_check(*prepared(version), score_right, reread);
        EXPECT_TRUE(report.identical) << "seed " << seed + round << ": event " << report.difference->index << ' '
                                      << report.difference->member << ": " << report.difference->recorded << " / "
                                      << report.difference->derived;
        EXPECT_EQ(report.events_checked, run.events.size());
        if (::testing::Test::HasFailure()) FAIL() << "seed " << seed + round;
    }
    EXPECT_EQ(ended.size(), 3u) << "the rounds saw submitted, timed out and terminated runs";
}

} // namespace
} // namespace assay::exam
