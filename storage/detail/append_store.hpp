#pragma once
// The seam between the journal's queueing and PostgreSQL. Fault tests stand here: a store that refuses, and one that stores but
// reports a failure.
#include "storage/journal.hpp"

namespace assay::storage::detail {

/// An entry as it is stored.
struct PreparedEntry {
    Bytes canonical;
    Sha256Digest leaf_hash;
    std::optional<Uuid> person;
    std::optional<Bytes> sealed_detail;
};

struct PreparedAppend {
    Uuid stream;
    std::uint64_t expected_version = 0;
    std::string idempotency_key;
    Sha256Digest request_hash;
    std::vector<PreparedEntry> entries;                    // those of the second stream last
    std::optional<Uuid> also_stream;
    std::uint64_t also_expected = 0, also_entries = 0;
    std::vector<std::pair<std::string, std::string>> rows; // kind, JSON
    std::string answer;                                    // canonical JSON
    std::size_t size = 0;                                  // roughly, in bytes: bounds a batch
};

enum class Judgement { stored, repeated, stale, conflicting };
struct Verdict {
    Judgement judgement = Judgement::stored;
    std::uint64_t first_index = 0;
    std::uint64_t version = 0;
    json::value answer;
};

class AppendStore {
public:
    virtual ~AppendStore() = default;
    /// One transaction: a verdict for each append, in order. Throws DatabaseError.
    virtual asio::awaitable<std::vector<Verdict>> store(TenantId tenant, std::vector<std::shared_ptr<PreparedAppend const>> batch) = 0;
};

std::unique_ptr<AppendStore> postgres_append_store(Pool& pool);

/// The canonical bytes of an entry, the commitment and the sealed detail. `sequence` from 1.
/// Errors: errc::too_large, errc::erased.
asio::awaitable<result<PreparedEntry>> prepare_entry(
    DetailSealer& sealer, TenantId tenant, Uuid stream, std::uint64_t sequence, Timestamp at, Entry entry);

/// What is read back: checked against its leaf hash, detail opened. Throws DatabaseError when the bytes don't match the hash.
asio::awaitable<StoredEntry> read_entry(DetailSealer& sealer, TenantId tenant, std::uint64_t index, Bytes canonical, Sha256Digest leaf_hash,
    std::optional<PersonId> person, std::optional<Bytes> sealed_detail);

} // namespace assay::storage::detail
