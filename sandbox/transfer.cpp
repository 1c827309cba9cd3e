#include "sandbox/transfer.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace assay::sandbox {
namespace {

Transfer wait_for(int descriptor, short events, Clock::time_point until)
{
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) return Transfer::overdue;
        auto entry = pollfd{.fd = descriptor, .events = events, .revents = 0};
        auto const count = ::poll(&entry, 1, static_cast<int>(left));
        if (count > 0) return Transfer::complete;
        if (count < 0 && errno != EINTR) return Transfer::ended;
    }
}

} // namespace

Transfer send_all(int descriptor, std::span<std::byte const> bytes, Clock::time_point until)
{
    while (!bytes.empty()) {
        if (auto const waited = wait_for(descriptor, POLLOUT, until); waited != Transfer::complete) return waited;
        auto const count = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) return Transfer::ended;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return Transfer::complete;
}

Transfer receive_all(int descriptor, std::span<std::byte> to, Clock::time_point until)
{
    while (!to.empty()) {
        if (auto const waited = wait_for(descriptor, POLLIN, until); waited != Transfer::complete) return waited;
        auto const count = ::recv(descriptor, to.data(), to.size(), MSG_DONTWAIT);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) return Transfer::ended;
        to = to.subspan(static_cast<std::size_t>(count));
    }
    return Transfer::complete;
}

bool write_exactly(int descriptor, std::span<std::byte const> bytes) noexcept
{
    while (!bytes.empty()) {
        auto const count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

bool read_exactly(int descriptor, std::span<std::byte> to) noexcept
{
    while (!to.empty()) {
        auto const count = ::read(descriptor, to.data(), to.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        to = to.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

} // namespace assay::sandbox
