// assay programme preview | apply: what a changed policy does to the certificates that are out there.
#include "policies/programme.hpp"
#include "server/app/policy_change.hpp"
#include "server/commands.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

namespace assay::server {
namespace {

struct ProgrammeOptions {
    std::string tenant, file;
    bool as_json = false;
};

policies::Programme read_programme(std::string const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    if (!file) throw std::runtime_error{"can't read " + path};
    auto const text = std::string{std::istreambuf_iterator<char>{file}, {}};
    auto parsed = policies::parse_programme(text, path);
    if (!parsed.value) throw std::runtime_error{policies::to_string(parsed.problems.front())};
    return std::move(*parsed.value);
}

void print(std::vector<MovedCertificate> const& moved, bool as_json, bool done)
{
    if (as_json) {
        auto rows = json::array{};
        for (auto const& one : moved) rows.push_back(to_json(one));
        std::cout << canonical_json(json::object{{"applied", done}, {"certificates", std::move(rows)}}) << "\n";
        return;
    }
    for (auto const& one : moved) {
        std::cout << one.row.number;
        if (one.move.renewal_opens) std::cout << "  renewal opens " << to_rfc3339(*one.move.renewal_opens);
        if (one.move.grace_until) std::cout << "  grace until " << to_rfc3339(*one.move.grace_until);
        for (auto const at : one.move.reminders_added) std::cout << "  +reminder " << to_rfc3339(at);
        for (auto const at : one.move.reminders_dropped) std::cout << "  -reminder " << to_rfc3339(at);
        std::cout << "\n";
    }
    std::cout << moved.size() << (done ? " certificates were moved\n" : " certificates would move; their last day stays, as it is signed\n");
}

void run(ProgrammeOptions const& options, CommandHost const& host, bool apply)
{
    auto const programme = read_programme(options.file);
    host.with_services([&](Services& services) -> asio::awaitable<void> {
        auto const tenant = co_await tenant_named(services, options.tenant);
        auto const now = services.now();
        auto moved = std::vector<MovedCertificate>{};
        if (apply) moved = co_await apply_policy(services, tenant, programme.id, programme.credential, now, "operator");
        else moved = co_await preview_policy(services, tenant, programme.id, programme.credential, now);
        print(moved, options.as_json, apply);
    });
}

} // namespace

void add_programme_commands(CLI::App& program, CommandHost const& host)
{
    auto const options = std::make_shared<ProgrammeOptions>();
    auto& o = *options;
    auto* programme = program.add_subcommand("programme", "what a changed programme does to certificates that are out there")->require_subcommand(1);
    auto const add = [&](char const* name, char const* what, bool apply) {
        auto* command = programme->add_subcommand(name, what);
        host.add_service_options(*command);
        command->add_option("tenant", o.tenant, "the tenant's short name")->required();
        command->add_option("file", o.file, "the programme (TOML) with its new [credential]")->required();
        command->add_flag("--json", o.as_json);
        command->callback([=] { run(*options, host, apply); });
    };
    add("preview", "which certificates would move, and how", false);
    add("apply", "move exactly those", true);
}

} // namespace assay::server
