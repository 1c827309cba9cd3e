#include "proctor/errors.hpp"
#include "tests/proctor/observations.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <random>

// Expected values are arithmetic on the policy's own words: open_after, merge_gap 3 s, cool_down 10 s, at two pictures a second.
namespace assay::proctor::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Case {
    std::string name;
    std::function<void(Watch&, Camera&)> film;
    std::vector<std::string> closed;
};

class MonitorTable : public ::testing::TestWithParam<Case> {};

TEST_P(MonitorTable, RaisesExactlyTheseIncidents)
{
    auto watch = Watch{};
    auto camera = Camera{};
    GetParam().film(watch, camera);
    auto const end = watch.monitor.now;
    watch.see(Ended{end});
    EXPECT_EQ(watch.closed(), GetParam().closed);
    EXPECT_EQ(watch.of(IncidentChange::opened).size(), GetParam().closed.size());
}

auto person(Camera& camera) { return [&](double now) { return camera.person(now); }; }
auto nobody(Camera& camera) { return [&](double now) { return camera.nobody(now); }; }
auto faces(Camera& camera, std::vector<double> scores) { return [&camera, scores](double now) { return camera.picture(now, scores); }; }
auto dark(Camera& camera) { return [&](double now) { return camera.dark(now); }; }

auto const cases = std::vector<Case>{
    {"a person all the time", [](Watch& w, Camera& c) { w.film(0, 60, 2, person(c)); }, {}},
    {"nobody for two and a half seconds is nothing",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.film(10, 12.5, 2, nobody(c)), w.film(12.5, 30, 2, person(c)); },
     {}},
    {"nobody for ten seconds",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.film(10, 20.5, 2, nobody(c)), w.film(20.5, 40, 2, person(c)); },
     {"face_absent 10-20"}},
    {"a return of two seconds does not split an absence",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.film(10, 15.5, 2, nobody(c)), w.film(15.5, 17.5, 2, person(c)), w.film(17.5, 20.5, 2, nobody(c));
         w.film(20.5, 40, 2, person(c));
     },
     {"face_absent 10-20"}},
    {"an absence that comes back within the cool-down is the same incident",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.film(10, 15.5, 2, nobody(c)), w.film(15.5, 20, 2, person(c)), w.film(20, 25.5, 2, nobody(c));
         w.film(25.5, 40, 2, person(c));
     },
     {"face_absent 10-25"}},
    {"a blink of absence within the cool-down does not prolong it",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.film(10, 15.5, 2, nobody(c)), w.film(15.5, 20, 2, person(c)), w.film(20, 21, 2, nobody(c));
         w.film(21, 40, 2, person(c));
     },
     {"face_absent 10-15"}},
    {"an absence after the cool-down is another incident",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.film(10, 15.5, 2, nobody(c)), w.film(15.5, 30, 2, person(c)), w.film(30, 35.5, 2, nobody(c));
         w.film(35.5, 50, 2, person(c));
     },
     {"face_absent 10-15", "face_absent 30-35"}},
    {"two people for one second are nothing",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.film(10, 11, 2, faces(c, {0.95, 0.9})), w.film(11, 30, 2, person(c)); },
     {}},
    {"two people for two seconds",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.film(10, 12.5, 2, faces(c, {0.95, 0.9})), w.film(12.5, 30, 2, person(c)); },
     {"multiple_faces 10-12"}},
    {"a weak second face raises nothing",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.film(10, 20, 2, faces(c, {0.95, 0.77})), w.film(20, 30, 2, person(c)); },
     {}},
    {"a weak second face keeps up what a strong one raised",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.film(10, 12, 2, faces(c, {0.95, 0.9})), w.film(12, 20.5, 2, faces(c, {0.95, 0.77}));
         w.film(20.5, 40, 2, person(c));
     },
     {"multiple_faces 10-20"}},
    {"a weak face is presence enough, but does not end an absence",
     [](Watch& w, Camera& c) {
         w.film(0, 20, 2, faces(c, {0.76})), w.film(20, 25, 2, nobody(c)), w.film(25, 30.5, 2, faces(c, {0.76})), w.film(30.5, 50, 2, person(c));
     },
     {"face_absent 20-30"}},
    {"a covered camera is not an absence",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.film(10, 20.5, 2, dark(c)), w.film(20.5, 40, 2, person(c)); },
     {"camera_covered 10-20"}},
    {"a person in the dark is no covered camera",
     [](Watch& w, Camera& c) {
         w.film(0, 20, 2, [&](double now) {
             auto picture = c.person(now);
             picture.measured->brightness = 15;
             return picture;
         });
     },
     {}},
    {"the same bytes again within a second are the page repeating itself",
     [](Watch& w, Camera& c) {
         for (auto i = 0; i < 20; ++i) {
             auto const first = c.person(i);
             w.see(first), w.see(c.repeat(i + 0.5, first));
         }
     },
     {}},
    {"the same bytes for eight seconds",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c));
         auto const stuck = c.person(10);
         w.see(stuck), w.film(10.5, 18.5, 2, [&](double now) { return c.repeat(now, stuck); }), w.film(18.5, 40, 2, person(c));
     },
     {"frame_frozen 10-18"}},
    {"a still face in new bytes for eight seconds",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c));
         auto const still = c.person(10);
         w.see(still), w.film(10.5, 18.5, 2, [&](double now) {
             auto picture = c.person(now);
             picture.measured->signature = still.measured->signature;
             return picture;
         });
         w.film(18.5, 40, 2, person(c));
     },
     {"frame_frozen 10-18"}},
    {"an empty room is absence, not a frozen picture",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c));
         auto const room = c.nobody(10);
         w.see(room), w.film(10.5, 18.5, 2, [&](double now) {
             auto picture = c.nobody(now);
             picture.measured->signature = room.measured->signature;
             return picture;
         });
         w.film(18.5, 40, 2, person(c));
     },
     {"face_absent 10-18"}},
    {"no picture for nine seconds is nothing",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.ticks(10, 18), w.film(18.5, 40, 2, person(c)); },
     {}},
    {"a stream that stops for twenty seconds",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.ticks(10, 29), w.film(29.5, 60, 2, person(c)); },
     {"stream_lost 9.5-29.5"}},
    {"a camera that never starts", [](Watch& w, Camera&) { w.ticks(1, 25); }, {"stream_lost 0-25"}},
    {"one picture in a lost stream does not split it",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.ticks(10, 29), w.see(c.person(29.5)), w.ticks(30, 50), w.film(50.5, 70, 2, person(c));
     },
     {"stream_lost 9.5-50.5"}},
    {"garbage instead of pictures is a lost stream",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.film(10, 30, 2, [&](double now) { return c.failed(now, FrameFault::undecodable); });
         w.film(30, 50, 2, person(c));
     },
     {"stream_lost 9.5-30"}},
    {"pictures that we failed to look at are no lost stream",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.film(10, 30, 2, [&](double now) { return c.failed(now, FrameFault::worker_lost); });
         w.film(30, 50, 2, person(c));
     },
     {}},
    {"a hidden tab lasts until it is visible",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.see(ClientSignal{PageSignal::tab_hidden, at(10)}), w.film(10.5, 14, 2, person(c));
         w.see(ClientSignal{PageSignal::tab_visible, at(14)}), w.film(14.5, 40, 2, person(c));
     },
     {"tab_hidden 10-14"}},
    {"full screen left twice in quick succession is one incident",
     [](Watch& w, Camera& c) {
         w.see(c.person(0)), w.see(ClientSignal{PageSignal::fullscreen_left, at(1)}), w.see(ClientSignal{PageSignal::fullscreen_entered, at(2)});
         w.see(ClientSignal{PageSignal::fullscreen_left, at(4)}), w.see(ClientSignal{PageSignal::fullscreen_entered, at(6)});
         w.film(6.5, 30, 2, person(c));
     },
     {"fullscreen_left 1-6"}},
    {"a break watches nobody",
     [](Watch& w, Camera& c) {
         w.film(0, 10, 2, person(c)), w.see(Paused{at(10)}), w.ticks(11, 100), w.see(Resumed{at(100)}), w.ticks(101, 105);
         w.film(106, 120, 2, person(c));
     },
     {}},
    {"a break closes what is open",
     [](Watch& w, Camera& c) { w.film(0, 10, 2, person(c)), w.film(10, 15.5, 2, nobody(c)), w.see(Paused{at(16)}), w.ticks(17, 60); },
     {"face_absent 10-15"}},
};

