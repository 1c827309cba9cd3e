#include "exam/replay.hpp"

#include "exam/errors.hpp"
#include "exam/sitting_json.hpp"
#include "tests/exam/support.hpp"
#include "tests/support/shared_data.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace assay::exam {
namespace {

using namespace test;

SittingRun whole_run() { return simulated_run(demo_version(), {0.7}, 42); }

template <class Kind>
std::size_t first_index(SittingRun const& run)
{
    for (auto i = std::size_t{0}; i < run.events.size(); ++i)
        if (std::holds_alternative<Kind>(run.events[i])) return i;
    throw std::logic_error{"no such event"};
}

TEST(ReplayCheck, FindsARecordedSittingIdentical)
{
    auto const run = whole_run();
    auto const report = replay_check(*prepared(run.version), score_right, run.events);
    EXPECT_TRUE(report.identical);
    EXPECT_EQ(report.events_checked, run.events.size());
    EXPECT_EQ(report.outcome, run.sitting.outcome);
    EXPECT_EQ(report.items, run.sitting.outcome->items);
}

TEST(ReplayCheck, NamesAThetaThatDiffersInItsLastBit)
{
    auto run = whole_run();
    auto& theta = std::get<ScoreFinalised>(run.events.back()).outcome.estimate.theta.logits;
    theta = std::nextafter(theta, 9);
    auto const report = replay_check(*prepared(run.version), score_right, run.events);
    ASSERT_FALSE(report.identical);
    EXPECT_EQ(report.difference->index, run.events.size() - 1);
    EXPECT_EQ(report.difference->member, "/outcome/theta");
    EXPECT_NE(report.difference->recorded, report.difference->derived);
}

TEST(ReplayCheck, NamesAChangedAnswerItemCreditOrDecision)
{
    auto const member_after = [](auto change) {
        auto run = whole_run();
        change(run);
        auto const report = replay_check(*prepared(run.version), score_right, run.events);
        return report.identical ? std::string{"identical"} : report.difference->member;
    };
    EXPECT_EQ(member_after([](SittingRun&) {}), "identical");
    EXPECT_EQ(member_after([](SittingRun& run) {
                  auto& response = std::get<ResponseRecorded>(run.events[first_index<ResponseRecorded>(run)]);
                  response.response = response.response == right() ? wrong() : right();
              }),
              "/score");
    EXPECT_EQ(member_after([](SittingRun& run) {
                  auto& item = std::get<ItemPresented>(run.events[first_index<ItemPresented>(run)]).item;
                  item = run.version.pool[run.version.pool[0].id == item ? 1 : 0].id;
              }),
              "/item");
    EXPECT_EQ(member_after([](SittingRun& run) { std::get<ScoreFinalised>(run.events.back()).outcome.passed ^= true; }), "/outcome/passed");
    EXPECT_EQ(member_after([](SittingRun& run) { run.version.pool[3].provisional = false; }), "/exam_version") << "another document";
}

TEST(ReplayCheck, MissesAnEventThatWasTakenOut)
{
    auto const whole = whole_run();
    for (auto i = std::size_t{0}; i < whole.events.size(); ++i) {
        auto run = whole;
        run.events.erase(run.events.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(replay_check(*prepared(run.version), score_right, run.events).identical) << event_name(whole.events[i]);
    }
}

TEST(ReplayCheck, RefusesAnAnswerAfterTheDeadline)
{
    auto run = started_run();
    ASSERT_FALSE(run.answer(right(), noon + std::chrono::minutes{59}));
    auto const late = noon + std::chrono::hours{2};
    for (auto i = run.events.size() - 2; i < run.events.size(); ++i) std::visit([&](auto& e) { e.at = late; }, run.events[i]);
    auto const report = replay_check(*prepared(run.version), score_right, run.events);
    ASSERT_FALSE(report.identical);
    EXPECT_EQ(report.difference->derived, "refused: the time limit is reached");
}

// tests/vectors/journal/four_sittings.jsonl: the events of four sittings of demo_version(), as the program of commit 832c778 recorded them, with
// models of its own for right and wrong answers only. What was stored then must still come out bit for bit.
TEST(ReplayCheck, FindsJournalsOfEarlierProgramsIdentical)
{
    auto text = assay::test::read_file(assay::test::source_directory() / "tests/vectors/journal/four_sittings.jsonl");
    auto sittings = std::vector<std::vector<Event>>{};
    for (auto at = std::size_t{0}; at < text.size();) {
        auto const end = text.find('\n', at);
        auto event = event_from_json(parse_json(std::string_view(text).substr(at, end - at)).value()).value();
        if (std::holds_alternative<SittingOpened>(event)) sittings.emplace_back();
        sittings.back().push_back(std::move(event));
        at = end + 1;
    }
    ASSERT_EQ(sittings.size(), 4u);
    for (auto const& events : sittings) {
        auto const report = replay_check(*prepared(demo_version()), score_right, events);
        EXPECT_TRUE(report.identical) << report.difference->index << ' ' << report.difference->member << ": " << report.difference->recorded << " / "
                                      << report.difference->derived;
        EXPECT_EQ(report.events_checked, events.size());
        EXPECT_TRUE(report.outcome);
    }
}

TEST(SittingJson, RefusesAnEventWithAnyMemberMissingAddedOrMistyped)
{
    auto run = whole_run();
    run.events.push_back(Paused{noon, PauseKind::proctor, staff, "check"});
    run.events.push_back(Resumed{noon, staff});
    run.events.push_back(TimeCredited{noon, CreditReason::disconnect, noon, noon, Microseconds{7}});
    run.events.push_back(MinutesAdded{noon, staff, minutes{3}, "noise"});
    run.events.push_back(ConnectionLost{noon, 1, noon});
    run.events.push_back(Terminated{noon, staff, "stop"});
    run.events.push_back(TimedOut{noon, noon});
    run.events.push_back(ItemWithdrawn{noon, run.version.pool[0].id});
    run.events.push_back(BlockChosen{noon, {run.version.pool[0].id}, {}});
    run.events.push_back(BlockClosed{noon, 1});
    for (auto const& event : run.events) {
        auto const document = to_json(event);
        ASSERT_EQ(event_from_json(document).value(), event);
        for (auto const& [name, value] : document.as_object()) {
            auto changed = document;
            changed.as_object()[name] = nullptr;
            EXPECT_EQ(event_from_json(changed).error(), errc::malformed_event) << event_name(event) << ' ' << name;
            if (name == "by" && !std::holds_alternative<MinutesAdded>(event) && !std::holds_alternative<Terminated>(event)) continue;
            changed.as_object().erase(name);
            EXPECT_FALSE(event_from_json(changed)) << event_name(event) << ' ' << name;
        }
        auto added = document;
        added.as_object()["more"] = 1;
        EXPECT_FALSE(event_from_json(added)) << event_name(event);
    }
}

// Law 7: glibc chooses its exp and log by what the CPU has; ours must not. The probe prints every event of a sitting and the bits of
// its theta; whatever the loader is told about the machine, it prints the same.
std::string printed_with(char const* tunables)
{
    auto const command = std::string{"GLIBC_TUNABLES="} + tunables + " \"" ASSAY_EXAM_PROBE "\"";
    auto* pipe = popen(command.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    auto text = std::string{};
    auto buffer = std::array<char, 4096>{};
    while (auto const got = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), got);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return text;
}

TEST(Replay, GivesTheSameBitsWithoutTheMachinesVectorAndFusedInstructions)
{
    auto const plain = printed_with("glibc.malloc.check=0");
    for (auto const* what : {"adaptive", "linear", "loft", "pretest slots", "families", "testlets", "testlets by mepv", "testlets by a-stratified", "curtailed"})
        EXPECT_NE(plain.find(std::string{what} + "\n{"), std::string::npos) << what;
    EXPECT_NE(plain.find("class_settled"), std::string::npos);
    EXPECT_EQ(plain, printed_with("glibc.cpu.hwcaps=-AVX2,-FMA"));
    EXPECT_EQ(plain, printed_with("glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable"));
    EXPECT_EQ(plain, printed_with("glibc.cpu.hwcaps=-AVX2,-AVX512F,-FMA,-FMA4,-AVX,-SSE4_2,-ERMS"));
}

} // namespace
} // namespace assay::exam
