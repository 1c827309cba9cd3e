// The adaptive engine behind the service: the demonstration's shadow test, items suspended in mid-window, exposure learnt from earlier sittings.
#include "exam/assembly/program.hpp"
#include "exam/qti/package.hpp"
#include "server/app/actors.hpp"
#include "server/app/items.hpp"
#include "server/app/publishing.hpp"
#include "tests/server/app/app_bench.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <map>
#include <set>

namespace assay::server::test {
namespace {

namespace fs = std::filesystem;

std::string read_file(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

fs::path source() { return std::getenv("ASSAY_SOURCE_DIR"); }

exam::qti::PackageImport demo_bank()
{
    auto const folder = source() / "exam" / "demo_bank";
    auto files = exam::qti::PackageFiles{};
    for (auto const& entry : fs::recursive_directory_iterator{folder})
        if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).generic_string()] = to_bytes(read_file(entry.path()));
    return exam::qti::read_package(files);
}

struct Engine : testing::Test {
    App& app = the_app();

    LoadedSitting load(storage::TenantRow const& tenant, SittingId id) { return std::move(*app.run(load_sitting(app.services(), tenant.id, id))); }

    /// A tenant of its own whose whole demo bank is operational, but for the items in `pretested`.
    storage::TenantRow tenant_with_bank(std::string const& slug, std::set<std::string> const& pretested = {})
    {
        auto const tenant = app.add_tenant(slug, storage::TenantKind::demo);
        auto const author = app.add_staff(tenant, "Ada Author", "manager"), colleague = app.add_staff(tenant, "Carl Colleague", "manager");
        auto const bank = demo_bank();
        auto work = [](Services& s, storage::TenantRow of, exam::qti::PackageImport const& package, storage::StaffRow first, storage::StaffRow second,
                       std::set<std::string> const& hidden) -> asio::awaitable<bool> {
            auto how = ItemImport{};
            how.author = actor(first.id);
            how.by = "operator";
            co_await import_items(s, of, package, std::move(how));
            auto const rows = co_await storage::list_items(s.pool, of.id);
            for (auto const& row : rows) {
                auto submitted = co_await act_on_item(s, of.id, row.id, exam::ItemAction::submit, first, "");
                submitted.value();
                auto approved = co_await act_on_item(s, of.id, row.id, exam::ItemAction::approve, second, "");
                approved.value();
                auto const last = hidden.contains(row.identifier) ? exam::ItemAction::pretest : exam::ItemAction::operate;
                auto taken_up = co_await act_on_item(s, of.id, row.id, last, first, "");
                taken_up.value();
            }
            co_return true;
        };
        app.run(work(app.services(), tenant, bank, author, colleague, pretested));
        return tenant;
    }

