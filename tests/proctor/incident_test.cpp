#include "proctor/errors.hpp"
#include "tests/proctor/observations.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace assay::proctor::test {
namespace {

SittingId sitting() { return SittingId{uuid_from_name("test", "sitting")}; }

Incident seen_incident()
{
    auto watch = Watch{};
    auto camera = Camera{};
    watch.film(0, 10, 2, [&](double now) { return camera.person(now); });
    watch.film(10, 20, 2, [&](double now) { return camera.nobody(now); });
    watch.see(Ended{at(20)});
    auto incident = std::optional<Incident>{};
    for (auto const& event : watch.said) incident = apply(std::move(incident), sitting(), event);
    incident->stills.push_back({.content = sha256("still"), .role = StillRole::start, .received_at = at(10)});
    return *incident;
}

TEST(Incident, GrowsByItsEventsAndIsOverWithTheLast)
{
    auto const incident = seen_incident();
    EXPECT_EQ(incident.facts.started, at(10));
    EXPECT_EQ(incident.facts.ended, at(19.5));
    EXPECT_FALSE(incident.running);
    EXPECT_EQ(incident.state, IncidentState::open);
}

TEST(Incident, HasTheSameIdOnEveryNode)
{
    EXPECT_EQ(incident_id(sitting(), 1), incident_id(sitting(), 1));
    EXPECT_NE(incident_id(sitting(), 1), incident_id(sitting(), 2));
}

TEST(Incident, RefusesAnEventOutOfPlace)
{
    auto event = IncidentEvent{.change = IncidentChange::extended, .ordinal = 1, .facts = {}, .evidence = {}};
    EXPECT_THROW(apply(std::nullopt, sitting(), event), ContractViolation);
    event.change = IncidentChange::opened;
    EXPECT_THROW(apply(seen_incident(), sitting(), event), ContractViolation);
}

TEST(Incident, SurvivesItsJsonForm)
{
    auto const incident = seen_incident();
    auto const text = canonical_json(to_json(incident));
    auto const read = parse_incident(*parse_json(text));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, incident);
}

TEST(Incident, AnyMissingOrForeignMemberSpoilsTheRecord)
{
    auto const whole = to_json(seen_incident());
    for (auto const& member : whole) {
        auto without = whole;
        without.erase(member.key());
        EXPECT_EQ(parse_incident(without).error(), errc::malformed_record) << member.key();
        auto other = whole;
        other[member.key()] = json::object{};
        EXPECT_EQ(parse_incident(other).error(), errc::malformed_record) << member.key();
    }
    auto const& facts = whole.at("facts").as_object();
    for (auto const& member : facts) {
        if (member.key() == "suppressed_by" || member.key() == "detector") continue; // may be null or absent
        auto without = whole;
        without["facts"].as_object().erase(member.key());
        EXPECT_EQ(parse_incident(without).error(), errc::malformed_record) << member.key();
    }
}

} // namespace
} // namespace assay::proctor::test
