#pragma once
// What travels between the service and its picture workers (proto/assay/v1/worker.proto), as our own types. Both ends
// bound and check what they read: a worker may have been taken over by a picture.
#include "proctor/observation.hpp"

#include <variant>

namespace assay::proctor::channel {

constexpr int worker_descriptor = 3;                 ///< where the worker finds its end of the socketpair
constexpr std::size_t length_prefix = 4;
constexpr std::size_t request_size_max = frame_bytes_max + 64;
constexpr std::size_t message_size_max = 16 * 1024;
constexpr std::size_t faces_max = 64;                ///< more than these are not looked for, nor accepted

struct Request {
    std::uint64_t sequence = 0;
    Bytes jpeg;
};

struct Ready {
    Detector detector;
    std::string notice;
};

/// A measurement (its detector is that of Ready) or the reason there is none.
struct Reply {
    std::uint64_t sequence = 0;
    std::variant<Measurement, FrameFault> outcome;
};

using Message = std::variant<Ready, Reply>;

/// The bytes to send, length prefix included.
Bytes frame(Request const& request);
Bytes frame(Message const& message);

/// The length that a prefix announces. Errors: core::errc::too_large over `size_max`; core::errc::malformed for 0.
result<std::size_t> parse_length(std::span<std::byte const, length_prefix> prefix, std::size_t size_max);

/// One message without its prefix. Errors: core::errc::malformed, core::errc::out_of_range (numbers that are not finite, sizes or
/// counts that no picture has), core::errc::too_large.
result<Request> parse_request(ByteView bytes);
result<Message> parse_message(ByteView bytes);

} // namespace assay::proctor::channel
