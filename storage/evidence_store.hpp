#pragma once
// Evidence (frames, clips) as encrypted files in one directory that a region's nodes share. A file is named by the SHA-256 of
// its own bytes, so the name in the journal also proves the content; it is durable before the entry that names it.
#include "storage/vault.hpp"

#include <boost/asio/thread_pool.hpp>
#include <functional>

namespace assay::storage {

class EvidenceStore {
public:
    /// Makes `directory` (0700) when it is missing. `vault` outlives the store, and its thread is the one to call from.
    /// Throws StorageError.
    EvidenceStore(std::filesystem::path directory, Vault& vault);

    /// Seals, writes to a temporary file, fsyncs, renames, fsyncs the directory. At most 16 MiB: errc::too_large. Errors: errc::erased.
    /// Throws StorageError when the disk refuses. The disk is waited for on a thread of the store's own.
    asio::awaitable<result<Sha256Digest>> put(TenantId tenant, std::optional<PersonId> person, Bytes content);

    /// Errors: errc::not_found, errc::altered (the bytes on disk are not those of the name), errc::erased.
    asio::awaitable<result<Bytes>> get(TenantId tenant, std::optional<PersonId> person, Sha256Digest name);

    /// Removes one file, as erasure does. False when it was not there.
    bool remove(TenantId tenant, Sha256Digest const& name);

    /// Removes the tenant's files that `is_named` does not know and that are older than `age_min` (younger ones may be waiting for
    /// their entry), and left-over temporary files. Returns how many. Blocks: call it from a background thread.
    std::size_t sweep(TenantId tenant, std::function<bool(Sha256Digest const&)> const& is_named, std::chrono::seconds age_min) const;

private:
    std::filesystem::path file_of(TenantId tenant, Sha256Digest const& name) const;
    std::filesystem::path directory_;
    Vault& vault_;
    asio::thread_pool files_{1};
};

} // namespace assay::storage
