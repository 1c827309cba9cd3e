#pragma once
// What a process gives up before it sees the first byte from outside.
#include <chrono>
#include <cstdint>

namespace assay::sandbox {

struct Limits {
    std::uint64_t address_space_bytes = 1ull << 30; ///< not applied under sanitizers, whose shadow alone is terabytes
    std::chrono::seconds cpu{86400};                ///< a runaway ends at last, whoever forgot to watch it
    /// In sanitizer builds only: UBSan's check of virtual calls asks the kernel through a pipe whether memory is readable. Programs whose every
    /// library is built without that check leave this false, and their sandbox is the same in all builds.
    bool sanitizer_may_probe = false;
};

/// From here on the process can read and write `descriptor`, allocate, tell the time and end. It can't open, connect, fork, exec,
/// signal, trace or see anything else: every other descriptor is closed, no_new_privs is set, resource limits allow no file, no
/// descriptor and no process, and a seccomp allow-list (for all threads) kills on anything unforeseen; what libraries probe
/// harmlessly (open, ioctl, sched_*) is answered EPERM.
/// Throws std::system_error when any part can't be put in place: a worker without its sandbox must not run.
void enter(int descriptor, Limits const& limits = {});

} // namespace assay::sandbox