INSTANTIATE_TEST_SUITE_P(Monitor, MonitorTable, ::testing::ValuesIn(cases), [](auto const& of) {
    auto name = std::string{};
    auto upper = true;
    for (auto const letter : of.param.name) {
        auto const word = std::isalnum(static_cast<unsigned char>(letter)) != 0;
        if (word) name += upper ? static_cast<char>(std::toupper(letter)) : letter;
        upper = !word;
    }
    return name;
});

TEST(Monitor, OpensTheMomentTheConditionHasHeldLongEnough)
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.film(0, 10, 2, person(camera));
    watch.film(10, 13, 2, nobody(camera)); // the last of these at 12.5
    EXPECT_THAT(watch.said, IsEmpty());
    watch.see(camera.nobody(13));
    ASSERT_EQ(watch.said.size(), 1u);
    EXPECT_EQ(watch.said[0].change, IncidentChange::opened);
    EXPECT_EQ(watch.said[0].facts.started, at(10));
    EXPECT_EQ(watch.said[0].facts.frames, 7u);
    EXPECT_EQ(watch.said[0].facts.severity, Severity::medium);
}

TEST(Monitor, ReportsALongIncidentOnceAndExtendsItSparingly)
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.film(0, 10, 2, person(camera));
    watch.film(10, 610, 2, nobody(camera));
    EXPECT_EQ(watch.of(IncidentChange::opened).size(), 1u);
    auto const extended = watch.of(IncidentChange::extended).size();
    EXPECT_GE(extended, 59u); // every 10 s of 597
    EXPECT_LE(extended, 64u); // and when a further still is wanted
}

