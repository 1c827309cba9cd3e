#include "server/app/audit_commands.hpp"

#include "credentials/log/audit_bundle.hpp"
#include "exam/answer_table.hpp"
#include "exam/errors.hpp"
#include "exam/item_scoring.hpp"
#include "exam/replay.hpp"
#include "exam/sitting_json.hpp"
#include "server/app/certification.hpp"
#include "storage/repositories/accounts.hpp"
#include "storage/repositories/log.hpp"

#include <fstream>
#include <iterator>
#include <ostream>
#include <set>

namespace assay::server {
namespace {

namespace fs = std::filesystem;
namespace tlog = credentials::tlog;

constexpr std::size_t bundle_file_max = 64 << 20;
constexpr std::uint64_t batch = 256;

void write_file(fs::path const& path, std::string_view content)
{
    fs::create_directories(path.parent_path());
    auto file = std::ofstream{path, std::ios::binary | std::ios::trunc};
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!file.flush()) throw std::runtime_error{"can't write " + path.string()};
}

std::optional<std::string> read_bounded(fs::path const& path)
{
    auto error = std::error_code{};
    if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > bundle_file_max) return std::nullopt;
    auto file = std::ifstream{path, std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// Hashes that entries name: exam versions, programmes, rules, item documents. What is no document is simply not found.
void collect_hashes(json::value const& value, std::set<Sha256Digest>& hashes)
{
    if (auto const* text = value.if_string()) {
        if (auto const digest = parse_sha256(*text)) hashes.insert(*digest);
    } else if (auto const* array = value.if_array()) {
        for (auto const& element : *array) collect_hashes(element, hashes);
    } else if (auto const* object = value.if_object()) {
        for (auto const& member : *object) collect_hashes(member.value(), hashes);
    }
}

tlog::BundleReader reader_of(fs::path const& folder)
{
    return [folder](std::string const& path) { return read_bounded(folder / path); };
}

/// An exam version with its items, out of a bundle.
struct BundleExam {
    explicit BundleExam(exam::ExamVersion version) : prepared{std::move(version)} {}
    exam::PreparedExam prepared;
    std::map<ItemId, exam::Item> items;
};

std::shared_ptr<BundleExam> exam_of(tlog::BundleReader const& read, std::string const& hash, std::string& why)
{
    auto const document = [&](std::string const& name) -> std::optional<json::value> {
        auto const text = read("documents/" + name);
        // A document is what its name says, or it is none.
        if (!text || to_string(sha256(*text)) != name) return std::nullopt;
        auto value = parse_json(*text, {.size_max = bundle_file_max, .depth_max = 128});
        return value ? std::optional{*value} : std::nullopt;
    };
    auto const value = document(hash);
    auto version = value ? exam::exam_version_from_json(*value) : result<exam::ExamVersion>{exam::errc::malformed_document};
    if (!version) {
        why = "the bundle lacks exam version " + hash;
        return nullptr;
    }
    auto const& settings = version->settings;
    auto const is_elaborate = settings.form || settings.pretest != exam::PretestRule{} || settings.selection.mode != exam::SelectionMode::adaptive;
    if (is_elaborate && !exam::findings(*version).empty()) { // a stranger's folder: nothing may be taken for granted
        why = "exam version " + hash + " is none that can be administered";
        return nullptr;
    }
    auto exam = std::make_shared<BundleExam>(std::move(*version));
    for (auto const* items : {&exam->prepared.version().pool, &exam->prepared.version().pretest})
        for (auto const& pool_item : *items) {
            auto const content = document(to_string(pool_item.item_document));
            auto item = content ? exam::item_from_json(*content) : result<exam::Item>{exam::errc::malformed_document};
            if (!item) {
                why = "the bundle lacks item " + pool_item.identifier;
                return nullptr;
            }
            exam->items.emplace(pool_item.id, std::move(*item));
        }
    return exam;
}

exam::ResponseScorer scorer_of(BundleExam const& exam)
{
    return [&exam](ItemId item, exam::ResponseSet const& response) { return exam::score(exam.items.at(item), response); };
}

struct RecordedSitting {
    std::string exam_version;
    std::vector<exam::Event> events;
    std::string problem; ///< why it can't be replayed
    std::string erased;  ///< when its person was erased: then only existence and integrity remain
};

json::object replayed(std::string const& id, RecordedSitting const& recorded, tlog::BundleReader const& read, std::map<std::string, std::shared_ptr<BundleExam>>& exams)
{
    auto row = json::object{{"sitting", id}, {"identical", false}, {"erased", !recorded.erased.empty()}};
    auto why = recorded.erased.empty() ? recorded.problem : "the person was erased on " + recorded.erased + ": that it took place, and that nobody altered the record, remains";
    auto& exam = exams[recorded.exam_version];
    if (why.empty() && !exam) exam = exam_of(read, recorded.exam_version, why);
    if (!why.empty()) {
        row["why"] = why;
        return row;
    }
    auto const report = exam::replay_check(exam->prepared, scorer_of(*exam), recorded.events);
    row["identical"] = report.identical;
    row["events"] = report.events_checked;
    row["items"] = report.items.size();
    if (report.outcome) row["outcome"] = exam::to_json(*report.outcome);
    if (report.difference)
        row["difference"] = json::object{{"event", report.difference->index}, {"member", report.difference->member}, {"recorded", report.difference->recorded},
                                         {"derived", report.difference->derived}};
    return row;
}

struct RecordedSittings {
    std::map<std::string, RecordedSitting> sittings; ///< by id
    bool journal_holds = false;
};

RecordedSittings sittings_in(tlog::BundleReader const& read)
{
    auto found = RecordedSittings{};
    auto const visit = [&](tlog::OpenedEntry const& entry) {
        auto const* stream = find_string(entry.document, "stream");
        auto const* body = find_object(entry.document, "body");
        auto const* type = find_string(entry.document, "type");
        auto const* erased = body != nullptr ? find_array(*body, "sittings") : nullptr;
        if (type != nullptr && *type == "PersonErased" && erased != nullptr) {
            auto const* time = find_string(entry.document, "time");
            for (auto const& sitting : *erased)
                if (sitting.is_string()) found.sittings[std::string{sitting.get_string()}].erased = time != nullptr ? std::string{*time} : std::string{"an unknown day"};
            return;
        }
        auto const* id = body != nullptr ? find_string(*body, "sitting") : nullptr;
        if (stream == nullptr || id == nullptr || *stream != *id) return; // a sitting's stream has the sitting's own id
        auto& recorded = found.sittings[std::string{*id}];
        if (auto const* version = find_string(*body, "exam_version")) recorded.exam_version = *version;
        if (!entry.detail) {
            recorded.problem = "entry " + std::to_string(entry.index) + " is not opened in this bundle";
            return;
        }
        auto event = exam::event_from_json(*entry.detail);
        if (event) recorded.events.push_back(std::move(*event));
        else recorded.problem = "entry " + std::to_string(entry.index) + " holds no event: " + event.error().message();
    };
    found.journal_holds = tlog::verify_audit(read, {}, visit).passed();
    return found;
}

} // namespace

asio::awaitable<result<std::uint64_t>> export_audit(Services& services, std::string slug, fs::path folder, bool open)
{
    auto const tenant = co_await storage::find_tenant(services.pool, slug);
    if (!tenant) co_return storage::errc::not_found;
    auto const checkpoint = co_await storage::find_checkpoint(services.pool, tenant->id);
    if (!checkpoint) co_return storage::errc::not_found;
    auto const keys = co_await load_keys(services, *tenant);
    write_file(folder / "checkpoint", checkpoint->note);
    write_file(folder / "vkey", tlog::to_string(keys->log_key()) + "\n");
    for (auto const& tile : tlog::tiles_of(checkpoint->tree_size)) {
        auto const bytes = co_await storage::find_tile(services.pool, tenant->id, tile.level, tile.index, tile.width);
        if (!bytes) throw std::runtime_error{"the log lacks " + tlog::tile_path(tile)};
        write_file(folder / tlog::tile_path(tile), text_of(*bytes));
    }
    auto hashes = std::set<Sha256Digest>{};
    auto openings = std::string{};
    for (auto const& bundle : tlog::bundles_of(checkpoint->tree_size)) {
        auto const from = bundle.index * batch;
        auto const entries = co_await services.journal.read_entries(tenant->id, from, bundle.width);
        auto bytes = std::vector<Bytes>{};
        for (auto const& entry : entries) {
            bytes.push_back(entry.canonical);
            collect_hashes(entry.document, hashes);
            if (!open || entry.detail_state != storage::DetailState::opened) continue;
            openings += tlog::opening_line(entry.index, entry.commitment_key, entry.detail);
        }
        write_file(folder / tlog::entries_path(bundle.index, bundle.width), text_of(tlog::encode_bundle(bytes)));
    }
    if (open) write_file(folder / "openings.jsonl", openings);
    // Documents name further ones (an exam version its items).
    auto written = std::set<Sha256Digest>{};
    while (!hashes.empty()) {
        auto const wanted = std::vector<Sha256Digest>(hashes.begin(), hashes.end());
        hashes.clear();
        auto const documents = co_await storage::find_documents(services.pool, tenant->id, wanted);
        for (auto const& d : documents) {
            if (!written.insert(d.sha256).second) continue;
            // Exam content and keys leave only with the openings.
            if (!open && (d.kind == "item" || d.kind == "exam_version" || d.kind == "import_report" || d.kind == "standard_setting")) continue;
            write_file(folder / "documents" / to_string(d.sha256), text_of(d.content));
            if (auto const value = parse_json(text_of(d.content), {.size_max = bundle_file_max, .depth_max = 128})) collect_hashes(*value, hashes);
        }
        std::erase_if(hashes, [&](auto const& h) { return written.contains(h); });
    }

    auto append = storage::Append{};
    append.stream = uuid_from_name("audit-export", to_rfc3339(services.now()));
    auto entry = storage::Entry{};
    entry.type = "JournalExported";
    entry.actor = "operator";
    entry.body = json::object{{"tree_size", checkpoint->tree_size}, {"opened", open}};
    append.entries.push_back(std::move(entry));
    auto const stored = co_await services.journal.append(tenant->id, std::move(append));
    stored.value();
    co_return checkpoint->tree_size;
}

int verify_audit_bundle(AuditVerifyOptions const& options, std::ostream& out)
{
    auto audit = tlog::AuditOptions{};
    if (!options.key.empty()) {
        auto const key = tlog::parse_verifier_key(options.key);
        if (!key) throw std::runtime_error{"--key is not a verifier key (name+hash+base64)"};
        audit.key = *key;
    }
    if (!options.old_checkpoint.empty()) {
        audit.old_checkpoint = read_bounded(options.old_checkpoint);
        if (!audit.old_checkpoint) throw std::runtime_error{"can't read " + options.old_checkpoint.string()};
    }
    auto const report = tlog::verify_audit(reader_of(options.bundle), audit);
    if (options.as_json) {
        auto findings = json::array{};
        for (auto const& f : report.findings) findings.push_back(json::object{{"index", f.index ? json::value(*f.index) : json::value(nullptr)}, {"what", f.what}});
        auto types = json::object{};
        for (auto const& [type, count] : report.entries_by_type) types[type] = count;
        out << canonical_json(json::object{{"passed", report.passed()}, {"origin", report.checkpoint ? json::value(report.checkpoint->origin) : json::value(nullptr)},
                                           {"entries", report.entries}, {"commitments", report.commitments}, {"openings", report.openings},
                                           {"key_was_given", report.key_was_given}, {"consistent_with_old", report.consistent_with_old},
                                           {"entries_by_type", std::move(types)}, {"findings", std::move(findings)}})
            << "\n";
        return report.passed() ? 0 : 1;
    }
    if (report.checkpoint) out << "log       " << report.checkpoint->origin << "\nentries   " << report.entries << "\nroot      " << to_base64(report.checkpoint->root.octets) << "\n";
    out << "opened    " << report.openings << " of " << report.commitments << " commitments\n";
    out << "key       " << (report.key_was_given ? "the one you gave" : "the bundle's own: this shows that it is whole, not whose it is") << "\n";
    if (!options.old_checkpoint.empty()) out << "history   " << (report.consistent_with_old ? "extends the old checkpoint" : "does NOT extend the old checkpoint") << "\n";
    for (auto const& f : report.findings) out << "FOUND     " << (f.index ? "entry " + std::to_string(*f.index) + ": " : std::string{}) << f.what << "\n";
    out << (report.passed() ? "Everything holds.\n" : "This journal does not hold.\n");
    return report.passed() ? 0 : 1;
}

int replay_bundle(fs::path const& bundle, std::string const& only, bool as_json, std::ostream& out)
{
    auto const read = reader_of(bundle);
    auto const [sittings, journal_holds] = sittings_in(read);
    auto rows = json::array{};
    auto exams = std::map<std::string, std::shared_ptr<BundleExam>>{};
    auto identical = 0, erased = 0;
    for (auto const& [id, recorded] : sittings) {
        if (!only.empty() && id != only) continue;
        rows.push_back(replayed(id, recorded, read, exams));
        if (rows.back().at("identical").as_bool()) ++identical;
        if (rows.back().at("erased").as_bool()) ++erased;
    }
    // An erasure is no difference, but a sitting that was asked for by name was not replayed either.
    auto const all = !rows.empty() && identical + erased == static_cast<int>(rows.size()) && (only.empty() || identical == 1);
    if (as_json) {
        out << canonical_json(json::object{{"journal_holds", journal_holds}, {"sittings", rows}, {"identical", identical}, {"erased", erased}}) << "\n";
    } else {
        if (!journal_holds) out << "The journal itself does not hold: run `assay audit verify`.\n";
        for (auto const& row : rows) {
            out << std::string_view{row.at("sitting").as_string()} << "  " << (row.at("identical").as_bool() ? "identical" : row.at("erased").as_bool() ? "erased" : "DIFFERENT");
            if (auto const* events = row.as_object().if_contains("events")) out << ", " << *events << " events";
            if (auto const* why = row.as_object().if_contains("why")) out << ": " << std::string_view{why->as_string()};
            if (auto const* difference = row.as_object().if_contains("difference")) out << ": " << canonical_json(*difference);
            out << "\n";
        }
        out << identical << " of " << rows.size() << " sittings came out as recorded, bit for bit" << (erased > 0 ? "; " + std::to_string(erased) + " erased" : std::string{}) << ".\n";
    }
    return all && journal_holds ? 0 : 1;
}

int export_answers(AnswersOptions const& options, std::ostream& out)
{
    auto const read = reader_of(options.bundle);
    auto const [sittings, journal_holds] = sittings_in(read);
    if (!journal_holds) throw std::runtime_error{"the journal in the bundle does not hold: run `assay audit verify`"};
    auto versions = std::set<std::string>{};
    for (auto const& [id, recorded] : sittings)
        if (recorded.erased.empty() && !recorded.exam_version.empty()) versions.insert(recorded.exam_version);
    auto wanted = options.exam_version;
    if (wanted.empty()) {
        if (versions.size() == 1) wanted = *versions.begin();
        else throw std::runtime_error{versions.empty() ? "the bundle has no sittings" : "the bundle has sittings of " + std::to_string(versions.size()) + " exam versions: name one with --exam-version"};
    }
    if (!versions.contains(wanted)) throw std::runtime_error{"the bundle has no sittings of exam version " + wanted};
    auto why = std::string{};
    auto const exam = exam_of(read, wanted, why);
    if (!exam) throw std::runtime_error{why};

    auto taken = std::vector<exam::Sitting>{};
    auto going_on = 0, different = 0;
    for (auto const& [id, recorded] : sittings) {
        if (recorded.exam_version != wanted || !recorded.erased.empty()) continue;
        if (!recorded.problem.empty() || !exam::replay_check(exam->prepared, scorer_of(*exam), recorded.events).identical) {
            ++different;
            continue;
        }
        auto sitting = exam::replay(exam->prepared.version(), recorded.events);
        if (sitting.ended) taken.push_back(std::move(sitting));
        else ++going_on;
    }
    auto const table = exam::answer_table(exam->prepared, taken);
    write_file(fs::absolute(options.responses), exam::write_responses(table));
    if (!options.bank.empty()) write_file(fs::absolute(options.bank), exam::write_item_bank(exam::fixed_items(exam->prepared)));
    out << table.persons << " sittings, " << table.items.size() << " items";
    if (going_on > 0) out << "; " << going_on << " not ended yet";
    if (different > 0) out << "; " << different << " that do not come out as recorded were left out: run `assay replay`";
    out << "\n";
    return different == 0 ? 0 : 1;
}

} // namespace assay::server
