#include "server/app/tenants.hpp"
#include "storage/repositories/people.hpp"
#include "tests/server/app/app_bench.hpp"

namespace assay::server::test {
namespace {

struct Consent : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    std::string path(Invitation const& invitation) { return "/t/demo/sitting/" + to_string(sitting_of(invitation.registration)); }
    std::string agreement_in(std::string const& page)
    {
        auto const at = page.find("name=\"agreement\" value=\"");
        return page.substr(at + std::string_view{"name=\"agreement\" value=\""}.size(), 64);
    }
};

TEST_F(Consent, ForPicturesHasTheEqualWayBesideIt)
{
    auto const invitation = invite_person(app, tenant, "Nora No-Camera", "nora@example.org", true);
    auto nora = Browser::candidate(app, invitation.link);
    auto const page = std::string{nora.get(path(invitation) + "/consent").content()};
    EXPECT_NE(page.find(path(invitation) + "/without-camera"), std::string::npos);
    auto const agreement = agreement_in(page);
    EXPECT_EQ(nora.post(path(invitation) + "/consent", {{"rules", "yes"}, {"agreement", agreement}, {"consent_camera", "yes"}}).status, 422) << "each purpose by itself";

    EXPECT_EQ(nora.post(path(invitation) + "/without-camera").status, 303);
    auto const registration = app.run(storage::find_registration(app.services().pool, tenant.id, invitation.registration));
    EXPECT_EQ(registration->exam, app.exam(tenant, false).id);
    EXPECT_EQ(registration->camera_agreed, false);
    auto const other = std::string{nora.get(path(invitation) + "/consent").content()};
    EXPECT_EQ(other.find("consent_camera"), std::string::npos) << "nothing is asked that the exam does not need";
    EXPECT_EQ(nora.post(path(invitation) + "/consent", {{"rules", "yes"}, {"agreement", agreement_in(other)}}).status, 303);
    auto const consent = app.run(storage::find_consent(app.services().pool, tenant.id, invitation.registration));
    ASSERT_TRUE(consent);
    EXPECT_FALSE(consent->camera);
    EXPECT_EQ(nora.post(path(invitation) + "/start").status, 303);
    auto const sitting = app.run(storage::find_sitting_of(app.services().pool, tenant.id, invitation.registration));
    EXPECT_FALSE(sitting->proctoring_policy);
    EXPECT_EQ(sitting->programme, app.exam(tenant, true).programme) << "the way leads to the same certificate";
}

TEST_F(Consent, ShowsTheNumbersOfTheRetentionPolicyAndPinsIt)
{
    auto const shown = [&](Invitation const& invitation) { return std::string{Browser::candidate(app, invitation.link).get(path(invitation) + "/consent").content()}; };
    auto const before = shown(invite_person(app, tenant, "Rita Retention", "rita@example.org", true));
    EXPECT_NE(before.find("30 days after the decision"), std::string::npos);
    EXPECT_NE(before.find("90 days after the time to appeal"), std::string::npos);
    app.run([](Services& s, storage::TenantRow of) -> asio::awaitable<bool> {
        co_await change_retention(s, of, "clean_evidence_days = 11\nflagged_evidence_days = 44\nappeal_days = 22\n", "operator");
        co_return true;
    }(app.services(), tenant));
    auto const invitation = invite_person(app, tenant, "Rita Retention", "rita@example.org", true);
    auto const after = shown(invitation);
    EXPECT_NE(after.find("11 days after the decision"), std::string::npos);
    EXPECT_NE(after.find("44 days after the time to appeal"), std::string::npos);
    auto rita = Browser::candidate(app, invitation.link);
    EXPECT_EQ(rita.post(path(invitation) + "/consent", {{"rules", "yes"}, {"agreement", agreement_in(after)}, {"consent_camera", "yes"}, {"consent_stills", "yes"}}).status, 303);
    auto const consent = app.run(storage::find_consent(app.services().pool, tenant.id, invitation.registration));
    ASSERT_TRUE(consent && consent->retention_policy);
    EXPECT_EQ(app.run(load_retention(app.services(), tenant.id, consent->retention_policy)).clean_evidence_days, 11);
    app.run([](Services& s, storage::TenantRow of) -> asio::awaitable<bool> {
        co_await change_retention(s, of, "", "operator");
        co_return true;
    }(app.services(), tenant));
}

TEST_F(Consent, PagesNameTheTenantsOwnContact)
{
    auto const invitation = invite_person(app, tenant, "Conny Contact", "conny@example.org", true);
    EXPECT_NE(Browser::candidate(app, invitation.link).get(path(invitation) + "/consent").content().find("certification@demo.example"), std::string_view::npos);
    app.run([](Services& s, storage::TenantRow of) -> asio::awaitable<bool> {
        co_await change_addresses(s, of, "help@example.net", "mail@example.net", "operator");
        co_return true;
    }(app.services(), tenant));
    EXPECT_NE(Browser::candidate(app, invitation.link).get(path(invitation) + "/consent").content().find("help@example.net"), std::string_view::npos);
    app.run([](Services& s, storage::TenantRow of) -> asio::awaitable<bool> {
        co_await change_addresses(s, of, of.contact_email, of.sender_email, "operator");
        co_return true;
    }(app.services(), tenant));
}

} // namespace
} // namespace assay::server::test
