#include "core/random.hpp"
#include "exam/errors.hpp"
#include "exam/qti/package.hpp"
#include "server/app/actors.hpp"
#include "server/app/items.hpp"
#include "server/app/publishing.hpp"
#include "tests/server/app/app_bench.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <regex>

namespace assay::server::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

exam::qti::PackageImport demo_bank()
{
    auto const folder = fs::path{std::getenv("ASSAY_SOURCE_DIR")} / "exam" / "demo_bank";
    auto files = exam::qti::PackageFiles{};
    for (auto const& entry : fs::recursive_directory_iterator{folder})
        if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).generic_string()] = to_bytes(read_file(entry.path()));
    return exam::qti::read_package(files);
}

struct Items : testing::Test {
    App& app = the_app();

    ImportedItems import(storage::TenantRow const& tenant, std::string author, exam::qti::PackageImport const& bank)
    {
        auto work = [](Services& s, storage::TenantRow of, std::string by, exam::qti::PackageImport const& package) -> asio::awaitable<ImportedItems> {
            auto how = ItemImport{};
            how.author = co_await recorded_author(s, of.id, by);
            how.by = "operator";
            co_return co_await import_items(s, of, package, std::move(how));
        };
        return app.run(work(app.services(), tenant, std::move(author), bank));
    }
    std::vector<storage::ItemRow> items(storage::TenantRow const& tenant) { return app.run(storage::list_items(app.services().pool, tenant.id)); }
    storage::ItemRow item(storage::TenantRow const& tenant, ItemId id) { return *app.run(storage::find_item(app.services().pool, tenant.id, id)); }
    /// Draft → operational, by two people.
    void release(storage::TenantRow const& tenant, storage::ItemRow const& row, storage::StaffRow const& author, storage::StaffRow const& approver)
    {
        for (auto const& [action, by] : {std::pair{exam::ItemAction::submit, &author}, std::pair{exam::ItemAction::approve, &approver}, std::pair{exam::ItemAction::operate, &author}}) {
            auto const done = app.run(act_on_item(app.services(), tenant.id, row.id, action, *by, ""));
            done.value();
        }
    }
    Publication publication(std::string policy)
    {
        auto const folder = fs::path{std::getenv("ASSAY_SOURCE_DIR")} / "policies" / "demo";
        auto p = Publication{};
        p.identifier = "pg-open";
        p.title = "PostgreSQL, open";
        p.exam_policy = {"exam-open.toml", std::move(policy)};
        p.programme = {"programme.toml", read_file(folder / "programme.toml")};
        p.credential_policy = {"credential.toml", read_file(folder / "credential.toml")};
        p.rules = {"rules.json", read_file(folder / "rules.json")};
        p.by = "operator";
        return p;
    }
    std::string open_policy() { return read_file(fs::path{std::getenv("ASSAY_SOURCE_DIR")} / "policies" / "demo" / "exam-open.toml"); }
};

TEST_F(Items, BecomeDraftsWithParametersAndAReportAndAreStoredOnce)
{
    auto const tenant = app.add_tenant("bank-import", storage::TenantKind::production);
    auto const author = app.add_staff(tenant, "Ada Author", "manager");
    auto bank = demo_bank();
    bank.items.resize(12);
    auto const first = import(tenant, author.name, bank);
    EXPECT_EQ(first.stored, 12);
    EXPECT_EQ(first.refused, 0);
    auto const rows = items(tenant);
    ASSERT_EQ(rows.size(), 12u);
    for (auto const& row : rows) {
        EXPECT_EQ(row.state, "draft");
        EXPECT_EQ(row.author, actor(author.id));
        EXPECT_TRUE(row.provisional);
        EXPECT_FALSE(row.area.empty());
    }
    EXPECT_EQ(app.run(storage::list_item_parameters(app.services().pool, tenant.id)).size(), 12u);
    EXPECT_EQ(app.run(storage::list_documents(app.services().pool, tenant.id, "import_report", 10)).size(), 1u);

    auto const again = import(tenant, author.name, bank);
    EXPECT_EQ(again.stored, 0);
    EXPECT_EQ(again.known, 12);
    EXPECT_EQ(items(tenant).size(), 12u);
}

