#include "core/random.hpp"
#include "server/app/entries.hpp"
#include "server/app/erasure.hpp"
#include "server/app/retention.hpp"
#include "storage/repositories/people.hpp"
#include "tests/server/app/app_bench.hpp"

namespace assay::server::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

struct Retention : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    static inline int number = 0;

    struct Kept {
        PersonId person;
        SittingId sitting;
        Sha256Digest file;
        Timestamp decided_at;
    };

    /// A sitting of which a picture is kept. Its clock is moved back, so that everything about it was decided a year ago.
    Kept kept(std::string validity = "clear", std::string incident_state = "dismissed")
    {
        auto const invitation = invite_person(app, tenant, "Rex Retained", "rex" + std::to_string(++number) + "@retained.example");
        auto kept = Kept{};
        kept.person = invitation.person;
        kept.sitting = sit(app, tenant, invitation);
        auto work = [](Services& s, storage::TenantRow of, Kept what, std::string state) -> asio::awaitable<Sha256Digest> {
            auto content = to_bytes("picture " + to_string(what.sitting));
            auto const name = co_await s.evidence.put(of.id, what.person, std::move(content));
            auto evidence = storage::EvidenceRow{name.value(), what.person, what.sitting, 21, s.now()};
            auto incident = storage::IncidentRow{};
            incident.id = random_id<IncidentId>();
            incident.sitting = what.sitting;
            incident.type = "face_absent";
            incident.severity = "low";
            incident.state = state;
            incident.started_at = s.now() - days{365};
            incident.ended_at = incident.started_at;
            incident.facts = json::object{{"frames", 3}};
            incident.evidence = json::array{json::object{{"sha256", to_string(name.value())}}};
            auto append = single_entry(random_uuid(), 0, "EvidenceKept", "system", json::object{{"sitting", to_string(what.sitting)}});
            append.rows.push_back({"evidence", storage::columns(evidence)});
            append.rows.push_back({"incident", storage::columns(incident)});
            auto const stored = co_await s.journal.append(of.id, std::move(append));
            stored.value();
            co_return name.value();
        };
        kept.file = app.run(work(app.services(), tenant, kept, std::move(incident_state)));
        auto const id = "'" + to_string(kept.sitting) + "'";
        sql("UPDATE sitting SET ended_at = ended_at - interval '365 days', validity = '" + validity + "' WHERE sitting_id = " + id);
        sql("UPDATE certification_decision SET decided_at = decided_at - interval '365 days' WHERE sitting_id = " + id);
        auto const holding = find(kept.sitting);
        kept.decided_at = holding->last_decision_at.value_or(*holding->ended_at);
        return kept;
    }
    void sql(std::string const& statement) { app.sql(tenant, statement); }
    std::optional<storage::EvidenceHolding> find(SittingId sitting)
    {
        for (auto const& holding : app.run(storage::list_evidence_holdings(app.services().pool, tenant.id)))
            if (holding.sitting == sitting) return holding;
        return std::nullopt;
    }
    void job(Timestamp now) { app.run(delete_due_evidence(app.services(), tenant, now)); }
    bool is_there(Kept const& kept)
    {
        auto const row = app.run(storage::find_evidence(app.services().pool, tenant.id, kept.file));
        auto const file = app.run(app.services().evidence.get(tenant.id, kept.person, kept.file));
        EXPECT_EQ(row.has_value(), file.has_value()) << "row and file go together";
        return row && file;
    }
    std::vector<storage::StoredEntry> deletions(SittingId sitting)
    {
        return app.run(app.services().journal.read_stream(tenant.id, uuid_from_name("evidence", to_string(sitting))));
    }
};

