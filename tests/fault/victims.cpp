#include "tests/fault/victims.hpp"

#include "credentials/log/audit_bundle.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace assay::fault {
namespace {

namespace fs = std::filesystem;
namespace tlog = credentials::tlog;

/// Parent and command line of a process; nothing when it is gone.
std::optional<std::pair<pid_t, std::string>> look_at(fs::path const& process)
{
    auto stat = std::ifstream{process / "stat"};
    auto const line = std::string{std::istreambuf_iterator<char>{stat}, {}};
    auto const after_name = line.rfind(')'); // the name may hold anything
    if (after_name == std::string::npos) return std::nullopt;
    auto rest = line.substr(after_name + 2);
    auto const parent = static_cast<pid_t>(std::stol(rest.substr(rest.find(' ') + 1)));
    return std::pair{parent, text_of_file(process / "cmdline")};
}

} // namespace

std::string text_of_file(fs::path const& path)
{
    auto file = std::ifstream{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void kill_process(pid_t pid)
{
    if (pid <= 1 || ::kill(pid, SIGKILL) != 0) throw std::runtime_error{"there is no process " + std::to_string(pid) + " to kill"};
}

pid_t postmaster_of(fs::path const& state)
{
    auto const text = text_of_file(state / "postgres" / "postmaster.pid");
    if (text.empty()) throw std::runtime_error{"PostgreSQL does not run in " + state.string()};
    return static_cast<pid_t>(std::stol(text));
}

pid_t a_backend_of(fs::path const& state, std::uint64_t choice)
{
    auto const postmaster = postmaster_of(state);
    auto backends = std::vector<pid_t>{};
    for (auto const& entry : fs::directory_iterator{"/proc"}) {
        auto const name = entry.path().filename().string();
        if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
        auto const seen = look_at(entry.path());
        if (seen && seen->first == postmaster && seen->second.find("assay_app") != std::string::npos) backends.push_back(static_cast<pid_t>(std::stol(name)));
    }
    if (backends.empty()) throw std::runtime_error{"no connection of the application is open"};
    std::ranges::sort(backends);
    return backends[choice % backends.size()];
}

std::vector<std::pair<std::string, json::object>> opened_events(fs::path const& bundle)
{
    auto const read = [&](std::string const& path) -> std::optional<std::string> {
        if (!fs::is_regular_file(bundle / path)) return std::nullopt;
        return text_of_file(bundle / path);
    };
    auto events = std::vector<std::pair<std::string, json::object>>{};
    tlog::verify_audit(read, {}, [&](tlog::OpenedEntry const& entry) {
        auto const* body = find_object(entry.document, "body");
        auto const* sitting = body != nullptr ? find_string(*body, "sitting") : nullptr;
        auto const* stream = find_string(entry.document, "stream");
        if (sitting == nullptr || stream == nullptr || *sitting != *stream || !entry.detail) return; // an incident's stream is its own
        events.emplace_back(std::string{*sitting}, entry.detail->as_object());
    });
    return events;
}

} // namespace assay::fault