TEST_F(Items, AreApprovedBySomebodyElseThroughThePages)
{
    auto const tenant = app.add_tenant("bank-review", storage::TenantKind::production);
    auto const author = app.add_staff(tenant, "Ada Author", "manager");
    auto const colleague = app.add_staff(tenant, "Carl Colleague", "manager");
    auto const certifier = app.add_staff(tenant, "Chen Certifier", "certifier");
    auto bank = demo_bank();
    bank.items.resize(1);
    import(tenant, author.email, bank);
    auto const row = items(tenant).front();
    auto const path = "/t/bank-review/staff/items/" + to_string(row.id);
    auto ada = Browser::staff(app, tenant, author), carl = Browser::staff(app, tenant, colleague), chen = Browser::staff(app, tenant, certifier);

    EXPECT_EQ(chen.get("/t/bank-review/staff/items").status, 403);
    auto const list = ada.get("/t/bank-review/staff/items?state=draft");
    EXPECT_EQ(list.status, 200);
    EXPECT_NE(list.content().find(row.identifier), std::string_view::npos);
    auto const page = ada.get(path);
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.content().find("assay.presented-item.v1"), std::string_view::npos);
    // What tells right from wrong never reaches a page, not even this one.
    for (auto const* secret : {"correct", "mapping", "outcomes"}) EXPECT_EQ(page.content().find("&quot;" + std::string{secret} + "&quot;"), std::string_view::npos) << secret;

    EXPECT_EQ(ada.post(path + "/approve").status, 422) << "a draft was not submitted yet";
    EXPECT_EQ(ada.post(path + "/submit").status, 303);
    EXPECT_EQ(ada.post(path + "/approve").status, 422) << "the author";
    EXPECT_EQ(item(tenant, row.id).state, "in_review");
    EXPECT_EQ(carl.post(path + "/send_back").status, 422) << "without a reason";
    EXPECT_EQ(carl.post(path + "/approve").status, 303);
    EXPECT_EQ(item(tenant, row.id).approved_by, colleague.id);
    EXPECT_EQ(carl.post(path + "/operate").status, 303);
    EXPECT_EQ(carl.post(path + "/suspend", {{"reason", "ambiguous"}}).status, 303);
    EXPECT_NE(ada.get(path).content().find("ambiguous"), std::string_view::npos);
    EXPECT_EQ(carl.post(path + "/retire", {{"reason", "ambiguous"}}).status, 303);
    EXPECT_EQ(carl.post(path + "/reinstate").status, 422);
    EXPECT_EQ(app.run(app.services().journal.read_stream(tenant.id, row.id.uuid)).size(), 6u) << "every step is an entry, and a refused one is none";
}

TEST_F(Items, AnswerAForeignIdLikeANonexistentOne)
{
    auto const mine = app.add_tenant("bank-mine", storage::TenantKind::production), other = app.add_tenant("bank-other", storage::TenantKind::production);
    auto bank = demo_bank();
    bank.items.resize(1);
    import(other, "x", bank);
    auto const foreign = to_string(items(other).front().id), nobody = to_string(random_uuid());
    auto manager = Browser::staff(app, mine, app.add_staff(mine, "Mia", "owner"));
    // What differs from one answer to the next by itself: the request's id and the form's token.
    auto const comparable = [](std::string text, std::string const& id) {
        text = std::regex_replace(text, std::regex{id + "|[0-9a-f]{32}"}, "ID");
        return std::regex_replace(text, std::regex{"value=\"[A-Za-z0-9_-]{40,}\""}, "TOKEN");
    };
    for (auto const* suffix : {"", "/approve", "/submit", "/retire"}) {
        auto const ask = [&](std::string const& id) {
            auto const path = "/t/bank-mine/staff/items/" + id + suffix;
            auto const response = *suffix == '\0' ? manager.get(path) : manager.post(path, {{"reason", "x"}});
            return std::pair{response.status, comparable(std::string{response.content()}, id)};
        };
        EXPECT_EQ(ask(foreign), ask(nobody)) << suffix;
        EXPECT_EQ(ask(foreign).first, 404) << suffix;
    }
    EXPECT_EQ(items(other).front().state, "draft");
}

