#include "server/app/tenants.hpp"

#include "server/app/entries.hpp"
#include "server/app/people.hpp"
#include "storage/repositories/exams.hpp"
#include "storage/repositories/people.hpp"

namespace assay::server {
namespace {

constexpr auto retention_kind = "retention_policy";
Uuid settings_stream(TenantId tenant) { return uuid_from_name("tenant-settings", to_string(tenant)); }

} // namespace

asio::awaitable<policies::RetentionPolicy> load_retention(Services& services, TenantId tenant, std::optional<Sha256Digest> document)
{
    if (!document) co_return policies::RetentionPolicy{};
    auto const row = co_await storage::find_document(services.pool, tenant, *document);
    if (!row) throw std::runtime_error{"no retention policy " + to_string(*document)};
    auto const parsed = policies::parse_retention_policy(text_of(row->content), "retention policy " + to_string(*document));
    if (!parsed.value) throw std::runtime_error{policies::to_string(parsed.problems.front())};
    co_return *parsed.value;
}

asio::awaitable<CurrentRetention> current_retention(Services& services, TenantId tenant)
{
    auto current = CurrentRetention{};
    current.document = co_await storage::find_tenant_document(services.pool, tenant, retention_kind);
    current.policy = co_await load_retention(services, tenant, current.document);
    co_return current;
}

asio::awaitable<void> change_addresses(Services& services, storage::TenantRow const& tenant, std::string contact, std::string sender, std::string by)
{
    EXPECTS(mail::is_mail_address(contact) && mail::is_mail_address(sender));
    auto const stream = settings_stream(tenant.id);
    auto const version = co_await stream_version(services, tenant.id, stream);
    auto body = json::object{{"contact_email", contact}, {"sender_email", sender}};
    auto changed = body;
    auto append = single_entry(stream, version, "TenantAddressesChanged", std::move(by), std::move(body));
    append.rows.push_back({"tenant_addresses", std::move(changed)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
}

asio::awaitable<void> change_retention(Services& services, storage::TenantRow const& tenant, std::string text, std::string by)
{
    auto const now = services.now();
    auto document = storage::DocumentRow{};
    document.sha256 = sha256(text);
    document.kind = retention_kind;
    document.identifier = "retention";
    document.version = to_rfc3339(now);
    document.content = to_bytes(text);
    document.created_at = now;
    auto const stream = settings_stream(tenant.id);
    auto const version = co_await stream_version(services, tenant.id, stream);
    auto body = json::object{{"retention_policy", to_string(document.sha256)}};
    auto append = single_entry(stream, version, "RetentionPolicyChanged", std::move(by), std::move(body));
    append.rows.push_back({"document", storage::columns(document)});
    append.rows.push_back({"tenant_document", json::object{{"kind", retention_kind}, {"document", storage::column(document.sha256)}, {"changed_at", storage::column(now)}}});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
}

} // namespace assay::server
