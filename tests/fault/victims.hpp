#pragma once
// Processes to kill, and files to read what they left.
#include "core/json.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace assay::fault {

void kill_process(pid_t pid); ///< SIGKILL; throws when there is none
/// PostgreSQL's first process in a state folder. Throws when it does not run.
pid_t postmaster_of(std::filesystem::path const& state);
/// One of the processes that serve the application's connections; `choice` picks.
pid_t a_backend_of(std::filesystem::path const& state, std::uint64_t choice);

std::string text_of_file(std::filesystem::path const& path);
/// (sitting, event) of every opened entry of a bundle that belongs to a sitting, in order of the journal.
std::vector<std::pair<std::string, json::object>> opened_events(std::filesystem::path const& bundle);

} // namespace assay::fault
