// assay: the service and its tools. Each command works offline where it can, prints for people, JSON with --json, and ends with one
// clear line when it fails.
#include "core/random.hpp"
#include "credentials/verify_main/verify_command.hpp"
#include "exam/qti/report.hpp"
#include "server/app/application.hpp"
#include "server/app/audit_commands.hpp"
#include "server/app/certification.hpp"
#include "server/app/demo.hpp"
#include "server/proctoring/cli.hpp"
#include "server/psychometrics/calibration_commands.hpp"
#include "server/psychometrics/commands.hpp"
#include "storage/repositories/accounts.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sodium.h>

namespace assay::server {
namespace {

namespace fs = std::filesystem;

/// Where the program's own files are: beside the executable when installed, in the source tree when built in it.
fs::path program_folder() { return ASSAY_PROGRAM_FOLDER; }

struct ServiceOptions {
    Settings settings;
    Database database;
    std::string state, face_model;
};

void add_service_options(CLI::App& command, ServiceOptions& options)
{
    options.settings.web = program_folder() / "web";
    options.settings.bank = program_folder() / "exam" / "demo_bank";
    options.settings.policies = program_folder() / "policies" / "demo";
    options.settings.worker = ASSAY_WORKER;
    command.add_option("--database", options.database.url, "PostgreSQL to use, as a URL; without it Assay runs a private one");
    command.add_option("--state", options.state, "folder for keys, evidence and the private PostgreSQL");
    command.add_option("--address", options.settings.address, "address to listen on")->capture_default_str();
    command.add_option("--port", options.settings.port, "port to listen on")->capture_default_str();
    command.add_option("--origin", options.settings.public_origin, "public origin, part of what is signed; by default https://localhost:PORT");
    command.add_option("--threads", options.settings.io_threads, "io threads")->capture_default_str()->check(CLI::Range(1, 64));
    command.add_option("--face-model", options.face_model, "YuNet model file; without it faces are found by HOG");
    command.add_option("--smtp", options.settings.smtp_url, "mail server, smtp://host:port or smtps://…; without it mail goes to the state folder");
}

void complete(ServiceOptions& options)
{
    auto& s = options.settings;
    s.state = options.state.empty() ? default_state_folder() : fs::absolute(options.state);
    if (s.port != 8443 && s.public_origin == "https://localhost:8443") s.public_origin = "https://localhost:" + std::to_string(s.port);
    if (!options.face_model.empty()) s.face_model = fs::absolute(options.face_model);
    // For load tests on one machine, where every candidate has the same address.
    if (std::getenv("ASSAY_UNLIMITED_RATES") != nullptr) s.rates.fill({1e6, 1e6});
    // A mail server's password stays out of the process list.
    if (auto const* user = std::getenv("ASSAY_SMTP_USER")) s.smtp_user = user;
    if (auto const* password = std::getenv("ASSAY_SMTP_PASSWORD")) s.smtp_password = password;
    if (std::getenv("ASSAY_TEST_NOT_DURABLE") != nullptr) options.database.durable = false;
}

void say_where(Settings const& settings, std::string const& slug)
{
    auto const base = settings.public_origin + "/t/" + slug;
    std::cout << "\nAssay is running.\n\n"
              << "  for staff      " << base << "/staff\n"
              << "  for everybody  " << base << "\n"
              << "  verification   " << base << "/verify\n"
              << "  mail goes to   " << (settings.smtp_url.empty() ? (settings.state / "mail").string() : settings.smtp_url) << "\n\n"
              << "Demo sign-ins (e-mail, password, what they may do):\n";
    for (auto const& sign_in : demo_sign_ins(settings, slug)) std::cout << "  " << sign_in.email << "   " << sign_in.password << "   " << sign_in.roles << "\n";
    std::cout << "\nSign in as the manager, invite yourself to an exam, open the link it shows in another window and sit it;\n"
                 "the browser warns once about the certificate that this machine made for itself. Ctrl-C stops everything cleanly.\n"
              << std::endl;
}

int run_demo(ServiceOptions options, std::string const& slug, std::string const& name)
{
    complete(options);
    become_service_user(options.settings);
    auto const prepare = [slug, name](Services& services) { return ensure_demo(services, slug, name); };
    auto const listening = [&](std::uint16_t) { say_where(options.settings, slug); };
    return run_service(options.settings, options.database, prepare, listening);
}

int run_serve(ServiceOptions options)
{
    complete(options);
    become_service_user(options.settings);
    auto const listening = [&](std::uint16_t port) { std::cout << "listening on port " << port << std::endl; };
    return run_service(options.settings, options.database, {}, listening);
}

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
        files[path.filename().generic_string()] = to_bytes(read_file(path));
        return files;
    }
    for (auto const& entry : fs::recursive_directory_iterator{path})
        if (entry.is_regular_file()) files[fs::relative(entry.path(), path).generic_string()] = to_bytes(read_file(entry.path()));
    return files;
}

