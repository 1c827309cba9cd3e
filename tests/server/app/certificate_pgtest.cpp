#include "core/random.hpp"
#include "credentials/errors.hpp"
#include "credentials/verify.hpp"
#include "server/app/certificate_life.hpp"
#include "tests/server/app/app_bench.hpp"

namespace assay::server::test {
namespace {

struct Certificates : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    storage::StaffRow certifier = app.add_staff(tenant, "Chen", "certifier");
    Browser chen = Browser::staff(app, tenant, certifier);

    std::string public_page(CertificateId id) { return std::string{chen.get("/t/demo/c/" + to_string(id)).content()}; }
    int act(CertificateId id, std::string action, std::string reason) { return chen.post("/t/demo/staff/certificates/" + to_string(id) + "/" + action, {{"reason", reason}}).status; }

    /// What the verifier says to whoever holds the file and the published documents.
    credentials::Check status_of(storage::CertificateRow const& row)
    {
        auto work = [](Services& s, storage::TenantRow of, storage::CertificateRow found) -> asio::awaitable<credentials::Check> {
            auto const opened = co_await open_certificate(s, of.id, found);
            auto const keys = co_await load_keys(s, of);
            auto documents = credentials::Documents{};
            documents.by_url[credentials::did_web_url(keys->did).value()] = canonical_json(credentials::did_document(keys->did, keys->published));
            documents.by_url[status_list_url(of, 0)] = co_await status_list_credential(s, of, 0);
            co_return credentials::verify(bytes_of(opened->credential), documents, s.now()).status.result;
        };
        return app.run(work(app.services(), tenant, row));
    }
};

TEST_F(Certificates, AreSuspendedReinstatedAndRevokedWithReasonsThatStayInside)
{
    auto const certificate = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Cora Certified", "cora@example.org")));
    auto const id = certificate.id;
    EXPECT_NE(public_page(id).find(">Valid<"), std::string::npos);
    EXPECT_EQ(status_of(certificate), credentials::Check::passed);

    EXPECT_EQ(act(id, "reinstate", "x"), 422) << "it is in force";
    EXPECT_EQ(act(id, "suspend", ""), 422) << "without a reason";
    EXPECT_EQ(act(id, "suspend", "a complaint is being looked into"), 303);
    EXPECT_NE(public_page(id).find(">Suspended<"), std::string::npos);
    EXPECT_EQ(public_page(id).find("complaint"), std::string::npos);
    // One status entry in the file, for revocation: a suspension is shown where the certificate is asked for, not by the bit.
    EXPECT_EQ(status_of(certificate), credentials::Check::passed);
    EXPECT_EQ(act(id, "suspend", "again"), 422);
    EXPECT_EQ(act(id, "reinstate", "the complaint was unfounded"), 303);
    EXPECT_NE(public_page(id).find(">Valid<"), std::string::npos);

    EXPECT_EQ(act(id, "revoke", "given back on request"), 303);
    EXPECT_NE(public_page(id).find(">Revoked<"), std::string::npos);
    EXPECT_EQ(public_page(id).find("given back"), std::string::npos);
    EXPECT_EQ(status_of(certificate), credentials::Check::failed);
    EXPECT_EQ(act(id, "reinstate", "x"), 422) << "revoked is for good";
    EXPECT_EQ(app.run(app.services().journal.read_stream(tenant.id, id.uuid)).size(), 4u);
}

TEST_F(Certificates, AreSupersededByAnotherOfTheSamePersonOnly)
{
    auto const first = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Sven Successor", "sven@example.org")));
    auto const second = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Sven Successor", "sven@example.org")));
    auto const foreign = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Frida Foreign", "frida@example.org")));
    ASSERT_EQ(first.person, second.person);
    auto const path = "/t/demo/staff/certificates/" + to_string(first.id) + "/supersede";
    EXPECT_EQ(chen.post(path, {{"successor", to_string(foreign.id)}}).status, 422);
    EXPECT_EQ(chen.post(path, {{"successor", to_string(first.id)}}).status, 422);
    EXPECT_EQ(chen.post(path, {{"successor", to_string(second.id)}}).status, 303);
    auto const page = public_page(first.id);
    EXPECT_NE(page.find(">Superseded<"), std::string::npos);
    EXPECT_NE(page.find("/t/demo/c/" + to_string(second.id)), std::string::npos) << "the page leads to the successor";
    EXPECT_NE(public_page(second.id).find(">Valid<"), std::string::npos);
    EXPECT_EQ(status_of(first), credentials::Check::failed);
}

TEST_F(Certificates, AreShownExpiredFromTheirLastDayOnAndUnknownWhenNobodyKnowsThem)
{
    auto const certificate = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Xenia Expired", "xenia@example.org")));
    app.sql(tenant, "WITH changed AS (UPDATE certificate SET valid_until = now() - interval '40 days', grace_until = now() - interval '10 days',"
                      " valid_from = now() - interval '800 days' WHERE certificate_id = '" + to_string(certificate.id) + "' RETURNING 1) SELECT count(*) FROM changed");
    EXPECT_NE(public_page(certificate.id).find(">Expired<"), std::string::npos);
    EXPECT_EQ(chen.get("/t/demo/c/" + to_string(random_id<CertificateId>())).status, 404);
    EXPECT_NE(public_page(random_id<CertificateId>()).find(">Unknown<"), std::string::npos);
}

TEST_F(Certificates, OfAnotherTenantAreAnsweredLikeNonexistentOnes)
{
    auto const certificate = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, "Olga Other", "olga@example.org")));
    auto const other = app.add_tenant("life-other", storage::TenantKind::production);
    auto owner = Browser::staff(app, other, app.add_staff(other, "Otto", "owner"));
    for (auto const* action : {"suspend", "reinstate", "revoke"})
        for (auto const id : {certificate.id, random_id<CertificateId>()})
            EXPECT_EQ(owner.post("/t/life-other/staff/certificates/" + to_string(id) + "/" + action, {{"reason", "x"}}).status, 404) << action;
    EXPECT_EQ(owner.post("/t/life-other/staff/certificates/" + to_string(certificate.id) + "/supersede", {{"successor", to_string(certificate.id)}}).status, 404);
    EXPECT_NE(public_page(certificate.id).find(">Valid<"), std::string::npos);
}

} // namespace
} // namespace assay::server::test
