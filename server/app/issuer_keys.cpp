#include "server/app/issuer_keys.hpp"

#include "core/random.hpp"
#include "server/app/actors.hpp"
#include "server/app/entries.hpp"
#include "storage/repositories/certificates.hpp"

#include <algorithm>
#include <map>

namespace assay::server {
namespace {

using credentials::KeyPurpose;

constexpr auto purposes = {KeyPurpose::credential, KeyPurpose::status, KeyPurpose::journal};

std::string key_context(TenantId tenant, std::string_view purpose) { return "issuer-key/" + to_string(tenant) + "/" + std::string{purpose}; }

std::string origin_host(storage::TenantRow const& tenant) { return tenant.public_origin.substr(std::string_view{"https://"}.size()); }

} // namespace

asio::awaitable<void> ensure_keys(Services& services, storage::TenantRow const& tenant)
{
    auto const existing = co_await storage::list_issuer_keys(services.pool, tenant.id);
    for (auto const purpose : purposes) {
        auto const word = std::string{credentials::to_string(purpose)};
        if (std::ranges::any_of(existing, [&](auto const& key) { return key.purpose == word && !key.revoked_at; })) continue;
        auto const seed = SecretBytes::copy_of(random_array<32>());
        auto const pair = credentials::KeyPair::from_seed(seed);
        auto plain = to_bytes(seed.expose_secret());
        auto sealed = co_await services.vault.seal(tenant.id, std::nullopt, std::move(plain), key_context(tenant.id, word));
        auto row = storage::IssuerKeyRow{};
        row.key_id = credentials::to_multikey(pair.public_key());
        row.purpose = word;
        row.sealed_seed = std::move(sealed).value();
        row.created_at = services.now();
        auto body = json::object{{"key", row.key_id}, {"purpose", word}};
        // The stream admits one first key a purpose, so that two nodes never make two.
        auto append = single_entry(uuid_from_name("issuer-key", word), 0, "KeyCreated", system_actor, std::move(body));
        append.rows.push_back({"issuer_key", storage::columns(row)});
        auto const stored = co_await services.journal.append(tenant.id, std::move(append));
        stored_or_stale(stored);
    }
}

asio::awaitable<std::shared_ptr<TenantKeys const>> load_keys(Services& services, storage::TenantRow const& tenant)
{
    auto const cache_key = sha256("tenant-keys/" + to_string(tenant.id) + "/" + tenant.public_origin);
    if (auto known = services.documents.find<TenantKeys>(cache_key)) co_return known;
    auto const rows = co_await storage::list_issuer_keys(services.pool, tenant.id);
    auto published = std::vector<credentials::PublishedKey>{};
    auto pairs = std::map<std::string, credentials::KeyPair>{};
    for (auto const& row : rows) {
        if (row.purpose != "journal") {
            auto key = credentials::PublishedKey{};
            key.key = credentials::parse_multikey(row.key_id).value();
            key.expires = row.expires_at;
            key.revoked = row.revoked_at;
            published.push_back(key);
        }
        if (row.revoked_at || row.expires_at) continue;
        auto sealed = row.sealed_seed;
        auto const seed = co_await services.vault.open(tenant.id, std::nullopt, std::move(sealed), key_context(tenant.id, row.purpose));
        pairs.insert_or_assign(row.purpose, credentials::KeyPair::from_seed(SecretBytes::copy_of(seed.value())));
    }
    for (auto const* purpose : {"credential", "status", "journal"})
        if (!pairs.contains(purpose)) throw std::runtime_error{"tenant " + tenant.slug + " has no " + purpose + " key"};
    auto const origin = origin_host(tenant) + "/t/" + tenant.slug + "/log";
    auto log_key = credentials::tlog::make_verifier_key(origin, credentials::tlog::KeyType::ed25519, pairs.at("journal").public_key().octets);
    auto keys = std::make_shared<TenantKeys const>(TenantKeys{credentials::tenant_did(tenant.public_origin, tenant.slug).value(),
                                                              std::move(pairs.at("credential")), std::move(pairs.at("status")),
                                                              std::move(pairs.at("journal")), std::move(published), std::move(log_key)});
    services.documents.keep(cache_key, keys);
    co_return keys;
}

} // namespace assay::server
