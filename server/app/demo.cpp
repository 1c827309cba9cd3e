#include "server/app/demo.hpp"

#include "exam/item.hpp"
#include "exam/qti/package.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/publishing.hpp"
#include "server/app/sign_in.hpp"
#include "storage/repositories/accounts.hpp"

#include <fstream>
#include <iterator>

namespace assay::server {
namespace {

namespace fs = std::filesystem;

struct Member {
    char const* name;
    char const* local; ///< of the address
    char const* roles;
};
// Whoever decides about a certificate has neither watched nor reviewed: separate people from the first day.
constexpr Member members[] = {{"Olivia Owner", "owner", "owner"},
                              {"Marek Manager", "manager", "manager proctor"},
                              {"Rania Reviewer", "reviewer", "reviewer"},
                              {"Chen Certifier", "certifier", "certifier"}};

constexpr auto items_per_append = 30;

std::string address(Member const& member, std::string const& slug) { return std::string{member.local} + "@" + slug + ".example"; }
StaffId staff_id(Member const& member, std::string const& slug) { return StaffId{uuid_from_name("demo-staff", address(member, slug))}; }

std::string read_file(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) throw std::runtime_error{"can't read " + path.string()};
    return {std::istreambuf_iterator<char>{file}, {}};
}

exam::qti::PackageImport read_bank(fs::path const& folder)
{
    auto files = exam::qti::PackageFiles{};
    for (auto const& entry : fs::recursive_directory_iterator{folder})
        if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).generic_string()] = to_bytes(read_file(entry.path()));
    return exam::qti::read_package(files);
}

storage::DocumentRow document(std::string kind, std::string identifier, std::string content, Timestamp now)
{
    auto row = storage::DocumentRow{};
    row.sha256 = sha256(content);
    row.kind = std::move(kind);
    row.identifier = std::move(identifier);
    row.version = "2026.1";
    row.content = to_bytes(content);
    row.created_at = now;
    return row;
}

storage::Entry entry(std::string type, std::string who, json::object body)
{
    auto e = storage::Entry{};
    e.type = std::move(type);
    e.actor = std::move(who);
    e.body = std::move(body);
    return e;
}

/// Stores once: the stream tells whether it has been done before.
asio::awaitable<void> once(Services& services, TenantId tenant, storage::Append append)
{
    auto const stored = co_await services.journal.append(tenant, std::move(append));
    if (!stored && stored.error() != storage::errc::stale) stored.value();
}

asio::awaitable<void> add_staff(Services& services, TenantId tenant, std::string const& slug)
{
    auto const sign_ins = demo_sign_ins(services.shared.settings, slug);
    for (auto i = std::size_t{}; i < std::size(members); ++i) {
        auto const& member = members[i];
        auto hash = [password = SecretBytes::copy_of(bytes_of(sign_ins[i].password))] { return hash_password(password); };
        auto row = storage::StaffRow{};
        row.id = staff_id(member, slug);
        row.email = address(member, slug);
        row.name = member.name;
        row.password_hash = co_await async::on_pool(services.shared.compute, std::move(hash));
        row.roles = {member.roles};
        row.created_at = services.now();
        auto append = storage::Append{};
        append.stream = row.id.uuid;
        append.entries.push_back(entry("StaffAdded", system_actor, json::object{{"staff", to_string(row.id)}, {"roles", member.roles}}));
        append.rows.push_back({"staff", storage::columns(row)});
        co_await once(services, tenant, std::move(append));
    }
}

/// Items become drafts under their author, and operational once somebody else has approved them. Returns the pool.
asio::awaitable<std::vector<exam::PoolItem>> import_items(Services& services, TenantId tenant, std::string const& slug, exam::qti::PackageImport const& bank)
{
    auto const now = services.now();
    auto const author = std::string{"author:assay-demo-bank"};
    auto const approver = staff_id(members[1], slug);
    auto pool = std::vector<exam::PoolItem>{};
    auto append = storage::Append{};
    auto batch = 0;
    for (auto const& item : bank.items) {
        if (!item.imported.item) throw std::runtime_error{"demo bank: " + item.imported.file + ": " + (item.imported.notes.empty() ? "refused" : item.imported.notes.front())};
        auto const content = canonical_json(exam::to_json(*item.imported.item));
        auto const parameters = item.parameters.value_or(exam::qti::UsageParameters{});
        auto entry_of_pool = exam::PoolItem{};
        entry_of_pool.id = ItemId{uuid_from_name("item", "demo-bank/" + item.imported.identifier + "/2026.1")};
        entry_of_pool.identifier = item.imported.identifier;
        entry_of_pool.area = item.content_area;
        entry_of_pool.model = exam::three_parameter_item(parameters.discrimination.value_or(1), parameters.difficulty.value_or(0),
                                                         parameters.pseudo_guessing.value_or(0)).value();
        entry_of_pool.provisional = parameters.provisional;
        entry_of_pool.item_document = sha256(content);

        auto row = storage::ItemRow{};
        row.id = entry_of_pool.id;
        row.identifier = entry_of_pool.identifier;
        row.area = entry_of_pool.area;
        row.state = "operational";
        row.document = entry_of_pool.item_document;
        row.author = author;
        row.approved_by = approver;
        row.provisional = entry_of_pool.provisional;
        row.created_at = now;
        auto worth = storage::ItemParametersRow{};
        worth.item = row.id;
        worth.discrimination = entry_of_pool.model.slope();
        worth.difficulty = entry_of_pool.model.threshold();
        worth.pseudo_guessing = entry_of_pool.model.lower();
        worth.provisional = row.provisional;
        worth.recorded_at = now;
        auto const body = json::object{{"item", to_string(row.id)}, {"identifier", row.identifier}, {"document", to_string(row.document)}};
        append.entries.push_back(entry("ItemImported", author, body));
        append.entries.push_back(entry("ItemApproved", actor(approver), body));
        append.rows.push_back({"document", storage::columns(document("item", row.identifier, content, now))});
        append.rows.push_back({"item", storage::columns(row)});
        append.rows.push_back({"item_parameters", storage::columns(worth)});
        pool.push_back(std::move(entry_of_pool));
        if (append.entries.size() < 2 * items_per_append && pool.size() < bank.items.size()) continue;
        append.stream = uuid_from_name("demo-bank", std::to_string(batch++));
        auto full = std::move(append);
        append = storage::Append{};
        co_await once(services, tenant, std::move(full));
    }
    std::ranges::sort(pool, {}, &exam::PoolItem::id);
    co_return pool;
}

