#include "storage/detail/postmaster.hpp"

#include "storage/detail/files.hpp"

#include <charconv>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace assay::storage::detail {
namespace {

namespace fs = std::filesystem;
constexpr auto impossible_pid = std::string_view{"99999999"}; // Linux has none above 4194304

std::vector<std::string> lines_of_pid_file(fs::path const& data)
{
    auto lines = std::vector<std::string>{};
    auto const content = read_whole(data / "postmaster.pid", 65'536);
    if (!content) return lines;
    auto rest = text_of(*content);
    while (!rest.empty()) {
        auto const end = std::min(rest.find('\n'), rest.size());
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return lines;
}

/// A link of /proc/<pid>; nothing for a zombie and for what we may not look at.
std::optional<fs::path> process_link(pid_t pid, char const* link)
{
    auto error = std::error_code{};
    auto target = fs::read_symlink("/proc/" + std::to_string(pid) + "/" + link, error);
    if (error) return std::nullopt;
    return target;
}

} // namespace

std::optional<pid_t> live_postmaster(fs::path const& data, fs::path const& postgres)
{
    auto const lines = lines_of_pid_file(data);
    if (lines.empty()) return std::nullopt;
    auto pid = pid_t{0};
    auto const& first = lines.front();
    if (std::from_chars(first.data(), first.data() + first.size(), pid).ec != std::errc{} || pid <= 1) return std::nullopt;
    auto const program = process_link(pid, "exe"), directory = process_link(pid, "cwd");
    if (!program || !directory || *directory != fs::canonical(data)) return std::nullopt;
    auto const ours = fs::canonical(postgres).string();
    // After an upgrade of the package the running program's file is gone, but it is the same server.
    if (program->string() != ours && program->string() != ours + " (deleted)") return std::nullopt;
    return pid;
}

bool accepts_connections(fs::path const& data)
{
    auto const lines = lines_of_pid_file(data);
    return lines.size() >= 8 && lines[7].starts_with("ready");
}

void defuse_stale_pid_file(fs::path const& data)
{
    auto const path = data / "postmaster.pid";
    auto const content = read_whole(path, 65'536);
    if (!content) return;
    struct stat before {};
    if (::stat(path.c_str(), &before) != 0) throw StorageError{system_message("cannot look at", path)};
    auto const text = text_of(*content);
    auto const rest = text.substr(std::min(text.find('\n'), text.size()));
    replace_durably(path, bytes_of(std::string{impossible_pid} + std::string{rest}));
    if (::chown(path.c_str(), before.st_uid, before.st_gid) != 0) throw StorageError{system_message("cannot hand over", path)};
}

} // namespace assay::storage::detail
