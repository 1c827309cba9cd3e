#include "sandbox/enter.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace assay::sandbox {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

[[noreturn]] void fail(int error, char const* what) { throw std::system_error{error, std::generic_category(), what}; }

void limit(__rlimit_resource resource, rlim_t value, char const* what)
{
    auto const bound = rlimit{.rlim_cur = value, .rlim_max = value};
    if (setrlimit(resource, &bound) != 0) fail(errno, what);
}

void close_all_but(unsigned descriptor)
{
    if (descriptor > 0 && close_range(0, descriptor - 1, 0) != 0) fail(errno, "close_range");
    if (close_range(descriptor + 1, ~0u, 0) != 0) fail(errno, "close_range");
}

struct Release {
    void operator()(void* filter) const noexcept { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

void rule(Filter const& filter, std::uint32_t action, int call)
{
    if (auto const code = seccomp_rule_add_array(filter.get(), action, call, 0, nullptr); code != 0) fail(-code, "seccomp_rule_add");
}

void rule(Filter const& filter, std::uint32_t action, int call, scmp_arg_cmp const& argument)
{
    if (auto const code = seccomp_rule_add_array(filter.get(), action, call, 1, &argument); code != 0) fail(-code, "seccomp_rule_add");
}

void apply_filter(int descriptor, bool may_probe)
{
    auto const filter = Filter{seccomp_init(SCMP_ACT_KILL_PROCESS)};
    if (filter == nullptr) fail(ENOMEM, "seccomp_init");
    if (auto const code = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1); code != 0) fail(-code, "seccomp TSYNC");
    if (auto const code = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_NNP, 1); code != 0) fail(-code, "seccomp NNP");

    // The one descriptor, and memory that can't become code.
    auto const own = SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(descriptor));
    if (may_probe) {
        for (auto const call : {SCMP_SYS(pipe2), SCMP_SYS(pipe), SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close)}) rule(filter, SCMP_ACT_ALLOW, call);
    } else {
        for (auto const call : {SCMP_SYS(read), SCMP_SYS(write)}) rule(filter, SCMP_ACT_ALLOW, call, own);
        rule(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(close));
    }
    auto const not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    for (auto const call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) rule(filter, SCMP_ACT_ALLOW, call, not_executable);
    for (auto const call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(exit),
                            SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
                            SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(getpid),
                            SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall)})
        rule(filter, SCMP_ACT_ALLOW, call);
    rule(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()))); // abort()

    // What libraries try and can do without.
    for (auto const call : {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
                            SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(ioctl), SCMP_SYS(uname),
                            SCMP_SYS(sysinfo), SCMP_SYS(prctl), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit), SCMP_SYS(sched_getaffinity),
                            SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(getcpu)})
        rule(filter, SCMP_ACT_ERRNO(EPERM), call);

    if (auto const code = seccomp_load(filter.get()); code != 0) fail(-code, "seccomp_load");
}

} // namespace

void enter(int descriptor, Limits const& limits)
{
    auto const may_probe = sanitized && limits.sanitizer_may_probe;
    close_all_but(static_cast<unsigned>(descriptor));
    if (prctl(PR_SET_DUMPABLE, 0) != 0) fail(errno, "PR_SET_DUMPABLE"); // other processes of this user can't look at what it reads either
    if (!sanitized) limit(RLIMIT_AS, limits.address_space_bytes, "RLIMIT_AS");
    limit(RLIMIT_CPU, static_cast<rlim_t>(limits.cpu.count()), "RLIMIT_CPU");
    limit(RLIMIT_FSIZE, 0, "RLIMIT_FSIZE");
    limit(RLIMIT_CORE, 0, "RLIMIT_CORE");
    limit(RLIMIT_NPROC, 0, "RLIMIT_NPROC");
    if (!may_probe) limit(RLIMIT_NOFILE, 0, "RLIMIT_NOFILE");
    limit(RLIMIT_MEMLOCK, 0, "RLIMIT_MEMLOCK");
    apply_filter(descriptor, may_probe);
}

} // namespace assay::sandbox
