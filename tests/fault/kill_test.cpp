// Server and PostgreSQL killed with SIGKILL in mid-exam, at random moments. What must hold afterwards is computed from what this test did
// and saw: when it killed, when questions were answered again, what its candidates were acknowledged; never by the service's own code.
#include "core/json.hpp"
#include "tests/fault/arena.hpp"
#include "tests/fault/victims.hpp"

#include <boost/asio/use_future.hpp>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>

namespace assay::fault {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr auto candidates_at_once = 5;
constexpr auto patience = 40s;          ///< until everybody is back
constexpr auto settling = 500ms;        ///< after a second of answers: until outages are credited and heard of: a beat, a look, a heartbeat
constexpr auto rule_tolerance = 1s;     ///< of issue 2: the remaining time is within 1 s of the rule
constexpr auto away_for = 120s;         ///< the candidate whose network fails: outages apart, longer than the 60 s that are given back

std::uint64_t number_from_environment(char const* name, std::uint64_t otherwise)
{
    auto const* text = std::getenv(name);
    return text != nullptr ? std::stoull(text) : otherwise;
}

double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

enum class Victim { server, postmaster, backend, both, server_twice };
char const* name_of(Victim victim)
{
    switch (victim) {
    case Victim::server: return "server";
    case Victim::postmaster: return "postmaster";
    case Victim::backend: return "one backend";
    case Victim::both: return "server and postmaster";
    case Victim::server_twice: return "server, and again while it starts";
    }
    return "";
}

/// Twenty in all, in an order that the seed decides.
std::vector<Victim> victims(std::mt19937_64& random, std::size_t rounds)
{
    auto all = std::vector<Victim>{};
    while (all.size() < rounds)
        for (auto const victim : {Victim::server, Victim::postmaster, Victim::both, Victim::server, Victim::backend, Victim::postmaster, Victim::server_twice}) all.push_back(victim);
    all.resize(rounds);
    std::ranges::shuffle(all, random);
    return all;
}

/// Service, candidates and the books that are kept about them.
struct Scene {
    std::mt19937_64 random;
    robot::Bank const bank = robot::read_demo_bank();
    robot::ServerProcess server;
    Prober prober{server.port()};
    std::vector<robot::Seat> seats;
    std::list<Candidate> candidates;      ///< of the arena's thread; never shrinks
    std::vector<Interval> outages;        ///< as this test brought them about and saw them end
    Clock::duration stalls{};             ///< in all, kills apart: time in which the service answered so slowly that it may have been given back
    Candidate* traveller = nullptr;       ///< the one whose own network fails
    Arena arena;                          ///< last: its thread works with what stands above

    explicit Scene(std::uint64_t seed) : random{seed} {}

    std::chrono::milliseconds between(int from, int to) { return std::chrono::milliseconds{std::uniform_int_distribution<int>{from, to}(random)}; }

