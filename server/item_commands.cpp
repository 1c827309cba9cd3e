// assay import qti, assay item score, assay exam publish. Files are read before the program becomes the service's user, who may not see them.
#include "exam/item_scoring.hpp"
#include "exam/qti/report.hpp"
#include "server/app/items.hpp"
#include "server/app/publishing.hpp"
#include "server/commands.hpp"
#include "storage/repositories/accounts.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace assay::server {
namespace {

namespace fs = std::filesystem;

std::string read_file(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) throw std::runtime_error{"can't read " + path.string()};
    return {std::istreambuf_iterator<char>{file}, {}};
}

exam::qti::PackageFiles read_files(fs::path const& path)
{
    auto files = exam::qti::PackageFiles{};
    if (!fs::exists(path)) throw std::runtime_error{"no such file or folder: " + path.string()};
    if (fs::is_regular_file(path)) {
        auto content = to_bytes(read_file(path));
        if (text_of(content).starts_with("PK\x03\x04")) {
            auto unpacked = exam::qti::unzip(content);
            if (!unpacked) throw std::runtime_error{path.string() + ": " + unpacked.error().message()};
            return std::move(*unpacked);
        }
        files[path.filename().generic_string()] = std::move(content);
        return files;
    }
    for (auto const& entry : fs::recursive_directory_iterator{path})
        if (entry.is_regular_file()) files[fs::relative(entry.path(), path).generic_string()] = to_bytes(read_file(entry.path()));
    return files;
}

/// For people: a line an item, its notes below it.
void print_report(json::value const& report)
{
    for (auto const& item : report.at("items").as_array()) {
        auto outcome = std::string{std::string_view{item.at("outcome").as_string()}};
        if (outcome == "refused") outcome = "REFUSED";
        outcome.resize(10, ' ');
        std::cout << outcome << std::string_view{item.at("file").as_string()} << "\n";
        for (auto const& note : item.at("notes").as_array()) std::cout << "            " << std::string_view{note.as_string()} << "\n";
    }
}

struct ImportOptions {
    std::string path, tenant, author;
    bool dry_run = false, as_json = false;
};

int report_import(ImportOptions const& options)
{
    auto const report = exam::qti::import_report(read_files(options.path));
    if (options.as_json) {
        std::cout << canonical_json(report) << "\n";
        return 0;
    }
    print_report(report);
    auto imported = 0, refused = 0;
    for (auto const& item : report.at("items").as_array()) ++(item.at("outcome").as_string() == "imported" ? imported : refused);
    std::cout << imported << " imported, " << refused << " refused\n";
    return 0;
}

int store_import(ImportOptions const& options, CommandHost const& host)
{
    if (options.tenant.empty()) throw std::runtime_error{"--tenant says into whose bank; or --dry-run, for the report alone"};
    auto const package = exam::qti::read_package(read_files(options.path));
    auto imported = ImportedItems{};
    host.with_services([&](Services& services) -> asio::awaitable<void> {
        auto const tenant = co_await tenant_named(services, options.tenant);
        auto how = ItemImport{};
        auto given = options.author.empty() ? std::string{"unknown"} : options.author; // named first: a conditional within co_await is freed twice
        how.author = co_await recorded_author(services, tenant.id, std::move(given));
        how.by = "operator";
        imported = co_await import_items(services, tenant, package, std::move(how));
    });
    if (options.as_json) {
        std::cout << canonical_json(imported.report) << "\n";
        return 0;
    }
    print_report(imported.report);
    std::cout << imported.stored << " stored as drafts, " << imported.known << " known already, " << imported.refused << " refused\n";
    return 0;
}

struct ParameterOptions {
    std::string path, tenant;
    bool provisional = false, as_json = false;
};

