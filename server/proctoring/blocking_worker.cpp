#include "server/proctoring/blocking_worker.hpp"

#include <cerrno>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>

namespace assay::server::proctoring {
namespace {

namespace channel = proctor::channel;
using proctor::FrameFault;
using Clock = std::chrono::steady_clock;

constexpr auto start_deadline = milliseconds{60000};

enum class Transfer { complete, ended, overdue };

Transfer wait_for(int descriptor, short events, Clock::time_point until)
{
    for (;;) {
        auto const left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
        if (left <= 0) return Transfer::overdue;
        auto entry = pollfd{.fd = descriptor, .events = events, .revents = 0};
        auto const count = ::poll(&entry, 1, static_cast<int>(left));
        if (count > 0) return Transfer::complete;
        if (count < 0 && errno != EINTR) return Transfer::ended;
    }
}

Transfer send_all(int descriptor, ByteView bytes, Clock::time_point until)
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

/// A message, or how the wait for it ended; nonsense counts as an end.
std::variant<channel::Message, Transfer> receive_message(int descriptor, Clock::time_point until)
{
    auto prefix = std::array<std::byte, channel::length_prefix>{};
    if (auto const got = receive_all(descriptor, prefix, until); got != Transfer::complete) return got;
    auto const length = channel::parse_length(prefix, channel::message_size_max);
    if (!length) return Transfer::ended;
    auto body = Bytes(*length);
    if (auto const got = receive_all(descriptor, body, until); got != Transfer::complete) return got;
    auto message = channel::parse_message(body);
    if (!message) return Transfer::ended;
    return std::move(*message);
}

} // namespace

BlockingWorker::BlockingWorker(WorkerProgram program, milliseconds frame_deadline) : program_{std::move(program)}, frame_deadline_{frame_deadline}
{
    start();
}

void BlockingWorker::start()
{
    process_ = std::make_unique<WorkerProcess>(program_);
    auto message = receive_message(process_->descriptor(), Clock::now() + start_deadline);
    auto* received = std::get_if<channel::Message>(&message);
    auto* ready = received != nullptr ? std::get_if<channel::Ready>(received) : nullptr;
    if (ready == nullptr) throw std::runtime_error{program_.executable.string() + " did not become ready"};
    ready_ = std::move(*ready);
}

std::variant<proctor::Measurement, FrameFault> BlockingWorker::measure(ByteView jpeg)
{
    if (jpeg.size() > proctor::frame_bytes_max) return FrameFault::too_many_bytes;
    auto const until = Clock::now() + frame_deadline_;
    auto const number = ++sequence_;
    auto const request = channel::frame(channel::Request{.sequence = number, .jpeg = to_bytes(jpeg)});
    auto transfer = send_all(process_->descriptor(), request, until);
    if (transfer == Transfer::complete) {
        auto message = receive_message(process_->descriptor(), until);
        if (auto* received = std::get_if<channel::Message>(&message)) {
            auto* reply = std::get_if<channel::Reply>(received);
            if (reply != nullptr && reply->sequence == number) {
                if (auto* measured = std::get_if<proctor::Measurement>(&reply->outcome)) measured->detector = ready_.detector;
                return std::move(reply->outcome);
            }
            transfer = Transfer::ended;
        } else {
            transfer = std::get<Transfer>(message);
        }
    }
    start();
    return transfer == Transfer::overdue ? FrameFault::late : FrameFault::worker_lost;
}

} // namespace assay::server::proctoring
