#include "sandbox/enter.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

// Each attempt runs in a forked child that has entered the real sandbox. The child reports over the one descriptor it keeps, so that
// "killed" and "refused" are told apart from "was never tried".
namespace assay::sandbox {
namespace {

enum class End { finished, killed_by_filter, otherwise };

struct Outcome {
    bool entered = false; ///< the child said so from inside
    bool returned = false; ///< the attempt came back
    long value = 0;        ///< what it gave: the call's result, or −errno
    End end = End::otherwise;
};

struct Report {
    char stage;
    long value;
};

/// Waits on the child's words: no library call but write.
Outcome in_sandbox(std::function<long()> const& attempt)
{
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    auto const child = fork();
    if (child == 0) {
        ::close(ends[0]);
        try {
            enter(ends[1]);
        } catch (std::exception const& problem) {
            _exit(99);
        }
        auto report = Report{'e', 0};
        if (::write(ends[1], &report, sizeof report) != sizeof report) syscall(SYS_exit_group, 98);
        report = {'r', attempt()};
        if (::write(ends[1], &report, sizeof report) != sizeof report) syscall(SYS_exit_group, 98);
        syscall(SYS_exit_group, 0);
    }
    ::close(ends[1]);
    auto outcome = Outcome{};
    auto report = Report{};
    while (::read(ends[0], &report, sizeof report) == sizeof report) {
        if (report.stage == 'e') outcome.entered = true;
        if (report.stage == 'r') outcome.returned = true, outcome.value = report.value;
    }
    ::close(ends[0]);
    auto status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) outcome.end = End::finished;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) outcome.end = End::killed_by_filter;
    return outcome;
}

long call(long value) { return value < 0 ? -errno : value; }

void expect_killed(std::function<long()> const& attempt)
{
    auto const outcome = in_sandbox(attempt);
    EXPECT_TRUE(outcome.entered);
    EXPECT_FALSE(outcome.returned) << outcome.value;
    EXPECT_EQ(outcome.end, End::killed_by_filter);
}

void expect_value(long value, std::function<long()> const& attempt)
{
    auto const outcome = in_sandbox(attempt);
    EXPECT_TRUE(outcome.entered);
    EXPECT_TRUE(outcome.returned);
    EXPECT_EQ(outcome.value, value);
    EXPECT_EQ(outcome.end, End::finished);
}

TEST(Sandbox, LetsAWorkerWork)
{
    expect_value(42, [] {
        auto numbers = std::vector<long>(4 << 20, 1); // enough for mmap
        numbers.back() = 41;
        auto now = timespec{};
        return clock_gettime(CLOCK_MONOTONIC, &now) == 0 ? numbers.back() + numbers.front() : -1;
    });
}

TEST(Sandbox, OpensNoFile)
{
    expect_value(-EPERM, [] { return call(::open("/etc/passwd", O_RDONLY)); });
    expect_value(-EPERM, [] { return call(::open("/tmp/from-the-sandbox", O_WRONLY | O_CREAT, 0600)); });
    expect_killed([] { return call(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", nullptr, 0)); });
    expect_killed([] { return call(::unlink("/tmp/from-the-sandbox")); });
}

TEST(Sandbox, HasNoNetwork)
{
    expect_killed([] { return call(::socket(AF_INET, SOCK_STREAM, 0)); });
    expect_killed([] { return call(::socket(AF_UNIX, SOCK_DGRAM, 0)); });
    expect_killed([] { return call(::sendto(3, "x", 1, 0, nullptr, 0)); });
}

TEST(Sandbox, StartsNoProcessAndNoThread)
{
    expect_killed([] { return call(::fork()); });
    expect_killed([] { return call(syscall(SYS_clone3, nullptr, 0)); });
    expect_killed([] {
        char name[] = "/bin/true";
        char* arguments[] = {name, nullptr};
        return call(::execve(name, arguments, nullptr));
    });
    expect_killed([] { return call(syscall(SYS_execveat, AT_FDCWD, "/bin/true", nullptr, nullptr, 0)); });
}

TEST(Sandbox, TouchesNoOtherProcess)
{
    expect_killed([] { return call(::kill(1, 0)); });
    expect_killed([] { return call(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); });
    expect_killed([] { return call(syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0)); });
    expect_killed([] { return call(syscall(SYS_tgkill, 1, 1, 0)); });
}

TEST(Sandbox, MakesNoMemoryExecutable)
{
    expect_killed([] { return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED; });
    static char page[8192];
    expect_killed([] {
        auto* aligned = reinterpret_cast<void*>((reinterpret_cast<std::uintptr_t>(page) + 4095) & ~std::uintptr_t{4095});
        return call(::mprotect(aligned, 4096, PROT_READ | PROT_EXEC));
    });
}

TEST(Sandbox, ReadsAndWritesNothingButItsChannel)
{
    expect_killed([] { return call(::write(2, "x", 1)); });
    expect_killed([] {
        auto octet = char{};
        return call(::read(0, &octet, 1));
    });
    // What stood open before is closed, not only out of reach: fcntl would say so, and is itself refused.
    expect_killed([] { return call(::fcntl(2, F_GETFD)); });
}

TEST(Sandbox, CanNotLoosenItself)
{
    expect_value(-EPERM, [] { return call(syscall(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0)); });
    expect_killed([] { return call(syscall(SYS_seccomp, 0, 0, nullptr)); });
    expect_killed([] { return call(::setuid(0)); });
}

TEST(Sandbox, BindsThreadsThatWereThereBefore)
{
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    auto const child = fork();
    if (child == 0) {
        static std::atomic<bool> inside = false;
        auto thread = std::thread{[] {
            while (!inside) {}
            ::socket(AF_INET, SOCK_STREAM, 0);
            syscall(SYS_exit_group, 0); // the filter did not hold
        }};
        enter(ends[1]);
        inside = true;
        for (;;) {}
    }
    ::close(ends[0]);
    ::close(ends[1]);
    auto status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) << status;
}

} // namespace
} // namespace assay::sandbox
