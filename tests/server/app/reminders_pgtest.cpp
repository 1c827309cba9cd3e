#include "core/random.hpp"
#include "server/app/certificate_life.hpp"
#include "server/app/erasure.hpp"
#include "server/app/outbox.hpp"
#include "server/app/reminders.hpp"
#include "storage/repositories/certificates.hpp"
#include "tests/server/app/app_bench.hpp"

#include <set>

namespace assay::server::test {
namespace {

struct Reminders : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    storage::CertificateRow issued(std::string email) { return certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Remi Reminded", email))); }
    int queue(Timestamp now) { return app.run(queue_reminders(app.services(), now)); }
    std::vector<storage::OutboxRow> reminders_to(PersonId person)
    {
        auto rows = app.run(storage::list_mail_of(app.services().pool, tenant.id, person));
        std::erase_if(rows, [](auto const& row) { return row.template_name != "certificate_reminder"; });
        return rows;
    }
    std::int64_t waiting(CertificateId id) { return app.sql(tenant, "SELECT count(*) FROM due WHERE key = '" + to_string(id) + "'"); }
    Timestamp days_before(storage::CertificateRow const& certificate, int days) { return std::chrono::floor<std::chrono::days>(*certificate.valid_until) - std::chrono::days{days} + std::chrono::hours{8}; }
};

TEST_F(Reminders, AreOneMailEachAtTheirTime)
{
    auto const certificate = issued("remi.once@example.org");
    EXPECT_EQ(waiting(certificate.id), 5) << "90, 60, 30, 7 and 1 days before";
    queue(days_before(certificate, 90) - std::chrono::seconds{1});
    EXPECT_TRUE(reminders_to(certificate.person).empty()) << "not before their time";
    auto expected = std::size_t{};
    for (auto const days : {90, 60, 30, 7, 1}) {
        queue(days_before(certificate, days));
        queue(days_before(certificate, days) + std::chrono::minutes{1}); // and nothing twice
        EXPECT_EQ(reminders_to(certificate.person).size(), ++expected) << days;
    }
    EXPECT_EQ(waiting(certificate.id), 0);
    auto ids = std::set<std::string>{};
    for (auto const& row : reminders_to(certificate.person)) ids.insert(row.message_id);
    EXPECT_EQ(ids.size(), 5u);
}

TEST_F(Reminders, AreMadeUpForAfterTheServiceWasAwayAndNotRepeated)
{
    auto const certificate = issued("remi.away@example.org");
    // Away from before the first to after the third.
    queue(days_before(certificate, 20));
    EXPECT_EQ(reminders_to(certificate.person).size(), 3u);
    queue(days_before(certificate, 20));
    EXPECT_EQ(reminders_to(certificate.person).size(), 3u);
    // Two nodes that saw the same due row: the second finds the entry there.
    auto const again = storage::DueRow{tenant.id, "reminder:" + to_rfc3339(days_before(certificate, 90)).substr(0, 10), certificate.id.uuid, days_before(certificate, 90)};
    auto append = storage::Append{};
    append.stream = random_uuid();
    append.entries.push_back(storage::Entry{"Test", "system", {}, std::nullopt});
    append.rows.push_back({"due", storage::columns(again)});
    app.run(app.services().journal.append(tenant.id, std::move(append))).value();
    queue(days_before(certificate, 20));
    EXPECT_EQ(reminders_to(certificate.person).size(), 3u);
}

TEST_F(Reminders, AreNotSentForWhatIsNoLongerInForce)
{
    auto const revoked = issued("remi.revoked@example.org"), over = issued("remi.over@example.org");
    app.run(act_on_certificate(app.services(), tenant, revoked.id, credentials::CertificateAction::revoke, random_id<StaffId>(), "given back")).value();
    queue(days_before(revoked, 0) + std::chrono::days{2});
    EXPECT_TRUE(reminders_to(revoked.person).empty());
    EXPECT_TRUE(reminders_to(over.person).empty()) << "its last day has passed";
    EXPECT_EQ(waiting(revoked.id) + waiting(over.id), 0);
}

TEST_F(Reminders, SayWhenItEndsInTheHoldersLanguage)
{
    auto const certificate = issued("remi.text@example.org");
    queue(days_before(certificate, 90));
    auto& mail = app.listen_to_mail();
    send_all_mail(app, tenant, app.services().now());
    auto seen = 0;
    for (auto const& message : mail.tried) {
        if (message.to.email != "remi.text@example.org" || message.subject.find("ends soon") == std::string::npos) continue;
        ++seen;
        EXPECT_NE(message.text.find("is valid until"), std::string::npos);
        EXPECT_NE(message.text.find("/c/" + to_string(certificate.id)), std::string::npos);
        EXPECT_EQ(message.from.email, "noreply@demo.example");
    }
    EXPECT_EQ(seen, 1);
    app.mail_to_folder();
}

} // namespace
} // namespace assay::server::test
