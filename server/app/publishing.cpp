#include "server/app/publishing.hpp"

#include "exam/stage_assembly.hpp"
#include "exam/exposure_record.hpp"
#include "exam/item_life.hpp"
#include "exam/item_traits.hpp"
#include "policies/exam_policy.hpp"
#include "policies/proctoring.hpp"
#include "policies/programme.hpp"
#include "server/app/candidate.hpp"
#include "server/app/entries.hpp"

#include <algorithm>
#include <map>

namespace assay::server {
namespace {

storage::DocumentRow document(std::string kind, std::string identifier, std::string const& content, Timestamp now)
{
    auto row = storage::DocumentRow{};
    row.sha256 = sha256(content);
    row.kind = std::move(kind);
    row.identifier = std::move(identifier);
    row.version = to_rfc3339(now);
    row.content = to_bytes(content);
    row.created_at = now;
    return row;
}

template <class T>
std::optional<T> taken(policies::Parsed<T> parsed, std::vector<std::string>& findings)
{
    for (auto const& problem : parsed.problems) findings.push_back(policies::to_string(problem));
    return std::move(parsed.value);
}

/// Which items keep a production tenant from publishing: the count alone would send people searching.
void name_provisional(exam::ExamVersion const& version, std::vector<std::string>& findings)
{
    constexpr auto named_max = 10;
    auto named = std::string{};
    auto count = 0;
    for (auto const& item : version.pool) {
        if (!item.provisional) continue;
        if (++count <= named_max) named += (named.empty() ? "" : ", ") + item.identifier;
    }
    if (count == 0) return;
    if (count > named_max) named += " and " + std::to_string(count - named_max) + " more";
    findings.push_back("Not calibrated: " + named + ".");
}

/// What form rules speak of, read out of the items' documents.
asio::awaitable<void> add_traits(Services& services, TenantId tenant, std::vector<exam::PoolItem>& pool)
{
    auto hashes = std::vector<Sha256Digest>{};
    for (auto const& item : pool) hashes.push_back(item.item_document);
    auto const documents = co_await storage::find_documents(services.pool, tenant, std::move(hashes));
    auto traits = std::map<Sha256Digest, exam::ItemTraits>{};
    for (auto const& document : documents) {
        auto const value = parse_json(text_of(document.content), {.size_max = 4 << 20, .depth_max = 128});
        auto const item = value ? exam::item_from_json(*value) : result<exam::Item>{value.error()};
        if (item) traits.emplace(document.sha256, exam::traits_of(*item));
    }
    for (auto& item : pool) {
        auto const known = traits.find(item.item_document);
        if (known == traits.end()) continue;
        item.type = known->second.type;
        item.key = known->second.key;
        item.words = known->second.words;
    }
}

asio::awaitable<void> find_record(Services& services, TenantId tenant, Publication const& publication, exam::ExamSettings const& settings,
                                  std::vector<std::string>& findings)
{
    if (!settings.standard_setting) co_return; // production_findings speaks of it
    auto const& named = settings.standard_setting->document;
    if (publication.standard_setting) {
        if (sha256(publication.standard_setting->text) != named)
            findings.push_back(publication.standard_setting->name + " is not the record that " + publication.exam_policy.name + " names: its SHA-256 is " +
                               to_string(sha256(publication.standard_setting->text)) + ".");
        co_return;
    }
    auto const stored = co_await storage::find_document(services.pool, tenant, named);
    if (!stored) findings.push_back("The standard-setting record " + to_string(named) + " that the policy names is not stored: give it with --standard-setting.");
}

} // namespace

namespace {

/// The items of the bank of which `takes` their state, with the parameters of today, ascending by id.
asio::awaitable<std::vector<exam::PoolItem>> items_of_state(Services& services, TenantId tenant, bool (*takes)(exam::ItemState) noexcept)
{
    auto const items = co_await storage::list_items(services.pool, tenant);
    auto const parameters = co_await storage::list_item_parameters(services.pool, tenant);
    auto by_item = std::map<ItemId, storage::ItemParametersRow>{};
    for (auto const& row : parameters) by_item.emplace(row.item, row);
    auto pool = std::vector<exam::PoolItem>{};
    for (auto const& row : items) {
        if (!takes(exam::parse_item_state(row.state).value())) continue;
        auto const known = by_item.find(row.id);
        auto const values = known == by_item.end() ? storage::ItemParametersRow{} : known->second;
        auto item = exam::PoolItem{};
        item.id = row.id;
        item.identifier = row.identifier;
        item.area = row.area;
        item.model = (values.model ? exam::item_model_from_json(*values.model)
                                   : exam::three_parameter_item(values.discrimination, values.difficulty, values.pseudo_guessing)).value();
        item.provisional = values.provisional;
        item.item_document = row.document;
        pool.push_back(std::move(item));
    }
    std::ranges::sort(pool, {}, &exam::PoolItem::id);
    co_return pool;
}

} // namespace

asio::awaitable<std::vector<exam::PoolItem>> operational_pool(Services& services, TenantId tenant)
{
    co_return co_await items_of_state(services, tenant, exam::is_administrable);
}

asio::awaitable<Published> publish_exam(Services& services, storage::TenantRow const& tenant, Publication publication,
                                        std::vector<exam::PoolItem> pool, bool dry_run)
{
    auto published = Published{};
    auto& findings = published.findings;
    auto const& p = publication;
    auto const settings = taken(policies::parse_exam_policy(p.exam_policy.text, p.exam_policy.name), findings);
    auto const programme = taken(policies::parse_programme(p.programme.text, p.programme.name), findings);
    static_cast<void>(taken(policies::parse_credential_policy(p.credential_policy.text, p.credential_policy.name), findings));
    if (p.proctoring_policy) static_cast<void>(taken(policies::parse_proctoring_policy(p.proctoring_policy->text, p.proctoring_policy->name), findings));
    if (auto const rules = parse_agreement(bytes_of(p.rules.text)); !rules) findings.push_back(p.rules.name + ": " + rules.error().message());
    if (!settings || !programme || !findings.empty()) co_return published;

    auto version = exam::ExamVersion{};
    version.identifier = p.identifier;
    version.title = p.title;
    version.language = p.language;
    version.settings = *settings;
    auto const foreign = [&](exam::PoolItem const& item) { return !exam::area_index(*settings, item.area); };
    std::erase_if(pool, foreign); // the bank serves several exams
    version.pool = std::move(pool);
    if (settings->form) co_await add_traits(services, tenant.id, version.pool);
    if (settings->form)
        for (auto const& testlet : settings->form->testlets) // what is calibrated of their items is the testlet
            for (auto& item : version.pool)
                if (std::ranges::find(testlet.items, item.identifier) != testlet.items.end()) item.provisional = testlet.provisional;
    if (settings->pretest.slots > 0) {
        version.pretest = co_await items_of_state(services, tenant.id, exam::is_pretested);
        std::erase_if(version.pretest, foreign);
        published.pretest_items = version.pretest.size();
    }
    published.items = version.pool.size();
    if (settings->selection.mode == exam::SelectionMode::linear && settings->fixed_form.items.empty()) {
        auto assemble = [version] { return exam::best_form(version); };
        version.settings.fixed_form.items = co_await async::on_pool(services.shared.compute, std::move(assemble));
    }
    if (exam::has_open_modules(*settings)) {
        auto assemble = [version] { return exam::assemble_stages(version); };
        auto stages = co_await async::on_pool(services.shared.compute, std::move(assemble));
        if (stages) version.settings.stages = std::move(*stages);
        else findings.push_back("Stages: " + stages.error().what + ".");
        if (!findings.empty()) co_return published;
    }
    auto find = [version] { return exam::findings(version); }; // seeks a form where there are form rules
    findings = co_await async::on_pool(services.shared.compute, std::move(find));
    if (settings->proctored != p.proctoring_policy.has_value())
        findings.push_back(settings->proctored ? "The exam policy says proctored: it needs a proctoring policy." : "The exam policy says not proctored, but a proctoring policy is given.");
    if (tenant.kind == storage::TenantKind::production) {
        for (auto& finding : exam::production_findings(version)) findings.push_back(std::move(finding));
        name_provisional(version, findings);
        co_await find_record(services, tenant.id, p, *settings, findings);
    }
    if (!findings.empty()) co_return published;
    auto warn = [version] { return exam::warnings(version); };
    published.warnings = co_await async::on_pool(services.shared.compute, std::move(warn));
    if (settings->exposure.rule == exam::adaptive::ExposureRule::sympson_hetter) {
        auto simulate = [version] { return exam::administration_probabilities(exam::PreparedExam{version}); };
        auto const probabilities = co_await async::on_pool(services.shared.compute, std::move(simulate));
        for (auto i = std::size_t{}; i < probabilities.size(); ++i) version.pool[i].administration_probability = probabilities[i];
    }

    auto const now = services.now();
    auto documents = std::vector<storage::DocumentRow>{};
    documents.push_back(document("exam_version", p.identifier, canonical_json(exam::to_json(version)), now));
    documents.push_back(document("programme", programme->identifier, p.programme.text, now));
    documents.push_back(document("credential_policy", "credential", p.credential_policy.text, now));
    documents.push_back(document("rules", "rules", p.rules.text, now));
    if (p.proctoring_policy) documents.push_back(document("proctoring_policy", "proctoring", p.proctoring_policy->text, now));
    if (p.standard_setting) documents.push_back(document("standard_setting", p.identifier, p.standard_setting->text, now));
    published.exam_version = documents.front().sha256;

    auto const earlier = co_await storage::find_exam_named(services.pool, tenant.id, p.identifier);
    auto row = storage::ExamRow{};
    row.id = earlier ? earlier->id : uuid_from_name("exam", to_string(tenant.id) + "/" + p.identifier);
    published.exam = row.id;
    if (dry_run) co_return published;
    row.identifier = p.identifier;
    row.title = p.title;
    row.state = "published";
    row.exam_version = documents[0].sha256;
    row.programme_id = programme->id;
    row.programme = documents[1].sha256;
    row.credential_policy = documents[2].sha256;
    row.rules = documents[3].sha256;
    if (p.proctoring_policy) row.proctoring_policy = documents[4].sha256;
    row.created_at = earlier ? earlier->created_at : now;
    auto body = json::object{{"exam", to_string(row.id)}, {"exam_version", to_string(row.exam_version)}, {"programme", to_string(row.programme)},
                             {"rules", to_string(row.rules)}, {"camera", p.proctoring_policy.has_value()}, {"items", published.items}};
    if (settings->pretest.slots > 0) body["pretest_items"] = published.pretest_items;
    if (settings->standard_setting) body["standard_setting"] = to_string(settings->standard_setting->document);
    auto const stream = co_await stream_version(services, tenant.id, row.id);
    auto append = single_entry(row.id, stream, "ExamPublished", p.by, std::move(body));
    for (auto const& d : documents) append.rows.push_back({"document", storage::columns(d)});
    append.rows.push_back({"exam", storage::columns(row)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored_or_stale(stored);
    co_return published;
}

} // namespace assay::server