int import_bank(ParameterOptions const& options, CommandHost const& host)
{
    auto const bank = exam::read_item_bank(read_file(options.path));
    if (!bank) throw std::runtime_error{options.path + ": " + to_string(bank.error())};
    auto imported = ImportedParameters{};
    host.with_services([&](Services& services) -> asio::awaitable<void> {
        auto const tenant = co_await tenant_named(services, options.tenant);
        imported = co_await import_parameters(services, tenant, *bank, options.provisional, "operator");
    });
    if (options.as_json) {
        auto problems = json::array{};
        for (auto const& problem : imported.problems) problems.emplace_back(problem);
        std::cout << canonical_json(json::object{{"recorded", imported.recorded}, {"problems", std::move(problems)}}) << "\n";
    } else {
        for (auto const& problem : imported.problems) std::cout << "LEFT OUT  " << problem << "\n";
        std::cout << imported.recorded << " recorded; exams published from now on use them\n";
    }
    return imported.problems.empty() ? 0 : 1;
}

int score_item(fs::path const& path, std::vector<std::string> const& responses, bool as_json)
{
    auto const imported = exam::qti::read_item(bytes_of(read_file(path)), path.filename().string());
    if (!imported.item) throw std::runtime_error{path.string() + ": " + (imported.notes.empty() ? "refused" : imported.notes.front())};
    auto const given = exam::qti::parse_response_arguments(*imported.item, responses);
    if (!given) throw std::runtime_error{"--response wants IDENTIFIER=VALUE,VALUE…"};
    if (auto const problem = exam::find_response_problem(*imported.item, *given))
        throw std::runtime_error{"response " + problem->response + ": " + problem->detail + ": " + exam::make_error_code(problem->code).message()};
    auto const score = exam::score(*imported.item, *given);
    if (!score) throw std::runtime_error{score.error().message()};
    if (as_json) std::cout << canonical_json(exam::qti::to_json(*score)) << "\n";
    else std::cout << score->score << " of " << score->max_score << "\n";
    return 0;
}

struct PublishOptions {
    std::string tenant, identifier, title, language = "en", policy, programme, credential, rules, proctoring, standard_setting;
    bool dry_run = false, as_json = false;
};

NamedText named_file(std::string const& path) { return {fs::path{path}.filename().string(), read_file(path)}; }

std::optional<NamedText> optional_file(std::string const& path)
{
    return path.empty() ? std::nullopt : std::optional{named_file(path)};
}

int publish(PublishOptions const& options, CommandHost const& host)
{
    auto publication = Publication{};
    publication.identifier = options.identifier;
    publication.title = options.title;
    publication.language = options.language;
    publication.exam_policy = named_file(options.policy);
    publication.programme = named_file(options.programme);
    publication.credential_policy = named_file(options.credential);
    publication.rules = named_file(options.rules);
    publication.proctoring_policy = optional_file(options.proctoring);
    publication.standard_setting = optional_file(options.standard_setting);
    publication.by = "operator";
    auto published = Published{};
    host.with_services([&](Services& services) -> asio::awaitable<void> {
        auto const tenant = co_await tenant_named(services, options.tenant);
        auto pool = co_await operational_pool(services, tenant.id);
        published = co_await publish_exam(services, tenant, publication, std::move(pool), options.dry_run);
    });
    auto const done = published.findings.empty();
    if (options.as_json) {
        auto findings = json::array{}, warnings = json::array{};
        for (auto const& finding : published.findings) findings.emplace_back(finding);
        for (auto const& warning : published.warnings) warnings.emplace_back(warning);
        std::cout << canonical_json(json::object{{"published", done && !options.dry_run}, {"items", published.items}, {"pretest_items", published.pretest_items}, {"findings", std::move(findings)},
                                                 {"warnings", std::move(warnings)},
                                                 {"exam_version", done ? json::value(to_string(published.exam_version)) : json::value(nullptr)}})
                  << "\n";
        return done ? 0 : 1;
    }
    for (auto const& finding : published.findings) std::cout << "FOUND     " << finding << "\n";
    for (auto const& warning : published.warnings) std::cout << "WARNING   " << warning << "\n";
    if (!done) std::cout << "Not published.\n";
    else std::cout << published.items << " items, " << (published.pretest_items > 0 ? std::to_string(published.pretest_items) + " pretest items, " : std::string{}) << "exam version " << to_string(published.exam_version) << (options.dry_run ? ": could be published.\n" : ": published.\n");
    return done ? 0 : 1;
}

} // namespace

