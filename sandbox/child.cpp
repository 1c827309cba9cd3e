#include "sandbox/child.hpp"

#include <cerrno>
#include <csignal>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace assay::sandbox {
namespace {

[[noreturn]] void fail(int error, std::string const& what) { throw std::system_error{error, std::generic_category(), what}; }

} // namespace

Child::Child(std::filesystem::path const& program, std::vector<std::string> arguments)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail(errno, "socketpair");

    auto name = program.string();
    auto pointers = std::vector<char*>{name.data()};
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    char* environment[] = {nullptr}; // no key or address of ours leaks into a process that reads hostile bytes

    auto actions = posix_spawn_file_actions_t{};
    auto attributes = posix_spawnattr_t{};
    auto none = sigset_t{}, all = sigset_t{};
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], child_descriptor);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0); // Ctrl-C at a terminal is for us: we end the children in order
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    auto const error = posix_spawn(&id_, name.c_str(), &actions, &attributes, pointers.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    ::close(ends[1]);
    if (error != 0) {
        ::close(ends[0]);
        fail(error, name);
    }
    descriptor_ = ends[0];
}

Child::~Child()
{
    kill();
    if (descriptor_ >= 0) ::close(descriptor_);
    // After SIGKILL the wait is a matter of microseconds, even for a stopped process.
    while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {}
}

int Child::release_descriptor() noexcept { return std::exchange(descriptor_, -1); }

void Child::kill() noexcept { ::kill(id_, SIGKILL); } // not yet reaped, so the id is still its own

} // namespace assay::sandbox
