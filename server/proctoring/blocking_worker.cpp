#include "server/proctoring/blocking_worker.hpp"

#include "sandbox/transfer.hpp"

#include <stdexcept>

namespace assay::server::proctoring {
namespace {

namespace channel = proctor::channel;
using proctor::FrameFault;
using sandbox::Clock;
using sandbox::Transfer;

constexpr auto start_deadline = milliseconds{60000};

/// A message, or how the wait for it ended; nonsense counts as an end.
std::variant<channel::Message, Transfer> receive_message(int descriptor, Clock::time_point until)
{
    auto prefix = std::array<std::byte, channel::length_prefix>{};
    if (auto const got = sandbox::receive_all(descriptor, prefix, until); got != Transfer::complete) return got;
    auto const length = channel::parse_length(prefix, channel::message_size_max);
    if (!length) return Transfer::ended;
    auto body = Bytes(*length);
    if (auto const got = sandbox::receive_all(descriptor, body, until); got != Transfer::complete) return got;
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
    process_ = std::make_unique<sandbox::Child>(program_.executable, program_.arguments());
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
    auto transfer = sandbox::send_all(process_->descriptor(), request, until);
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
