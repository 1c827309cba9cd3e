#include "server/app/items.hpp"

#include "core/random.hpp"
#include "exam/errors.hpp"
#include "exam/exam_version.hpp"
#include "server/app/actors.hpp"
#include "server/app/entries.hpp"
#include "server/app/people.hpp"
#include "server/app/sittings.hpp"

#include <algorithm>

namespace assay::server {
namespace {

struct Judged {
    std::optional<exam::ItemModel> model; ///< nothing: refused
    bool provisional = true;
    std::vector<std::string> notes;
};

/// Whether the bank takes the item, and what it is assumed to be worth until responses say more.
Judged judge(exam::qti::PackageItem const& item)
{
    auto judged = Judged{};
    judged.notes = item.imported.notes;
    if (!item.imported.item) return judged;
    for (auto const& picture : exam::media(*item.imported.item)) judged.notes.push_back("shows the picture " + picture + ": the bank keeps no pictures yet");
    if (!exam::media(*item.imported.item).empty()) return judged;
    auto const given = item.parameters.value_or(exam::qti::UsageParameters{});
    auto model = exam::three_parameter_item(given.discrimination.value_or(1), given.difficulty.value_or(0), given.pseudo_guessing.value_or(0));
    if (!model) {
        judged.notes.push_back("usage data: " + model.error().message());
        return judged;
    }
    judged.model = std::move(*model);
    judged.provisional = given.provisional;
    judged.notes.push_back(judged.provisional ? "parameters are provisional: no responses stand behind them" : "parameters rest on recorded responses");
    return judged;
}

/// The stream of an item version admits one first entry: importing twice stores once.
asio::awaitable<bool> store_draft(Services& services, storage::TenantRow const& tenant, exam::qti::PackageItem const& item, Judged const& judged,
                                  ItemId id, std::string const& content, ItemImport const& how)
{
    auto const now = services.now();
    auto document = storage::DocumentRow{};
    document.sha256 = sha256(content);
    document.kind = "item";
    document.identifier = item.imported.identifier;
    document.version = to_rfc3339(now);
    document.content = to_bytes(content);
    document.created_at = now;
    auto row = storage::ItemRow{};
    row.id = id;
    row.identifier = item.imported.identifier;
    row.area = item.content_area;
    row.state = exam::to_string(exam::ItemState::draft);
    row.document = document.sha256;
    row.author = how.author;
    row.provisional = judged.provisional;
    row.created_at = now;
    auto parameters = storage::ItemParametersRow{};
    parameters.item = id;
    parameters.discrimination = judged.model->slope();
    parameters.difficulty = judged.model->threshold();
    parameters.pseudo_guessing = judged.model->lower();
    parameters.provisional = judged.provisional;
    parameters.recorded_at = now;

    auto body = json::object{{"item", to_string(id)}, {"identifier", row.identifier}, {"document", to_string(row.document)},
                             {"provisional", judged.provisional}};
    auto append = single_entry(id.uuid, 0, "ItemImported", how.by, std::move(body));
    append.rows.push_back({"document", storage::columns(document)});
    append.rows.push_back({"item", storage::columns(row)});
    append.rows.push_back({"item_parameters", storage::columns(parameters)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored_or_stale(stored);
    co_return stored.has_value();
}

std::string_view entry_type(exam::ItemAction action)
{
    switch (action) {
    case exam::ItemAction::submit: return "ItemSubmitted";
    case exam::ItemAction::send_back: return "ItemSentBack";
    case exam::ItemAction::approve: return "ItemApproved";
    case exam::ItemAction::pretest: return "ItemPretested";
    case exam::ItemAction::operate: return "ItemMadeOperational";
    case exam::ItemAction::suspend: return "ItemSuspended";
    case exam::ItemAction::reinstate: return "ItemReinstated";
    case exam::ItemAction::retire: return "ItemRetired";
    }
    return "ItemChanged";
}

} // namespace

asio::awaitable<ImportedItems> import_items(Services& services, storage::TenantRow const& tenant, exam::qti::PackageImport const& package, ItemImport how)
{
    auto imported = ImportedItems{};
    auto items = json::array{};
    for (auto const& item : package.items) {
        auto const judged = judge(item);
        auto line = json::object{{"file", item.imported.file}, {"identifier", item.imported.identifier}, {"notes", strings(judged.notes)}};
        if (!judged.model) {
            line["outcome"] = "refused";
            ++imported.refused;
        } else {
            auto const content = canonical_json(exam::to_json(*item.imported.item));
            auto const id = ItemId{uuid_from_name("item", to_string(tenant.id) + "/" + item.imported.identifier + "/" + to_string(sha256(content)))};
            auto const is_new = co_await store_draft(services, tenant, item, judged, id, content, how);
            ++(is_new ? imported.stored : imported.known);
            line["outcome"] = is_new ? "stored" : "known";
            line["item"] = to_string(id);
        }
        items.push_back(std::move(line));
    }
    imported.report = json::object{{"items", std::move(items)}, {"notes", strings(package.notes)}, {"author", how.author}};

    auto const now = services.now();
    auto document = storage::DocumentRow{};
    auto const text = canonical_json(imported.report);
    document.sha256 = sha256(text);
    document.kind = "import_report";
    document.identifier = package.test_identifier.empty() ? "items" : package.test_identifier;
    document.version = to_rfc3339(now);
    document.content = to_bytes(text);
    document.created_at = now;
    auto body = json::object{{"report", to_string(document.sha256)}, {"stored", imported.stored}, {"known", imported.known}, {"refused", imported.refused}};
    auto append = single_entry(random_uuid(), 0, "ItemPackageImported", how.by, std::move(body));
    append.rows.push_back({"document", storage::columns(document)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
    co_return imported;
}

asio::awaitable<ImportedParameters> import_parameters(Services& services, storage::TenantRow const& tenant, exam::ItemBank const& bank, bool provisional,
                                                      std::string by)
{
    auto imported = ImportedParameters{};
    auto const items = co_await storage::list_items(services.pool, tenant.id);
    auto const now = services.now();
    auto body = json::object{{"provisional", provisional}, {"bank", to_string(sha256(exam::write_item_bank(bank.items)))}};
    auto append = single_entry(random_uuid(), 0, "ItemParametersRecorded", std::move(by), std::move(body));
    for (auto const& given : bank.items) {
        auto const known = std::ranges::find(items, given.item, &storage::ItemRow::identifier) != items.end();
        auto worth = storage::ItemParametersRow{};
        auto const is_three = given.model.kind() == exam::ModelKind::three_parameter;
        auto const fits = !is_three || exam::three_parameter_item(given.model.slope(), given.model.threshold(), given.model.lower()).has_value();
        if (!known) imported.problems.push_back(given.item + ": the bank has no such item");
        else if (!fits) imported.problems.push_back(given.item + ": " + make_error_code(exam::errc::invalid_parameters).message());
        if (!known || !fits) continue;
        if (is_three) {
            worth.discrimination = given.model.slope();
            worth.difficulty = given.model.threshold();
            worth.pseudo_guessing = given.model.lower();
        } else {
            worth.model = exam::to_json(given.model);
        }
        worth.provisional = provisional;
        worth.recorded_at = now;
        for (auto const& row : items) { // every version of the item
            if (row.identifier != given.item) continue;
            worth.item = row.id;
            append.rows.push_back({"item_parameters", storage::columns(worth)});
            append.rows.push_back({"item", json::object{{"item_id", storage::column(row.id)}, {"provisional", provisional}}});
        }
        ++imported.recorded;
    }
    if (imported.recorded == 0) co_return imported;
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
    co_return imported;
}

asio::awaitable<std::string> recorded_author(Services& services, TenantId tenant, std::string given)
{
    auto const everybody = co_await storage::list_staff(services.pool, tenant);
    for (auto const& member : everybody)
        if (member.email == given || member.name == given) co_return actor(member.id);
    co_return given;
}

exam::ItemStanding standing_of(storage::ItemRow const& row)
{
    return {exam::parse_item_state(row.state).value(), row.author, row.approved_by.has_value()};
}

exam::ItemActor item_actor(storage::StaffRow const& staff) { return {{actor(staff.id), staff.name, staff.email}}; }

asio::awaitable<result<void>> act_on_item(Services& services, TenantId tenant, ItemId item, exam::ItemAction action, storage::StaffRow const& by,
                                          std::string reason)
{
    auto const row = co_await storage::find_item(services.pool, tenant, item);
    if (!row) co_return storage::errc::not_found;
    auto const version = co_await stream_version(services, tenant, item.uuid);
    auto const next = exam::decide_item(standing_of(*row), action, item_actor(by), reason);
    if (!next) co_return next.error();
    auto body = json::object{{"item", to_string(item)}, {"identifier", row->identifier}, {"document", to_string(row->document)},
                             {"state", exam::to_string(*next)}};
    auto append = single_entry(item.uuid, version, std::string{entry_type(action)}, actor(by.id), std::move(body));
    if (!reason.empty()) attach_detail(append, std::nullopt, json::object{{"reason", reason}});
    auto changed = json::object{{"item_id", storage::column(item)}, {"state", exam::to_string(*next)}};
    if (action == exam::ItemAction::approve) changed["approved_by"] = storage::column(by.id);
    append.rows.push_back({"item", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant, std::move(append));
    if (!stored) co_return stored.error();
    if (*next == exam::ItemState::suspended) co_await announce_suspension(services);
    co_return result<void>{};
}

asio::awaitable<exam::Item> load_item(Services& services, TenantId tenant, storage::ItemRow const& row)
{
    auto const document = co_await storage::find_document(services.pool, tenant, row.document);
    if (!document) throw std::runtime_error{"no document of item " + to_string(row.id)};
    auto const value = parse_json(text_of(document->content), {.size_max = 4 << 20, .depth_max = 128});
    auto item = value ? exam::item_from_json(*value) : result<exam::Item>{value.error()};
    if (!item) throw std::runtime_error{"item " + to_string(row.id) + " can't be read: " + item.error().message()};
    co_return std::move(*item);
}

} // namespace assay::server
