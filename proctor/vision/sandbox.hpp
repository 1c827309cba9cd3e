#pragma once
// What a worker gives up before it sees the first picture from outside.
#include <chrono>
#include <cstdint>

namespace assay::proctor::vision {

struct SandboxLimits {
    std::uint64_t address_space_bytes = 1ull << 30; ///< not applied under sanitizers, whose shadow alone is terabytes
    std::chrono::seconds cpu{86400};                ///< a runaway ends at last, whoever forgot to watch it
};

/// From here on the process can read and write `descriptor`, allocate, tell the time and end. It can't open, connect, fork, exec,
/// signal, trace or see anything else: every other descriptor is closed, no_new_privs is set, resource limits allow no file, no
/// descriptor and no process, and a seccomp allow-list (for all threads) kills on anything unforeseen; what libraries probe
/// harmlessly (open, ioctl, sched_*) is answered EPERM.
/// Throws std::system_error when any part can't be put in place: a worker without its sandbox must not run.
void enter_sandbox(int descriptor, SandboxLimits const& limits = {});

} // namespace assay::proctor::vision
