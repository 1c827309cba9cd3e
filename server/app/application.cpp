#include "server/app/application.hpp"

#include "core/hash.hpp"
#include "core/random.hpp"
#include "server/app/certification.hpp"
#include "server/app/jobs.hpp"
#include "server/app/routes.hpp"
#include "server/net/listener.hpp"
#include "server/net/tls_certificate.hpp"
#include "storage/private_cluster.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>
#include <grp.h>
#include <iostream>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace assay::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto service_user = "assay";
constexpr std::size_t compute_waiting_max = 256;
constexpr auto clock_error_max = 250ms;
constexpr auto watch_every = 250ms; ///< how long PostgreSQL may be gone before anybody looks

void make_private_folder(fs::path const& folder)
{
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
}

/// The database, ours or the user's, migrated and safe to use.
struct OpenDatabase {
    std::optional<storage::PrivateCluster> cluster;
    storage::DatabaseAccess access;
};

OpenDatabase open_database(Settings const& settings, Database const& wish)
{
    auto open = OpenDatabase{};
    if (!wish.url.empty()) {
        open.access = storage::prepare_external_database(wish.url);
    } else {
        auto options = storage::default_cluster_options();
        options.state = settings.state;
        options.user.clear(); // the whole process runs as the service user already
        options.durable = wish.durable;
        open.cluster.emplace(storage::PrivateCluster::start(options));
        open.access = open.cluster->access();
    }
    storage::migrate(open.access.owner);
    storage::assert_safe_role(open.access.app);
    return open;
}

SecretBytes derived_key(SecretBytes const& master, std::string_view purpose)
{
    auto const digest = hmac_sha256(master.expose_secret(), bytes_of(purpose));
    return SecretBytes::copy_of(digest.octets);
}

std::unique_ptr<mail::Sender> make_sender(Settings const& settings)
{
    if (settings.smtp_url.empty()) return mail::folder_sender(settings.state / "mail");
    return mail::smtp_sender({settings.smtp_url, settings.smtp_user, settings.smtp_password, settings.smtp_url.starts_with("smtps")});
}

pages::Renderer load_pages(Settings const& settings)
{
    auto places = pages::Renderer::Places{};
    places.templates = settings.web / "templates";
    places.messages = settings.web / "messages";
    places.manifest = settings.web / "dist" / "manifest.json";
    return pages::Renderer::load(places);
}

/// Runs `work` on `context`'s thread and waits here for its end.
void run_on(asio::io_context& context, asio::awaitable<void> work) { asio::co_spawn(context, std::move(work), asio::use_future).get(); }

/// Processes' worth of services over one database.
class Process {
public:
    Process(Settings settings, storage::DatabaseAccess const& access, net::Log& log)
        : log_{log}, threads_{settings.io_threads, [&log](std::exception_ptr escaped) { log.error("escaped", {{"why", net::describe(escaped)}}); }},
          master_{storage::load_or_create_master_key(settings.state / "master.key")},
          shared_{settings, log, metrics_, {}, {settings.compute_threads, compute_waiting_max}, load_pages(settings),
                  derived_key(master_, "assay.csrf.v1"), make_sender(settings), nullptr, random_uuid(), derived_key(master_, "assay.contact.v1")},
          pool_{shared_}
    {
        for (auto i = std::size_t{}; i < threads_.size(); ++i)
            pool_.each.push_back(std::make_unique<Services>(threads_.context(i), shared_, access.app, master_.clone(), settings.state / "evidence"));
        threads_.start();
    }

    ~Process()
    {
        threads_.stop();
        threads_.join();
    }

    Process(Process const&) = delete;
    Process& operator=(Process const&) = delete;

    Services& first() { return *pool_.each.front(); }
    net::IoThreads& threads() { return threads_; }
    ServicePool& pool() { return pool_; }
    Shared& shared() { return shared_; }
    net::Metrics& metrics() { return metrics_; }

    /// The clock is measured before anything is decided.
    void wake() { run_on(threads_.context(0), shared_.clock.measure(first().pool)); }

