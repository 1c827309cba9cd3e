#include "server/app/people.hpp"
#include "tests/server/app/app_bench.hpp"

namespace assay::server::test {
namespace {

struct People : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    Browser manager = Browser::staff(app, tenant, app.add_staff(tenant, "Marek", "manager"));
    net::Response invite(net::Parameters more)
    {
        auto fields = net::Parameters{{"full_name", "نور الهادي"}, {"preferred_name", "نور"}, {"email", "nour.people@example.org"}, {"locale", "ar"},
                                      {"exam", to_string(app.exam(tenant, false).id)}, {"extra_minutes", "0"}};
        fields.insert(fields.end(), more.begin(), more.end());
        return manager.post("/t/demo/staff/invite", fields);
    }
};

TEST_F(People, AreInvitedWithTheCompanyTheyWorkForAndItIsPinnedAtTheAward)
{
    EXPECT_EQ(invite({{"function", "Engineer"}}).status, 422) << "a function needs a company";
    EXPECT_EQ(invite({{"company", "Partner"}, {"affiliated_from", "2026-02-30"}}).status, 422);
    EXPECT_EQ(invite({{"company", "Partner"}, {"affiliated_from", "2026-02-01"}, {"affiliated_to", "2025-02-01"}}).status, 422);
    auto const done = invite({{"company", "Example Partner GmbH"}, {"function", "Engineer"}, {"region", "EMEA"}, {"affiliated_from", "2024-01-01"}});
    ASSERT_EQ(done.status, 200);
    auto const page = std::string{done.content()};
    auto const at = page.find("id=\"link\" value=\"");
    auto const begin = at + std::string_view{"id=\"link\" value=\""}.size();
    auto const link = page.substr(begin, page.find('"', begin) - begin);

    auto const token = link.substr(link.rfind('/') + 1);
    auto const registration = app.run(storage::find_registration_by_token(app.services().pool, tenant.id, sha256(token)));
    ASSERT_TRUE(registration);
    auto const profile = app.run(read_profile(app.services(), tenant.id, registration->person));
    ASSERT_TRUE(profile && profile->affiliation);
    EXPECT_EQ(profile->full_name, "نور الهادي");
    EXPECT_EQ(profile->locale, "ar");
    EXPECT_EQ(profile->affiliation->company, "Example Partner GmbH");
    EXPECT_EQ(profile->affiliation->from, "2024-01-01");

    auto invitation = Invitation{};
    invitation.person = registration->person;
    invitation.registration = registration->id;
    invitation.link = link;
    auto const certificate = certificate_of(app, tenant, sit(app, tenant, invitation));
    // Whoever changes companies later was certified for this one.
    invite_person(app, tenant, "نور الهادي", "nour.people@example.org", false, storage::Affiliation{"Another Company", "", "", "", ""});
    auto const entries = app.run(app.services().journal.read_stream(tenant.id, certificate.id.uuid));
    auto const* pinned = find_object(entries.front().detail, "profile");
    ASSERT_NE(pinned, nullptr);
    EXPECT_EQ(pinned->at("affiliation").at("company").as_string(), "Example Partner GmbH");
    EXPECT_EQ(pinned->at("affiliation").at("region").as_string(), "EMEA");
    auto const now = app.run(read_profile(app.services(), tenant.id, registration->person));
    EXPECT_EQ(now->affiliation->company, "Another Company");
}

TEST_F(People, KeepTheirCompanyWhenALaterInvitationNamesNone)
{
    auto const first = invite_person(app, tenant, "Kim Kept", "kim@example.org", false, storage::Affiliation{"Kept Ltd", "", "", "", ""});
    auto const second = invite_person(app, tenant, "Kim Kept", "kim@example.org");
    ASSERT_EQ(first.person, second.person);
    EXPECT_EQ(app.run(read_profile(app.services(), tenant.id, first.person))->affiliation->company, "Kept Ltd");
}

} // namespace
} // namespace assay::server::test
