#pragma once
// With what a tenant signs: a key a purpose, sealed under the tenant's own, and the name under which verifiers find them. Keys are replaced,
// end, and are given up as compromised; each is an entry of the purpose's stream, and the public halves stay published.
#include "credentials/did.hpp"
#include "credentials/issue.hpp"
#include "credentials/log/note.hpp"
#include "server/app/services.hpp"

namespace assay::server {

/// A key that ends is not used in its last seconds: what is signed under it is dated before its end.
constexpr auto key_margin = std::chrono::seconds{10};
/// The soonest that a key can end: what is under way with it is dated before.
constexpr auto key_notice = std::chrono::seconds{60};
/// A log's key goes on signing beside its successor for so long: verifiers who hold the old one have that time to fetch the new one.
constexpr auto log_key_overlap = std::chrono::hours{24 * 30};
/// Verifiers read at most 64 keys of a did.json.
constexpr std::size_t published_keys_max = 64;

/// A key of the journal, and its name as verifiers hold it.
struct LogKey {
    credentials::KeyPair pair;
    credentials::tlog::VerifierKey verifier;
};

/// The tenant's keys, opened, and its name as an issuer.
struct TenantKeys {
    std::string did;
    credentials::KeyPair credential, status;
    std::vector<LogKey> journal; ///< all that sign checkpoints now, the newest first; never empty
    std::vector<credentials::PublishedKey> published; ///< every key that ever signed credentials or status lists
    std::vector<credentials::tlog::VerifierKey> log_keys; ///< every one that was not compromised, the newest first; the name is the log's origin
    credentials::Signer credential_signer() const { return {did, credential}; }
    credentials::Signer status_signer() const { return {did, status}; }
    credentials::tlog::VerifierKey const& log_key() const { return journal.front().verifier; }
};

/// Makes the keys that a tenant lacks (one a purpose). Safe to call from several nodes at once.
asio::awaitable<void> ensure_keys(Services& services, storage::TenantRow const& tenant);
/// The keys as they are now: a change by another node or a command counts from the next call on. When the last key of a purpose has ended, its
/// successor is made. Throws when one does not open.
asio::awaitable<std::shared_ptr<TenantKeys const>> load_keys(Services& services, storage::TenantRow const& tenant);

/// current: signs. replaced: a newer one signs, this one ends soon (a journal's still cosigns). ended, compromised: signs nothing.
enum class KeyState { current, replaced, ended, compromised };
std::string_view to_string(KeyState state) noexcept;

struct KeyInfo {
    std::string key; ///< Multikey; in proofs DID#key
    std::string purpose;
    KeyState state = KeyState::current;
    Timestamp created_at;
    std::optional<Timestamp> ends_at, compromised_since;
};
/// Every key the tenant ever had, oldest first.
asio::awaitable<std::vector<KeyInfo>> list_keys(Services& services, storage::TenantRow const& tenant);

/// Makes a new key; those that signed so far end at `ends_at` (nothing: after key_notice, a journal's after log_key_overlap). What they signed
/// stays good. Returns the new one. Errors: core::errc::out_of_range (ends_at is sooner than key_notice); core::errc::too_large (the did.json has
/// no room); storage::errc::stale.
asio::awaitable<result<std::string>> rotate_key(Services& services, storage::TenantRow const& tenant, credentials::KeyPurpose purpose,
                                                std::optional<Timestamp> ends_at, std::string who);

/// Says when a key ends: from then on nothing signed with it is good. An end only moves forward, from "none" to a date or to an earlier
/// one. Errors: storage::errc::not_found, stale; core::errc::out_of_range (sooner than key_notice, later than the end it has, or compromised).
asio::awaitable<result<void>> expire_key(Services& services, storage::TenantRow const& tenant, std::string key, Timestamp ends_at, std::string who);

struct Compromise {
    std::optional<std::string> successor;             ///< made when no other key without an end was there
    std::vector<storage::CertificateRow> disbelieved; ///< signed with it since then: to be issued anew
};
/// The key was in other hands from `since` on, perhaps. Nothing signed with it since then is good, and what it signed before is believed only
/// with a receipt of the journal from before. A date only moves backwards. Errors: storage::errc::not_found, stale; core::errc::out_of_range
/// (since lies in the future, or after the date that is recorded).
asio::awaitable<result<Compromise>> compromise_key(Services& services, storage::TenantRow const& tenant, std::string key, Timestamp since, std::string who);

} // namespace assay::server
