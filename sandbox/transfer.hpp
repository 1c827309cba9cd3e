#pragma once
// Bytes to and from a child for callers that may wait: until a point in time, whatever the child does.
#include <chrono>
#include <cstddef>
#include <span>

namespace assay::sandbox {

using Clock = std::chrono::steady_clock;

/// complete; ended: the child closed its end or is gone; overdue: `until` came first.
enum class Transfer { complete, ended, overdue };

Transfer send_all(int descriptor, std::span<std::byte const> bytes, Clock::time_point until);
Transfer receive_all(int descriptor, std::span<std::byte> to, Clock::time_point until);

/// The child's side, inside the sandbox, where only read and write are left: it waits as long as its parent lets it live. False when the
/// other end is gone.
bool write_exactly(int descriptor, std::span<std::byte const> bytes) noexcept;
bool read_exactly(int descriptor, std::span<std::byte> to) noexcept;

} // namespace assay::sandbox