void add_item_commands(CLI::App& program, CommandHost const& host)
{
    // Options live as long as the program: CLI11 keeps references.
    auto const import_options = std::make_shared<ImportOptions>();
    auto* import = program.add_subcommand("import", "read item banks")->require_subcommand(1);
    auto* qti = import->add_subcommand("qti", "a QTI 2.x or 3.0 package (zip or folder) or item");
    host.add_service_options(*qti);
    qti->add_option("path", import_options->path)->required();
    qti->add_option("--tenant", import_options->tenant, "into whose bank; the items become drafts there");
    qti->add_option("--author", import_options->author, "who wrote them: a member of staff by address or name, or any name; somebody else approves");
    qti->add_flag("--dry-run", import_options->dry_run, "report only");
    qti->add_flag("--json", import_options->as_json);
    qti->callback([=] { host.status = import_options->dry_run ? report_import(*import_options) : store_import(*import_options, host); });

    auto const parameter_options = std::make_shared<ParameterOptions>();
    auto* parameters = import->add_subcommand("parameters", "what a bank's items are worth: item,model,a,b,c,d as assay calibrate writes it");
    host.add_service_options(*parameters);
    parameters->add_option("path", parameter_options->path)->required();
    parameters->add_option("--tenant", parameter_options->tenant, "whose items")->required();
    parameters->add_flag("--provisional", parameter_options->provisional, "no responses stand behind them");
    parameters->add_flag("--json", parameter_options->as_json);
    parameters->callback([=] { host.status = import_bank(*parameter_options, host); });

    struct ScoreOptions {
        std::string path;
        std::vector<std::string> responses;
        bool as_json = false;
    };
    auto const score_options = std::make_shared<ScoreOptions>();
    auto* item = program.add_subcommand("item", "work with one item")->require_subcommand(1);
    auto* score = item->add_subcommand("score", "what a response is worth");
    score->add_option("file", score_options->path)->required();
    score->add_option("--response", score_options->responses, "IDENTIFIER=VALUE,VALUE; pairs as \"A D\"; may be repeated")->take_all();
    score->add_flag("--json", score_options->as_json);
    score->callback([=] { host.status = score_item(score_options->path, score_options->responses, score_options->as_json); });

    auto const publish_options = std::make_shared<PublishOptions>();
    auto& o = *publish_options;
    auto* exam = program.add_subcommand("exam", "exams of a tenant")->require_subcommand(1);
    auto* publish_command = exam->add_subcommand("publish", "build a version out of the operational items and publish it");
    host.add_service_options(*publish_command);
    publish_command->add_option("--tenant", o.tenant)->required();
    publish_command->add_option("--identifier", o.identifier, "of the exam; again under it makes the next version")->required();
    publish_command->add_option("--title", o.title)->required();
    publish_command->add_option("--language", o.language, "BCP 47")->capture_default_str();
    publish_command->add_option("--policy", o.policy, "exam policy (TOML)")->required();
    publish_command->add_option("--programme", o.programme, "programme (TOML)")->required();
    publish_command->add_option("--credential", o.credential, "credential policy (TOML)")->required();
    publish_command->add_option("--rules", o.rules, "what candidates accept (JSON)")->required();
    publish_command->add_option("--proctoring", o.proctoring, "proctoring policy (TOML); without it there is no camera");
    publish_command->add_option("--standard-setting", o.standard_setting, "the record that the policy names");
    publish_command->add_flag("--dry-run", o.dry_run, "say whether it could be published");
    publish_command->add_flag("--json", o.as_json);
    publish_command->callback([=] { host.status = publish(*publish_options, host); });
}

} // namespace assay::server
