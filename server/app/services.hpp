#pragma once
// What handlers and jobs work with. One Shared a process; one Services an io thread, so that the hot path has no locks: a pool,
// a vault and a journal each, used from that thread alone.
#include "async/on_pool.hpp"
#include "async/task_group.hpp"
#include "credentials/foreign/reader.hpp"
#include "server/mail/sender.hpp"
#include "server/net/io_threads.hpp"
#include "server/net/listener.hpp"
#include "server/net/log.hpp"
#include "server/net/metrics.hpp"
#include "server/pages/renderer.hpp"
#include "server/proctoring/worker_pool.hpp"
#include "storage/clock.hpp"
#include "storage/evidence_store.hpp"
#include "storage/journal.hpp"
#include "storage/pool.hpp"
#include "storage/repositories/rows.hpp"
#include "storage/vault.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <atomic>
#include <mutex>

namespace assay::server {

namespace asio = boost::asio;

struct Settings {
    std::string address = "::";
    std::uint16_t port = 8443;
    std::string public_origin = "https://localhost:8443"; ///< of tenants made from here on; part of what is signed
    std::vector<std::string> origins;                     ///< allowed WebSocket origins; public_origin when empty
    std::filesystem::path state;                          ///< keys, evidence, mail folder, private cluster
    std::filesystem::path web;                            ///< templates/, messages/, dist/
    std::filesystem::path bank;                           ///< the demo bank's folder
    std::filesystem::path policies;                       ///< the demo's policies, programme and rules
    std::filesystem::path worker;                         ///< assay-proctor-worker
    credentials::foreign::Reader reader;                  ///< assay-verify: opens uploads that are pictures or PDF
    std::optional<std::filesystem::path> face_model;      ///< YuNet; without it HOG serves
    std::optional<Sha256Digest> face_model_sha256;
    std::string smtp_url;                                 ///< empty: mail goes to state/mail
    std::string smtp_user, smtp_password;
    std::size_t io_threads = 2;
    std::size_t compute_threads = 2;
    std::size_t proctor_workers = 1;
    std::array<net::Rate, net::rate_class_count> rates = net::ListenerSettings{}.rates; ///< requests a second and address
};

/// Parsed documents by their hash that threads share as long as one of them keeps them. Thread-safe.
class SharedDocuments {
public:
    template <class T>
    std::shared_ptr<T const> find(Sha256Digest const& sha256) const
    {
        auto const lock = std::scoped_lock{mutex_};
        auto const found = entries_.find(sha256);
        return found == entries_.end() ? nullptr : std::static_pointer_cast<T const>(found->second.lock());
    }
    /// What is kept: another thread may have been faster.
    template <class T>
    std::shared_ptr<T const> keep(Sha256Digest const& sha256, std::shared_ptr<T const> value)
    {
        auto const lock = std::scoped_lock{mutex_};
        std::erase_if(entries_, [](auto const& entry) { return entry.second.expired(); });
        auto const [place, is_new] = entries_.try_emplace(sha256, value);
        return is_new ? value : std::static_pointer_cast<T const>(place->second.lock());
    }

private:
    mutable std::mutex mutex_;
    std::map<Sha256Digest, std::weak_ptr<void const>> entries_; // a digest names bytes of one kind, so of one type
};

/// One a process; everything in it is safe to use from any thread, or says otherwise.
struct Shared {
    Settings settings;
    net::Log& log;
    net::Metrics& metrics;
    storage::DatabaseClock clock;
    async::ComputePool compute;
    pages::Renderer pages;
    SecretBytes csrf_key;                    ///< derived from the master key: the same on every node
    std::unique_ptr<mail::Sender> mail;
    proctoring::WorkerPool* workers = nullptr; ///< thread-safe by its own contract
    Uuid node;                               ///< this process's heartbeat
    SecretBytes contact_key;                 ///< derived likewise: under which mail addresses are hashed
    /// How often the heartbeat has opened a new span: after each, the record of outages may say more than before.
    std::atomic<std::uint64_t> spans_opened{0};
    /// How often items were suspended, here or as other nodes announced: after each, a sitting looks whether one of its own is among them.
    std::atomic<std::uint64_t> suspensions{1};
    SharedDocuments documents;
    /// Forms are assembled apart from passwords and pictures: an answer does not queue behind a rush of sign-ins.
    async::ComputePool forms{settings.compute_threads, 1024};
    /// Each thread waits for one process that opens a foreign file; few, because whoever uploads one decides how long that takes.
    async::ComputePool readers{2, 8};
    /// Waits for witnesses, which nobody else waits for.
    async::ComputePool witnesses{1, 64};
};

/// This node takes requests: written down, and noticed when it had not been able to for a while.
asio::awaitable<void> beat(Shared& process, storage::Pool& pool);

/// A parsed document by its hash, kept while it fits: documents never change.
class DocumentCache {
public:
    template <class T>
    std::shared_ptr<T const> find(Sha256Digest const& sha256) const
    {
        auto const found = entries_.find(sha256);
        return found == entries_.end() ? nullptr : std::static_pointer_cast<T const>(found->second);
    }
    template <class T>
    void keep(Sha256Digest const& sha256, std::shared_ptr<T const> value)
    {
        if (entries_.size() >= entries_max) entries_.clear(); // rare, and everything can be read again
        entries_[sha256] = std::move(value);
    }

private:
    static constexpr std::size_t entries_max = 4096;
    std::map<Sha256Digest, std::shared_ptr<void const>> entries_; // a digest names bytes of one kind, so of one type
};

/// One an io thread; used from that thread alone.
struct Services {
    Services(asio::io_context& context, Shared& process, storage::Endpoint app, SecretBytes master_key, std::filesystem::path evidence_folder)
        : io{context}, shared{process}, pool{context.get_executor(), std::move(app)}, vault{pool, std::move(master_key)},
          journal{context.get_executor(), pool, vault, process.clock}, evidence{std::move(evidence_folder), vault},
          tasks{context.get_executor(), [&log = process.log](std::string_view task, std::exception_ptr failure) {
                    log.error("task_failed", {{"task", task}, {"why", net::describe(failure)}});
                }}
    {
    }

    Timestamp now() const noexcept { return shared.clock.now(); }

    asio::io_context& io;
    Shared& shared;
    storage::Pool pool;
    storage::Vault vault;
    storage::Journal journal;
    storage::EvidenceStore evidence;
    DocumentCache documents;
    async::TaskGroup tasks;
};

/// All Services of the process. `here()` is the calling io thread's.
class ServicePool {
public:
    explicit ServicePool(Shared& process) : shared{process} {}
    Services& here() { return *each.at(net::IoThreads::current()); }

    Shared& shared;
    std::vector<std::unique_ptr<Services>> each;
};

} // namespace assay::server
