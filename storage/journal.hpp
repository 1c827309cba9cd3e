#pragma once
// Each tenant has one append-only journal, and everything that happens is an entry in it. This is the only way to make
// anything durable: entries, stream positions, encrypted details, read-model rows and the remembered answer are one commit.
//
// An entry is canonical JSON (RFC 8785) of at most 65,535 bytes:
//   {"v":1,"id":uuid,"time":rfc3339,"tenant":uuid,"stream":uuid,"sequence":n,"type":…,"actor":…,"body":{…},"commitment":hex}
// "commitment" is there when the entry has a detail: HMAC-SHA-256(key, canonical JSON of the detail) with 32 random bytes as
// key. Key and detail lie beside the entry, sealed under the person's data key: after erasure the journal is still whole.
// Leaf hash: SHA-256(0x00 || entry), RFC 6962 section 2.1.
#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "storage/errors.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay::storage {

namespace asio = boost::asio;
class Pool;
namespace detail {
class AppendStore;
}

constexpr std::size_t entry_size_max = 65'535;
constexpr std::size_t append_entries_max = 64;
constexpr std::size_t append_rows_max = 256;

/// What an entry is about but must not show: sealed for `person`, or for the tenant itself.
struct Detail {
    std::optional<PersonId> person;
    json::value value;
};

struct Entry {
    std::string type;               ///< what happened, in the past tense: "ResponseRecorded"
    std::string actor;              ///< who did it, by id: "person:…", "staff:…", "system"; never a name
    json::object body;              ///< ids and public facts only
    std::optional<Detail> detail;
};

/// A row of a read model, written by the SQL function apply_row(kind, row). The journal adds the members "tenant_id" and
/// "journal_index" (that of the append's first entry), so a row can't be written for another tenant.
struct RowWrite {
    std::string kind;
    json::object row;
};

/// What an append does to a second stream.
struct Continuation {
    Uuid stream;                        ///< another one than the append's
    std::uint64_t expected_version = 0; ///< as Append's
    std::vector<Entry> entries;         ///< at least one; in the journal they follow the append's own
};

/// What belongs together: all of it is stored, or nothing.
struct Append {
    Uuid stream;                          ///< a sitting, a registration, … ; what has no stream takes a random one
    std::uint64_t expected_version = 0;   ///< entries that the stream has: the last sequence the caller has seen; 0 for a new one
    std::string idempotency_key;          ///< unique within the tenant; empty: none. At most 200 bytes.
    Sha256Digest request_hash;            ///< what the key stands for: the same key with another hash is refused
    std::vector<Entry> entries;           ///< 1..64 with those of `also`; they get the sequences expected_version + 1, …
    std::optional<Continuation> also;     ///< when its stream has moved on, the whole append is stale
    std::vector<RowWrite> rows;           ///< 0..256, applied in order
    json::value answer;                   ///< remembered with the key and given again to a repeat
};

struct Appended {
    std::uint64_t first_index = 0;  ///< journal index of the first entry; indices count from 0 without a gap
    std::uint64_t version = 0;      ///< of the stream after this append
    bool repeated = false;          ///< it had been stored before: `answer` is the earlier one
    json::value answer;
};

enum class DetailState { none, opened, erased };

struct StoredEntry {
    std::uint64_t index = 0;
    Uuid stream;
    std::uint64_t sequence = 0;     ///< from 1
    Bytes canonical;                ///< the bytes that the leaf hash is over
    Sha256Digest leaf_hash;
    json::object document;          ///< `canonical`, read
    DetailState detail_state = DetailState::none;
    json::value detail;             ///< when opened
    Bytes commitment_key;           ///< when opened: 32 bytes, what an auditor needs beside the detail
    std::optional<PersonId> person; ///< whose detail it is

    std::string type() const;
    Timestamp time() const;
    json::object const& body() const;
};

/// Encrypts details; implemented by Vault. `context` binds the bytes to what they are.
class DetailSealer {
public:
    virtual ~DetailSealer() = default;
    /// Errors: errc::erased.
    virtual asio::awaitable<result<Bytes>> seal_detail(
        TenantId tenant, std::optional<PersonId> person, Bytes plain, std::string context) = 0;
    /// Errors: errc::erased; errc::altered.
    virtual asio::awaitable<result<Bytes>> open_detail(
        TenantId tenant, std::optional<PersonId> person, Bytes sealed, std::string context) = 0;
};

/// Where entries take their time from: the database's clock.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const noexcept = 0;
};

struct JournalOptions {
    std::size_t batch_appends_max = 256;
    std::size_t batch_bytes_max = 4 << 20;
    std::chrono::milliseconds retry_for{10'000}; ///< how long a lost connection is tried again before the callers are told
};


/// Used from one thread, that of the pool. What queued for a tenant while its last commit ran goes into the next one; tenants
/// commit in parallel. Several journals (threads, nodes) may write for one tenant: they queue at the tenant's head row.
class Journal {
public:
    /// `pool`, `sealer` and `clock` outlive the journal.
    Journal(asio::any_io_executor executor, Pool& pool, DetailSealer& sealer, Clock const& clock, JournalOptions options = {});
    /// With another store beneath it: for fault tests.
    Journal(asio::any_io_executor executor, Pool& pool, DetailSealer& sealer, Clock const& clock, JournalOptions options,
        std::unique_ptr<detail::AppendStore> store);
    ~Journal(); ///< drain() first: what is still queued fails with DatabaseError
    Journal(Journal const&) = delete;
    Journal& operator=(Journal const&) = delete;

    /// Durable when this returns a value. A lost connection is tried again by itself, and what was stored already is found, never
    /// stored twice. Cancelling the caller does not take back an append that was queued.
    /// Errors: errc::stale, conflicting, too_large, erased (a detail for an erased person).
    /// Throws DatabaseError: nothing is known to be stored; repeating the same append with its key is safe.
    /// A refused row (apply_row raised) throws to its own caller only.
    asio::awaitable<result<Appended>> append(TenantId tenant, Append append);

    /// The earlier outcome of an idempotency key, if there is one: asked before deciding, so that a repeat is answered as before.
    /// Errors: errc::conflicting.
    asio::awaitable<result<std::optional<Appended>>> find_repeat(TenantId tenant, std::string key, Sha256Digest request_hash);

    /// In order of sequence, details opened. Empty for a stream that does not exist.
    asio::awaitable<std::vector<StoredEntry>> read_stream(TenantId tenant, Uuid stream, std::uint64_t from_sequence = 1);
    /// In order of index, at most `limit`.
    asio::awaitable<std::vector<StoredEntry>> read_entries(TenantId tenant, std::uint64_t from_index, std::uint64_t limit);
    /// The number of entries: the index that the next one gets.
    asio::awaitable<std::uint64_t> head(TenantId tenant);

    /// Refuses new appends and waits until the queued ones are done.
    asio::awaitable<void> drain();

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace assay::storage
