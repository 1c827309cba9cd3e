#include "core/errors.hpp"
#include "credentials/log/receipt.hpp"
#include "credentials/verify.hpp"
#include "server/app/certification.hpp"
#include "server/app/log_publisher.hpp"
#include "tests/server/app/app_bench.hpp"

#include <gmock/gmock.h>

namespace assay::server::test {
namespace {

namespace tlog = credentials::tlog;
using credentials::KeyPurpose;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Keys : testing::Test {
    App& app = the_app();
    storage::TenantRow tenant = app.demo();

    std::vector<KeyInfo> keys(storage::TenantRow const& of, std::string const& purpose)
    {
        auto all = app.run(list_keys(app.services(), of));
        std::erase_if(all, [&](auto const& key) { return key.purpose != purpose; });
        return all;
    }
    std::string current(std::string const& purpose)
    {
        for (auto const& key : keys(tenant, purpose))
            if (key.state == KeyState::current) return key.key;
        return {};
    }
    std::vector<std::string> entries_of(storage::TenantRow const& of, std::string const& purpose)
    {
        auto types = std::vector<std::string>{};
        for (auto const& entry : app.run(app.services().journal.read_stream(of.id, uuid_from_name("issuer-key", purpose)))) types.push_back(entry.type());
        return types;
    }
    storage::CertificateRow issued(std::string const& name, std::string email) { return certificate_of(app, tenant, sit(app, tenant, invite_person(app, tenant, name, std::move(email)))); }
    std::string get(std::string const& path)
    {
        auto request = net::Request{};
        request.target = net::Target::parse(path).value();
        request.peer = "127.0.0.1";
        request.host = "localhost";
        return std::string{app.handle(std::move(request)).content()};
    }
    std::string credential(CertificateId id) { return get("/t/demo/c/" + to_string(id) + "/credential.json"); }
    std::string page(CertificateId id) { return get("/t/demo/c/" + to_string(id)); }
    void publish_all() { while (app.run(publish(app.services(), tenant))) {} }

    /// As a stranger would: from the published documents, and the receipt when there is one.
    credentials::Verdict verdict(CertificateId id)
    {
        auto const did = credentials::tenant_did(tenant.public_origin, tenant.slug).value();
        auto documents = credentials::Documents{};
        documents.by_url[credentials::did_web_url(did).value()] = get("/t/demo/did.json");
        documents.by_url[status_list_url(tenant, 0)] = get("/t/demo/status/0");
        auto const receipt = parse_json(get("/t/demo/c/" + to_string(id) + "/receipt.json"));
        if (receipt) {
            auto const vkey = get("/t/demo/log/vkey");
            auto const key = tlog::parse_verifier_key(vkey.substr(0, vkey.find('\n'))).value();
            auto const entry = std::string{std::string_view{*find_string(*receipt, "entry")}};
            if (tlog::verify_receipt(tlog::parse_receipt(*find_string(*receipt, "receipt")).value(), bytes_of(entry), key)) {
                auto const document = parse_json(entry).value();
                documents.recorded.push_back({parse_sha256(*find_string(*find_object(document, "body"), "credential_sha256")).value(), key.name,
                                              parse_rfc3339(*find_string(document, "time")).value()});
            }
        }
        auto const file = credential(id);
        return credentials::verify(bytes_of(file), documents, app.services().now()).verdict();
    }
};

TEST_F(Keys, AreReplacedByTheNextIssueAndWhatTheySignedStaysGood)
{
    auto const before = issued("Rory Rotated", "rory.before@example.org");
    auto const old = current("credential");
    EXPECT_EQ(app.run(rotate_key(app.services(), tenant, KeyPurpose::credential, app.services().now(), "operator")).error(), core::errc::out_of_range);
    auto const made = app.run(rotate_key(app.services(), tenant, KeyPurpose::credential, std::nullopt, "operator"));
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(current("credential"), *made);
    EXPECT_THAT(entries_of(tenant, "credential"), testing::Contains("KeyRotated"));

    auto const after = issued("Rory Rotated", "rory.after@example.org");
    EXPECT_THAT(credential(before.id), HasSubstr("#" + old));
    EXPECT_THAT(credential(after.id), HasSubstr("#" + *made));
    EXPECT_THAT(credential(after.id), Not(HasSubstr("#" + old)));
    for (auto const id : {before.id, after.id}) {
        EXPECT_EQ(verdict(id), credentials::Verdict::valid);
        EXPECT_THAT(page(id), HasSubstr(">Valid<"));
    }
    // The history is published, in both forms.
    for (auto const* path : {"/t/demo/did.json", "/t/demo/jwks.json"}) {
        EXPECT_THAT(get(path), HasSubstr("#" + old)) << path;
        EXPECT_THAT(get(path), HasSubstr("#" + *made)) << path;
    }
    EXPECT_THAT(get("/t/demo/did.json"), HasSubstr("\"expires\""));
}

TEST_F(Keys, EndWhenTheirTimeHasComeAndAreSucceededByThemselves)
{
    auto const own = app.add_tenant("keys-ending", storage::TenantKind::production);
    auto const key = keys(own, "status").front().key;
    auto const now = app.services().now();
    EXPECT_EQ(app.run(expire_key(app.services(), own, key, now + std::chrono::seconds{5}, "operator")).error(), core::errc::out_of_range);
    EXPECT_EQ(app.run(expire_key(app.services(), own, "z6Mknobody", now + std::chrono::hours{1}, "operator")).error(), storage::errc::not_found);
    ASSERT_TRUE(app.run(expire_key(app.services(), own, key, now + std::chrono::hours{1}, "operator")));
    EXPECT_EQ(app.run(expire_key(app.services(), own, key, now + std::chrono::hours{2}, "operator")).error(), core::errc::out_of_range) << "an end does not move away";
    EXPECT_EQ(keys(own, "status").front().state, KeyState::current);
    app.sql(own, "WITH changed AS (UPDATE issuer_key SET expires_at = now() + interval '9 seconds' WHERE key_id = '" + key + "' RETURNING 1) SELECT count(*) FROM changed");
    auto const list = get("/t/keys-ending/status/0");
    EXPECT_THAT(list, Not(HasSubstr("#" + key))) << "its last seconds are not used";
    ASSERT_EQ(keys(own, "status").size(), 2u);
    EXPECT_EQ(keys(own, "status")[0].state, KeyState::ended);
    EXPECT_THAT(list, HasSubstr("#" + keys(own, "status")[1].key));
    EXPECT_THAT(entries_of(own, "status"), ElementsAre("KeyCreated", "KeyEndSet", "KeyCreated"));
    // A list that is out of date needs its key no more.
    app.sql(own, "WITH changed AS (UPDATE issuer_key SET expires_at = now() - interval '31 days' WHERE key_id = '" + key + "' RETURNING 1) SELECT count(*) FROM changed");
    EXPECT_THAT(get("/t/keys-ending/did.json"), Not(HasSubstr(key)));
}

TEST_F(Keys, ThatWereStolenSpeakOnlyForWhatTheJournalHadBefore)
{
    auto const before = issued("Stella Stolen", "stella.before@example.org");
    auto const since = app.services().now();
    auto const after = issued("Stella Stolen", "stella.after@example.org");
    auto const stolen = current("credential");
    publish_all();
    EXPECT_EQ(app.run(compromise_key(app.services(), tenant, stolen, app.services().now() + std::chrono::hours{1}, "operator")).error(), core::errc::out_of_range);
    auto const done = app.run(compromise_key(app.services(), tenant, stolen, since, "operator"));
    ASSERT_TRUE(done.has_value());
    ASSERT_TRUE(done->successor.has_value());
    auto numbers = std::vector<std::string>{};
    for (auto const& row : done->disbelieved) numbers.push_back(row.number);
    EXPECT_THAT(numbers, ElementsAre(after.number));
    EXPECT_THAT(entries_of(tenant, "credential"), testing::Contains("KeyCompromised"));
    EXPECT_EQ(app.run(compromise_key(app.services(), tenant, stolen, app.services().now(), "operator")).error(), core::errc::out_of_range) << "a date moves back only";

    EXPECT_EQ(verdict(before.id), credentials::Verdict::valid);
    EXPECT_THAT(page(before.id), HasSubstr(">Valid<"));
    EXPECT_EQ(verdict(after.id), credentials::Verdict::invalid);
    EXPECT_THAT(page(after.id), HasSubstr(">Unknown<"));
    EXPECT_THAT(get("/t/demo/jwks.json"), Not(HasSubstr(stolen))) << "JWT libraries know no journal";
    auto const next = issued("Stella Stolen", "stella.next@example.org");
    EXPECT_THAT(credential(next.id), HasSubstr("#" + *done->successor));
    EXPECT_EQ(verdict(next.id), credentials::Verdict::valid);
}

TEST_F(Keys, OfTheLogSignTogetherWhileOneIsReplaced)
{
    auto const own = app.add_tenant("keys-log", storage::TenantKind::production);
    auto const checkpoint = [&] {
        app.run(publish(app.services(), own));
        return get("/t/keys-log/log/checkpoint");
    };
    auto const lines = [&] {
        auto text = get("/t/keys-log/log/vkey");
        auto found = std::vector<tlog::VerifierKey>{};
        for (auto at = std::size_t{}; at < text.size(); at = text.find('\n', at) + 1) found.push_back(tlog::parse_verifier_key(std::string_view{text}.substr(at, text.find('\n', at) - at)).value());
        return found;
    };
    auto const old = lines().front();
    EXPECT_TRUE(tlog::open_checkpoint(checkpoint(), old));
    ASSERT_TRUE(app.run(rotate_key(app.services(), own, KeyPurpose::journal, std::nullopt, "operator")));
    auto const both = checkpoint();
    ASSERT_EQ(lines().size(), 2u);
    EXPECT_EQ(lines()[1].id, old.id) << "the newest comes first";
    for (auto const& key : lines()) EXPECT_TRUE(tlog::open_checkpoint(both, key)) << key.id;

    ASSERT_TRUE(app.run(compromise_key(app.services(), own, keys(own, "journal").front().key, app.services().now(), "operator")));
    auto const alone = checkpoint();
    ASSERT_EQ(lines().size(), 1u);
    EXPECT_FALSE(tlog::open_checkpoint(alone, old));
    EXPECT_TRUE(tlog::open_checkpoint(alone, lines().front()));
    EXPECT_THAT(entries_of(own, "journal"), ElementsAre("KeyCreated", "KeyRotated", "KeyCompromised"));
}

} // namespace
} // namespace assay::server::test
