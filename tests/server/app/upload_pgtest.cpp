#include "server/app/log_publisher.hpp"
#include "tests/credentials/foreign/sample_files.hpp"
#include "tests/server/app/app_bench.hpp"

#include <fstream>
#include <future>
#include <sys/stat.h>

namespace assay::server::test {
namespace {

using namespace std::chrono_literals;
namespace files = credentials::foreign::test;

struct Uploads : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();
    Browser anybody = Browser::staff(app, tenant, app.add_staff(tenant, "Ana", "auditor"));

    void TearDown() override { app.services().shared.settings.reader = {ASSAY_VERIFY, 60s}; }

    storage::CertificateRow issued(std::string name, std::string email)
    {
        auto const row = certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, std::move(name), std::move(email))));
        while (app.run(publish(app.services(), tenant))) {}
        return row;
    }
    std::string published(storage::CertificateRow const& row, std::string const& file)
    {
        auto const response = anybody.get("/t/demo/c/" + to_string(row.id) + "/" + file);
        EXPECT_EQ(response.status, 200) << file;
        return std::string{response.content()};
    }
    net::Response upload(std::string_view file) { return anybody.upload("/t/demo/verify", {}, "upload", std::string{file}, "credential"); }
    std::string page(std::string_view file) { return std::string{upload(file).content()}; }

    /// From now on uploads are given to a program that does as `script` says.
    void read_by(std::string const& script, std::chrono::milliseconds patience)
    {
        auto const program = app.state() / "reader";
        std::ofstream{program} << "#!/bin/sh\n" << script << "\n";
        ::chmod(program.c_str(), 0700);
        app.services().shared.settings.reader = {program, patience};
    }
};

bool says(std::string const& page, std::string_view text) { return page.find(text) != std::string::npos; }

TEST_F(Uploads, OfOurOwnCertificateAreValidInEveryForm)
{
    auto const row = issued("Petra Portable", "petra@example.org");
    auto const json = published(row, "credential.json");
    auto const pdf = published(row, "certificate.pdf");
    RecordProperty("pdf_bytes", static_cast<int>(pdf.size()));
    EXPECT_LT(pdf.size(), 1u << 20);
    for (auto const& file : {json, published(row, "credential.jwt"), pdf, std::string{text_of(files::png_with(json))}, std::string{text_of(files::svg_with(json))},
                             credentials::link_with_credential("https://localhost:8443/t/demo/verify", published(row, "credential.jwt")).value()}) {
        auto const shown = page(file);
        EXPECT_TRUE(says(shown, ">Valid<")) << file.substr(0, 20);
        EXPECT_TRUE(says(shown, "Petra Portable")) << file.substr(0, 20);
        EXPECT_TRUE(says(shown, "journal has had it since")) << file.substr(0, 20);
    }
}

TEST_F(Uploads, ThatWereAlteredShowNothingOfWhatTheySay)
{
    auto json = published(issued("Alma Altered", "alma@example.org"), "credential.json");
    json.replace(json.find("Alma Altered"), 4, "Otto");
    for (auto const& file : {files::png_with(json), files::svg_with(json), files::pdf_with(json)}) {
        auto const shown = page(text_of(file));
        EXPECT_FALSE(says(shown, ">Valid<"));
        EXPECT_FALSE(says(shown, "Otto Altered"));
        EXPECT_TRUE(says(shown, "check-failed"));
    }
}

TEST_F(Uploads, ThatCarryNothingAreSaidToBeNoCredential)
{
    for (auto const& file : {files::pixel(), to_bytes("<svg/>"), to_bytes("%PDF-1.7\n")}) {
        auto const response = upload(text_of(file));
        EXPECT_EQ(response.status, 200);
        EXPECT_TRUE(says(std::string{response.content()}, "This is no credential that we can read.")) << text_of(file).substr(0, 8);
    }
}

TEST_F(Uploads, WithTheReceiptAttachedAreBelievedWithoutOurOwnRecord)
{
    auto const row = issued("Rita Receipt", "rita@example.org");
    auto const json = published(row, "credential.json"), pdf = published(row, "certificate.pdf");
    app.sql(tenant, "WITH changed AS (UPDATE certificate SET credential_sha256 = sha256('lost'::bytea) WHERE certificate_id = '" + to_string(row.id) +
                        "' RETURNING 1) SELECT count(*) FROM changed");
    EXPECT_FALSE(says(page(json), "journal has had it since"));
    EXPECT_TRUE(says(page(pdf), "journal has had it since"));
}

TEST_F(Uploads, ThatEndTheirReaderCostOnePage)
{
    auto const json = published(issued("Carla Crash", "carla@example.org"), "credential.json");
    auto const png = std::string{text_of(files::png_with(json))};
    read_by("kill -SEGV $$", 60s);
    auto const crashed = upload(png);
    EXPECT_EQ(crashed.status, 422);
    EXPECT_TRUE(says(std::string{crashed.content()}, "This file could not be opened safely")) << crashed.content();
    read_by("exec sleep 600", 100ms);
    auto const hung = upload(png);
    EXPECT_EQ(hung.status, 422);
    EXPECT_TRUE(says(std::string{hung.content()}, "This file could not be opened safely"));
    EXPECT_TRUE(says(page(json), ">Valid<")) << "text needs no reader";
    app.services().shared.settings.reader = {ASSAY_VERIFY, 60s};
    EXPECT_TRUE(says(page(png), ">Valid<")) << "the next upload has a reader of its own";
}

TEST_F(Uploads, BeyondWhatIsReadAtOnceAreAskedToComeBack)
{
    read_by("exec sleep 600", 2s);
    auto answers = std::vector<std::future<net::Response>>{};
    constexpr auto at_once = 16; // two are read, eight wait
    for (auto i = 0; i < at_once; ++i)
        answers.push_back(std::async(std::launch::async, [this] {
            auto browser = anybody;
            return browser.upload("/t/demo/verify", {}, "upload", std::string{text_of(files::pixel())}, "credential");
        }));
    auto busy = 0, unopened = 0;
    for (auto& answer : answers) {
        auto const response = answer.get();
        busy += response.status == 503;
        unopened += response.status == 422;
        if (response.status != 503) continue;
        EXPECT_TRUE(says(std::string{response.content()}, "Many files are being checked"));
        EXPECT_TRUE(response.headers.find("Retry-After"));
    }
    EXPECT_EQ(busy + unopened, at_once);
    EXPECT_GE(unopened, 10);
    EXPECT_GT(busy, 0);
}

} // namespace
} // namespace assay::server::test