TEST(Monitor, AsksForStillsBeforeAtDuringAndAfter)
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.film(0, 10, 2, person(camera));        // frames 1…20
    watch.film(10, 20.5, 2, nobody(camera));     // 21 at 10 s … 41 at 20 s
    watch.film(20.5, 40, 2, person(camera));
    auto wanted = std::vector<std::pair<StillRole, std::uint64_t>>{};
    for (auto const& event : watch.said)
        for (auto const& still : event.evidence) wanted.emplace_back(still.role, still.frame_sequence);
    EXPECT_THAT(wanted, ElementsAre(std::pair{StillRole::before, 17u}, std::pair{StillRole::start, 21u}, // 17 at 8 s, 21 at 10 s
                                    std::pair{StillRole::during, 41u}));                                  // 41 at 20 s is also the end: asked once
}

TEST(Monitor, NeverAsksForMoreStillsThanThePolicyAllowsNorForOneThatIsGone)
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.policy.evidence.stills_max = 4;
    auto asked = std::size_t{0};
    auto film = [&](double begin, double end, auto shot) {
        for (auto now = begin; now < end; now += 0.5) {
            auto const picture = shot(now);
            auto const before = watch.said.size();
            watch.see(picture);
            for (auto i = before; i < watch.said.size(); ++i)
                for (auto const& still : watch.said[i].evidence) {
                    ++asked;
                    auto const age = static_cast<double>(picture.frame.sequence - still.frame_sequence) / 2;
                    EXPECT_LE(age, static_cast<double>(evidence_lookback(watch.policy).count()) / 1000);
                }
        }
    };
    film(0, 10, person(camera));
    film(10, 2000, nobody(camera));
    film(2000, 2050, person(camera));
    EXPECT_EQ(watch.of(IncidentChange::closed).size(), 1u);
    EXPECT_EQ(asked, 4u);
}

TEST(Monitor, MarksWhatOnlyThePageClaimsAndWhatADetectorFound)
{
    auto watch = Watch{};
    auto camera = Camera{};
    camera.detector.model = sha256("model");
    watch.see(ClientSignal{PageSignal::tab_hidden, at(1)});
    watch.film(2, 10, 2, nobody(camera));
    ASSERT_EQ(watch.of(IncidentChange::opened).size(), 2u);
    auto const hidden = watch.of(IncidentChange::opened)[0].facts;
    auto const absent = watch.of(IncidentChange::opened)[1].facts;
    EXPECT_TRUE(hidden.client_claimed);
    EXPECT_FALSE(hidden.detector.has_value());
    EXPECT_FALSE(absent.client_claimed);
    ASSERT_TRUE(absent.detector.has_value());
    EXPECT_EQ(absent.detector->model, sha256("model"));
    EXPECT_THAT(absent.thresholds, ::testing::Contains(Threshold{"strong", 0.80}));
}

TEST(Monitor, ATabHiddenForFiveSecondsBecomesMoreSevere)
{
    auto watch = Watch{};
    watch.see(ClientSignal{PageSignal::tab_hidden, at(1)});
    watch.ticks(2, 5);
    EXPECT_THAT(watch.of(IncidentChange::extended), IsEmpty());
    EXPECT_EQ(watch.said.at(0).facts.severity, Severity::low);
    watch.see(Tick{at(6)});
    ASSERT_EQ(watch.of(IncidentChange::extended).size(), 1u);
    EXPECT_EQ(watch.of(IncidentChange::extended)[0].facts.severity, Severity::medium);
}

