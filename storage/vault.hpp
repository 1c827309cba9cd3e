#pragma once
// Keys: master key (a file) → one key per tenant → one data key per person. Each is sealed under the one before it and lies in
// the database; only the master key lies outside. To erase a person is to destroy the person's key.
#include "core/secret_bytes.hpp"
#include "storage/journal.hpp"

#include <filesystem>

namespace assay::storage {

/// The 32-byte master key at `path`: made there (0600, fsynced) on the first start.
/// Throws StorageError when the file is of another size, or readable by group or others: a key that others know is none.
SecretBytes load_or_create_master_key(std::filesystem::path const& path);

/// Used from one thread, that of the pool. Caches opened keys for at most a minute, so that erasure reaches other nodes.
class Vault final : public DetailSealer {
public:
    Vault(Pool& pool, SecretBytes master_key);
    ~Vault() override;

    /// Sealed for `person` (none: for the tenant itself) and bound to `context`; keys are made on first use.
    /// Errors: errc::erased. Throws DatabaseError; StorageError when the tenant's key does not open with this master key.
    asio::awaitable<result<Bytes>> seal(TenantId tenant, std::optional<PersonId> person, Bytes plain, std::string context);
    /// Errors: errc::erased; errc::not_found (no key was ever made); errc::altered.
    asio::awaitable<result<Bytes>> open(TenantId tenant, std::optional<PersonId> person, Bytes sealed, std::string context);

    /// Destroys the person's key and the sealed details of the journal, for good, in one transaction. What stays is a row that
    /// says so: no key is ever made again for this person. Idempotent.
    asio::awaitable<void> erase(TenantId tenant, PersonId person);

    asio::awaitable<result<Bytes>> seal_detail(TenantId, std::optional<PersonId>, Bytes plain, std::string context) override;
    asio::awaitable<result<Bytes>> open_detail(TenantId, std::optional<PersonId>, Bytes sealed, std::string context) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace assay::storage
