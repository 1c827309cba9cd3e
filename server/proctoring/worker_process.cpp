#include "server/proctoring/worker_process.hpp"

#include "proctor/channel/worker_channel.hpp"

#include <csignal>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace assay::server::proctoring {
namespace {

/// The published YuNet 2022mar, when the operator names a file and no hash.
constexpr auto yunet_2022mar_sha256 = "50ef07f702a31741ca46a4c0d947773b64143b9362780237bf0d427d6c79bab7";

[[noreturn]] void fail(int error, std::string const& what) { throw std::system_error{error, std::generic_category(), what}; }

std::vector<std::string> arguments(WorkerProgram const& program)
{
    auto list = std::vector<std::string>{program.executable.string()};
    if (!program.model) return list;
    list.insert(list.end(), {"--model", program.model->string(), "--model-sha256",
                             program.model_sha256 ? to_string(*program.model_sha256) : yunet_2022mar_sha256});
    return list;
}

} // namespace

WorkerProcess::WorkerProcess(WorkerProgram const& program)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail(errno, "socketpair");

    auto list = arguments(program);
    auto pointers = std::vector<char*>{};
    for (auto& argument : list) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    char* environment[] = {nullptr}; // no key or address of ours leaks into a process that reads hostile bytes

    auto actions = posix_spawn_file_actions_t{};
    auto attributes = posix_spawnattr_t{};
    auto none = sigset_t{}, all = sigset_t{};
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], proctor::channel::worker_descriptor);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0); // Ctrl-C at a terminal is for us: we end the workers in order
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    auto const error = posix_spawn(&id_, program.executable.c_str(), &actions, &attributes, pointers.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    ::close(ends[1]);
    if (error != 0) {
        ::close(ends[0]);
        fail(error, program.executable.string());
    }
    descriptor_ = ends[0];
}

WorkerProcess::~WorkerProcess()
{
    kill();
    if (descriptor_ >= 0) ::close(descriptor_);
    // After SIGKILL the wait is a matter of microseconds, even for a stopped process.
    while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {}
}

int WorkerProcess::release_descriptor() noexcept { return std::exchange(descriptor_, -1); }

void WorkerProcess::kill() noexcept { ::kill(id_, SIGKILL); } // not yet reaped, so the id is still its own

} // namespace assay::server::proctoring