    /// From now on candidates can answer: what was away until here is credited to them. Before the first of them, and before a job looks
    /// for deadlines that have passed.
    void say_alive() { run_on(threads_.context(0), beat(shared_, first().pool)); }

    /// Ends tasks and queues of every thread.
    void quiesce()
    {
        for (auto i = std::size_t{}; i < threads_.size(); ++i)
            run_on(threads_.context(i), [](Services& services) -> asio::awaitable<void> {
                services.tasks.cancel();
                co_await services.tasks.wait();
                co_await services.journal.drain();
            }(*pool_.each[i]));
    }

private:
    net::Log& log_;
    net::Metrics metrics_;
    net::IoThreads threads_;
    SecretBytes master_;
    Shared shared_;
    ServicePool pool_;
};

void add_readiness(net::Readiness& readiness, ServicePool& pool)
{
    readiness.add("database", [&pool]() -> asio::awaitable<std::optional<std::string>> {
        co_await storage::list_tenants(pool.here().pool);
        co_return std::nullopt;
    });
    readiness.add("clock", [&pool]() -> asio::awaitable<std::optional<std::string>> {
        auto const error = pool.shared.clock.wall_clock_error();
        if (error < clock_error_max && error > -clock_error_max) co_return std::nullopt;
        co_return "this node's clock is off by " + std::to_string(error.count() / 1000) + " ms";
    });
}

/// The system user `assay`, made when it is missing.
passwd const* service_account()
{
    if (auto const* user = getpwnam(service_user)) return user;
    if (std::system("useradd --system --user-group --no-create-home --home-dir /var/lib/assay --shell /usr/sbin/nologin assay") != 0)
        throw std::runtime_error{"can't make the system user assay (useradd failed)"};
    auto const* user = getpwnam(service_user);
    if (user == nullptr) throw std::runtime_error{"the system user assay was made but can't be found"};
    return user;
}

void give_up_root(passwd const& user)
{
    if (initgroups(service_user, user.pw_gid) != 0 || setgid(user.pw_gid) != 0 || setuid(user.pw_uid) != 0)
        throw std::runtime_error{"can't become the user assay"};
    if (chdir("/") != 0) throw std::runtime_error{"can't leave the folder that only root may read"};
}

} // namespace

fs::path default_state_folder() { return storage::default_cluster_options().state; }

int run_service(Settings settings, Database const& wish, Prepare prepare, OnListening on_listening)
{
    make_private_folder(settings.state);
    if (settings.origins.empty()) settings.origins = {settings.public_origin};
    auto log = net::Log{};
    auto database = open_database(settings, wish);
    auto process = Process{settings, database.access, log};
    process.wake();

    auto workers = proctoring::WorkerPool{process.threads().context(0).get_executor(),
                                          {.program = {settings.worker, settings.face_model, settings.face_model_sha256}, .workers = settings.proctor_workers}};
    process.shared().workers = &workers;
    process.first().tasks.spawn("proctor_workers", workers.run());

    if (prepare) run_on(process.threads().context(0), prepare(process.first()));

    auto notices = SittingNotices{};
    auto const on_ended = OnEnded{[](Services& services, storage::TenantRow tenant, SittingId sitting) {
        services.tasks.spawn("settle", settle(services, std::move(tenant), sitting));
    }};
    auto readiness = net::Readiness{};
    add_readiness(readiness, process.pool());
    auto const files = net::StaticFiles::load(settings.web / "dist" / "assets");
    auto const router = make_router({process.pool(), notices, readiness, files, on_ended});

    auto tls = net::TlsContext{net::ensure_own_certificate(settings.state / "tls", {}, process.shared().clock.now())};
    auto listening = net::ListenerSettings{};
    listening.address = settings.address;
    listening.port = settings.port;
    listening.origins = settings.origins;
    listening.rates = settings.rates;
    auto listener = net::Listener{process.threads(), tls, router, listening, log, process.metrics()};
    process.say_alive();
    listener.start();
    run_on(process.threads().context(0), [](Services& services, SittingNotices& all, storage::Endpoint app) -> asio::awaitable<void> {
        start_jobs(services, all);
        services.tasks.spawn("notices", hear_other_nodes(services, std::move(app), all));
        co_return;
    }(process.first(), notices, database.access.app));
    on_listening(listener.port());

    // This thread waits for signals and looks after PostgreSQL.
    auto context = asio::io_context{1};
    auto signals = asio::signal_set{context, SIGINT, SIGTERM};
    auto stopping = std::thread{};
    auto watch = asio::steady_timer{context};
    std::function<void()> look = [&] {
        watch.expires_after(watch_every);
        watch.async_wait([&](boost::system::error_code error) {
            if (error) return;
            try {
                if (database.cluster && database.cluster->watch() == storage::ClusterStatus::restarted) log.warning("postgresql_restarted");
            } catch (std::exception const& failure) {
                log.error("postgresql_not_restarted", {{"why", failure.what()}});
            }
            look();
        });
    };
    std::function<void(int)> on_signal = [&](int count) {
        signals.async_wait([&, count](boost::system::error_code error, int) {
            if (error) return;
            if (count > 0) return listener.force();
            on_signal(1);
            log.info("stopping");
            readiness.set_draining();
            stopping = std::thread{[&] {
                listener.drain();
                asio::post(context, [&] { context.stop(); });
            }};
        });
    };
    look();
    on_signal(0);
    context.run();
    if (stopping.joinable()) stopping.join();
    workers.stop();
    process.quiesce();
    process.threads().stop();
    process.threads().join();
    if (database.cluster) database.cluster->stop();
    log.info("stopped");
    return 0;
}

