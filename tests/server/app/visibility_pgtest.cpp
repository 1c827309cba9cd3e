#include "core/random.hpp"
#include "server/app/certificate_life.hpp"
#include "server/app/log_publisher.hpp"
#include "tests/server/app/app_bench.hpp"

#include <cstdio>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>

namespace assay::server::test {
namespace {

using credentials::CertificateAction;
using testing::HasSubstr;
using testing::Not;

struct Visibility : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    std::optional<Invitation> invitation;
    std::optional<storage::CertificateRow> certificate;
    std::optional<Browser> holder;

    void issue(std::string const& name, std::string email)
    {
        invitation = invite_person(app, tenant, name, std::move(email));
        certificate = certificate_of(app, tenant, sit(app, tenant, *invitation));
        holder = Browser::candidate(app, invitation->link);
        while (app.run(publish(app.services(), tenant))) {}
    }
    std::string address(std::string const& below = {}) const { return "/t/demo/c/" + to_string(certificate->id) + below; }
    net::Response anybody(std::string const& path, std::string const& type = {}, std::string body = {})
    {
        auto request = net::Request{};
        request.target = net::Target::parse(path).value();
        request.peer = "127.0.0.1";
        request.host = "localhost";
        if (!body.empty()) {
            request.method = net::Method::post;
            request.headers.set("Content-Type", type);
            request.headers.set("Sec-Fetch-Site", "same-origin");
            request.body = std::move(body);
        }
        return app.handle(std::move(request));
    }
    std::string upload(std::string const& credential)
    {
        return std::string{anybody("/t/demo/verify", "multipart/form-data; boundary=b",
                                   "--b\r\nContent-Disposition: form-data; name=\"credential\"; filename=\"c.json\"\r\nContent-Type: application/json\r\n\r\n" + credential + "\r\n--b--\r\n").content()};
    }
    int choose(std::string word)
    {
        auto const page = "/t/demo/my/certificate/" + to_string(certificate->id);
        auto const content = std::string{holder->get(page).content()};
        constexpr auto field = std::string_view{"name=\"csrf\" value=\""};
        auto const begin = content.find(field) + field.size();
        return holder->post(page + "/visibility", {{"csrf", content.substr(begin, content.find('"', begin) - begin)}, {"visibility", std::move(word)}}).status;
    }
    void act(CertificateAction action) { app.run(act_on_certificate(app.services(), tenant, certificate->id, action, random_id<StaffId>(), "why")).value(); }
    std::string credential() { return std::string{holder->get(address("/credential.json")).content()}; }
};

TEST_F(Visibility, IsTheHoldersChoiceOfThree)
{
    issue("Vera Visible", "vera@example.org");
    EXPECT_EQ(certificate->visibility, "link");
    EXPECT_THAT(std::string{anybody(address()).content()}, HasSubstr("noindex"));
    EXPECT_EQ(choose("public"), 303);
    EXPECT_THAT(std::string{anybody(address()).content()}, Not(HasSubstr("noindex")));
    EXPECT_EQ(choose("secret"), 400);
    EXPECT_EQ(choose("hidden"), 303);
    EXPECT_EQ(choose("hidden"), 303); // nothing changes, and nothing is recorded
    auto types = std::vector<std::string>{};
    for (auto const& entry : app.run(app.services().journal.read_stream(tenant.id, certificate->id.uuid))) types.push_back(entry.type());
    EXPECT_THAT(types, testing::ElementsAre("CertificateIssued", "CertificateVisibilityChosen", "CertificateVisibilityChosen"));
    EXPECT_THAT(std::string{holder->get("/t/demo/my/certificate/" + to_string(certificate->id)).content()}, HasSubstr("value=\"hidden\" checked"));
}

TEST_F(Visibility, HiddenIsAnsweredLikeNonexistentExceptToItsHolder)
{
    issue("Hilda Hidden", "hilda@example.org");
    auto const file = credential();
    ASSERT_EQ(choose("hidden"), 303);
    auto const nobody = "/t/demo/c/" + to_string(random_id<CertificateId>());
    EXPECT_EQ(anybody(address()).status, 404);
    EXPECT_EQ(anybody(nobody).status, 404);
    EXPECT_THAT(std::string{anybody(address()).content()}, Not(HasSubstr("Hilda")));
    for (auto const* below : {"/credential.json", "/credential.jwt", "/receipt.json", "/certificate.pdf"}) {
        EXPECT_EQ(anybody(address(below)).status, 404) << below;
        EXPECT_EQ(holder->get(address(below)).status, 200) << below;
    }
    EXPECT_THAT(std::string{holder->get(address()).content()}, HasSubstr("Hilda Hidden"));
    EXPECT_THAT(upload(file), HasSubstr(">Valid<")) << "the file needs no page";
    auto const other = invite_person(app, tenant, "Olaf Other", "olaf@example.org");
    auto stranger = Browser::candidate(app, other.link);
    EXPECT_EQ(stranger.get(address("/certificate.pdf")).status, 404);
    EXPECT_EQ(stranger.post("/t/demo/my/certificate/" + to_string(certificate->id) + "/visibility", {{"visibility", "public"}}).status, 404);
}

TEST_F(Visibility, WhatNoLongerCountsAlwaysSaysSo)
{
    issue("Rita Revoked", "rita@example.org");
    auto const file = credential();
    ASSERT_EQ(choose("hidden"), 303);
    act(CertificateAction::suspend);
    EXPECT_THAT(std::string{anybody(address()).content()}, HasSubstr(">Suspended<"));
    EXPECT_THAT(std::string{anybody(address()).content()}, Not(HasSubstr("Rita")));
    EXPECT_THAT(upload(file), HasSubstr(">Suspended<")) << "the file's one bit can't say it, the issuer can";
    act(CertificateAction::reinstate);
    EXPECT_EQ(anybody(address()).status, 404);
    act(CertificateAction::revoke);
    EXPECT_EQ(anybody(address()).status, 200);
    EXPECT_THAT(std::string{anybody(address()).content()}, HasSubstr(">Revoked<"));
    EXPECT_THAT(std::string{anybody(address()).content()}, Not(HasSubstr("Rita")));
    EXPECT_EQ(anybody(address("/credential.json")).status, 404);
    EXPECT_THAT(upload(file), HasSubstr(">Revoked<"));
}

/// What travels with the certificate: by a program of somebody else.
TEST_F(Visibility, ThePdfCarriesTheCredentialAndItsReceipt)
{
    issue("Paul Portable", "paul@example.org");
    auto const pdf = app.state() / "portable.pdf";
    std::ofstream{pdf, std::ios::binary} << anybody(address("/certificate.pdf")).content();
    auto const attachment = [&](std::string const& name) {
        auto const out = pdf.string() + "." + name;
        EXPECT_EQ(std::system(("qpdf --show-attachment=" + name + " " + pdf.string() + " > " + out).c_str()), 0) << name;
        auto file = std::ifstream{out, std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    EXPECT_EQ(attachment("credential.json"), credential());
    EXPECT_EQ(attachment("receipt.json"), anybody(address("/receipt.json")).content());
    EXPECT_EQ(std::system(("qpdf --check " + pdf.string() + " > /dev/null").c_str()), 0);
    EXPECT_THAT(std::string{anybody(address()).content()}, HasSubstr(address("/receipt.json")));
    EXPECT_THAT(std::string{anybody(address()).content()}, HasSubstr("Record in the public log"));
}

} // namespace
} // namespace assay::server::test