TEST_F(Items, OfADemonstrationArePublishedAndOfAProductionTenantOnlyWithRecordAndCalibration)
{
    auto const tenant = app.add_tenant("bank-publish", storage::TenantKind::production);
    auto const author = app.add_staff(tenant, "Ada Author", "manager"), colleague = app.add_staff(tenant, "Carl Colleague", "manager");
    import(tenant, author.name, demo_bank());
    auto const publish = [&](Publication p) {
        auto pool = app.run(operational_pool(app.services(), tenant.id));
        return app.run(publish_exam(app.services(), tenant, std::move(p), std::move(pool)));
    };
    auto const findings_of = [](Published const& p) {
        auto all = std::string{};
        for (auto const& finding : p.findings) all += finding + "\n";
        return all;
    };
    EXPECT_FALSE(publish(publication(open_policy())).findings.empty()) << "drafts are administered to nobody";
    for (auto const& row : items(tenant)) release(tenant, row, author, colleague);

    auto const refused = publish(publication(open_policy()));
    EXPECT_THAT(findings_of(refused), testing::HasSubstr("standard-setting record"));
    EXPECT_THAT(findings_of(refused), testing::HasSubstr("Not calibrated: "));
    EXPECT_FALSE(app.run(storage::find_exam_named(app.services().pool, tenant.id, "pg-open")));

    // A panel's record, and parameters that rest on responses.
    auto const record = std::string{"{\"panel\":\"2026-10\"}"};
    auto const policy = open_policy() + "\n[standard_setting]\nreference = \"Panel 2026-10\"\ndocument = \"" + to_string(sha256(record)) + "\"\n";
    for (auto const& row : items(tenant)) {
        auto parameters = storage::ItemParametersRow{row.id, 1.2, 0.1, 0.2, false, app.services().now()};
        auto append = storage::Append{};
        append.stream = random_uuid();
        append.entries.push_back(storage::Entry{"ItemCalibrated", "system", {}, std::nullopt});
        append.rows.push_back({"item_parameters", storage::columns(parameters)});
        app.run(app.services().journal.append(tenant.id, std::move(append))).value();
    }
    auto const without_record = publish(publication(policy));
    EXPECT_THAT(findings_of(without_record), testing::HasSubstr("is not stored"));
    EXPECT_THAT(findings_of(without_record), testing::Not(testing::HasSubstr("Not calibrated")));
    auto wrong = publication(policy);
    wrong.standard_setting = NamedText{"other.json", "{}"};
    EXPECT_THAT(findings_of(publish(wrong)), testing::HasSubstr("other.json is not the record"));
    auto right = publication(policy);
    right.standard_setting = NamedText{"panel.json", record};
    auto const published = publish(right);
    EXPECT_EQ(findings_of(published), "");
    EXPECT_EQ(published.items, items(tenant).size());
    auto const exam = app.run(storage::find_exam_named(app.services().pool, tenant.id, "pg-open"));
    ASSERT_TRUE(exam);
    EXPECT_EQ(exam->state, "published");
    EXPECT_EQ(exam->exam_version, published.exam_version);

    // The next version keeps the exam's id, and needs no record again.
    auto next = publication(policy);
    next.title = "PostgreSQL, open, second edition";
    auto const second = publish(next);
    EXPECT_EQ(findings_of(second), "");
    EXPECT_EQ(second.exam, published.exam);
    EXPECT_NE(second.exam_version, published.exam_version);
}

} // namespace
} // namespace assay::server::test
