#include "core/random.hpp"
#include "server/app/outbox.hpp"
#include "server/app/tenants.hpp"
#include "storage/repositories/certificates.hpp"
#include "tests/server/app/app_bench.hpp"

#include <set>

namespace assay::server::test {
namespace {

struct Outbox : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    ListeningSender& sender = app.listen_to_mail();
    Timestamp now = app.services().now();
    ~Outbox() override { app.mail_to_folder(); }

    void send(Timestamp at) { send_all_mail(app, tenant, at); }
    storage::OutboxRow mail_to(Invitation const& invitation) { return app.run(storage::list_mail_of(app.services().pool, tenant.id, invitation.person)).front(); }
    std::vector<mail::Message> tries(std::string const& email)
    {
        auto found = sender.tried;
        std::erase_if(found, [&](auto const& message) { return message.to.email != email; });
        return found;
    }
};

TEST_F(Outbox, TriesATemporaryFailureAgainUnderTheSameMessageId)
{
    auto const invitation = invite_person(app, tenant, "Tara Temporary", "tara@mail.example");
    sender.answer = {mail::Delivery::try_again, "RCPT failed: 451"};
    send(now + std::chrono::minutes{1});
    EXPECT_EQ(mail_to(invitation).state, "queued");
    EXPECT_EQ(mail_to(invitation).last_error, "RCPT failed: 451");
    send(now + std::chrono::minutes{1});
    EXPECT_EQ(tries("tara@mail.example").size(), 1u) << "not before its time";
    send(now + std::chrono::minutes{3});
    sender.answer = {};
    send(now + std::chrono::minutes{10});
    EXPECT_EQ(mail_to(invitation).state, "sent");
    send(now + std::chrono::hours{10});
    auto const tried = tries("tara@mail.example");
    ASSERT_EQ(tried.size(), 3u);
    auto ids = std::set<std::string>{};
    for (auto const& message : tried) ids.insert(message.message_id);
    EXPECT_EQ(ids.size(), 1u);
    EXPECT_EQ(*ids.begin(), mail_to(invitation).message_id);
}

TEST_F(Outbox, MarksWhatWasRefusedForGoodShowsItToStaffAndSendsItAgainOnRequest)
{
    auto const invitation = invite_person(app, tenant, "Petra Permanent", "petra@mail.example");
    sender.answer = {mail::Delivery::refused, "RCPT failed: 550 no such user"};
    send(now + std::chrono::minutes{1});
    EXPECT_EQ(mail_to(invitation).state, "failed");
    send(now + std::chrono::hours{20});
    EXPECT_EQ(tries("petra@mail.example").size(), 1u) << "a refusal is not tried again by itself";
    auto manager = Browser::staff(app, tenant, app.add_staff(tenant, "Marek", "manager"));
    auto const page = std::string{manager.get("/t/demo/staff/mail").content()};
    EXPECT_NE(page.find("Petra Permanent"), std::string::npos);
    EXPECT_NE(page.find("550 no such user"), std::string::npos);
    auto const again = "/t/demo/staff/mail/" + to_string(mail_to(invitation).id) + "/again";
    EXPECT_EQ(manager.post(again).status, 303);
    EXPECT_EQ(manager.post(again).status, 404) << "it waits already";
    EXPECT_EQ(manager.post("/t/demo/staff/mail/" + to_string(random_uuid()) + "/again").status, 404);
    sender.answer = {};
    send(app.services().now() + std::chrono::seconds{1});
    auto const tried = tries("petra@mail.example");
    ASSERT_EQ(tried.size(), 2u);
    EXPECT_EQ(tried[0].message_id, tried[1].message_id);
    EXPECT_EQ(mail_to(invitation).state, "sent");
}

TEST_F(Outbox, GivesUpAfterThreeDays)
{
    auto const invitation = invite_person(app, tenant, "Gina Given-Up", "gina@mail.example");
    sender.answer = {mail::Delivery::try_again, "no answer"};
    send(now + std::chrono::hours{71});
    EXPECT_EQ(mail_to(invitation).state, "queued");
    send(now + std::chrono::hours{73});
    EXPECT_EQ(mail_to(invitation).state, "failed");
}

TEST_F(Outbox, SendsFromTheTenantsAddressAndNothingWithoutOne)
{
    auto const set = [&](std::string sender_address) {
        app.sql(tenant, "UPDATE tenant SET sender_email = '" + sender_address + "' WHERE slug = 'demo'");
    };
    set("");
    auto const invitation = invite_person(app, tenant, "Senta Sender", "senta@mail.example");
    send(now + std::chrono::minutes{1});
    EXPECT_TRUE(tries("senta@mail.example").empty());
    EXPECT_EQ(mail_to(invitation).state, "queued");
    set("exams@tenant.example");
    send(now + std::chrono::minutes{10});
    ASSERT_EQ(tries("senta@mail.example").size(), 1u);
    EXPECT_EQ(tries("senta@mail.example").front().from.email, "exams@tenant.example");
    set("noreply@demo.example");
}

} // namespace
} // namespace assay::server::test
