// assay tenant create | set | witness add | list | remove, assay staff add.
#include "core/random.hpp"
#include "credentials/log/note.hpp"
#include "policies/retention.hpp"
#include "server/app/certification.hpp"
#include "server/app/entries.hpp"
#include "server/app/sign_in.hpp"
#include "server/app/tenants.hpp"
#include "server/app/witness_client.hpp"
#include "server/app/witnesses.hpp"
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

struct WitnessChoice {
    std::string tenant, vkey, url, name;
};

void expect_witness(WitnessChoice const& choice)
{
    namespace tlog = credentials::tlog;
    auto const key = tlog::parse_verifier_key(choice.vkey);
    if (!key) throw std::runtime_error{choice.vkey + ": " + key.error().message()};
    if (key->type != tlog::KeyType::cosignature) throw std::runtime_error{choice.vkey + ": a log's key, not a witness's"};
    if (!is_witness_url(choice.url)) throw std::runtime_error{choice.url + ": not an https address (http only on this machine)"};
}

asio::awaitable<void> print_witnesses(Services& services, WitnessChoice const& choice)
{
    auto const tenant = co_await tenant_named(services, choice.tenant);
    auto const checkpoint = co_await storage::find_checkpoint(services.pool, tenant.id);
    auto const size = checkpoint ? checkpoint->tree_size : 0;
    auto const witnesses = co_await storage::list_witnesses(services.pool, tenant.id);
    for (auto const& witness : witnesses) {
        std::cout << witness.name << "   " << witness.url << "   cosigned " << witness.known_size << " of " << size << " entries";
        if (witness.failures > 0) std::cout << "; failed " << witness.failures << " times in a row";
        std::cout << "\n  " << witness.vkey << "\n";
    }
    if (witnesses.empty()) std::cout << "no witnesses\n";
}

void add_witness_choices(CLI::App& tenant, CommandHost const& host)
{
    auto const choice = std::make_shared<WitnessChoice>();
    auto* witness = tenant.add_subcommand("witness", "who is asked to cosign the journal's checkpoints")->require_subcommand(1);
    auto* add = witness->add_subcommand("add", "ask this witness from now on; one of the same name is replaced");
    host.add_service_options(*add);
    add->add_option("slug", choice->tenant)->required();
    add->add_option("vkey", choice->vkey, "its key, as `assay witness keygen` prints it")->required();
    add->add_option("url", choice->url, "https address below which it answers add-checkpoint")->required();
    add->callback([=] {
        expect_witness(*choice);
        host.with_services([&](Services& services) -> asio::awaitable<void> {
            auto const tenant_row = co_await tenant_named(services, choice->tenant);
            co_await add_witness(services, tenant_row, choice->vkey, choice->url, "operator");
        });
        std::cout << "the witness is asked from now on\n";
    });
    auto* list = witness->add_subcommand("list", "witnesses, and how far each has come");
    host.add_service_options(*list);
    list->add_option("slug", choice->tenant)->required();
    list->callback([=] { host.with_services([&](Services& services) { return print_witnesses(services, *choice); }); });
    auto* remove = witness->add_subcommand("remove", "ask it no longer; what it cosigned stays");
    host.add_service_options(*remove);
    remove->add_option("slug", choice->tenant)->required();
    remove->add_option("name", choice->name)->required();
    remove->callback([=] {
        host.with_services([&](Services& services) -> asio::awaitable<void> {
            auto const tenant_row = co_await tenant_named(services, choice->tenant);
            auto const removed = co_await remove_witness(services, tenant_row, choice->name, "operator");
            if (!removed) throw std::runtime_error{"no such witness: " + choice->name};
        });
        std::cout << "it is asked no longer\n";
    });
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

    add_witness_choices(*tenant, host);

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