    /// On the arena's thread.
    void seat_somebody(Pace pace)
    {
        if (seats.empty()) return;
        auto const theta = std::normal_distribution<double>{}(random);
        candidates.emplace_back(server.port(), bank, std::move(seats.back()), exam::Theta{theta}, random(), pace);
        seats.pop_back();
        arena.spawn(candidates.back().sit());
    }
    void fill_room()
    {
        auto sitting = 0;
        for (auto const& candidate : candidates) sitting += candidate.diary().over ? 0 : 1;
        for (; sitting < candidates_at_once; ++sitting) seat_somebody({});
    }
    bool everybody_is_there() const
    {
        return std::ranges::all_of(candidates, [&](Candidate const& c) { return c.diary().over || c.diary().attached || &c == traveller; });
    }
    bool everybody_is_done() const
    {
        return std::ranges::all_of(candidates, [](Candidate const& c) { return c.diary().over; });
    }
    /// Deadline as served minus deadline by the rule, of everybody whose clock runs and who is connected.
    std::map<std::string, microseconds> drifts() const
    {
        auto all = std::map<std::string, microseconds>{};
        for (auto const& candidate : candidates) {
            auto const& d = candidate.diary();
            if (!d.attached || d.over || !d.closes) continue;
            all[d.sitting] = (*d.closes - *d.first_closes) - owed(outages, d.disconnects, d.started);
        }
        return all;
    }
    std::filesystem::path bundle(std::string const& name) const { return server.state() / ("bundle-" + name); }
};

/// From `killed` on nothing can be answered; the prober looks for the end.
void begin_outage(Scene& scene, Instant& killed)
{
    killed = Clock::now();
    scene.arena.at([&] { scene.prober.watch(killed + 10ms); });
}

void kill(Scene& scene, Victim victim, Instant& killed)
{
    begin_outage(scene, killed);
    auto const outage_of_ours = scene.between(0, 1500); // before somebody starts the service again
    switch (victim) {
    case Victim::server:
        scene.server.kill_hard();
        std::this_thread::sleep_for(outage_of_ours);
        return scene.server.start();
    case Victim::server_twice:
        scene.server.kill_hard();
        scene.server.launch();
        std::this_thread::sleep_for(scene.between(0, 1500));
        if (auto const back = scene.arena.at([&] { return scene.prober.back(); })) { // it was quicker: that makes two outages
            scene.outages.push_back({killed, *back});
            begin_outage(scene, killed);
        }
        scene.server.kill_hard();
        return scene.server.start();
    case Victim::both:
        kill_process(postmaster_of(scene.server.state()));
        std::this_thread::sleep_for(scene.between(0, 30));
        scene.server.kill_hard();
        std::this_thread::sleep_for(outage_of_ours);
        return scene.server.start();
    case Victim::postmaster: return kill_process(postmaster_of(scene.server.state()));
    case Victim::backend: return kill_process(a_backend_of(scene.server.state(), scene.random()));
    }
}

/// The journal, exported while candidates answer: it verifies, extends what was exported before, and replays identically.
void expect_sound_journal(Scene& scene, std::string const& name, std::string const& earlier)
{
    auto const state = scene.server.state();
    auto const bundle = scene.bundle(name);
    auto const out = state / "out";
    auto const old = earlier.empty() ? std::string{} : " --checkpoint " + (scene.bundle(earlier) / "checkpoint").string();
    ASSERT_EQ(scene.server.run("audit export demo " + bundle.string() + " --open --state " + state.string(), out), 0);
    EXPECT_EQ(scene.server.run("audit verify " + bundle.string() + old, out), 0) << text_of_file(out);
    EXPECT_EQ(scene.server.run("replay all --bundle " + bundle.string(), out), 0) << text_of_file(out);
}

void kill_and_look(Scene& scene, Victim victim, std::string const& round)
{
    std::this_thread::sleep_for(scene.between(0, 1500));
    auto const before = scene.arena.at([&] { return scene.drifts(); });
    scene.stalls += scene.arena.at([&] { return scene.prober.take_stalls(); });

    auto killed = Instant{};
    kill(scene, victim, killed);
    ASSERT_TRUE(eventually(scene.arena, patience, [&] { return scene.prober.back().has_value(); })) << "the service is not back\n" << scene.server.output();
    auto const back = *scene.arena.at([&] { return scene.prober.back(); });
    scene.outages.push_back({killed, back});
    ASSERT_TRUE(eventually(scene.arena, patience, [&] { return scene.everybody_is_there(); })) << "somebody does not come back\n" << scene.server.output();
    std::this_thread::sleep_for(settling);

    auto const [after, stalls] = scene.arena.at([&] { return std::pair{scene.drifts(), scene.prober.take_stalls()}; });
    scene.stalls += stalls;
    auto worst = microseconds{};
    for (auto const& [sitting, drift] : after) {
        if (!before.contains(sitting)) continue; // the traveller, who is looked at on the return
        auto const wrong = drift - before.at(sitting);
        if (std::chrono::abs(wrong) > std::chrono::abs(worst)) worst = wrong;
        // Time in which the service answered slowly, killed or not, may rightly have been given back as well.
        EXPECT_LE(wrong, rule_tolerance + stalls) << "too much time for " << sitting;
        EXPECT_GE(wrong, -rule_tolerance) << "too little time for " << sitting;
    }
    std::cout << round << "  " << name_of(victim) << ": away " << seconds(back - killed) << " s; remaining times off by at most " << std::chrono::duration<double>(worst).count()
              << " s for " << after.size() << " candidates; slow answers " << seconds(stalls) << " s" << std::endl;
}

/// After a long absence, with outages in it: these in full, and of the rest no more than 60 s.
void expect_the_traveller_owed(Scene& scene, Candidate const& traveller)
{
    auto const diary = scene.arena.at([&] { return traveller.diary(); });
    scene.stalls += scene.arena.at([&] { return scene.prober.take_stalls(); });
    ASSERT_TRUE(diary.closes && diary.first_closes);
    auto const rule = owed(scene.outages, diary.disconnects, diary.started);
    auto const wrong = *diary.closes - *diary.first_closes - rule;
    std::cout << "the traveller was away for " << seconds(away_for) << " s and is owed " << std::chrono::duration<double>(rule).count() << " s; remaining time off by "
              << std::chrono::duration<double>(wrong).count() << " s; slow answers until then " << seconds(scene.stalls) << " s" << std::endl;
    // Each outage counts from the last heartbeat before it: up to a quarter of a second more. And what went slowly was away for nobody but
    // those who were there, yet is given back to all.
    // Outages under a second can't be told from late beats: who was connected had at most a second less each time, which was looked at above.
    auto untold = Clock::duration{};
    for (auto const& outage : scene.outages) untold += outage.to - outage.from < 1s ? outage.to - outage.from : 0s;
    EXPECT_LE(wrong, rule_tolerance + 300ms * static_cast<int>(scene.outages.size()) + scene.stalls);
    EXPECT_GE(wrong, -rule_tolerance - untold);
}

/// Each acknowledged answer is in the journal, once, with the very response; no sitting has an item twice.
void expect_every_acknowledged_answer(Scene& scene, std::string const& name)
{
    struct Recorded {
        std::map<std::uint32_t, std::string> responses;
        std::set<std::string> items;
        std::string state;
    };
    auto const entries = opened_events(scene.bundle(name));
    auto recorded = std::map<std::string, Recorded>{};
    for (auto const& [sitting, event] : entries) {
        auto& one = recorded[sitting];
        auto const type = std::string_view{event.at("event").as_string()};
        if (type == "item_presented") {
            EXPECT_TRUE(one.items.insert(std::string{event.at("item").as_string()}).second) << sitting << ": an item was presented twice";
        }
        if (type != "response_recorded") continue;
        auto const ordinal = event.at("ordinal").to_number<std::uint32_t>();
        EXPECT_TRUE(one.responses.emplace(ordinal, canonical_json(event.at("response"))).second) << sitting << ": two responses to item " << ordinal;
    }
    auto acknowledged = 0, resent = 0, found_stored = 0;
    auto problems = std::map<std::string, int>{};
    for (auto const& candidate : scene.candidates) {
        auto const& diary = candidate.diary();
        for (auto const& complaint : diary.complaints) ADD_FAILURE() << diary.sitting << ": " << complaint;
        for (auto const& [ordinal, response] : diary.acknowledged) {
            auto const& known = recorded[diary.sitting].responses;
            auto const found = known.find(ordinal);
            ASSERT_TRUE(found != known.end()) << diary.sitting << ": acknowledged answer " << ordinal << " is not in the journal";
            EXPECT_EQ(found->second, response) << diary.sitting << ", item " << ordinal;
        }
        EXPECT_EQ(recorded[diary.sitting].responses.size(), diary.acknowledged.size()) << diary.sitting;
        EXPECT_EQ(diary.run_state, "submitted") << diary.sitting;
        acknowledged += static_cast<int>(diary.acknowledged.size());
        resent += diary.resent;
        found_stored += diary.found_stored;
        for (auto const& [code, count] : diary.problems) problems[code] += count;
    }
    std::cout << scene.candidates.size() << " sittings, " << acknowledged << " acknowledged answers, all in the journal; " << resent << " were sent again, "
              << found_stored << " had been stored although their acknowledgement was lost;";
    for (auto const& [code, count] : problems) std::cout << " " << code << " " << count;
    std::cout << std::endl;
}

TEST(KilledInMidExam, LosesNoAcknowledgedAnswerShowsNoItemTwiceAndGivesTheTimeBack)
{
    auto const seed = number_from_environment("ASSAY_FAULT_SEED", std::random_device{}());
    auto const rounds = number_from_environment("ASSAY_FAULT_ROUNDS", 20);
    std::cout << "seed " << seed << std::endl;
    auto scene = Scene{seed};
    scene.server.start();
    auto taking = take_seats(scene.server.port(), scene.server.password_of("manager@demo.example"), static_cast<int>(rounds) + 12, seed);
    scene.seats = scene.arena.run(std::move(taking));
    scene.arena.spawn(scene.prober.run());

    // One candidate's network fails before the first kill, for longer than the rule gives back.
    scene.arena.at([&] {
        scene.seat_somebody({.think_min = 4s, .think_max = 6s, .heartbeat = 400ms});
        scene.fill_room();
    });
    ASSERT_TRUE(eventually(scene.arena, patience, [&] { return scene.everybody_is_there(); }));
    std::this_thread::sleep_for(1s);
    auto& traveller = scene.candidates.front();
    scene.arena.at([&] {
        scene.traveller = &traveller;
        traveller.go_away_for(away_for);
    });
    auto const travels_until = Clock::now() + away_for;

    auto round = 0;
    auto last_bundle = std::string{};
    for (auto const victim : victims(scene.random, rounds)) {
        auto const name = std::to_string(++round);
        scene.arena.at([&] { scene.fill_room(); });
        kill_and_look(scene, victim, name);
        if (testing::Test::HasFatalFailure()) return;
        if (scene.traveller != nullptr && scene.arena.at([&] { return traveller.diary().attached; })) {
            scene.traveller = nullptr;
            expect_the_traveller_owed(scene, traveller);
        }
        expect_sound_journal(scene, name, last_bundle);
        if (testing::Test::HasFatalFailure()) return;
        last_bundle = name;
    }
    if (scene.traveller != nullptr) {
        std::this_thread::sleep_until(travels_until);
        EXPECT_TRUE(eventually(scene.arena, patience, [&] { return traveller.diary().attached; })) << "the traveller does not come back";
        std::this_thread::sleep_for(settling);
        expect_the_traveller_owed(scene, traveller);
    }

    // The last ones finish quickly, and what they leave is looked at once more.
    scene.arena.at([&] {
        for (auto& candidate : scene.candidates) candidate.set_pace({.think_min = 50ms, .think_max = 300ms});
    });
    EXPECT_TRUE(eventually(scene.arena, 120s, [&] { return scene.everybody_is_done(); }));
    scene.arena.at([&] { scene.prober.stop(); });
    for (auto const& failure : scene.arena.failures()) ADD_FAILURE() << failure;
    std::this_thread::sleep_for(5s); // checkpoints are published every 2 s
    expect_sound_journal(scene, "last", last_bundle);
    expect_every_acknowledged_answer(scene, "last");
    scene.server.terminate();
}

} // namespace
} // namespace assay::fault