int import_qti(fs::path const& path, bool dry_run, bool as_json)
{
    if (!dry_run) throw std::runtime_error{"importing into a tenant's bank comes with the item editor: use --dry-run for the report"};
    auto const report = exam::qti::import_report(read_files(path));
    if (as_json) {
        std::cout << canonical_json(report) << "\n";
        return 0;
    }
    auto imported = 0, refused = 0;
    for (auto const& item : report.at("items").as_array()) {
        auto const ok = item.at("outcome").as_string() == "imported";
        ++(ok ? imported : refused);
        std::cout << (ok ? "imported  " : "REFUSED   ") << std::string_view{item.at("file").as_string()} << "\n";
        for (auto const& note : item.at("notes").as_array()) std::cout << "            " << std::string_view{note.as_string()} << "\n";
    }
    std::cout << imported << " imported, " << refused << " refused\n";
    return 0;
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

int run(int argc, char** argv)
{
    if (argc >= 2 && std::string_view{argv[1]} == "verify") {
        auto const arguments = std::vector<std::string>(argv + 2, argv + argc);
        return credentials::run_verify(arguments, std::cout, std::cerr);
    }
    auto app = CLI::App{"Assay: certification exams that can be replayed, certificates that anybody can check"};
    app.require_subcommand(1);
    auto status = 0;
    auto service = ServiceOptions{};

    auto* demo = app.add_subcommand("demo", "start the service with a demonstration tenant");
    auto slug = std::string{"demo"}, name = std::string{"Example Databases"};
    add_service_options(*demo, service);
    demo->add_option("--tenant", slug, "short name of the demonstration tenant")->capture_default_str();
    demo->callback([&] { status = run_demo(service, slug, name); });

    auto* serve = app.add_subcommand("serve", "start the service");
    add_service_options(*serve, service);
    serve->callback([&] { status = run_serve(service); });

    auto* migrate = app.add_subcommand("migrate", "bring the database up to this program's schema");
    add_service_options(*migrate, service);
    migrate->callback([&] {
        complete(service);
        become_service_user(service.settings);
        with_services(service.settings, service.database, [](Services&) -> asio::awaitable<void> { co_return; });
        std::cout << "the database is up to date\n";
    });

    auto* tenant = app.add_subcommand("tenant", "manage tenants")->require_subcommand(1);
    auto* create = tenant->add_subcommand("create", "make a tenant with its keys");
    auto tenant_slug = std::string{}, tenant_name = std::string{}, tenant_kind = std::string{"production"};
    add_service_options(*create, service);
    create->add_option("slug", tenant_slug, "short name: its address is /t/SLUG")->required();
    create->add_option("--name", tenant_name, "name of the organisation")->required();
    create->add_option("--kind", tenant_kind, "demo or production")->check(CLI::IsMember({"demo", "production"}))->capture_default_str();
    create->callback([&] {
        complete(service);
        become_service_user(service.settings);
        with_services(service.settings, service.database, [&](Services& services) -> asio::awaitable<void> {
            auto row = storage::TenantRow{};
            row.id = random_id<TenantId>();
            row.slug = tenant_slug;
            row.name = tenant_name;
            row.kind = tenant_kind == "demo" ? storage::TenantKind::demo : storage::TenantKind::production;
            row.public_origin = services.shared.settings.public_origin;
            co_await storage::add_tenant(services.pool, row);
            auto const stored = co_await storage::find_tenant(services.pool, tenant_slug);
            if (!stored || stored->id != row.id) throw std::runtime_error{"there is a tenant " + tenant_slug + " already"};
            co_await ensure_keys(services, *stored);
        });
        std::cout << "tenant " << tenant_slug << " is there: " << service.settings.public_origin << "/t/" << tenant_slug << "\n";
    });

    auto* import = app.add_subcommand("import", "read item banks")->require_subcommand(1);
    auto* qti = import->add_subcommand("qti", "a QTI 2.x or 3.0 package (zip or folder) or item");
    auto path = std::string{};
    auto dry_run = false, as_json = false;
    qti->add_option("path", path)->required();
    qti->add_flag("--dry-run", dry_run, "report only");
    qti->add_flag("--json", as_json);
    qti->callback([&] { status = import_qti(path, dry_run, as_json); });

    auto* item = app.add_subcommand("item", "work with one item")->require_subcommand(1);
    auto* score = item->add_subcommand("score", "what a response is worth");
    auto responses = std::vector<std::string>{};
    score->add_option("file", path)->required();
    score->add_option("--response", responses, "IDENTIFIER=VALUE,VALUE; pairs as \"A D\"; may be repeated")->take_all();
    score->add_flag("--json", as_json);
    score->callback([&] { status = score_item(path, responses, as_json); });

    auto* audit = app.add_subcommand("audit", "the tenant's journal as a transparency log")->require_subcommand(1);
    auto* audit_export = audit->add_subcommand("export", "write everything up to the newest checkpoint into a folder");
    auto with_openings = false;
    add_service_options(*audit_export, service);
    audit_export->add_option("tenant", slug, "tenant")->required();
    audit_export->add_option("folder", path, "an empty or new folder")->required();
    audit_export->add_flag("--open", with_openings, "with openings, items and exam versions: what an auditor needs to replay exams");
    audit_export->callback([&] {
        complete(service);
        auto const folder = fs::absolute(path);
        fs::create_directories(folder);
        become_service_user(folder);
        with_services(service.settings, service.database, [&](Services& services) -> asio::awaitable<void> {
            auto const size = co_await export_audit(services, slug, folder, with_openings);
            if (!size) throw std::runtime_error{"no such tenant, or nothing published yet: " + slug};
            std::cout << *size << " entries in " << folder.string() << "\n";
        });
    });
    auto* audit_verify = audit->add_subcommand("verify", "check an exported journal, offline");
    auto verify_options = AuditVerifyOptions{};
    audit_verify->add_option("folder", verify_options.bundle)->required();
    audit_verify->add_option("--key", verify_options.key, "the log's verifier key, got from elsewhere");
    audit_verify->add_option("--checkpoint", verify_options.old_checkpoint, "an older checkpoint: the log must extend it");
    audit_verify->add_flag("--json", verify_options.as_json);
    audit_verify->callback([&] { status = verify_audit_bundle(verify_options, std::cout); });

    auto* replay = app.add_subcommand("replay", "replay exams from an exported journal, offline, and compare bit for bit");
    auto sitting = std::string{}, bundle = std::string{};
    replay->add_option("sitting", sitting, "one sitting's id; \"all\" for every one")->required();
    replay->add_option("--bundle", bundle, "folder of `assay audit export --open`")->required();
    replay->add_flag("--json", as_json);
    replay->callback([&] { status = replay_bundle(bundle, sitting == "all" ? std::string{} : sitting, as_json, std::cout); });

    auto* proctor = app.add_subcommand("proctor", "what the picture workers see")->require_subcommand(1);
    auto detect_command = proctoring::DetectCommand{};
    auto analyse_command = proctoring::AnalyseCommand{};
    detect_command.program.executable = analyse_command.program.executable = ASSAY_WORKER;
    auto* detect = proctor->add_subcommand("detect", "faces in pictures");
    detect->add_option("files", detect_command.files)->required();
    detect->add_option("--face-model", path, "YuNet model file");
    detect->add_flag("--json", detect_command.as_json);
    detect->callback([&] {
        if (!path.empty()) detect_command.program.model = fs::absolute(path);
        status = proctoring::detect(detect_command, std::cout, std::cerr);
    });
    auto* analyse = proctor->add_subcommand("analyse", "observations and incidents of a row of pictures");
    analyse->add_option("paths", analyse_command.paths)->required();
    analyse->add_option("--fps", analyse_command.frames_per_second)->capture_default_str()->check(CLI::Range(0.1, 30.0));
    analyse->add_option("--face-model", path, "YuNet model file");
    analyse->add_flag("--json", analyse_command.as_json);
    analyse->callback([&] {
        if (!path.empty()) analyse_command.program.model = fs::absolute(path);
        status = proctoring::analyse(analyse_command, std::cout, std::cerr);
    });

    add_psychometrics_commands(app, status);
    add_calibration_commands(app, status);

    app.add_subcommand("verify", "check credentials, offline (assay verify --help)"); // handled above

    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return app.exit(error);
    }
    return status;
}

} // namespace
} // namespace assay::server

int main(int argc, char** argv)
{
    try {
        if (sodium_init() < 0) throw std::runtime_error{"libsodium can't be initialised"};
        return assay::server::run(argc, argv);
    } catch (std::exception const& error) {
        std::cerr << "assay: " << error.what() << "\n";
        return 1;
    }
}
