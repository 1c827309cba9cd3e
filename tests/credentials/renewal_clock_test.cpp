// Five years of certificates, a day at a time. What each should be is reckoned here from the sentences of schedule.hpp and certificate.hpp, by a
// calendar of the test's own; ASSAY_LONG=1 takes all 10,000.
#include "credentials/certificate.hpp"
#include "credentials/schedule.hpp"
#include "tests/credentials/plain_calendar.hpp"
#include "tests/credentials/sample_issuer.hpp"

#include <algorithm>
#include <ctime>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <random>

namespace assay::credentials {
namespace {

using test::PlainDate;

constexpr auto day_seconds = 86'400LL;
constexpr auto years = 5;

Timestamp instant(long long seconds) { return Timestamp{std::chrono::seconds{test::PlainCalendar::epoch_seconds + seconds}}; }

/// Where holders live: the name for the process's TZ, the offsets of standard and summer time.
struct Zone {
    char const* name;
    int standard_minutes, summer_minutes;
};
constexpr Zone zones[] = {{"America/Los_Angeles", -480, -420}, {"Asia/Kolkata", 330, 330}, {"Pacific/Auckland", 720, 780}};

struct Act {
    CertificateAction action;
    long long at;
};

/// A certificate as its policy and its people made it, in plain numbers.
struct PlainLife {
    int zone = 0;
    long long award = 0; ///< seconds from 1 January 2026, 00:00 UTC
    int validity_months = 0, window_days = 0, grace_days = 0;
    int last_day = -1; ///< -1: never ends
    std::vector<Act> acts;
};

long long end_of(PlainLife const& life) { return life.last_day * day_seconds + day_seconds - 1; } // 23:59:59 of the last day, exclusive

/// The sentences: nothing before the award; what is final stays; the last day counts whole; grace follows; a suspension ends in expiry.
std::string expected_state(PlainLife const& life, long long at)
{
    if (at < life.award) return "none";
    auto standing = std::string{"good"};
    for (auto const& act : life.acts) {
        if (act.at > at) continue;
        if (act.action == CertificateAction::suspend) standing = "suspended";
        if (act.action == CertificateAction::reinstate) standing = "good";
        if (act.action == CertificateAction::revoke) standing = "revoked";
        if (act.action == CertificateAction::supersede) standing = "superseded";
        if (act.action == CertificateAction::surrender) standing = "surrendered";
    }
    auto const calendar = life.last_day < 0 || at < end_of(life)               ? std::string{"active"}
                          : at < end_of(life) + life.grace_days * day_seconds ? std::string{"grace"}
                                                                               : std::string{"expired"};
    if (standing == "good") return calendar;
    return standing == "suspended" && calendar == "expired" ? calendar : standing;
}

std::string expected_public(std::string const& state)
{
    if (state == "active") return "valid";
    if (state == "grace" || state == "expired") return "expired";
    if (state == "none") return "unknown";
    return state == "surrendered" ? "revoked" : state;
}

CredentialPolicy policy_of(PlainLife const& life)
{
    return {.validity_months = life.validity_months, .renewal_window_days = life.window_days, .reminder_days_before = {90, 60, 30, 7, 1}, .grace_days = life.grace_days};
}

/// The population: awards on ordinary days, leap days, ends of months and years, close to midnight of their zone.
class Population {
public:
    explicit Population(int count)
    {
        for (auto i = 0; i < count; ++i) add_one();
        renew_some();
    }
    std::vector<PlainLife> lives;
    test::PlainCalendar calendar;

private:
    int draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

