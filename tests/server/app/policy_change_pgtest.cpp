#include "core/random.hpp"
#include "server/app/certificate_life.hpp"
#include "server/app/policy_change.hpp"
#include "server/app/reminders.hpp"
#include "tests/server/app/app_bench.hpp"

#include <gmock/gmock.h>

namespace assay::server::test {
namespace {

struct PolicyChange : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    storage::CertificateRow issued(std::string const& name, std::string email) { return certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, name, std::move(email)))); }
    std::shared_ptr<policies::Programme const> programme_of(storage::CertificateRow const& row)
    {
        auto const decision = app.run(storage::find_decision(app.services().pool, tenant.id, row.decision));
        return app.run(load_programme(app.services(), tenant.id, decision->programme));
    }
    static std::set<CertificateId> ids(std::vector<MovedCertificate> const& moved)
    {
        auto all = std::set<CertificateId>{};
        for (auto const& one : moved) all.insert(one.row.id);
        return all;
    }
    storage::CertificateRow read(CertificateId id) { return *app.run(storage::find_certificate(app.services().pool, tenant.id, id)); }
};

TEST_F(PolicyChange, IsPreviewedExactlyAndThenDone)
{
    auto const stays = issued("Sam Stays", "sam.stays@example.org"), moves = issued("Mo Moves", "mo.moves@example.org"), revoked = issued("Rex Revoked", "rex@example.org");
    auto const foreign = uuid_from_name("programme", "another");
    app.run(act_on_certificate(app.services(), tenant, revoked.id, credentials::CertificateAction::revoke, random_id<StaffId>(), "why")).value();
    app.sql(tenant, "WITH changed AS (UPDATE certificate SET grace_until = valid_until + interval '300 days' WHERE certificate_id = '" + to_string(stays.id) + "' RETURNING 1) SELECT count(*) FROM changed");
    auto const programme = programme_of(moves);
    auto const now = app.services().now();
    EXPECT_TRUE(app.run(preview_policy(app.services(), tenant, programme->id, programme->credential, now)).empty()) << "the same policy moves nothing";

    auto policy = programme->credential;
    policy.grace_days = 200;
    auto const preview = app.run(preview_policy(app.services(), tenant, programme->id, policy, now));
    EXPECT_TRUE(ids(preview).contains(moves.id));
    EXPECT_FALSE(ids(preview).contains(stays.id)) << "it has more than that already";
    EXPECT_FALSE(ids(preview).contains(revoked.id));
    EXPECT_TRUE(app.run(preview_policy(app.services(), tenant, ProgrammeId{foreign}, policy, now)).empty());
    EXPECT_EQ(read(moves.id).grace_until, moves.grace_until) << "a preview does nothing";

    auto const done = app.run(apply_policy(app.services(), tenant, programme->id, policy, now, "operator"));
    EXPECT_EQ(ids(done), ids(preview));
    EXPECT_EQ(read(moves.id).grace_until, *moves.valid_until + std::chrono::days{200});
    EXPECT_EQ(read(moves.id).valid_until, moves.valid_until) << "what is signed stays";
    EXPECT_EQ(app.run(app.services().journal.read_stream(tenant.id, moves.id.uuid)).back().type(), "CertificateRescheduled");
    EXPECT_TRUE(app.run(preview_policy(app.services(), tenant, programme->id, policy, now)).empty()) << "and then there is nothing left";
}

TEST_F(PolicyChange, PlansRemindersAnew)
{
    auto const row = issued("Rena Reminded", "rena@example.org");
    auto const programme = programme_of(row);
    auto policy = programme->credential;
    policy.reminder_days_before = {90, 45, 7};
    app.run(apply_policy(app.services(), tenant, programme->id, policy, app.services().now(), "operator"));
    auto const last_day = std::chrono::floor<std::chrono::days>(*row.valid_until);
    auto expected = std::vector<Timestamp>{};
    for (auto const days : {90, 45, 7}) expected.push_back(last_day - std::chrono::days{days} + std::chrono::hours{8});
    EXPECT_EQ(app.run(waiting_reminders(app.services(), tenant.id, row.id)), expected);
}

} // namespace
} // namespace assay::server::test
