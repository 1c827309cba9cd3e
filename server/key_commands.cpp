// assay keys list | rotate | expire | compromise: what docs/operations.md calls the key drills.
#include "core/errors.hpp"
#include "server/app/issuer_keys.hpp"
#include "server/app/log_publisher.hpp"
#include "server/commands.hpp"
#include "storage/repositories/accounts.hpp"

#include <iostream>

namespace assay::server {
namespace {

using credentials::KeyPurpose;

struct KeyOptions {
    std::string tenant, purpose, key, at;
    bool as_json = false;
};

KeyPurpose purpose_of(std::string const& word)
{
    for (auto const purpose : {KeyPurpose::credential, KeyPurpose::status, KeyPurpose::journal})
        if (credentials::to_string(purpose) == word) return purpose;
    throw std::runtime_error{"no such purpose: " + word};
}

std::optional<Timestamp> time_of(std::string const& option, std::string const& text)
{
    if (text.empty()) return std::nullopt;
    auto const at = parse_rfc3339(text);
    if (!at) throw std::runtime_error{option + " " + text + ": not a time such as 2026-11-23T12:00:00Z"};
    return *at;
}

/// One line for each way in which it can be refused.
[[noreturn]] void refuse(boost::system::error_code error, std::string const& out_of_range)
{
    if (error == storage::errc::not_found) throw std::runtime_error{"the tenant has no such key (assay keys list)"};
    if (error == storage::errc::stale) throw std::runtime_error{"somebody else changed this key just now; look (assay keys list) and try again"};
    if (error == core::errc::too_large)
        throw std::runtime_error{"the tenant's did.json has " + std::to_string(published_keys_max) + " keys, and verifiers read no more"};
    if (error == core::errc::out_of_range) throw std::runtime_error{out_of_range};
    throw std::runtime_error{error.message()};
}

json::value time_or_null(std::optional<Timestamp> const& at) { return at ? json::value(to_rfc3339(*at)) : json::value(nullptr); }

asio::awaitable<void> list(Services& services, KeyOptions const& options)
{
    auto const tenant = co_await tenant_named(services, options.tenant);
    auto const keys = co_await list_keys(services, tenant);
    auto rows = json::array{};
    for (auto const& key : keys)
        rows.push_back(json::object{{"key", key.key}, {"purpose", key.purpose}, {"state", to_string(key.state)}, {"created_at", to_rfc3339(key.created_at)},
                                    {"ends_at", time_or_null(key.ends_at)}, {"compromised_since", time_or_null(key.compromised_since)}});
    if (options.as_json) {
        std::cout << canonical_json(json::object{{"keys", std::move(rows)}}) << "\n";
        co_return;
    }
    for (auto const& key : keys) {
        std::cout << key.purpose << "\t" << to_string(key.state) << "\t" << key.key << "\tsince " << to_rfc3339(key.created_at);
        if (key.ends_at) std::cout << ", ends " << to_rfc3339(*key.ends_at);
        if (key.compromised_since) std::cout << ", compromised since " << to_rfc3339(*key.compromised_since);
        std::cout << "\n";
    }
}

asio::awaitable<void> rotate(Services& services, KeyOptions const& options, std::optional<Timestamp> ends_at)
{
    auto const tenant = co_await tenant_named(services, options.tenant);
    auto const purpose = purpose_of(options.purpose);
    auto const key = co_await rotate_key(services, tenant, purpose, ends_at, "operator");
    if (!key) refuse(key.error(), "--end is sooner than in a minute");
    // A checkpoint by the new key, at once.
    static_cast<void>(co_await publish(services, tenant));
    std::cout << options.purpose << " key of " << tenant.slug << " is now " << *key << "\n";
}

asio::awaitable<void> expire(Services& services, KeyOptions const& options, std::optional<Timestamp> at)
{
    auto const tenant = co_await tenant_named(services, options.tenant);
    auto const end = at.value_or(std::chrono::floor<std::chrono::seconds>(services.now()) + key_notice + std::chrono::seconds{1});
    auto const done = co_await expire_key(services, tenant, options.key, end, "operator");
    if (!done) refuse(done.error(), "--at is sooner than in a minute, or later than the end that the key has, or the key was compromised");
    std::cout << options.key << " ends on " << to_rfc3339(end) << "; its successor is made then, unless there is one\n";
}

asio::awaitable<void> compromise(Services& services, KeyOptions const& options, std::optional<Timestamp> since)
{
    auto const tenant = co_await tenant_named(services, options.tenant);
    auto const from = since.value_or(services.now());
    auto const done = co_await compromise_key(services, tenant, options.key, from, "operator");
    if (!done) refuse(done.error(), "--since lies in the future, or after the date that is recorded");
    static_cast<void>(co_await publish(services, tenant));
    if (done->successor) std::cout << "its successor is " << *done->successor << "\n";
    std::cout << done->disbelieved.size() << " certificates were signed with it since " << to_rfc3339(from) << " and are no longer believed";
    for (auto const& row : done->disbelieved) std::cout << "\n  " << row.number << "  " << to_string(row.id);
    std::cout << "\n";
}

} // namespace

void add_key_commands(CLI::App& program, CommandHost const& host)
{
    auto const options = std::make_shared<KeyOptions>();
    auto& o = *options;
    auto* keys = program.add_subcommand("keys", "the keys that a tenant signs with")->require_subcommand(1);
    auto const add = [&](char const* name, char const* what) {
        auto* command = keys->add_subcommand(name, what);
        host.add_service_options(*command);
        command->add_option("tenant", o.tenant, "the tenant's short name")->required();
        return command;
    };
    auto* list_command = add("list", "every key the tenant ever had");
    list_command->add_flag("--json", o.as_json);
    list_command->callback([=] { host.with_services([&](Services& services) { return list(services, *options); }); });

    auto* rotate_command = add("rotate", "make a new key; the one before ends, and what it signed stays good");
    rotate_command->add_option("--purpose", o.purpose)->required()->check(CLI::IsMember({"credential", "status", "journal"}));
    rotate_command->add_option("--end", o.at, "when the one before ends; by default in a minute, a journal's in 30 days");
    rotate_command->callback([=] {
        auto const end = time_of("--end", options->at);
        host.with_services([&](Services& services) { return rotate(services, *options, end); });
    });

    auto* expire_command = add("expire", "say when a key ends: nothing signed with it from then on is good");
    expire_command->add_option("key", o.key, "z6Mk…")->required();
    expire_command->add_option("--at", o.at, "by default in a minute");
    expire_command->callback([=] {
        auto const at = time_of("--at", options->at);
        host.with_services([&](Services& services) { return expire(services, *options, at); });
    });

    auto* compromise_command = add("compromise", "give a key up: what it signed is believed only with a receipt of the journal from before");
    compromise_command->add_option("key", o.key, "z6Mk…")->required();
    compromise_command->add_option("--since", o.at, "the earliest time at which others may have had it; by default now");
    compromise_command->callback([=] {
        auto const since = time_of("--since", options->at);
        host.with_services([&](Services& services) { return compromise(services, *options, since); });
    });
}

} // namespace assay::server