    void add_one()
    {
        auto life = PlainLife{};
        life.zone = static_cast<int>(lives.size() % std::size(zones));
        static constexpr int policies[][3] = {{24, 90, 30}, {12, 60, 0}, {36, 180, 90}, {6, 30, 14}, {0, 0, 0}};
        auto const& policy = policies[draw(20) == 0 ? 4 : draw(4)];
        life.validity_months = policy[0];
        life.window_days = policy[1];
        life.grace_days = policy[2];
        static constexpr PlainDate special[] = {{2028, 2, 29}, {2028, 2, 28}, {2027, 2, 28}, {2026, 12, 31}, {2027, 1, 1}, {2027, 1, 31}, {2027, 8, 31}, {2028, 3, 1}, {2027, 3, 28}, {2027, 11, 7}};
        auto const local_day = draw(3) == 0 ? calendar.number(special[draw(static_cast<int>(std::size(special)))]) : 330 + draw(2 * 365);
        static constexpr int local_minutes[] = {0, 1, 5, 480, 540, 1020, 1438, 1439};
        auto const offset = draw(2) == 0 ? zones[life.zone].standard_minutes : zones[life.zone].summer_minutes;
        life.award = local_day * day_seconds + (local_minutes[draw(8)] - offset) * 60LL + draw(60);
        set_end(life, life.award);
        people_act(life);
        lives.push_back(std::move(life));
    }
    void set_end(PlainLife& life, long long counted_from) const
    {
        if (life.validity_months > 0) life.last_day = calendar.months_later(static_cast<int>(counted_from / day_seconds), life.validity_months);
    }
    void people_act(PlainLife& life)
    {
        using enum CertificateAction;
        auto const at = life.award + draw(700) * day_seconds + draw(86'400);
        auto const later = at + (1 + draw(300)) * day_seconds;
        switch (draw(12)) {
        case 0: life.acts = {{suspend, at}}; break;
        case 1: life.acts = {{suspend, at}, {reinstate, later}}; break;
        case 2: life.acts = {{suspend, at}, {revoke, later}}; break;
        case 3: life.acts = {{revoke, at}}; break;
        case 4: life.acts = {{surrender, at}}; break;
        case 5: life.acts = {{suspend, at}, {reinstate, later}, {suspend, later + day_seconds}, {reinstate, later + 9 * day_seconds}}; break;
        default: break;
        }
    }
    /// Some are renewed while their window is open, some in grace: the successor counts from the old end, or from its own award.
    void renew_some()
    {
        auto const originals = lives.size();
        for (auto i = std::size_t{}; i < originals; i += 7) {
            if (lives[i].last_day < 0 || !lives[i].acts.empty()) continue;
            auto next = lives[i];
            auto const opens = std::max((lives[i].last_day - lives[i].window_days) * day_seconds, lives[i].award);
            next.award = opens + static_cast<long long>(draw(10'000)) * (end_of(lives[i]) + lives[i].grace_days * day_seconds - opens) / 10'000;
            set_end(next, std::max(next.award, end_of(lives[i])));
            renewed_.push_back(lives.size());
            lives[i].acts = {{CertificateAction::supersede, next.award}};
            next_of_.push_back(i);
            lives.push_back(std::move(next));
        }
    }

public:
    /// Whom the one at `index` renews, if anybody.
    std::optional<std::size_t> renews(std::size_t index) const
    {
        auto const at = std::ranges::find(renewed_, index);
        return at == renewed_.end() ? std::nullopt : std::optional{next_of_[static_cast<std::size_t>(at - renewed_.begin())]};
    }

private:
    std::mt19937 random_{20'261'124};
    std::vector<std::size_t> renewed_, next_of_;
};

int population_size() { return std::getenv("ASSAY_LONG") != nullptr ? 10'000 : 700; }

Population const& population()
{
    static auto const all = Population{population_size()};
    return all;
}

RecertificationSchedule schedule_of(Population const& all, std::size_t index)
{
    auto const& life = all.lives[index];
    auto const old = all.renews(index);
    return schedule(policy_of(life), instant(life.award), old ? std::optional{instant(end_of(all.lives[*old]))} : std::nullopt);
}

/// As the service makes it: dates from the schedule, events through decide().
Certificate certificate_of(Population const& all, std::size_t index)
{
    auto const dates = schedule_of(all, index);
    auto certificate = Certificate{.valid_from = dates.valid_from, .valid_until = dates.valid_until, .grace_until = dates.grace_until, .events = {}};
    for (auto const& act : all.lives[index].acts) certificate.events.push_back(decide(certificate, act.action, "why", instant(act.at)).value());
    return certificate;
}

/// The process's own time zone must not matter.
struct InZone {
    explicit InZone(char const* name)
    {
        setenv("TZ", name, 1);
        tzset();
    }
    ~InZone()
    {
        unsetenv("TZ");
        tzset();
    }
    InZone(InZone const&) = delete;
    InZone& operator=(InZone const&) = delete;
};

TEST(PlainCalendar, CountsAsOtherProgramsDo)
{
    auto const calendar = test::PlainCalendar{};
    // date -u -d DATE +%s, minus that of 2026-01-01, over 86400
    EXPECT_EQ(calendar.number({2028, 2, 29}), 789);
    EXPECT_EQ(calendar.number({2031, 11, 24}), 2153);
    EXPECT_EQ(calendar.number({2040, 12, 31}), 5478);
    EXPECT_EQ(calendar.date(calendar.months_later(calendar.number({2028, 2, 29}), 12)), (PlainDate{2029, 2, 28}));
    EXPECT_EQ(calendar.date(calendar.months_later(calendar.number({2027, 8, 31}), 6)), (PlainDate{2028, 2, 29}));
}

TEST(RenewalClock, PlansEachLifeAsTheSentencesSay)
{
    auto const& all = population();
    for (auto i = std::size_t{}; i < all.lives.size(); ++i) {
        auto const& life = all.lives[i];
        auto const in_zone = InZone{zones[life.zone].name};
        auto const plan = schedule_of(all, i);
        if (life.last_day < 0) {
            EXPECT_EQ(plan, RecertificationSchedule{.valid_from = instant(life.award)}) << i;
            continue;
        }
        auto expected = RecertificationSchedule{.valid_from = instant(life.award), .valid_until = instant(end_of(life)), .grace_until = instant(end_of(life) + life.grace_days * day_seconds)};
        expected.renewal_opens = instant(std::max((life.last_day - life.window_days) * day_seconds, life.award));
        for (auto const days : {90, 60, 30, 7, 1}) {
            auto const due = (life.last_day - days) * day_seconds + 8 * 3600;
            if (due > life.award) expected.reminders.push_back(instant(due));
        }
        ASSERT_EQ(plan, expected) << i << " awarded " << to_rfc3339(instant(life.award));
        if (auto const old = all.renews(i)) {
            ASSERT_GE(end_of(life), end_of(all.lives[*old])) << "renewing shortened something";
            ASSERT_GE(life.last_day, all.calendar.months_later(static_cast<int>(life.award / day_seconds), life.validity_months)) << "and not the new one either";
        }
    }
}

TEST(RenewalClock, GivesEveryStateOnEveryDay)
{
    auto const& all = population();
    auto seen = std::map<std::string, std::size_t>{};
    auto const first_day = all.calendar.number({2026, 11, 24}), last_day = all.calendar.number({2026 + years, 11, 24});
    for (auto i = std::size_t{}; i < all.lives.size(); ++i) {
        auto const& life = all.lives[i];
        auto const in_zone = InZone{zones[life.zone].name};
        auto const certificate = certificate_of(all, i);
        auto const check = [&](long long at) {
            auto const state = state_at(certificate, instant(at));
            auto const expected = expected_state(life, at);
            ++seen[expected];
            if ((state ? to_string(*state) : std::string_view{"none"}) == expected && to_string(public_state_at(certificate, instant(at))) == expected_public(expected)) return true;
            ADD_FAILURE() << i << " at " << to_rfc3339(instant(at)) << ": " << (state ? to_string(*state) : "none") << ", expected " << expected;
            return false;
        };
        auto good = true;
        for (auto day = first_day; good && day <= last_day; ++day) good = check(day * day_seconds + 9 * 3600 - zones[life.zone].standard_minutes * 60LL); // nine in the morning there
        // And the seconds in which something turns.
        auto turns = std::vector<long long>{life.award};
        if (life.last_day >= 0) turns.insert(turns.end(), {end_of(life), end_of(life) + life.grace_days * day_seconds, life.last_day * day_seconds});
        for (auto const& act : life.acts) turns.push_back(act.at);
        for (auto const turn : turns)
            for (auto const beside : {-1, 0, 1}) good = good && check(turn + beside);
        if (!good) break;
    }
    for (auto const* state : {"none", "active", "grace", "expired", "suspended", "revoked", "superseded", "surrendered"}) EXPECT_GT(seen[state], 100u) << state;
    RecordProperty("states_checked", std::to_string([&] { auto sum = std::size_t{}; for (auto const& [state, count] : seen) sum += count; return sum; }()));
}

/// The file and its status list, which strangers hold, against the state that the issuer's page shows: never better, and the same wherever a
/// list can say it (one bit: revoked and superseded are one; a suspension stands on the page alone).
TEST(RenewalClock, IsToldAlikeByPageBadgeAndToken)
{
    auto const& all = population();
    auto sample = test::SampleIssuer{};
    auto compared = 0;
    for (auto i = std::size_t{3}; i < all.lives.size() && compared < 500; i += all.lives.size() / 9) {
        auto const& life = all.lives[i];
        auto const certificate = certificate_of(all, i);
        auto claim = sample.claim();
        claim.decided_at = claim.valid_from = certificate.valid_from;
        claim.valid_until = certificate.valid_until;
        auto const issued = issue(claim, sample.status(), sample.credential_signer(), certificate.valid_from).value();
        for (auto at = life.award; at < life.award + years * 365 * day_seconds; at += 45 * day_seconds) {
            auto const expected = expected_state(life, at);
            auto const final = expected == "revoked" || expected == "superseded" || expected == "surrendered";
            sample.now = instant(at);
            sample.list.set(sample.status().index, final).value();
            auto const page = to_string(public_state_at(certificate, instant(at)));
            EXPECT_EQ(page, expected_public(expected));
            for (auto const& file : {issued.json, issued.jwt}) {
                auto const verdict = std::string{to_string(sample.verify_now(file).verdict())};
                auto const ended = life.last_day >= 0 && at >= end_of(life);
                EXPECT_EQ(verdict, final ? "revoked" : ended ? "expired" : "valid") << i << " at " << to_rfc3339(instant(at)) << " " << expected;
                if (verdict == "valid") {
                    EXPECT_TRUE(page == "valid" || page == "suspended") << page;
                }
                if (page == "valid") {
                    EXPECT_EQ(verdict, "valid");
                }
                ++compared;
            }
        }
    }
    EXPECT_GT(compared, 200);
}

} // namespace
} // namespace assay::credentials
