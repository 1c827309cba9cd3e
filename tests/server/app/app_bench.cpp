#include "tests/server/app/app_bench.hpp"

#include "core/random.hpp"
#include "exam/item_scoring.hpp"
#include "server/app/actors.hpp"
#include "server/app/candidate.hpp"
#include "server/app/certificate_pages.hpp"
#include "server/app/certification.hpp"
#include "server/app/decision_pages.hpp"
#include "server/app/demo.hpp"
#include "server/app/entries.hpp"
#include "server/app/invite_pages.hpp"
#include "server/app/item_pages.hpp"
#include "server/app/log_publisher.hpp"
#include "server/app/mail_pages.hpp"
#include "server/app/outbox.hpp"
#include "server/app/people_pages.hpp"
#include "server/app/public_pages.hpp"
#include "server/app/result_page.hpp"
#include "server/app/review_pages.hpp"
#include "server/app/routes.hpp"
#include "server/app/sitting_review_pages.hpp"
#include "server/app/staff_pages.hpp"
#include "server/net/form.hpp"
#include "storage/repositories/certificates.hpp"

#include <fstream>
#include <iterator>
#include <sodium.h>

namespace assay::server::test {
namespace {

namespace fs = std::filesystem;

SecretBytes key_for(SecretBytes const& master, std::string_view purpose)
{
    auto const digest = hmac_sha256(master.expose_secret(), bytes_of(purpose));
    return SecretBytes::copy_of(digest.octets);
}

pages::Renderer load_pages(fs::path const& web)
{
    auto places = pages::Renderer::Places{};
    places.templates = web / "templates";
    places.messages = web / "messages";
    places.manifest = web / "dist" / "manifest.json";
    return pages::Renderer::load(places);
}

Settings settings_in(fs::path const& state)
{
    auto settings = Settings{};
    auto const source = fs::path{ASSAY_SOURCE_FOLDER};
    settings.state = state;
    settings.web = source / "web";
    settings.bank = source / "exam" / "demo_bank";
    settings.policies = source / "policies" / "demo";
    settings.origins = {settings.public_origin};
    settings.reader = {ASSAY_VERIFY, std::chrono::seconds{60}};
    settings.io_threads = 1;
    return settings;
}

std::string path_of(std::string const& url)
{
    auto const at = url.find("/t/");
    return at == std::string::npos ? url : url.substr(at);
}

} // namespace

App::App()
    : access_{storage::test::fresh_database()}, log_{net::LogFormat::automatic, net::LogLevel::error},
      threads_{1, [](std::exception_ptr) { std::abort(); }}, files_{net::StaticFiles::load(fs::path{ASSAY_SOURCE_FOLDER} / "web" / "dist" / "assets")}
{
    if (sodium_init() < 0) throw std::runtime_error{"libsodium can't be initialised"};
    auto const master = storage::load_or_create_master_key(state() / "master.key");
    auto const settings = settings_in(state());
    shared_.reset(new Shared{settings, log_, metrics_, {}, {2, 64}, load_pages(settings.web), key_for(master, "assay.csrf.v1"),
                             mail::folder_sender(state() / "mail"), nullptr, random_uuid(), key_for(master, "assay.contact.v1")});
    pool_ = std::make_unique<ServicePool>(*shared_);
    pool_->each.push_back(std::make_unique<Services>(threads_.context(0), *shared_, access_.app, master.clone(), state() / "evidence"));
    threads_.start();
    auto wake = [](Services& s) -> asio::awaitable<bool> {
        co_await s.shared.clock.measure(s.pool);
        co_await beat(s.shared, s.pool);
        co_return true;
    };
    run(wake(services()));
    router_ = make_router({*pool_, notices_, readiness_, files_, {}});
}

App::~App()
{
    auto end = [](Services& s) -> asio::awaitable<bool> {
        s.tasks.cancel();
        co_await s.tasks.wait();
        co_await s.journal.drain();
        co_return true;
    };
    run(end(services()));
    threads_.stop();
    threads_.join();
    pool_->each.clear();
}

App& the_app()
{
    static auto app = App{}; // after the cluster, so gone before it
    return app;
}

void App::mail_to_folder() { shared_->mail = mail::folder_sender(state() / "mail"); }

ListeningSender& App::listen_to_mail()
{
    auto sender = std::make_unique<ListeningSender>();
    auto& listening = *sender;
    shared_->mail = std::move(sender);
    return listening;
}

storage::TenantRow App::add_tenant(std::string slug, storage::TenantKind kind)
{
    auto make = [](Services& s, std::string name, storage::TenantKind of) -> asio::awaitable<storage::TenantRow> {
        auto row = storage::TenantRow{};
        row.id = random_id<TenantId>();
        row.slug = name;
        row.name = "Tenant " + name;
        row.kind = of;
        row.public_origin = s.shared.settings.public_origin;
        row.contact_email = "ask@" + name + ".example";
        row.sender_email = "from@" + name + ".example";
        co_await storage::add_tenant(s.pool, row);
        co_await ensure_keys(s, row);
        co_return row;
    };
    return run(make(services(), std::move(slug), kind));
}

storage::StaffRow App::add_staff(storage::TenantRow const& tenant, std::string name, std::string roles)
{
    auto make = [](Services& s, storage::TenantRow of, std::string called, std::string words) -> asio::awaitable<storage::StaffRow> {
        auto row = storage::StaffRow{};
        row.id = random_id<StaffId>();
        row.email = to_string(row.id) + "@staff.example";
        row.name = called;
        row.password_hash = "none";
        row.roles = {words};
        row.created_at = s.now();
        auto append = single_entry(row.id.uuid, 0, "StaffAdded", system_actor, json::object{{"staff", to_string(row.id)}});
        append.rows.push_back({"staff", storage::columns(row)});
        auto const stored = co_await s.journal.append(of.id, std::move(append));
        stored.value();
        auto const read = co_await storage::find_staff(s.pool, of.id, row.id);
        co_return *read;
    };
    return run(make(services(), tenant, std::move(name), std::move(roles)));
}

storage::TenantRow App::demo()
{
    if (demo_) return *demo_;
    auto make = [](Services& s) -> asio::awaitable<storage::TenantRow> {
        co_await ensure_demo(s, "demo", "Example Databases");
        auto const tenant = co_await storage::find_tenant(s.pool, "demo");
        co_return *tenant;
    };
    demo_ = run(make(services()));
    return *demo_;
}

storage::ExamRow App::exam(storage::TenantRow const& tenant, bool camera)
{
    auto const exams = run(storage::list_exams(services().pool, tenant.id));
    for (auto const& exam : exams)
        if (exam.proctoring_policy.has_value() == camera) return exam;
    throw std::runtime_error{"no such exam"};
}

std::int64_t App::sql(storage::TenantRow const& tenant, std::string const& statement)
{
    auto database = storage::BlockingConnection{access_.owner};
    database.execute("SELECT set_config('assay.tenant', '" + to_string(tenant.id) + "', false)");
    for (auto const row : database.execute(statement)) return row.get<std::int64_t>(0);
    return 0;
}

net::Response App::handle(net::Request request)
{
    auto const outcome = router_.match(request.method, request.target);
    auto const* match = std::get_if<net::Router::Match>(&outcome);
    if (match == nullptr) return net::text("no route", 404);
    auto work = [](net::Router const& router, net::Router::Match found, net::Request asked) -> asio::awaitable<net::Response> {
        if (asked.body.size() > found.route->body_max) co_return net::text("too large", 413);
        if (found.route->access != net::Access::anyone) {
            auto refused = co_await router.gate()(asked, found.parameters, found.route->access);
            if (refused) co_return std::move(*refused);
        }
        co_return co_await found.route->handler(asked, found.parameters);
    };
    return run(work(router_, *match, std::move(request)));
}

Browser Browser::staff(App& app, storage::TenantRow const& tenant, storage::StaffRow const& member)
{
    auto const login = new_staff_login(tenant, member.id, app.services().now());
    auto sign_in = [](Services& s, storage::TenantRow of, NewLogin made) -> asio::awaitable<std::string> {
        auto append = single_entry(uuid_from_name("test-sign-in", to_string(made.row.token_hash)), 0, "StaffSignedIn", system_actor, {});
        append.rows.push_back({"login", storage::columns(made.row)});
        auto const stored = co_await s.journal.append(of.id, std::move(append));
        stored.value();
        co_return form_token(s, made.row);
    };
    auto browser = Browser{app};
    browser.token_ = app.run(sign_in(app.services(), tenant, login));
    auto const pair = login.cookie.substr(0, login.cookie.find(';'));
    browser.cookies_.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
    return browser;
}

Browser Browser::candidate(App& app, std::string const& link)
{
    auto browser = Browser{app};
    auto const response = browser.post(path_of(link));
    if (response.status != 303) throw std::runtime_error{"the invitation was not accepted: " + std::to_string(response.status)};
    // Every page with a form has this sign-in's token.
    auto const page = browser.get(browser.location_);
    auto const content = std::string{page.content()};
    auto const at = content.find("name=\"csrf\" value=\"");
    if (at != std::string::npos) {
        auto const begin = at + std::string_view{"name=\"csrf\" value=\""}.size();
        browser.token_ = content.substr(begin, content.find('"', begin) - begin);
    }
    return browser;
}

net::Response Browser::get(std::string const& path)
{
    auto request = net::Request{};
    request.target = net::Target::parse(path).value();
    return send(std::move(request));
}

net::Response Browser::post(std::string const& path, net::Parameters fields)
{
    auto request = net::Request{};
    request.method = net::Method::post;
    request.target = net::Target::parse(path).value();
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    fields.emplace_back("csrf", token_);
    for (auto const& [name, value] : fields) request.body += (request.body.empty() ? "" : "&") + net::percent_encode(name) + "=" + net::percent_encode(value);
    return send(std::move(request));
}

net::Response Browser::upload(std::string const& path, net::Parameters fields, std::string const& file_name, std::string const& content, std::string const& file_field)
{
    auto request = net::Request{};
    request.method = net::Method::post;
    request.target = net::Target::parse(path).value();
    request.headers.set("Content-Type", "multipart/form-data; boundary=boundary");
    fields.emplace_back("csrf", token_);
    for (auto const& [name, value] : fields) request.body += "--boundary\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    request.body += "--boundary\r\nContent-Disposition: form-data; name=\"" + file_field + "\"; filename=\"" + file_name + "\"\r\nContent-Type: application/pdf\r\n\r\n" + content +
                    "\r\n--boundary--\r\n";
    return send(std::move(request));
}

net::Response Browser::send(net::Request request)
{
    request.headers.set("Sec-Fetch-Site", "same-origin");
    request.cookies = cookies_;
    request.peer = "127.0.0.1";
    request.host = "localhost";
    request.request_id = to_hex(random_array<16>());
    auto response = app_->handle(std::move(request));
    location_ = response.headers.find("Location").value_or("");
    for (auto const& [name, value] : response.headers) {
        if (name != "Set-Cookie") continue;
        auto const pair = value.substr(0, value.find(';'));
        cookies_.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
    }
    return response;
}

Invitation invite_person(App& app, storage::TenantRow const& tenant, std::string name, std::string email, bool camera, std::optional<storage::Affiliation> affiliation)
{
    auto invitee = Invitee{};
    invitee.profile = {std::move(name), {}, std::move(email), "en", std::move(affiliation)};
    invitee.exam = app.exam(tenant, camera).id;
    auto const invited = app.run(invite(app.services(), tenant, invitee, random_id<StaffId>()));
    if (!invited.invitation) throw std::runtime_error{"not invited"};
    return *invited.invitation;
}

SittingId sit(App& app, storage::TenantRow const& tenant, Invitation const& invitation, bool knowing)
{
    auto browser = Browser::candidate(app, invitation.link);
    auto const path = "/t/" + tenant.slug + "/sitting/" + to_string(sitting_of(invitation.registration));
    auto const page = std::string{browser.get(path + "/consent").content()};
    auto const at = page.find("name=\"agreement\" value=\"");
    auto const agreement = page.substr(at + std::string_view{"name=\"agreement\" value=\""}.size(), 64);
    auto const agreed = browser.post(path + "/consent", {{"rules", "yes"}, {"agreement", agreement}, {"consent_camera", "yes"}, {"consent_stills", "yes"}});
    if (agreed.status != 303) throw std::runtime_error{"consent: " + std::to_string(agreed.status)};
    if (browser.post(path + "/start").status != 303) throw std::runtime_error{"start"};

    auto work = [](Services& s, storage::TenantRow of, SittingId id, bool knows) -> asio::awaitable<bool> {
        auto sitting = co_await load_sitting(s, of.id, id);
        auto const nothing = Idempotency{};
        auto const who = actor(sitting->row.person);
        auto const attach = exam::Command{exam::Attach{1}};
        auto attached = co_await execute(s, of.id, *sitting, attach, who, nothing);
        attached.value();
        auto const begin = exam::Command{exam::Start{sitting->state.attachment}};
        auto started = co_await execute(s, of.id, *sitting, begin, who, nothing);
        started.value();
        while (!sitting->state.ended) {
            if (exam::awaits_block_end(sitting->state, sitting->exam->version)) {
                auto const hand_in = exam::Command{exam::FinishBlock{sitting->state.attachment, static_cast<std::uint32_t>(sitting->state.block_begin + 1)}};
                auto handed_in = co_await execute(s, of.id, *sitting, hand_in, who, nothing);
                handed_in.value();
                continue;
            }
            auto const& administered = sitting->state.items.back();
            auto const& item = sitting->exam->items.at(administered.item);
            auto submit = exam::SubmitResponse{};
            submit.attachment = sitting->state.attachment;
            submit.ordinal = static_cast<std::uint32_t>(sitting->state.items.size());
            if (knows) submit.response = exam::correct_responses(item);
            auto const command = exam::Command{submit};
            auto answered = co_await execute(s, of.id, *sitting, command, who, nothing);
            answered.value();
        }
        co_await settle(s, of, id);
        co_return true;
    };
    auto const id = sitting_of(invitation.registration);
    app.run(work(app.services(), tenant, id, knowing));
    return id;
}

storage::CertificateRow certificate_of(App& app, storage::TenantRow const& tenant, SittingId sitting)
{
    auto const row = app.run(storage::find_certificate_of(app.services().pool, tenant.id, sitting));
    if (!row) throw std::runtime_error{"no certificate was issued"};
    return *row;
}

void send_all_mail(App& app, storage::TenantRow const& tenant, Timestamp now)
{
    auto const fresh = app.run(storage::find_tenant(app.services().pool, tenant.slug));
    while (!app.run(storage::list_due_mail(app.services().pool, tenant.id, now, 1)).empty()) app.run(send_due_mail(app.services(), *fresh, now));
}

std::vector<fs::path> files_with(fs::path const& folder, std::string const& text)
{
    auto found = std::vector<fs::path>{};
    for (auto const& entry : fs::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file()) continue;
        auto file = std::ifstream{entry.path(), std::ios::binary};
        auto const bytes = std::string{std::istreambuf_iterator<char>{file}, {}};
        if (bytes.find(text) != std::string::npos) found.push_back(entry.path());
    }
    return found;
}

} // namespace assay::server::test