TEST_F(Retention, DeletesCleanEvidenceThirtyDaysAfterTheDecisionAndRecordsWhat)
{
    auto const picture = kept();
    job(picture.decided_at + days{30} - std::chrono::seconds{1});
    EXPECT_TRUE(is_there(picture)) << "a second early";
    EXPECT_TRUE(deletions(picture.sitting).empty());
    job(picture.decided_at + days{30});
    EXPECT_FALSE(is_there(picture));
    auto const entries = deletions(picture.sitting);
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries.front().type(), "EvidenceDeleted");
    EXPECT_EQ(entries.front().body().at("names").as_array().front().as_string(), to_string(picture.file));
    EXPECT_EQ(entries.front().body().at("due").as_string(), to_rfc3339(picture.decided_at + days{30}));
    for (auto const& incident : app.run(storage::list_incidents_of(app.services().pool, tenant.id, picture.sitting))) {
        EXPECT_TRUE(incident.evidence.empty());
        EXPECT_TRUE(incident.facts.as_object().empty()) << "what was measured goes too";
    }
    job(picture.decided_at + days{300});
    EXPECT_EQ(deletions(picture.sitting).size(), 1u) << "once";
}

TEST_F(Retention, KeepsFlaggedEvidenceOverTheTimeToAppealAndNinetyDaysMore)
{
    auto const picture = kept("upheld", "escalated");
    job(picture.decided_at + days{30 + 90} - std::chrono::seconds{1});
    EXPECT_TRUE(is_there(picture));
    job(picture.decided_at + days{30 + 90});
    EXPECT_FALSE(is_there(picture));
}

TEST_F(Retention, DeletesNothingWhileAnythingIsOpen)
{
    auto const open = kept("unreviewed", "open"), reviewed = kept("under_review", "escalated"), undecided = kept();
    sql("UPDATE certification_decision SET state = 'pending', decided_at = NULL WHERE sitting_id = '" + to_string(undecided.sitting) + "'");
    job(open.decided_at + days{5000});
    for (auto const* picture : {&open, &reviewed, &undecided}) EXPECT_TRUE(is_there(*picture));
}

TEST_F(Retention, RespectsALegalHold)
{
    auto const picture = kept();
    auto const staff = app.add_staff(tenant, "Hold", "manager").id;
    EXPECT_TRUE(app.run(set_legal_hold(app.services(), tenant, picture.person, staff, true)));
    job(picture.decided_at + days{5000});
    EXPECT_TRUE(is_there(picture));
    EXPECT_TRUE(app.run(set_legal_hold(app.services(), tenant, picture.person, staff, false)));
    job(picture.decided_at + days{5000});
    EXPECT_FALSE(is_there(picture));
}

TEST_F(Retention, HoldsToThePolicyThatTheCandidateAgreedTo)
{
    auto const picture = kept();
    auto const text = std::string{"clean_evidence_days = 5\n"};
    auto document = storage::DocumentRow{sha256(text), "retention_policy", "retention", "1", to_bytes(text), app.services().now()};
    auto append = storage::Append{};
    append.stream = random_uuid();
    append.entries.push_back(storage::Entry{"Test", "system", {}, std::nullopt});
    append.rows.push_back({"document", storage::columns(document)});
    app.run(app.services().journal.append(tenant.id, std::move(append))).value();
    sql("UPDATE consent SET retention_policy = '\\x" + to_string(document.sha256) + "' WHERE registration_id = (SELECT registration_id FROM sitting WHERE sitting_id = '" + to_string(picture.sitting) + "')");
    job(picture.decided_at + days{5} - std::chrono::seconds{1});
    EXPECT_TRUE(is_there(picture));
    job(picture.decided_at + days{5});
    EXPECT_FALSE(is_there(picture));
}

TEST_F(Retention, SweepsFilesThatNoRowNamesAndNoOthers)
{
    auto const picture = kept();
    auto orphan = [](Services& s, storage::TenantRow of, PersonId who) -> asio::awaitable<Sha256Digest> {
        auto content = to_bytes(std::string_view{"left over"});
        auto const name = co_await s.evidence.put(of.id, who, std::move(content));
        co_return name.value();
    };
    auto const left = app.run(orphan(app.services(), tenant, picture.person));
    EXPECT_EQ(app.run(sweep_evidence(app.services(), tenant.id)), 0u) << "young files may wait for their entry";
    for (auto const& entry : fs::recursive_directory_iterator{app.state() / "evidence"})
        if (entry.is_regular_file()) fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours{2});
    EXPECT_EQ(app.run(sweep_evidence(app.services(), tenant.id)), 1u);
    EXPECT_FALSE(app.run(app.services().evidence.get(tenant.id, picture.person, left)));
    EXPECT_TRUE(is_there(picture));
}

} // namespace
} // namespace assay::server::test
