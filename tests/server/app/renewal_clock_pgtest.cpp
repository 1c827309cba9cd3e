// The reminders of five years through the service itself: certificates of holders in three time zones, a service that is away now and then, one
// outbox row and one Message-ID for each reminder. What is due when is reckoned by the test's own calendar. ASSAY_LONG=1 takes 10,000.
#include "core/random.hpp"
#include "credentials/schedule.hpp"
#include "server/app/certification.hpp"
#include "server/app/log_publisher.hpp"
#include "server/app/reminders.hpp"
#include "storage/repositories/certificates.hpp"
#include "tests/credentials/plain_calendar.hpp"
#include "tests/server/app/app_bench.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <map>
#include <random>
#include <set>

namespace assay::server::test {
namespace {

using credentials::test::PlainCalendar;
using testing::HasSubstr;

constexpr auto day_seconds = 86'400LL;

Timestamp instant(long long seconds) { return Timestamp{std::chrono::seconds{PlainCalendar::epoch_seconds + seconds}}; }

std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

struct Zone {
    char const* name;
    int minutes;
};
constexpr Zone zones[] = {{"America/Los_Angeles", -480}, {"Asia/Kolkata", 330}, {"Pacific/Auckland", 780}};

struct Kept {
    CertificateId id;
    PersonId person;
    long long award = 0;
    int last_day = 0;
    std::optional<long long> revoked; ///< from then on nobody is reminded
};

struct RenewalClock : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    PlainCalendar calendar;
    std::mt19937 random{20'261'124};
    std::vector<Kept> all;

    int draw(int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); }

    /// Rows as issue_certificate() writes them, copied from a real certificate of each holder.
    void fill(int count)
    {
        auto owner = storage::BlockingConnection{app.access().owner};
        owner.execute("SELECT set_config('assay.tenant', '" + to_string(tenant.id) + "', false)");
        auto templates = std::vector<storage::CertificateRow>{};
        for (auto const& zone : zones) templates.push_back(certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, zone.name, std::string{"remi."} + std::to_string(zone.minutes + 1000) + "@example.org"))));
        owner.execute("DELETE FROM due WHERE kind LIKE 'reminder:%'");
        static constexpr credentials::test::PlainDate special[] = {{2028, 2, 29}, {2028, 2, 28}, {2027, 2, 28}, {2026, 12, 31}, {2027, 8, 31}, {2028, 3, 1}};
        static constexpr int validities[] = {24, 12, 36, 6, 3, 1};
        for (auto i = 0; i < count; ++i) {
            auto const& zone = zones[i % 3];
            auto const& from = templates[static_cast<std::size_t>(i % 3)];
            auto const local_day = draw(4) == 0 ? calendar.number(special[draw(6)]) : 330 + draw(2 * 365);
            static constexpr int local_minutes[] = {0, 5, 479, 480, 481, 1439};
            auto kept = Kept{random_id<CertificateId>(), from.person, local_day * day_seconds + (local_minutes[draw(6)] - zone.minutes) * 60LL, 0, std::nullopt};
            auto policy = credentials::CredentialPolicy{};
            policy.validity_months = validities[draw(6)];
            policy.renewal_window_days = 28;
            kept.last_day = calendar.months_later(static_cast<int>(kept.award / day_seconds), policy.validity_months);
            if (draw(10) == 0) kept.revoked = kept.award + draw(900) * day_seconds + draw(86'400);
            auto const dates = credentials::schedule(policy, instant(kept.award));
            auto const ended = kept.revoked ? "'" + to_rfc3339(instant(*kept.revoked)) + "'" : std::string{"NULL"};
            owner.execute("INSERT INTO certificate SELECT (jsonb_populate_record(NULL::certificate, to_jsonb(t) || jsonb_build_object('certificate_id', '" + to_string(kept.id) +
                          "', 'number', 'C-" + std::to_string(i) + "', 'sitting_id', gen_random_uuid(), 'status_list', 1, 'status_index', " + std::to_string(i) + ", 'valid_from', '" +
                          to_rfc3339(dates.valid_from) + "', 'valid_until', '" + to_rfc3339(*dates.valid_until) + "', 'grace_until', '" + to_rfc3339(*dates.grace_until) +
                          "', 'state', '" + (kept.revoked ? "revoked" : "active") + "', 'ended_at', " + ended + "))).* FROM certificate t WHERE certificate_id = '" + to_string(from.id) + "'");
            for (auto const& due : reminders_of(tenant.id, kept.id, dates))
                owner.execute("INSERT INTO due (tenant_id, kind, key, at) VALUES ('" + to_string(tenant.id) + "', '" + due.kind + "', '" + to_string(due.key) + "', '" + to_rfc3339(due.at) + "')");
            all.push_back(kept);
        }
    }

    int look(long long at)
    {
        auto queued = 0;
        auto const due_by_now = "SELECT count(*) FROM due WHERE kind LIKE 'reminder:%' AND at <= '" + to_rfc3339(instant(at)) + "'";
        do queued += app.run(queue_reminders(app.services(), instant(at)));
        while (app.sql(tenant, due_by_now) > 0);
        return queued;
    }
};

