#pragma once
// Sittings between the wire and the journal: load, decide, append. The stream is the truth; a row follows it in the same commit.
#include "exam/errors.hpp"
#include "exam/exposure_record.hpp"
#include "exam/item_scoring.hpp"
#include "exam/replay.hpp"
#include "exam/sitting.hpp"
#include "server/app/services.hpp"
#include "storage/repositories/exams.hpp"

#include <map>
#include <mutex>

namespace assay::server {

/// An exam version with its items, read and parsed once a thread; its tables are shared between threads.
struct LoadedExam {
    explicit LoadedExam(std::shared_ptr<exam::PreparedExam const> exam) : prepared{std::move(exam)}, version{prepared->version()} {}
    std::shared_ptr<exam::PreparedExam const> prepared;
    exam::ExamVersion const& version; ///< the prepared one's
    Sha256Digest id;
    std::map<ItemId, exam::Item> items;
    exam::ResponseScorer scorer; ///< refers to `items`: neither copied nor moved once made
    LoadedExam(LoadedExam const&) = delete;
    LoadedExam& operator=(LoadedExam const&) = delete;
};

/// Throws when the document or one of its items is missing or unreadable: the database is then not what it was.
asio::awaitable<std::shared_ptr<LoadedExam const>> load_exam(Services& services, TenantId tenant, Sha256Digest exam_version);

/// A sitting as its stream says, with the row that points at it.
struct LoadedSitting {
    storage::SittingRow row;
    std::shared_ptr<LoadedExam const> exam;
    exam::Sitting state;
    std::vector<exam::Event> events;
    std::string device;           ///< hash of the secret of the device that holds the present attachment; empty: none yet
    std::uint64_t client_seq = 0; ///< the last stored message of that attachment
    std::optional<Uuid> node;     ///< the process that the device attached to last
    std::uint64_t suspensions_known = 0; ///< Shared::suspensions when it was last looked for suspended items
    std::uint64_t outages_known = 0; ///< Shared::spans_opened when the record of outages was last looked at
};

/// Nothing when the tenant has no such sitting, or its person was erased (then nothing can be replayed).
asio::awaitable<std::optional<LoadedSitting>> load_sitting(Services& services, TenantId tenant, SittingId sitting);

struct Idempotency {
    std::string key;           ///< empty: none
    Sha256Digest request_hash;
    json::value answer;
    json::object body;         ///< beside the first entry's own members: "client_seq", "device", "node"
};

struct Executed {
    std::vector<exam::Event> events; ///< what was stored now; empty for a repeat, or when there was nothing to record
    bool repeated = false;
    json::value answer;              ///< of the earlier request, when repeated
};

/// Decides `command` on `sitting` and stores what follows, `sitting` then being what the stream says. An outage of ours is credited
/// first, and items suspended meanwhile are withdrawn. A stale view is loaded again and the command decided again, `attempts` times in all.
/// Errors: the exam's; storage::errc::conflicting (the key was used for something else), stale (somebody is faster every time).
asio::awaitable<result<Executed>> execute(Services& services, TenantId tenant, LoadedSitting& sitting, exam::Command command,
                                          std::string actor, Idempotency idempotency, int attempts = 4);

/// Whether execute() would look for outages that this sitting has not been credited with yet.
bool may_be_owed_time(Services const& services, LoadedSitting const& sitting) noexcept;
/// Gives back what our own service was away, as execute() does before any command. Errors: storage::errc::stale.
asio::awaitable<result<void>> credit_outages(Services& services, TenantId tenant, LoadedSitting& sitting);

/// One sitting a registration: its id follows from the registration's, so that two tabs open the same one.
SittingId sitting_of(RegistrationId registration);

/// A new sitting for a registration that has accepted the rules: the stream's first entry, the row, the registration in_exam.
/// Opening twice gives the sitting that is there.
asio::awaitable<result<SittingId>> open_sitting(Services& services, storage::TenantRow const& tenant, storage::RegistrationRow registration);

/// The seed from which an item's choices are shuffled: derived from the sitting's, so that a reload shows the same order.
exam::ShuffleSeed shuffle_seed(exam::Sitting const& sitting);

/// Tells the connections of a sitting, on whatever thread they are, that its stream has grown.
class SittingNotices {
public:
    using Listener = std::function<void()>; ///< called on the executor it was registered with
    class Registration {
    public:
        Registration(SittingNotices& notices, SittingId sitting, std::uint64_t id) : notices_{&notices}, sitting_{sitting}, id_{id} {}
        Registration(Registration&& other) noexcept : notices_{std::exchange(other.notices_, nullptr)}, sitting_{other.sitting_}, id_{other.id_} {}
        Registration& operator=(Registration&&) = delete;
        ~Registration();

    private:
        friend class SittingNotices;
        SittingNotices* notices_;
        SittingId sitting_;
        std::uint64_t id_;
    };
    [[nodiscard]] Registration listen(SittingId sitting, asio::any_io_executor executor, Listener listener);
    void announce(SittingId sitting);
    void announce_all(); ///< to every connection: nobody knows what was missed
    /// The device behind this connection was heard of at `at`.
    void heard(Registration const& registration, Timestamp at);
    /// When the connection that this one takes over from, in this process, was last heard of. Nothing when there is none.
    std::optional<Timestamp> heard_before(Registration const& registration) const;
    /// No other connection of this process has joined the sitting since.
    bool is_newest(Registration const& registration) const;
    std::size_t listeners() const; ///< sittings that somebody listens to

private:
    struct Entry {
        std::uint64_t id;
        asio::any_io_executor executor;
        Listener listener;
        std::optional<Timestamp> heard;
    };
    mutable std::mutex mutex_;
    std::map<SittingId, std::vector<Entry>> entries_;
    std::uint64_t next_ = 1;
};

/// The same to the connections of every node, by NOTIFY. When that fails they find out within five seconds by themselves: logged only.
asio::awaitable<void> announce_everywhere(Services& services, SittingNotices& notices, SittingId sitting);
/// An item was suspended: every sitting under way, on every node, looks before it presents another one.
asio::awaitable<void> announce_suspension(Services& services);
/// Passes on what other nodes announce, until cancelled.
asio::awaitable<void> hear_other_nodes(Services& services, storage::Endpoint app, SittingNotices& notices);

} // namespace assay::server
