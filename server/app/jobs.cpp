#include "server/app/jobs.hpp"

#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/erasure.hpp"
#include "server/app/log_publisher.hpp"
#include "server/app/outbox.hpp"
#include "server/app/reminders.hpp"
#include "server/app/retention.hpp"
#include "server/app/witnesses.hpp"
#include "storage/repositories/accounts.hpp"

namespace assay::server {
namespace {

using namespace std::chrono_literals;

constexpr auto sweep_every = 2s;
constexpr auto publish_every = 2s;
constexpr auto mail_every = 5s;
constexpr auto clock_every = 60s;
constexpr auto remind_every = 60s;
constexpr auto retain_every = 15min;

using Work = std::function<asio::awaitable<void>(Services&)>;

/// Repeats `work`; what it throws is logged, and it goes on: a database that is away now comes back.
asio::awaitable<void> repeat(Services& services, std::string name, std::chrono::milliseconds every, Work work)
{
    auto timer = asio::steady_timer{services.io};
    for (;;) {
        auto failure = std::exception_ptr{};
        try {
            co_await work(services);
        } catch (boost::system::system_error const& error) {
            if (error.code() == asio::error::operation_aborted) throw;
            failure = std::current_exception();
        } catch (std::exception const&) {
            failure = std::current_exception();
        }
        if (failure) services.shared.log.warning("job_failed", {{"job", name}, {"why", net::describe(failure)}});
        timer.expires_after(every);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> measure(Services& services) { co_await services.shared.clock.measure(services.pool); }

/// Deadlines are derived wherever they are read; here they are written down when nobody is connected to do it.
asio::awaitable<void> expire(Services& services, SittingNotices& notices, storage::TenantRow const& tenant, storage::SittingRow const& row)
{
    if (!row.started_at || !row.closes_at || services.now() < *row.closes_at) co_return;
    auto sitting = co_await load_sitting(services, tenant.id, row.id);
    if (!sitting) co_return;
    auto const nothing = Idempotency{};
    auto const command = exam::Command{exam::Expire{}};
    auto const done = co_await execute(services, tenant.id, *sitting, command, system_actor, nothing);
    if (done && !done->events.empty()) co_await announce_everywhere(services, notices, row.id);
}

asio::awaitable<void> sweep(Services& services, SittingNotices& notices)
{
    auto const tenants = co_await storage::list_tenants(services.pool);
    for (auto const& tenant : tenants) {
        auto const open = co_await storage::list_open_sittings(services.pool, tenant.id);
        for (auto const& row : open) co_await expire(services, notices, tenant, row);
        auto const unsettled = co_await storage::list_unsettled_sittings(services.pool, tenant.id);
        for (auto const sitting : unsettled) co_await settle(services, tenant, sitting);
        auto const earned = co_await storage::list_renewable_by_credits(services.pool, tenant.id, services.now());
        for (auto const certificate : earned) co_await settle_renewal(services, tenant, certificate);
    }
}

asio::awaitable<void> publish_all(Services& services)
{
    auto const tenants = co_await storage::list_tenants(services.pool);
    for (auto const& tenant : tenants)
        while (co_await publish(services, tenant)) {}
}

/// Apart from publishing, which waits for nobody.
asio::awaitable<void> witness_all(Services& services)
{
    auto const tenants = co_await storage::list_tenants(services.pool);
    for (auto const& tenant : tenants) {
        auto failure = std::string{};
        try {
            co_await ask_witnesses(services, tenant);
        } catch (std::runtime_error const& error) { // one tenant's trouble keeps nobody else's witnesses waiting
            failure = error.what();
        }
        if (!failure.empty()) services.shared.log.warning("witnesses_not_asked", {{"tenant", to_string(tenant.id)}, {"why", failure}});
    }
}

asio::awaitable<void> mail_all(Services& services)
{
    auto const tenants = co_await storage::list_tenants(services.pool);
    for (auto const& tenant : tenants) co_await send_due_mail(services, tenant, services.now());
}

asio::awaitable<void> remind(Services& services) { static_cast<void>(co_await queue_reminders(services, services.now())); }
asio::awaitable<void> erase(Services& services) { co_await finish_erasures(services, services.now()); }

asio::awaitable<void> retain(Services& services)
{
    auto const tenants = co_await storage::list_tenants(services.pool);
    for (auto const& tenant : tenants) {
        auto const deleted = co_await delete_due_evidence(services, tenant, services.now());
        auto const swept = co_await sweep_evidence(services, tenant.id);
        if (deleted > 0 || swept > 0) services.shared.log.info("evidence_deleted", {{"tenant", to_string(tenant.id)}, {"sittings", deleted}, {"left_over_files", swept}});
    }
}

} // namespace

void start_jobs(Services& services, SittingNotices& notices)
{
    auto const start = [&](char const* name, std::chrono::milliseconds every, Work work) {
        services.tasks.spawn(name, repeat(services, name, every, std::move(work)));
    };
    start("heartbeat", storage::heartbeat_interval, [](Services& s) { return beat(s.shared, s.pool); });
    start("clock", clock_every, measure);
    start("sweep", sweep_every, [&notices](Services& s) { return sweep(s, notices); });
    start("publish", publish_every, publish_all);
    start("witnesses", publish_every, witness_all);
    start("mail", mail_every, mail_all);
    start("reminders", remind_every, remind);
    start("erasures", remind_every, erase);
    start("retention", retain_every, retain);
}

} // namespace assay::server
