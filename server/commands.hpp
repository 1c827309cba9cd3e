#pragma once
// Commands that live in files of their own. Each add_…_commands hangs its subcommands below the program.
#include "server/app/services.hpp"

#include <CLI/CLI.hpp>

namespace assay::server {

/// What a command that works on the database needs of the program.
struct CommandHost {
    /// --database, --state, --origin …, as `assay serve` has them.
    std::function<void(CLI::App&)> add_service_options;
    /// Runs work with Services on that database, as the service's user. Throws what the work throws.
    std::function<void(std::function<asio::awaitable<void>(Services&)>)> with_services;
    int& status; ///< the program's exit code
};

/// The tenant that a command names. Throws when there is none.
asio::awaitable<storage::TenantRow> tenant_named(Services& services, std::string slug);

/// import qti, item score, exam publish.
void add_item_commands(CLI::App& program, CommandHost const& host);
/// programme preview | apply.
void add_programme_commands(CLI::App& program, CommandHost const& host);
/// keys list | rotate | expire | compromise.
void add_key_commands(CLI::App& program, CommandHost const& host);
/// tenant create | set | witness, staff add.
void add_tenant_commands(CLI::App& program, CommandHost const& host);
/// witness keygen | request | cosign. Offline; `status` is the program's exit code.
void add_witness_commands(CLI::App& program, int& status);

} // namespace assay::server
