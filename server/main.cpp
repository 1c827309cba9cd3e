// assay: the service and its tools. Each command works offline where it can, prints for people, JSON with --json, and ends with one
// clear line when it fails.
#include "credentials/verify_main/verify_command.hpp"
#include "server/app/application.hpp"
#include "server/app/audit_commands.hpp"
#include "server/app/demo.hpp"
#include "server/app/route_commands.hpp"
#include "server/commands.hpp"
#include "server/proctoring/cli.hpp"
#include "server/psychometrics/calibration_commands.hpp"
#include "server/psychometrics/commands.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
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
    options.settings.reader.program = ASSAY_VERIFY;
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

int run(int argc, char** argv)
{
    if (argc >= 2 && std::string_view{argv[1]} == "verify") {
        auto const arguments = std::vector<std::string>(argv + 2, argv + argc);
        return credentials::run_verify(arguments, std::cout, std::cerr, {ASSAY_VERIFY}, credentials::fetch_from_the_internet());
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

    auto const host = CommandHost{[&service](CLI::App& command) { add_service_options(command, service); },
                                  [&service](std::function<asio::awaitable<void>(Services&)> work) {
                                      complete(service);
                                      become_service_user(service.settings);
                                      with_services(service.settings, service.database, std::move(work));
                                  },
                                  status};
    add_tenant_commands(app, host);
    add_item_commands(app, host);
    add_key_commands(app, host);
    add_programme_commands(app, host);
    auto path = std::string{};
    auto as_json = false;

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

    auto* audit_answers = audit->add_subcommand("answers", "what the sittings of an opened bundle say to `assay calibrate`, offline; it names nobody");
    auto answers_options = AnswersOptions{};
    audit_answers->add_option("folder", answers_options.bundle, "folder of `assay audit export --open`")->required();
    audit_answers->add_option("-o,--responses", answers_options.responses, "CSV to write: persons by items, pretest items among them")->required();
    audit_answers->add_option("--bank", answers_options.bank, "CSV to write: the calibrated items, for `assay calibrate --fixed`");
    audit_answers->add_option("--exam-version", answers_options.exam_version, "SHA-256; needed where the bundle has sittings of several");
    audit_answers->callback([&] { status = export_answers(answers_options, std::cout); });

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

    add_route_commands(app, service.settings);
    add_witness_commands(app, status);
    psychometrics::add_psychometrics_commands(app, status);
    psychometrics::add_calibration_commands(app, status);

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