void with_services(Settings settings, Database const& wish, std::function<asio::awaitable<void>(Services&)> work)
{
    make_private_folder(settings.state);
    auto log = net::Log{net::LogFormat::automatic, net::LogLevel::warning};
    auto options = storage::default_cluster_options();
    options.state = settings.state;
    options.user.clear();
    // One that runs is looked after by a server: this command only borrows it.
    auto const running = wish.url.empty() ? storage::PrivateCluster::running(options) : std::nullopt;
    auto database = running ? OpenDatabase{std::nullopt, *running} : open_database(settings, wish);
    auto const ours = database.cluster && !database.cluster->adopted();
    {
        settings.io_threads = 1;
        auto process = Process{settings, database.access, log};
        process.wake();
        run_on(process.threads().context(0), work(process.first()));
        process.quiesce();
    }
    if (ours) database.cluster->stop();
}

void become_service_user(Settings& settings)
{
    if (geteuid() != 0) return;
    auto const* user = service_account();
    // What the service reads may lie where only root may look (a clone below /root): it gets its own copy.
    auto const program = settings.state / "program";
    fs::create_directories(program);
    auto const copy = [&](fs::path& from, char const* name) {
        auto const to = program / name;
        fs::remove_all(to);
        fs::copy(from, to, fs::copy_options::recursive);
        from = to;
    };
    auto web = program / "web";
    fs::remove_all(web);
    fs::create_directories(web);
    for (auto const* part : {"templates", "messages", "dist"}) fs::copy(settings.web / part, web / part, fs::copy_options::recursive);
    settings.web = web;
    copy(settings.bank, "bank");
    copy(settings.policies, "policies");
    copy(settings.worker, "assay-proctor-worker");
    copy(settings.reader.program, "assay-verify");
    if (settings.face_model) copy(*settings.face_model, "face-model.onnx");
    auto const own = [&](fs::path const& path) {
        if (lchown(path.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error{"can't give " + path.string() + " to the user assay"};
    };
    own(settings.state);
    own(program);
    for (auto const& entry : fs::recursive_directory_iterator{program}) own(entry.path());
    fs::permissions(settings.state, fs::perms::owner_all);
    give_up_root(*user);
    setenv("HOME", settings.state.c_str(), 1);
}

void become_service_user(fs::path const& output)
{
    if (geteuid() != 0) return;
    auto const* user = service_account();
    if (lchown(output.c_str(), user->pw_uid, user->pw_gid) != 0) throw std::runtime_error{"can't give " + output.string() + " to the user assay"};
    give_up_root(*user);
}

} // namespace assay::server
