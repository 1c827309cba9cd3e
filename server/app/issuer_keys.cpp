#include "server/app/issuer_keys.hpp"

#include "core/errors.hpp"
#include "core/random.hpp"
#include "server/app/actors.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "storage/repositories/certificates.hpp"

#include <algorithm>
#include <map>

namespace assay::server {
namespace {

using credentials::KeyPurpose;
using storage::IssuerKeyRow;

constexpr auto purposes = {KeyPurpose::credential, KeyPurpose::status, KeyPurpose::journal};
/// A status list is good for a day; so long after its key's end nobody needs that key any more.
constexpr auto status_history = std::chrono::hours{24 * 30};

std::string word_of(KeyPurpose purpose) { return std::string{credentials::to_string(purpose)}; }
std::string key_context(TenantId tenant, std::string_view purpose) { return "issuer-key/" + to_string(tenant) + "/" + std::string{purpose}; }
Uuid stream_of(std::string_view purpose) { return uuid_from_name("issuer-key", std::string{purpose}); }
std::string log_name(storage::TenantRow const& tenant)
{
    return tenant.public_origin.substr(std::string_view{"https://"}.size()) + "/t/" + tenant.slug + "/log";
}

bool signs_at(IssuerKeyRow const& row, Timestamp now) { return !row.revoked_at && (!row.expires_at || now + key_margin < *row.expires_at); }

/// Those of a purpose that may sign, the newest first.
std::vector<IssuerKeyRow const*> signing(std::vector<IssuerKeyRow> const& rows, std::string_view purpose, Timestamp now)
{
    auto found = std::vector<IssuerKeyRow const*>{};
    for (auto const& row : rows)
        if (row.purpose == purpose && signs_at(row, now)) found.insert(found.begin(), &row); // rows come oldest first
    return found;
}

bool lacks_a_key(std::vector<IssuerKeyRow> const& rows, Timestamp now)
{
    return std::ranges::any_of(purposes, [&](KeyPurpose purpose) { return signing(rows, credentials::to_string(purpose), now).empty(); });
}

asio::awaitable<IssuerKeyRow> new_key(Services& services, TenantId tenant, std::string purpose)
{
    auto const seed = SecretBytes::copy_of(random_array<32>());
    auto plain = to_bytes(seed.expose_secret());
    auto sealed = co_await services.vault.seal(tenant, std::nullopt, std::move(plain), key_context(tenant, purpose));
    auto row = IssuerKeyRow{};
    row.key_id = credentials::to_multikey(credentials::KeyPair::from_seed(seed).public_key());
    row.purpose = std::move(purpose);
    row.sealed_seed = std::move(sealed).value();
    row.created_at = services.now();
    co_return row;
}

asio::awaitable<credentials::KeyPair> open_key(Services& services, TenantId tenant, IssuerKeyRow const& row)
{
    auto sealed = row.sealed_seed;
    auto const seed = co_await services.vault.open(tenant, std::nullopt, std::move(sealed), key_context(tenant, row.purpose));
    co_return credentials::KeyPair::from_seed(SecretBytes::copy_of(seed.value()));
}

std::vector<credentials::PublishedKey> published_keys(std::vector<IssuerKeyRow> const& rows, Timestamp now)
{
    auto published = std::vector<credentials::PublishedKey>{};
    for (auto const& row : rows) {
        if (row.purpose == "journal") continue;
        if (row.purpose == "status" && row.expires_at && now - *row.expires_at > status_history) continue;
        published.push_back({credentials::parse_multikey(row.key_id).value(), row.expires_at, row.revoked_at});
    }
    return published;
}

/// What the loaded keys follow from: the same text, the same keys.
Sha256Digest fingerprint(storage::TenantRow const& tenant, std::vector<IssuerKeyRow> const& rows, Timestamp now)
{
    auto text = "tenant-keys/" + to_string(tenant.id) + "/" + tenant.public_origin;
    for (auto const& row : rows) {
        text += "\n" + row.key_id + (signs_at(row, now) ? " signs" : " rests");
        if (row.expires_at) text += " " + to_rfc3339(*row.expires_at) + (now - *row.expires_at > status_history ? " past" : "");
        if (row.revoked_at) text += " revoked " + to_rfc3339(*row.revoked_at);
    }
    return sha256(text);
}

KeyState state_of(IssuerKeyRow const& row, std::vector<IssuerKeyRow> const& all, Timestamp now)
{
    if (row.revoked_at) return KeyState::compromised;
    if (!signs_at(row, now)) return KeyState::ended;
    return signing(all, row.purpose, now).front() == &row ? KeyState::current : KeyState::replaced;
}

storage::RowWrite changed(std::string const& key, char const* column, Timestamp at)
{
    return {"issuer_key", json::object{{"key_id", key}, {column, storage::column(at)}}};
}

/// Certificates issued since then whose credential names the key.
asio::awaitable<std::vector<storage::CertificateRow>> signed_with(Services& services, TenantId tenant, std::string key, Timestamp since)
{
    auto const rows = co_await storage::list_certificates_since(services.pool, tenant, since);
    auto found = std::vector<storage::CertificateRow>{};
    for (auto const& row : rows) {
        auto const opened = co_await open_certificate(services, tenant, row);
        if (opened && opened->credential.find("#" + key) != std::string::npos) found.push_back(row);
    }
    co_return found;
}

} // namespace

std::string_view to_string(KeyState state) noexcept
{
    switch (state) {
    case KeyState::current: return "current";
    case KeyState::replaced: return "replaced";
    case KeyState::ended: return "ended";
    case KeyState::compromised: return "compromised";
    }
    return "unknown";
}

asio::awaitable<void> ensure_keys(Services& services, storage::TenantRow const& tenant)
{
    auto const existing = co_await storage::list_issuer_keys(services.pool, tenant.id);
    for (auto const purpose : purposes) {
        auto const word = word_of(purpose);
        if (!signing(existing, word, services.now()).empty()) continue;
        auto const version = co_await stream_version(services, tenant.id, stream_of(word));
        auto const row = co_await new_key(services, tenant.id, word);
        auto body = json::object{{"key", row.key_id}, {"purpose", word}};
        // The stream admits one key at this version, so that two nodes never make two.
        auto append = single_entry(stream_of(word), version, "KeyCreated", system_actor, std::move(body));
        append.rows.push_back({"issuer_key", storage::columns(row)});
        auto const stored = co_await services.journal.append(tenant.id, std::move(append));
        stored_or_stale(stored);
    }
}

asio::awaitable<std::shared_ptr<TenantKeys const>> load_keys(Services& services, storage::TenantRow const& tenant)
{
    auto rows = co_await storage::list_issuer_keys(services.pool, tenant.id);
    auto const now = services.now();
    if (lacks_a_key(rows, now)) {
        co_await ensure_keys(services, tenant);
        rows = co_await storage::list_issuer_keys(services.pool, tenant.id);
        if (lacks_a_key(rows, now)) throw std::runtime_error{"tenant " + tenant.slug + " has no key for one of its purposes"};
    }
    auto const cache_key = fingerprint(tenant, rows, now);
    if (auto known = services.documents.find<TenantKeys>(cache_key)) co_return known;

    auto const* credential_row = signing(rows, "credential", now).front();
    auto const* status_row = signing(rows, "status", now).front();
    auto credential = co_await open_key(services, tenant.id, *credential_row);
    auto status = co_await open_key(services, tenant.id, *status_row);
    auto const log_key = [&](credentials::PublicKey const& key) {
        return credentials::tlog::make_verifier_key(log_name(tenant), credentials::tlog::KeyType::ed25519, key.octets);
    };
    auto journal = std::vector<LogKey>{};
    for (auto const* row : signing(rows, "journal", now)) {
        auto pair = co_await open_key(services, tenant.id, *row);
        auto verifier = log_key(pair.public_key());
        journal.push_back(LogKey{std::move(pair), std::move(verifier)});
    }
    auto log_keys = std::vector<credentials::tlog::VerifierKey>{};
    for (auto const& row : rows)
        if (row.purpose == "journal" && !row.revoked_at) log_keys.insert(log_keys.begin(), log_key(credentials::parse_multikey(row.key_id).value()));
    auto keys = std::make_shared<TenantKeys const>(TenantKeys{credentials::tenant_did(tenant.public_origin, tenant.slug).value(), std::move(credential),
                                                              std::move(status), std::move(journal), published_keys(rows, now), std::move(log_keys)});
    services.documents.keep(cache_key, keys);
    co_return keys;
}

asio::awaitable<std::vector<KeyInfo>> list_keys(Services& services, storage::TenantRow const& tenant)
{
    auto const rows = co_await storage::list_issuer_keys(services.pool, tenant.id);
    auto const now = services.now();
    auto keys = std::vector<KeyInfo>{};
    for (auto const& row : rows) keys.push_back({row.key_id, row.purpose, state_of(row, rows, now), row.created_at, row.expires_at, row.revoked_at});
    co_return keys;
}

asio::awaitable<result<std::string>> rotate_key(Services& services, storage::TenantRow const& tenant, KeyPurpose purpose, std::optional<Timestamp> ends_at,
                                                std::string who)
{
    auto const word = word_of(purpose);
    auto const version = co_await stream_version(services, tenant.id, stream_of(word));
    auto const rows = co_await storage::list_issuer_keys(services.pool, tenant.id);
    auto const now = services.now();
    auto const end = ends_at.value_or(std::chrono::floor<std::chrono::seconds>(now) + (purpose == KeyPurpose::journal ? Timestamp::duration{log_key_overlap} : key_notice) + std::chrono::seconds{1});
    if (end < now + key_notice) co_return core::errc::out_of_range;
    if (purpose != KeyPurpose::journal && published_keys(rows, now).size() >= published_keys_max) co_return core::errc::too_large;
    auto const row = co_await new_key(services, tenant.id, word);
    auto retired = json::array{};
    auto writes = std::vector<storage::RowWrite>{{"issuer_key", storage::columns(row)}};
    for (auto const* old : signing(rows, word, now)) {
        if (old->expires_at && *old->expires_at <= end) continue;
        retired.push_back(json::value(old->key_id));
        writes.push_back(changed(old->key_id, "expires_at", end));
    }
    auto body = json::object{{"key", row.key_id}, {"purpose", word}, {"retired", std::move(retired)}, {"retired_end_at", to_rfc3339(end)}};
    auto append = single_entry(stream_of(word), version, "KeyRotated", std::move(who), std::move(body));
    append.rows = std::move(writes);
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return row.key_id;
}

asio::awaitable<result<void>> expire_key(Services& services, storage::TenantRow const& tenant, std::string key, Timestamp ends_at, std::string who)
{
    auto const rows = co_await storage::list_issuer_keys(services.pool, tenant.id);
    auto const row = std::ranges::find(rows, key, &IssuerKeyRow::key_id);
    if (row == rows.end()) co_return storage::errc::not_found;
    auto const version = co_await stream_version(services, tenant.id, stream_of(row->purpose));
    if (row->revoked_at || ends_at < services.now() + key_notice || (row->expires_at && ends_at > *row->expires_at)) co_return core::errc::out_of_range;
    auto body = json::object{{"key", key}, {"purpose", row->purpose}, {"ends_at", to_rfc3339(ends_at)}};
    auto append = single_entry(stream_of(row->purpose), version, "KeyEndSet", std::move(who), std::move(body));
    append.rows.push_back(changed(key, "expires_at", ends_at));
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    co_return result<void>{};
}

asio::awaitable<result<Compromise>> compromise_key(Services& services, storage::TenantRow const& tenant, std::string key, Timestamp since, std::string who)
{
    auto const rows = co_await storage::list_issuer_keys(services.pool, tenant.id);
    auto const row = std::ranges::find(rows, key, &IssuerKeyRow::key_id);
    if (row == rows.end()) co_return storage::errc::not_found;
    auto const version = co_await stream_version(services, tenant.id, stream_of(row->purpose));
    auto const now = services.now();
    if (since > now || (row->revoked_at && since >= *row->revoked_at)) co_return core::errc::out_of_range;
    auto compromise = Compromise{};
    auto body = json::object{{"key", key}, {"purpose", row->purpose}, {"since", to_rfc3339(since)}};
    auto writes = std::vector<storage::RowWrite>{changed(key, "revoked_at", since)};
    auto const others = signing(rows, row->purpose, now);
    // One that has been replaced already and ends soon takes nobody's place.
    if (std::ranges::none_of(others, [&](auto const* other) { return other->key_id != key && !other->expires_at; })) {
        auto const next = co_await new_key(services, tenant.id, row->purpose);
        writes.push_back({"issuer_key", storage::columns(next)});
        body["successor"] = next.key_id;
        compromise.successor = next.key_id;
    }
    auto append = single_entry(stream_of(row->purpose), version, "KeyCompromised", std::move(who), std::move(body));
    append.rows = std::move(writes);
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    if (!stored) co_return stored.error();
    if (row->purpose == "credential") compromise.disbelieved = co_await signed_with(services, tenant.id, key, since);
    co_return compromise;
}

} // namespace assay::server