TEST(Monitor, AnAccommodationIsCountedWithoutEvidence)
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.policy.suppressed.push_back({IncidentType::multiple_faces, "accommodation-7"});
    watch.film(0, 20, 2, faces(camera, {0.95, 0.9}));
    watch.see(Ended{at(20)});
    ASSERT_EQ(watch.said.size(), 3u); // opened, extended after 10 s, closed
    for (auto const& event : watch.said) {
        EXPECT_EQ(event.facts.suppressed_by, "accommodation-7");
        EXPECT_THAT(event.evidence, IsEmpty());
    }
}

TEST(Monitor, ADisabledTypeIsNeverRaised)
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.policy.rule(IncidentType::face_absent).enabled = false;
    watch.film(0, 30, 2, nobody(camera));
    EXPECT_THAT(watch.said, IsEmpty());
}

TEST(Monitor, ConfidenceIsTheShareOfPicturesCappedByTheDetector)
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.film(0, 10, 2, nobody(camera));
    EXPECT_DOUBLE_EQ(watch.said.at(0).facts.confidence, 0.95);
    watch.see(camera.person(10));
    watch.see(camera.person(10.5));
    watch.film(11, 12, 2, nobody(camera)); // 22 of 24 pictures
    watch.see(Ended{at(12)});
    EXPECT_NEAR(watch.said.back().facts.confidence, 22.0 / 24.0, 1e-12);
}

TEST(Monitor, IgnoresAPictureThatWasOvertaken)
{
    auto watch = Watch{};
    auto camera = Camera{};
    auto const early = camera.nobody(0);
    watch.see(camera.person(0.5));
    auto const before = watch.monitor.previous;
    watch.see(early);
    EXPECT_EQ(watch.monitor.previous, before);
}

TEST(Monitor, SaysNothingAfterTheEnd)
{
    auto watch = Watch{};
    watch.see(Ended{at(1)});
    watch.ticks(2, 100);
    watch.see(ClientSignal{PageSignal::tab_hidden, at(101)});
    EXPECT_THAT(watch.said, IsEmpty());
}

// Whatever arrives: ordinals are 1, 2, 3 …, each is opened once, closed once, spans are ordered, incidents of one type lie at least the
// cool-down apart, and memory stays bounded.
TEST(Monitor, KeepsItsPromisesOnRandomStreams)
{
    auto const seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto random = std::mt19937{seed};
    for (auto run = 0; run < 30; ++run) {
        auto watch = Watch{};
        auto camera = Camera{};
        auto last = camera.person(0);
        auto mood = 0ul;
        for (auto now = 0.0; now < 400; now += 0.5) {
            if (random() % 12 == 0) mood = random() % 9;
            switch (mood) {
            case 0: case 1: last = camera.person(now), watch.see(last); break;
            case 2: last = camera.nobody(now), watch.see(last); break;
            case 3: last = camera.picture(now, {0.9, 0.85}), watch.see(last); break;
            case 4: last = camera.dark(now), watch.see(last); break;
            case 5: watch.see(camera.repeat(now, last)); break;
            case 6: watch.see(Tick{at(now)}); break;
            case 7: watch.see(ClientSignal{static_cast<PageSignal>(random() % 4), at(now)}); break;
            case 8: watch.see(random() % 2 == 0 ? MonitorInput{Paused{at(now)}} : MonitorInput{Resumed{at(now)}}); break;
            }
            ASSERT_LE(watch.monitor.recent.size() + watch.monitor.sharpness_with_face.size(), 221u);
        }
        watch.see(Resumed{at(400)});
        watch.see(Ended{at(401)});

        struct Life { IncidentFacts facts; bool closed = false; };
        auto lives = std::vector<Life>{};
        for (auto const& event : watch.said) {
            if (event.change == IncidentChange::opened) {
                ASSERT_EQ(event.ordinal, lives.size() + 1);
                lives.push_back({event.facts});
            }
            ASSERT_LE(event.ordinal, lives.size());
            auto& life = lives[event.ordinal - 1];
            ASSERT_FALSE(life.closed);
            ASSERT_EQ(event.facts.started, life.facts.started);
            ASSERT_GE(event.facts.ended, life.facts.ended);
            ASSERT_GE(event.facts.confidence, 0);
            ASSERT_LE(event.facts.confidence, 1);
            life.facts = event.facts;
            life.closed = event.change == IncidentChange::closed;
        }
        for (auto const& life : lives) ASSERT_TRUE(life.closed);
    }
}

} // namespace
} // namespace assay::proctor::test