/// Away: over a leap day, for a month and a half, for a season, and one hour around eight.
bool is_away(PlainCalendar const& calendar, int day)
{
    static auto const spans = std::vector<std::pair<int, int>>{{calendar.number({2028, 2, 27}), calendar.number({2028, 3, 2})},
                                                               {calendar.number({2028, 11, 10}), calendar.number({2028, 12, 26})},
                                                               {calendar.number({2029, 6, 1}), calendar.number({2029, 9, 8})}};
    return std::ranges::any_of(spans, [&](auto const& span) { return day >= span.first && day <= span.second; });
}

TEST_F(RenewalClock, WritesOneOutboxRowAndOneMessageIdForEachReminder)
{
    fill(std::getenv("ASSAY_LONG") != nullptr ? 10'000 : 120);
    auto const first = calendar.number({2026, 11, 24}), last = calendar.number({2031, 12, 31});
    // Of each reminder: the first moment at which somebody looks, and whether the certificate is still in force then.
    auto looks = std::vector<long long>{};
    for (auto day = first; day <= last; ++day)
        if (!is_away(calendar, day)) looks.push_back(day * day_seconds + 8 * 3600 + (day % 11 == 0 ? 3600 : 0)); // some days an hour late
    auto expected = std::set<std::string>{};
    auto skipped = 0;
    auto expected_at = std::map<long long, int>{};
    for (auto const& kept : all) {
        for (auto const days : {90, 60, 30, 7, 1}) {
            auto const due = (kept.last_day - days) * day_seconds + 8 * 3600;
            if (due <= kept.award) continue;
            auto const seen = *std::ranges::lower_bound(looks, due);
            auto const in_force = seen < kept.last_day * day_seconds + day_seconds - 1 && (!kept.revoked || seen < *kept.revoked);
            auto const date = calendar.date(kept.last_day - days);
            if (!in_force) {
                ++skipped;
                continue;
            }
            expected.insert("reminder_" + std::to_string(date.year) + "-" + two(date.month) + "-" + two(date.day) + ":" + to_string(kept.id));
            ++expected_at[seen];
        }
    }
    for (auto const& zone : zones) { // the service's own zone must not matter: a third of the time in each
        setenv("TZ", zone.name, 1);
        tzset();
        auto const part = looks.size() / 3 + 1, begin = static_cast<std::size_t>(&zone - zones) * part;
        for (auto i = begin; i < std::min(begin + part, looks.size()); ++i) {
            auto const at = looks[i];
            if (!expected_at.contains(at) && i % 30 != 0) continue; // on other days there is nothing to see: looked at once a month
            if (i % 20 == 0 && i > 0 && at - looks[i - 1] <= day_seconds + 3600) {
                EXPECT_EQ(app.run(queue_reminders(app.services(), instant(at - 3601))), 0) << "before its time, " << to_rfc3339(instant(at));
            }
            ASSERT_EQ(look(at), expected_at[at]) << to_rfc3339(instant(at));
        }
    }
    unsetenv("TZ");
    tzset();

    auto got = std::set<std::string>{}, message_ids = std::set<std::string>{};
    auto rows = 0u;
    for (auto const person : std::set<PersonId>{all[0].person, all[1].person, all[2].person}) {
        auto const mails = app.run(storage::list_mail_of(app.services().pool, tenant.id, person));
        for (auto const& mail : mails) {
            if (mail.template_name != "certificate_reminder") continue;
            ++rows;
            got.insert(mail.event);
            message_ids.insert(mail.message_id);
        }
    }
    EXPECT_EQ(rows, expected.size()) << "one row each";
    EXPECT_EQ(message_ids.size(), expected.size()) << "one Message-ID each";
    EXPECT_TRUE(got == expected);
    EXPECT_GT(skipped, 0) << "some certificate ended, or was revoked, while the service was away";
    EXPECT_EQ(app.sql(tenant, "SELECT count(*) FROM due WHERE kind LIKE 'reminder:%'"), 0);
    RecordProperty("reminders", static_cast<int>(rows));
}

/// Every form carries the same facts, each read by a program of its own.
TEST_F(RenewalClock, ShowsTheSameFactsInEveryForm)
{
    auto const certificate = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Fiona Field-by-Field", "fiona@example.org")));
    while (app.run(publish(app.services(), tenant))) {}
    auto const get = [&](std::string const& below) {
        auto request = net::Request{};
        request.target = net::Target::parse("/t/demo/c/" + to_string(certificate.id) + below).value();
        request.peer = "127.0.0.1";
        request.host = "localhost";
        return std::string{app.handle(std::move(request)).content()};
    };
    auto const credential = parse_json(get("/credential.json")).value();
    auto const jwt = get("/credential.jwt");
    auto const dot = jwt.find('.');
    auto const token = parse_json(text_of(from_base64url(std::string_view{jwt}.substr(dot + 1, jwt.rfind('.') - dot - 1)).value())).value();
    auto unsigned_credential = credential.as_object();
    unsigned_credential.erase("proof");
    EXPECT_EQ(canonical_json(unsigned_credential), canonical_json(token)) << "badge and wallet";
    EXPECT_EQ(sha256(canonical_json(token)), certificate.credential_sha256);
    auto const entry = parse_json(*find_string(parse_json(get("/receipt.json")).value(), "entry")).value();
    EXPECT_EQ(*find_string(*find_object(entry, "body"), "credential_sha256"), to_string(certificate.credential_sha256)) << "journal";

    auto const pdf_file = app.state() / "certificate.pdf";
    std::ofstream{pdf_file, std::ios::binary} << get("/certificate.pdf");
    auto const text_file = pdf_file.string() + ".txt";
    ASSERT_EQ(std::system(("pdftotext -layout " + pdf_file.string() + " " + text_file).c_str()), 0);
    auto stream = std::ifstream{text_file};
    auto const pdf = std::string{std::istreambuf_iterator<char>{stream}, {}};
    auto const page = get("");

    auto const& subject = *find_object(credential, "credentialSubject");
    auto const& achievement = *find_object(subject, "achievement");
    static constexpr char const* months[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
    auto const shown = [&](std::string_view rfc3339) { // "2026-11-24T…" as "24 November 2026"
        auto const number = [&](std::size_t at, std::size_t length) { return std::stoi(std::string{rfc3339.substr(at, length)}); };
        return std::to_string(number(8, 2)) + " " + months[number(5, 2) - 1] + " " + std::to_string(number(0, 4));
    };
    auto const from = std::string_view{*find_string(credential, "validFrom")}, until = std::string_view{*find_string(credential, "validUntil")};
    EXPECT_EQ(from, to_rfc3339(certificate.valid_from));
    EXPECT_EQ(until, to_rfc3339(*certificate.valid_until));
    for (auto const& [what, fact] : std::vector<std::pair<std::string, std::string>>{{"holder", "Fiona Field-by-Field"}, {"number", certificate.number}, {"certifying body", tenant.name},
                                                                                      {"programme", "PostgreSQL in Production, Associate"}, {"version", "2026.1"},
                                                                                      {"scope", "Operating PostgreSQL 15 and TLS in production"}, {"from", shown(from)}, {"until", shown(until)}}) {
        EXPECT_THAT(page, HasSubstr(fact)) << what;
        EXPECT_THAT(pdf, HasSubstr(fact)) << what;
    }
    EXPECT_THAT(canonical_json(subject), HasSubstr("Fiona Field-by-Field"));
    EXPECT_EQ(*find_string(*find_object(credential, "issuer"), "name"), tenant.name);
    EXPECT_THAT(std::string{std::string_view{*find_string(achievement, "name")}}, HasSubstr("PostgreSQL in Production, Associate"));
    EXPECT_EQ(*find_string(achievement, "version"), "2026.1");
    EXPECT_THAT(pdf, HasSubstr(shown(*find_string(credential, "awardedDate")))) << "date of the decision";
    EXPECT_THAT(page, HasSubstr(">Valid<"));
}

/// Renewed while the window is open: the new one counts from the old end, and takes the old one's place.
TEST_F(RenewalClock, LosesNobodyADayWhoRenewsEarly)
{
    auto const old = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Early Bird", "early@example.org")));
    app.sql(tenant, "WITH changed AS (UPDATE certificate SET renewal_opens_at = now() - interval '1 day' WHERE certificate_id = '" + to_string(old.id) + "' RETURNING 1) SELECT count(*) FROM changed");
    auto const renewed = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Early Bird", "early@example.org")));
    ASSERT_EQ(renewed.person, old.person);
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(old.valid_until->time_since_epoch()).count() - PlainCalendar::epoch_seconds;
    auto const last_day = calendar.months_later(static_cast<int>(seconds / day_seconds), 24);
    EXPECT_EQ(*renewed.valid_until, instant(last_day * day_seconds + day_seconds - 1));
    auto const before = app.run(storage::find_certificate(app.services().pool, tenant.id, old.id));
    EXPECT_EQ(before->state, "superseded");
    EXPECT_EQ(before->superseded_by, renewed.id);
}

/// The one without the other is never stored: here the database refuses the end of the old one, and with it the new one.
TEST_F(RenewalClock, IssuesTheNewOneAndEndsTheOldOneInOneCommit)
{
    auto const old = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Allis Ornone", "allis@example.org")));
    auto owner = storage::BlockingConnection{app.access().owner};
    owner.execute("SELECT set_config('assay.tenant', '" + to_string(tenant.id) + "', false)");
    owner.execute("UPDATE certificate SET renewal_opens_at = now() - interval '1 day' WHERE certificate_id = '" + to_string(old.id) + "'");
    owner.execute("CREATE FUNCTION refuse_the_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$");
    owner.execute("CREATE TRIGGER refuse_the_end BEFORE UPDATE ON certificate FOR EACH ROW WHEN (NEW.state = 'superseded') EXECUTE FUNCTION refuse_the_end()");
    auto const again = invite_person(app, tenant, "Allis Ornone", "allis@example.org");
    EXPECT_THROW(sit(app, tenant, again), storage::DatabaseError);
    auto const sitting = sitting_of(again.registration);
    EXPECT_FALSE(app.run(storage::find_certificate_of(app.services().pool, tenant.id, sitting)));
    EXPECT_EQ(app.run(storage::find_certificate(app.services().pool, tenant.id, old.id))->state, "active");

    owner.execute("DROP TRIGGER refuse_the_end ON certificate");
    owner.execute("DROP FUNCTION refuse_the_end()");
    app.run([](Services& s, storage::TenantRow of, SittingId id) -> asio::awaitable<bool> {
        co_await settle(s, of, id);
        co_return true;
    }(app.services(), tenant, sitting));
    auto const renewed = certificate_of(app, tenant, sitting);
    auto const before = app.run(storage::find_certificate(app.services().pool, tenant.id, old.id));
    EXPECT_EQ(before->state, "superseded");
    EXPECT_EQ(before->superseded_by, renewed.id);
    EXPECT_EQ(app.run(app.services().journal.read_stream(tenant.id, old.id.uuid)).back().index, app.run(app.services().journal.read_stream(tenant.id, renewed.id.uuid)).front().index + 1);
}

} // namespace
} // namespace assay::server::test
