// assay tenant create | set, assay staff add.
#include "core/random.hpp"
#include "policies/retention.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "server/app/sign_in.hpp"
#include "server/app/tenants.hpp"
#include "server/commands.hpp"
#include "storage/repositories/accounts.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace assay::server {
namespace {

struct TenantOptions {
    std::string slug, name, kind = "production", contact, sender, retention;
};

void expect_address(std::string const& what, std::string const& address)
{
    if (!mail::is_mail_address(address)) throw std::runtime_error{what + ": not a mail address: " + address};
}

asio::awaitable<void> create(Services& services, TenantOptions const& options)
{
    auto row = storage::TenantRow{};
    row.id = random_id<TenantId>();
    row.slug = options.slug;
    row.name = options.name;
    row.kind = options.kind == "demo" ? storage::TenantKind::demo : storage::TenantKind::production;
    row.public_origin = services.shared.settings.public_origin;
    row.contact_email = options.contact;
    row.sender_email = options.sender;
    co_await storage::add_tenant(services.pool, row);
    auto const stored = co_await storage::find_tenant(services.pool, options.slug);
    if (!stored || stored->id != row.id) throw std::runtime_error{"there is a tenant " + options.slug + " already"};
    co_await ensure_keys(services, *stored);
}

asio::awaitable<void> change(Services& services, TenantOptions const& options, std::optional<std::string> retention)
{
    auto const tenant = co_await tenant_named(services, options.slug);
    auto const contact = options.contact.empty() ? tenant.contact_email : options.contact;
    auto const sender = options.sender.empty() ? tenant.sender_email : options.sender;
    if (contact != tenant.contact_email || sender != tenant.sender_email) co_await change_addresses(services, tenant, contact, sender, "operator");
    if (retention) co_await change_retention(services, tenant, *retention, "operator");
}

std::string read_retention(std::string const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) throw std::runtime_error{"can't read " + path};
    auto text = std::string{std::istreambuf_iterator<char>{file}, {}};
    auto const parsed = policies::parse_retention_policy(text, path);
    if (!parsed.value) throw std::runtime_error{policies::to_string(parsed.problems.front())};
    return text;
}

struct StaffOptions {
    std::string tenant, email, name, roles;
};

/// The password is made here and shown once: nobody's argument list ever holds it.
asio::awaitable<std::string> add_member(Services& services, StaffOptions const& options)
{
    auto const tenant = co_await tenant_named(services, options.tenant);
    auto const existing = co_await storage::find_staff_by_email(services.pool, tenant.id, options.email);
    if (existing) throw std::runtime_error{options.email + " is a member of staff already"};
    auto const password = to_base58btc(random_array<15>());
    auto hash = [secret = SecretBytes::copy_of(bytes_of(password))] { return hash_password(secret); };
    auto row = storage::StaffRow{};
    row.id = random_id<StaffId>();
    row.email = options.email;
    row.name = options.name;
    row.password_hash = co_await async::on_pool(services.shared.compute, std::move(hash));
    row.roles = {options.roles};
    row.created_at = services.now();
    auto body = json::object{{"staff", to_string(row.id)}, {"roles", options.roles}};
    auto append = single_entry(row.id.uuid, 0, "StaffAdded", "operator", std::move(body));
    append.rows.push_back({"staff", storage::columns(row)});
    auto const stored = co_await services.journal.append(tenant.id, std::move(append));
    stored.value();
    co_return password;
}

} // namespace

asio::awaitable<storage::TenantRow> tenant_named(Services& services, std::string slug)
{
    auto tenant = co_await storage::find_tenant(services.pool, slug);
    if (!tenant) throw std::runtime_error{"no such tenant: " + slug};
    co_return std::move(*tenant);
}

void add_tenant_commands(CLI::App& program, CommandHost const& host)
{
    auto const options = std::make_shared<TenantOptions>();
    auto& o = *options;
    auto* tenant = program.add_subcommand("tenant", "manage tenants")->require_subcommand(1);
    auto* create_command = tenant->add_subcommand("create", "make a tenant with its keys");
    host.add_service_options(*create_command);
    create_command->add_option("slug", o.slug, "short name: its address is /t/SLUG")->required();
    create_command->add_option("--name", o.name, "name of the organisation")->required();
    create_command->add_option("--kind", o.kind, "demo or production")->check(CLI::IsMember({"demo", "production"}))->capture_default_str();
    create_command->add_option("--contact", o.contact, "mail address that candidates write to")->required();
    create_command->add_option("--sender", o.sender, "mail address that mail comes from")->required();
    create_command->callback([=] {
        expect_address("--contact", options->contact);
        expect_address("--sender", options->sender);
        host.with_services([&](Services& services) -> asio::awaitable<void> {
            co_await create(services, *options);
            std::cout << "tenant " << options->slug << " is there: " << services.shared.settings.public_origin << "/t/" << options->slug << "\n";
        });
    });
    auto* set = tenant->add_subcommand("set", "change addresses or the retention policy");
    host.add_service_options(*set);
    set->add_option("slug", o.slug)->required();
    set->add_option("--contact", o.contact, "mail address that candidates write to");
    set->add_option("--sender", o.sender, "mail address that mail comes from");
    set->add_option("--retention", o.retention, "retention policy (TOML); holds for consents given from now on");
    set->callback([=] {
        if (!options->contact.empty()) expect_address("--contact", options->contact);
        if (!options->sender.empty()) expect_address("--sender", options->sender);
        auto const retention = options->retention.empty() ? std::nullopt : std::optional{read_retention(options->retention)};
        host.with_services([&](Services& services) { return change(services, *options, retention); });
        std::cout << "tenant " << options->slug << " is changed\n";
    });

    auto const member = std::make_shared<StaffOptions>();
    auto* staff = program.add_subcommand("staff", "who works for a tenant")->require_subcommand(1);
    auto* add = staff->add_subcommand("add", "make a sign-in; its password is shown once");
    host.add_service_options(*add);
    add->add_option("--tenant", member->tenant)->required();
    add->add_option("--email", member->email)->required();
    add->add_option("--name", member->name)->required();
    add->add_option("--roles", member->roles, "words of: owner manager proctor reviewer certifier auditor")->required();
    add->callback([=] {
        expect_address("--email", member->email);
        host.with_services([&](Services& services) -> asio::awaitable<void> {
            auto const password = co_await add_member(services, *member);
            std::cout << member->email << "   " << password << "   " << member->roles << "\n";
        });
    });
}

} // namespace assay::server