struct ExamPlan {
    std::string identifier, title, policy;
    bool camera;
};

asio::awaitable<void> publish(Services& services, storage::TenantRow const& tenant, ExamPlan plan, std::vector<exam::PoolItem> pool, std::string programme)
{
    auto const& folder = services.shared.settings.policies;
    auto const text_of_file = [&](std::string const& name) { return NamedText{name, read_file(folder / name)}; };
    auto publication = Publication{};
    publication.identifier = plan.identifier;
    publication.title = plan.title;
    publication.exam_policy = text_of_file(plan.policy);
    publication.programme = NamedText{"programme.toml", std::move(programme)};
    publication.credential_policy = text_of_file("credential.toml");
    publication.rules = text_of_file("rules.json");
    if (plan.camera) publication.proctoring_policy = text_of_file("proctoring.toml");
    publication.by = actor(staff_id(members[1], tenant.slug));
    auto const published = co_await publish_exam(services, tenant, std::move(publication), std::move(pool));
    if (!published.findings.empty()) throw std::runtime_error{plan.policy + ": " + published.findings.front()};
}

} // namespace

std::vector<DemoSignIn> demo_sign_ins(Settings const& settings, std::string const& slug)
{
    auto const master = storage::load_or_create_master_key(settings.state / "master.key");
    auto sign_ins = std::vector<DemoSignIn>{};
    for (auto const& member : members) {
        auto const digest = hmac_sha256(master.expose_secret(), bytes_of("assay.demo-password.v1/" + address(member, slug)));
        sign_ins.push_back({address(member, slug), to_base58btc(ByteView{digest.octets}.first(10)), member.roles});
    }
    return sign_ins;
}

asio::awaitable<void> ensure_demo(Services& services, std::string slug, std::string name)
{
    auto tenant = co_await storage::find_tenant(services.pool, slug);
    if (!tenant) {
        tenant.emplace();
        tenant->id = TenantId{uuid_from_name("demo-tenant", slug)};
        tenant->slug = slug;
        tenant->name = std::move(name);
        tenant->kind = storage::TenantKind::demo;
        tenant->public_origin = services.shared.settings.public_origin;
        tenant->contact_email = "certification@" + slug + ".example"; // .example is nobody's (RFC 2606): a demonstration writes to no one
        tenant->sender_email = "noreply@" + slug + ".example";
        co_await storage::add_tenant(services.pool, *tenant);
    }
    auto const exams = co_await storage::list_exams(services.pool, tenant->id);
    if (exams.size() >= 2) co_return;
    co_await ensure_keys(services, *tenant);
    co_await add_staff(services, tenant->id, slug);
    auto const& settings = services.shared.settings;
    auto read = [folder = settings.bank] { return read_bank(folder); };
    auto const bank = co_await async::on_pool(services.shared.compute, std::move(read));
    auto const pool = co_await import_items(services, tenant->id, slug, bank);
    // Two people approved that whoever passes with a clear sitting is certified.
    auto const programme = read_file(settings.policies / "programme.toml") + "\n[decision_rule]\napproved_by = [\"" + to_string(staff_id(members[0], slug)) + "\", \"" +
                           to_string(staff_id(members[3], slug)) + "\"]\n";
    auto const title = std::string{"PostgreSQL in Production, Associate"};
    auto const with_camera = ExamPlan{"postgresql-production-associate", title, "exam-camera.toml", true};
    auto const without = ExamPlan{"postgresql-production-associate-open", title + " (without camera)", "exam-open.toml", false};
    co_await publish(services, *tenant, with_camera, pool, programme);
    co_await publish(services, *tenant, without, pool, programme);
}

} // namespace assay::server