    Published publish(storage::TenantRow const& tenant, std::string policy)
    {
        auto const folder = source() / "policies" / "demo";
        auto p = Publication{};
        p.identifier = "pg-open";
        p.title = "PostgreSQL, open";
        p.exam_policy = {"exam-open.toml", std::move(policy)};
        p.programme = {"programme.toml", read_file(folder / "programme.toml")};
        p.credential_policy = {"credential.toml", read_file(folder / "credential.toml")};
        p.rules = {"rules.json", read_file(folder / "rules.json")};
        p.by = "operator";
        auto pool = app.run(operational_pool(app.services(), tenant.id));
        return app.run(publish_exam(app.services(), tenant, std::move(p), std::move(pool)));
    }
};

std::vector<std::string> broken_rows(LoadedSitting const& sitting)
{
    auto chosen = std::vector<std::uint8_t>(sitting.exam->version.pool.size(), 0);
    for (auto const& item : sitting.state.items) chosen[*sitting.exam->prepared->position(item.item)] = 1;
    return exam::assembly::broken_rows(*sitting.exam->prepared->program(), chosen);
}

TEST_F(Engine, RunsTheDemonstrationOnAShadowTestAndStaffSeeWhatItMeasured)
{
    auto const tenant = app.demo();
    auto const id = sit(app, tenant, invite_person(app, tenant, "Sara Shadow", "sara@example.org"), false);
    auto const sitting = load(tenant, id);
    ASSERT_NE(sitting.exam->prepared->program(), nullptr);
    EXPECT_THAT(broken_rows(sitting), testing::IsEmpty());
    EXPECT_TRUE(exam::replay_check(*sitting.exam->prepared, sitting.exam->scorer, sitting.events).identical);
    EXPECT_THAT(sitting.exam->version.pool, testing::Contains(testing::Field(&exam::PoolItem::type, "order")));

    auto const reviewer = app.add_staff(tenant, "Rolf Reviewer", "reviewer");
    auto const page = std::string{Browser::staff(app, tenant, reviewer).get("/t/demo/staff/reviews/" + to_string(id)).content()};
    EXPECT_THAT(page, testing::HasSubstr("What the exam measured"));
    EXPECT_THAT(page, testing::ContainsRegex("precise enough|greatest number of questions"));
    EXPECT_THAT(page, testing::ContainsRegex("below what the standard asks|too few questions to tell"));
}

TEST_F(Engine, NeverPresentsAnItemThatWasSuspendedInMidWindow)
{
    auto const tenant = app.demo();
    auto const manager = app.add_staff(tenant, "Mia Manager", "manager");
    auto const invitation = invite_person(app, tenant, "Sam Suspended", "sam@example.org");
    auto work = [](Services& s, storage::TenantRow of, RegistrationId registration, storage::StaffRow by) -> asio::awaitable<std::set<ItemId>> {
        auto row = co_await storage::find_registration(s.pool, of.id, registration);
        row->rules_accepted = Sha256Digest{};
        row->rules_accepted_at = s.now();
        auto opened = co_await open_sitting(s, of, *row);
        auto sitting = co_await load_sitting(s, of.id, opened.value());
        auto const nothing = Idempotency{};
        auto const who = actor(sitting->row.person);
        auto const attach = exam::Command{exam::Attach{1}};
        auto attached = co_await execute(s, of.id, *sitting, attach, who, nothing);
        attached.value();
        auto const begin = exam::Command{exam::Start{1}};
        auto started = co_await execute(s, of.id, *sitting, begin, who, nothing);
        started.value();
        auto suspended = std::set<ItemId>{};
        while (!sitting->state.ended) {
            auto submit = exam::SubmitResponse{};
            submit.attachment = 1;
            submit.ordinal = static_cast<std::uint32_t>(sitting->state.items.size());
            auto const command = exam::Command{submit};
            if (submit.ordinal <= 3) {
                // What would come next, found without storing it.
                auto const next = exam::decide(sitting->state, *sitting->exam->prepared, sitting->exam->scorer, command, s.now());
                auto const item = std::get<exam::ItemPresented>(next.value().back()).item;
                auto stopped = co_await act_on_item(s, of.id, item, exam::ItemAction::suspend, by, "ambiguous");
                stopped.value();
                suspended.insert(item);
            }
            auto answered = co_await execute(s, of.id, *sitting, command, who, nothing);
            answered.value();
        }
        for (auto const& item : suspended) {
            EXPECT_TRUE(std::ranges::binary_search(sitting->state.banned, item));
            auto back = co_await act_on_item(s, of.id, item, exam::ItemAction::reinstate, by, "");
            back.value();
        }
        for (auto const& item : sitting->state.items) EXPECT_FALSE(suspended.contains(item.item));
        EXPECT_TRUE(exam::replay_check(*sitting->exam->prepared, sitting->exam->scorer, sitting->events).identical);
        co_return suspended;
    };
    EXPECT_EQ(app.run(work(app.services(), tenant, invitation.registration, manager)).size(), 3u);
}

TEST_F(Engine, LearnsExposureFromEarlierSittingsOfTheVersion)
{
    auto const tenant = tenant_with_bank("engine-exposure");
    auto const policy = read_file(source() / "policies" / "demo" / "exam-open.toml");
    auto const published = publish(tenant, policy + "\n[exposure]\nrule = \"restricted\"\nrate = 0.01\n");
    ASSERT_THAT(published.findings, testing::IsEmpty());
    auto const first = load(tenant, sit(app, tenant, invite_person(app, tenant, "Ena One", "ena@example.org"), false));
    EXPECT_EQ(app.sql(tenant, "SELECT count(*) FROM exposure_record"), 1);
    auto const second = load(tenant, sit(app, tenant, invite_person(app, tenant, "Dva Two", "dva@example.org"), false));
    EXPECT_EQ(app.sql(tenant, "SELECT count(*) FROM exposure_record"), 2);
    auto seen = std::set<ItemId>{};
    for (auto const& item : first.state.items) seen.insert(item.item);
    ASSERT_EQ(second.state.ineligible.size(), 1u);
    EXPECT_EQ(std::set<ItemId>(second.state.ineligible[0].begin(), second.state.ineligible[0].end()), seen) << "at most one sitting in a hundred, and one there was";
    for (auto const& item : second.state.items) EXPECT_FALSE(seen.contains(item.item));
    EXPECT_THAT(broken_rows(second), testing::IsEmpty());
}

TEST_F(Engine, HidesPretestItemsAmongTheOthersAndCountsThemForNothing)
{
    auto const pretested = std::set<std::string>{"tls-001", "tls-002", "queries-001", "queries-002", "storage-009"};
    auto const tenant = tenant_with_bank("engine-pretest", pretested);
    auto const policy = read_file(source() / "policies" / "demo" / "exam-open.toml");
    auto const published = publish(tenant, policy + "\n[pretest]\nslots = 3\n");
    ASSERT_THAT(published.findings, testing::IsEmpty());
    EXPECT_EQ(published.pretest_items, pretested.size());
    auto const sitting = load(tenant, sit(app, tenant, invite_person(app, tenant, "Petra Pretest", "petra@example.org"), false));
    auto hidden = std::set<std::string>{}, scored = std::set<std::string>{};
    for (auto const& item : sitting.state.items) {
        auto const& identifier = exam::find_presentable(sitting.exam->version, item.item)->identifier;
        (item.scored ? scored : hidden).insert(identifier);
    }
    EXPECT_EQ(hidden.size(), 3u);
    EXPECT_TRUE(std::ranges::includes(pretested, hidden));
    EXPECT_EQ(sitting.state.outcome->items.size(), scored.size());
    EXPECT_TRUE(exam::replay_check(*sitting.exam->prepared, sitting.exam->scorer, sitting.events).identical);
}

TEST_F(Engine, AssemblesAFormForEachCandidate)
{
    auto const tenant = tenant_with_bank("engine-loft");
    auto policy = read_file(source() / "policies" / "demo" / "exam-open.toml");
    auto const selection = std::string{"[selection]\n"};
    policy.replace(policy.find(selection), selection.size(), selection + "mode = \"loft\"\n");
    ASSERT_THAT(publish(tenant, policy).findings, testing::IsEmpty());
    auto forms = std::set<std::vector<ItemId>>{};
    for (auto const* who : {"lena@example.org", "lotte@example.org"}) {
        auto const sitting = load(tenant, sit(app, tenant, invite_person(app, tenant, "Lo Ft", who), false));
        EXPECT_EQ(sitting.state.form.size(), sitting.state.items.size());
        EXPECT_THAT(broken_rows(sitting), testing::IsEmpty());
        EXPECT_TRUE(exam::replay_check(*sitting.exam->prepared, sitting.exam->scorer, sitting.events).identical);
        forms.insert(sitting.state.form);
    }
    EXPECT_EQ(forms.size(), 2u);
}

TEST_F(Engine, PresentsALinearFormWithATestletInBlocksThatMayBeReviewed)
{
    auto const tenant = tenant_with_bank("engine-linear");
    auto policy = read_file(source() / "policies" / "demo" / "exam-open.toml");
    auto const selection = std::string{"[selection]\n"};
    policy.replace(policy.find(selection), selection.size(), selection + "mode = \"linear\"\n");
    policy += "\n[block]\nitems = 6\nreview = true\n"
              "[[form.testlet]]\nname = \"certificates\"\nitems = [\"tls-002\", \"tls-001\"]\nmodel = \"GRM\"\na = 6.0\nb = [-0.2, 0.2]\n";
    ASSERT_THAT(publish(tenant, policy).findings, testing::IsEmpty());
    auto const sitting = load(tenant, sit(app, tenant, invite_person(app, tenant, "Lina Linear", "lina@example.org"), true));
    EXPECT_EQ(sitting.state.items.size(), 30u);
    EXPECT_THAT(broken_rows(sitting), testing::IsEmpty());
    EXPECT_EQ(exam::scored_answers(sitting.state, *sitting.exam->prepared).size(), 29u) << "the most informative thing there is, of two items and scored as one";
    EXPECT_EQ(std::ranges::count_if(sitting.events, [](auto const& event) { return std::holds_alternative<exam::BlockClosed>(event); }), 5);
    EXPECT_TRUE(exam::replay_check(*sitting.exam->prepared, sitting.exam->scorer, sitting.events).identical);
}

TEST_F(Engine, RoutesThroughStages)
{
    auto const tenant = tenant_with_bank("engine-stages");
    auto pool = app.run(operational_pool(app.services(), tenant.id));
    std::ranges::sort(pool, {}, [](exam::PoolItem const& item) { return item.model.threshold(); });
    auto policy = std::string{"cut = 0.0\ntime_limit_minutes = 60\n[length]\nminimum = 10\nmaximum = 10\n[selection]\nmode = \"stages\"\n"};
    auto by_area = std::map<std::string, std::vector<std::string>>{};
    for (auto const& item : pool) by_area[item.area].push_back(item.identifier);
    for (auto const& [area, items] : by_area) policy += "[[blueprint]]\narea = \"" + area + "\"\nminimum = 2\n";
    auto const module = [&](std::string const& name, double quantile, std::string const& more = {}) {
        policy += "[[stage.module]]\nname = \"" + name + "\"\n" + more + "items = [";
        for (auto const& [area, items] : by_area) policy += "\"" + items[static_cast<std::size_t>(quantile * static_cast<double>(items.size()))] + "\", ";
        policy += "]\n";
    };
    policy += "[[stage]]\n";
    module("first", 0.5);
    policy += "[[stage]]\n";
    module("easier", 0.2);
    module("harder", 0.8, "from = 0.0\n");
    ASSERT_THAT(publish(tenant, policy).findings, testing::IsEmpty());
    for (auto const knows : {false, true}) {
        auto const sitting = load(tenant, sit(app, tenant, invite_person(app, tenant, "Stan Stages", knows ? "stan@example.org" : "stina@example.org"), knows));
        EXPECT_THAT(sitting.state.modules, testing::ElementsAre("first", knows ? "harder" : "easier"));
        EXPECT_EQ(sitting.state.items.size(), 10u);
        EXPECT_EQ(sitting.state.outcome->passed, knows);
        EXPECT_TRUE(exam::replay_check(*sitting.exam->prepared, sitting.exam->scorer, sitting.events).identical);
    }
}

TEST_F(Engine, AssemblesTheModulesOfStagesWhenTheExamIsPublished)
{
    auto const tenant = tenant_with_bank("engine-modules");
    auto policy = read_file(source() / "policies" / "demo" / "exam-open.toml");
    auto const selection = std::string{"[selection]\n"};
    policy.replace(policy.find(selection), selection.size(), selection + "mode = \"stages\"\n");
    policy += "\n[[stage]]\nitems = 10\n[[stage.module]]\nname = \"first\"\ntheta = 0.0\n[[stage]]\nitems = 10\n"
              "[[stage.module]]\nname = \"easier\"\ntheta = -1.0\n[[stage.module]]\nname = \"harder\"\ntheta = 1.0\n";
    ASSERT_THAT(publish(tenant, policy).findings, testing::IsEmpty());
    auto const sitting = load(tenant, sit(app, tenant, invite_person(app, tenant, "Mona Modules", "mona@example.org"), true));
    EXPECT_THAT(sitting.state.modules, testing::ElementsAre("first", "harder"));
    EXPECT_THAT(broken_rows(sitting), testing::IsEmpty());
    EXPECT_TRUE(exam::replay_check(*sitting.exam->prepared, sitting.exam->scorer, sitting.events).identical);
}

TEST_F(Engine, RefusesToPublishAFormThatCanNotBeAndSaysWhatAndWhere)
{
    auto const tenant = tenant_with_bank("engine-infeasible");
    auto policy = read_file(source() / "policies" / "demo" / "exam-open.toml");
    auto const types = policy.find("order = { max = 4 }");
    ASSERT_NE(types, std::string::npos);
    policy.replace(types, std::string{"order = { max = 4 }"}.size(), "order = { min = 14, max = 20 }");
    EXPECT_THAT(publish(tenant, policy).findings,
                testing::ElementsAre("Form rules: type order: at least 14 and at most 20 items, but all the items that may be used give 13."));
}

TEST_F(Engine, TakesParametersOfEveryModelFromACalibratedBank)
{
    auto const tenant = tenant_with_bank("engine-parameters");
    auto const bank = exam::read_item_bank("item,model,a,b,c,d\nqueries-001,2PL,1.5,0.2,,\nqueries-002,GPCM,0.9,-1;0.5,,\ntls-001,3PL,1.1,0.3,0.2,\nnobody,2PL,1,0,,\n");
    ASSERT_TRUE(bank);
    auto const imported = app.run(import_parameters(app.services(), tenant, *bank, false, "operator"));
    EXPECT_EQ(imported.recorded, 3);
    EXPECT_THAT(imported.problems, testing::ElementsAre("nobody: the bank has no such item"));
    auto const pool = app.run(operational_pool(app.services(), tenant.id));
    auto const model_of = [&](std::string const& identifier) { return std::ranges::find(pool, identifier, &exam::PoolItem::identifier)->model; };
    EXPECT_EQ(model_of("queries-001"), exam::ItemModel::dichotomous(exam::ModelKind::two_parameter, 1.5, 0.2));
    EXPECT_EQ(model_of("queries-002").kind(), exam::ModelKind::generalized_partial_credit);
    EXPECT_EQ(model_of("tls-001"), exam::ItemModel::dichotomous(exam::ModelKind::three_parameter, 1.1, 0.3, 0.2));
    EXPECT_FALSE(std::ranges::find(pool, "tls-001", &exam::PoolItem::identifier)->provisional);
}

} // namespace
} // namespace assay::server::test
