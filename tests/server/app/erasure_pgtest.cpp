#include "core/random.hpp"
#include "server/app/audit_commands.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "server/app/erasure.hpp"
#include "server/app/log_publisher.hpp"
#include "server/app/outbox.hpp"
#include "storage/repositories/certificates.hpp"
#include "storage/repositories/people.hpp"
#include "tests/server/app/app_bench.hpp"

#include <sstream>

namespace assay::server::test {
namespace {

namespace fs = std::filesystem;

struct Erasing : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    Browser manager = Browser::staff(app, tenant, app.add_staff(tenant, "Marek", "manager"));
    int erase(PersonId person, std::string confirmation, std::string reason = "request_of_person")
    {
        return manager.post("/t/demo/staff/people/" + to_string(person) + "/erase", {{"confirmation", confirmation}, {"reason", reason}}).status;
    }
    /// Where PostgreSQL keeps its files: beside the socket that its address names.
    fs::path cluster_folder()
    {
        auto const& url = app.access().owner.url;
        auto const at = url.find("host='") + std::string_view{"host='"}.size();
        return fs::path{url.substr(at, url.find('\'', at) - at)}.parent_path() / "postgres";
    }
    /// Evidence as the camera's connection stores it.
    Sha256Digest add_evidence(SittingId sitting, PersonId person)
    {
        auto work = [](Services& s, storage::TenantRow of, SittingId where, PersonId who) -> asio::awaitable<Sha256Digest> {
            auto content = to_bytes(std::string_view{"a picture of somebody"});
            auto const name = co_await s.evidence.put(of.id, who, std::move(content));
            auto row = storage::EvidenceRow{name.value(), who, where, 21, s.now()};
            auto append = single_entry(random_uuid(), 0, "EvidenceKept", "system", json::object{{"sitting", to_string(where)}});
            append.rows.push_back({"evidence", storage::columns(row)});
            auto const stored = co_await s.journal.append(of.id, std::move(append));
            stored.value();
            co_return name.value();
        };
        return app.run(work(app.services(), tenant, sitting, person));
    }
};

TEST_F(Erasing, DestroysEverythingPersonalAndLeavesTheJournalWhole)
{
    auto const name = std::string{"Xylophia Quarzenbrunn"}, email = std::string{"xylophia.quarzenbrunn@erased.example"};
    auto const invitation = invite_person(app, tenant, name, email, false, storage::Affiliation{"Vanishing Partner KG", "", "", "", ""});
    auto const sitting = sit(app, tenant, invitation);
    auto const certificate = certificate_of(app, tenant, sitting);
    auto const evidence = add_evidence(sitting, invitation.person);
    send_all_mail(app, tenant, app.services().now());
    ASSERT_FALSE(files_with(app.state() / "mail", email).empty()) << "the mail folder has what it should forget";
    ASSERT_TRUE(app.run(app.services().evidence.get(tenant.id, invitation.person, evidence)));

    EXPECT_EQ(erase(invitation.person, "somebody.else@example.org"), 422);
    EXPECT_EQ(erase(invitation.person, email, "because"), 422) << "not a reason of the list";
    EXPECT_EQ(manager.post("/t/demo/staff/people/" + to_string(invitation.person) + "/hold").status, 303);
    EXPECT_EQ(erase(invitation.person, email), 422) << "held";
    EXPECT_EQ(manager.post("/t/demo/staff/people/" + to_string(invitation.person) + "/release").status, 303);
    EXPECT_EQ(erase(invitation.person, email), 303);
    EXPECT_EQ(erase(invitation.person, email), 404) << "nobody is erased twice";

    // What others see.
    auto const page = manager.get("/t/demo/c/" + to_string(certificate.id));
    EXPECT_EQ(page.status, 410);
    EXPECT_NE(page.content().find("no longer published"), std::string_view::npos);
    EXPECT_EQ(manager.get("/t/demo/c/" + to_string(certificate.id) + "/credential.json").status, 404);
    EXPECT_EQ(manager.get(invitation.link.substr(invitation.link.find("/t/"))).status, 404);
    EXPECT_EQ(manager.get("/t/demo/staff/people/" + to_string(invitation.person)).status, 200);
    for (auto const* list : {"/t/demo/staff/people", "/t/demo/staff/certificates", "/t/demo/staff/decisions", "/t/demo/staff/sittings", "/t/demo/staff/mail"}) {
        auto const shown = manager.get(list);
        EXPECT_EQ(shown.status, 200) << list;
        EXPECT_EQ(shown.content().find("Xylophia"), std::string_view::npos) << list;
    }

    // Nothing of it in any file: the state folder with mail and evidence, and PostgreSQL's own files with its log of changes.
    for (auto const& text : {name, email, std::string{"Quarzenbrunn"}, std::string{"Vanishing Partner"}}) {
        EXPECT_EQ(files_with(app.state(), text), std::vector<fs::path>{}) << text;
        EXPECT_EQ(files_with(cluster_folder(), text), std::vector<fs::path>{}) << text;
    }
    ASSERT_FALSE(files_with(cluster_folder(), tenant.sender_email).empty()) << "the search finds what is there";
    EXPECT_FALSE(app.run(app.services().evidence.get(tenant.id, invitation.person, evidence)));
    for (auto const& entry : fs::recursive_directory_iterator{app.state() / "evidence"}) EXPECT_NE(entry.path().filename().string(), to_string(evidence));
    for (auto const* sql : {"SELECT count(*) FROM outbox WHERE recipient = ", "SELECT count(*) FROM person_contact WHERE person_id = ", "SELECT count(*) FROM evidence WHERE person_id = ",
                            "SELECT count(*) FROM entry_detail WHERE person_id = ", "SELECT count(*) FROM data_key WHERE sealed_key IS NOT NULL AND subject = "})
        EXPECT_EQ(app.sql(tenant, std::string{sql} + "'" + to_string(invitation.person) + "'"), 0) << sql;

    // The journal holds; the tools say what happened.
    while (app.run(publish(app.services(), tenant))) {}
    auto const bundle = app.state() / "bundle";
    ASSERT_TRUE(app.run(export_audit(app.services(), "demo", bundle, true)));
    auto options = AuditVerifyOptions{};
    options.bundle = bundle;
    auto out = std::ostringstream{};
    EXPECT_EQ(verify_audit_bundle(options, out), 0) << out.str();
    EXPECT_EQ(files_with(bundle, "Xylophia"), std::vector<fs::path>{});
    auto replay = std::ostringstream{};
    EXPECT_EQ(replay_bundle(bundle, {}, false, replay), 0) << replay.str();
    EXPECT_NE(replay.str().find(to_string(sitting) + "  erased"), std::string::npos) << replay.str();
    auto one = std::ostringstream{};
    EXPECT_EQ(replay_bundle(bundle, to_string(sitting), false, one), 1) << "that one could not be replayed";
    auto const entries = app.run(app.services().journal.read_stream(tenant.id, uuid_from_name("person", to_string(invitation.person))));
    auto types = std::vector<std::string>{};
    for (auto const& entry : entries) types.push_back(entry.type());
    EXPECT_EQ(types, (std::vector<std::string>{"LegalHoldPlaced", "LegalHoldLifted", "PersonErased", "ErasureFinished"}));

    // The address is free again, for somebody new.
    EXPECT_NE(invite_person(app, tenant, "Somebody New", email).person, invitation.person);
}

TEST_F(Erasing, GoesOnWhereItWasCutOff)
{
    auto const invitation = invite_person(app, tenant, "Cut Off", "cut.off@erased.example");
    // As if the process had died between the entry and the rest.
    auto append = single_entry(uuid_from_name("person", to_string(invitation.person)), 0, "PersonErased", "staff:x", json::object{{"person", to_string(invitation.person)}});
    auto const long_ago = app.services().now() - std::chrono::hours{1};
    append.rows.push_back({"person_erased", json::object{{"person_id", storage::column(invitation.person)}, {"erased_at", storage::column(long_ago)}}});
    append.rows.push_back({"due", storage::columns(storage::DueRow{tenant.id, "erasure", invitation.person.uuid, long_ago})});
    app.run(app.services().journal.append(tenant.id, std::move(append))).value();
    auto const key = "SELECT count(*) FROM data_key WHERE sealed_key IS NOT NULL AND subject = '" + to_string(invitation.person) + "'";
    ASSERT_EQ(app.sql(tenant, key), 1);
    app.run([](Services& s) -> asio::awaitable<bool> {
        co_await finish_erasures(s, s.now());
        co_return true;
    }(app.services()));
    EXPECT_EQ(app.sql(tenant, key), 0);
    EXPECT_EQ(app.sql(tenant, "SELECT count(*) FROM due WHERE kind = 'erasure'"), 0);
}

TEST_F(Erasing, WaitsForASittingUnderWayAndKnowsNoForeignPeople)
{
    auto const invitation = invite_person(app, tenant, "Ida In-Exam", "ida@erased.example");
    auto ida = Browser::candidate(app, invitation.link);
    auto const path = "/t/demo/sitting/" + to_string(sitting_of(invitation.registration));
    auto const page = std::string{ida.get(path + "/consent").content()};
    auto const agreement = page.substr(page.find("name=\"agreement\" value=\"") + 24, 64);
    ida.post(path + "/consent", {{"rules", "yes"}, {"agreement", agreement}});
    ASSERT_EQ(ida.post(path + "/start").status, 303);
    EXPECT_EQ(erase(invitation.person, "ida@erased.example"), 422);
    auto const other = app.add_tenant("erase-other", storage::TenantKind::production);
    auto owner = Browser::staff(app, other, app.add_staff(other, "Otto", "owner"));
    for (auto const person : {invitation.person, random_id<PersonId>()}) {
        EXPECT_EQ(owner.get("/t/erase-other/staff/people/" + to_string(person)).status, 404);
        for (auto const* action : {"erase", "hold", "release"})
            EXPECT_EQ(owner.post("/t/erase-other/staff/people/" + to_string(person) + "/" + action, {{"reason", "request_of_person"}, {"confirmation", "x"}}).status, 404) << action;
    }
}

} // namespace
} // namespace assay::server::test
