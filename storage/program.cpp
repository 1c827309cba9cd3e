#include "storage/detail/program.hpp"

#include "storage/detail/files.hpp"

#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace assay::storage::detail {
namespace {

constexpr auto could_not_become = 126, could_not_start = 127;

/// In the child, between fork and exec: system calls only, since another thread may have held any lock when we forked.
[[noreturn]] void become_and_exec(Identity const& identity, int input, int output, char* const* argv, char* const* environment)
{
    if (identity.change) {
        // As setpriv --reuid --regid --clear-groups --bounding-set=-all would do.
        for (auto capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
            if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) _exit(could_not_become);
        if (setgroups(0, nullptr) != 0 || setresgid(identity.gid, identity.gid, identity.gid) != 0
            || setresuid(identity.uid, identity.uid, identity.uid) != 0)
            _exit(could_not_become);
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    auto nothing_blocked = sigset_t{};
    sigemptyset(&nothing_blocked);
    sigprocmask(SIG_SETMASK, &nothing_blocked, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    if (chdir("/") != 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(could_not_become);
    close_range(3, ~0U, 0);
    execve(argv[0], argv, environment);
    _exit(could_not_start);
}

File memory_file(char const* name, std::string const& content = {})
{
    auto const number = memfd_create(name, MFD_CLOEXEC);
    if (number < 0) throw StorageError{system_message("cannot set up", name)};
    auto file = File{number};
    for (auto done = std::size_t{0}; done < content.size();) {
        auto const written = ::write(number, content.data() + done, content.size() - done);
        if (written <= 0) throw StorageError{system_message("cannot set up", name)};
        done += static_cast<std::size_t>(written);
    }
    lseek(number, 0, SEEK_SET);
    return file;
}

std::string output_of(File const& file)
{
    auto text = std::string(65'536, '\0');
    auto const got = pread(file.number(), text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::vector<char*> pointers(std::vector<std::string>& words)
{
    auto found = std::vector<char*>{};
    for (auto& word : words) found.push_back(word.data());
    found.push_back(nullptr);
    return found;
}

passwd const* user_named(std::string const& name) { return getpwnam(name.c_str()); }

} // namespace

Identity identity_for(std::string const& user)
{
    if (geteuid() != 0) {
        auto const self = getpwuid(geteuid());
        if (!self) throw StorageError{"the user with number " + std::to_string(geteuid()) + " has no name on this system, which PostgreSQL needs"};
        if (!user.empty() && user != self->pw_name) throw StorageError{"only root can run PostgreSQL as " + user};
        return {.change = false, .uid = geteuid(), .gid = getegid(), .name = self->pw_name};
    }
    if (user.empty()) throw StorageError{"PostgreSQL refuses to run as root: name a system user for it"};
    auto found = user_named(user);
    if (!found) {
        run_or_throw({"/usr/sbin/useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", user}, {});
        found = user_named(user);
    }
    if (!found || found->pw_uid == 0) throw StorageError{"there is no system user " + user + " that PostgreSQL could run as"};
    return {.change = true, .uid = found->pw_uid, .gid = found->pw_gid, .name = user};
}

ProgramOutcome run_program(std::vector<std::string> const& argv, Identity const& identity, std::string const& input)
{
    EXPECTS(!argv.empty() && argv.front().starts_with('/'));
    auto words = argv;
    // PGDATA, PGHOST and the like of whoever started us must not reach PostgreSQL's programs.
    auto settings = std::vector<std::string>{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/"};
    auto const arguments = pointers(words), environment = pointers(settings);
    auto const from = memory_file("input", input);
    auto const to = memory_file("output");

    auto const child = fork();
    if (child < 0) throw StorageError{system_message("cannot start", argv.front())};
    if (child == 0) become_and_exec(identity, from.number(), to.number(), arguments.data(), environment.data());

    auto status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) throw StorageError{system_message("cannot wait for", argv.front())};
    auto outcome = ProgramOutcome{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output_of(to)};
    if (outcome.status == could_not_start) throw StorageError{"cannot start " + argv.front() + ": is the package installed?"};
    if (outcome.status == could_not_become) throw StorageError{"cannot run " + argv.front() + " as user " + identity.name};
    return outcome;
}

void run_or_throw(std::vector<std::string> const& argv, Identity const& identity, std::string const& input)
{
    auto const outcome = run_program(argv, identity, input);
    if (outcome.status == 0) return;
    auto const& all = outcome.output;
    throw StorageError{std::filesystem::path{argv.front()}.filename().string() + " failed with status " + std::to_string(outcome.status) + ": "
        + all.substr(all.size() > 1000 ? all.size() - 1000 : 0)};
}

} // namespace assay::storage::detail
