#include "proctor/channel/worker_channel.hpp"

#include "assay/v1/worker.pb.h"
#include "core/errors.hpp"

#include <cmath>

namespace assay::proctor::channel {
namespace {

namespace wire = assay::v1;

Bytes with_length(google::protobuf::MessageLite const& message)
{
    auto bytes = Bytes{};
    auto const body = message.SerializeAsString();
    bytes.reserve(length_prefix + body.size());
    append_big_endian(bytes, body.size(), length_prefix);
    append(bytes, bytes_of(body));
    return bytes;
}

bool parse(google::protobuf::MessageLite& message, ByteView bytes)
{
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

bool between(double value, double low, double high) { return value >= low && value <= high; } // false for NaN

wire::AnalyseReply::Fault to_wire(FrameFault fault)
{
    switch (fault) {
    case FrameFault::too_many_bytes: return wire::AnalyseReply::TOO_MANY_BYTES;
    case FrameFault::not_jpeg: return wire::AnalyseReply::NOT_JPEG;
    case FrameFault::dimensions: return wire::AnalyseReply::DIMENSIONS;
    case FrameFault::undecodable: return wire::AnalyseReply::UNDECODABLE;
    default: break;
    }
    EXPECTS(false && "a worker does not report its own death");
    return wire::AnalyseReply::UNDECODABLE;
}

result<FrameFault> from_wire(wire::AnalyseReply::Fault fault)
{
    switch (fault) {
    case wire::AnalyseReply::TOO_MANY_BYTES: return FrameFault::too_many_bytes;
    case wire::AnalyseReply::NOT_JPEG: return FrameFault::not_jpeg;
    case wire::AnalyseReply::DIMENSIONS: return FrameFault::dimensions;
    case wire::AnalyseReply::UNDECODABLE: return FrameFault::undecodable;
    default: return core::errc::out_of_range;
    }
}

void write(Ready const& ready, wire::WorkerReady& to)
{
    auto& detector = *to.mutable_detector();
    detector.set_kind(ready.detector.kind == DetectorKind::yunet ? wire::DetectorInfo::YUNET : wire::DetectorInfo::HOG);
    detector.set_version(ready.detector.version);
    if (ready.detector.model) detector.set_model_sha256(std::string{text_of(ready.detector.model->octets)});
    to.set_notice(ready.notice);
}

void write(Reply const& reply, wire::AnalyseReply& to)
{
    to.set_sequence(reply.sequence);
    if (auto const* fault = std::get_if<FrameFault>(&reply.outcome)) {
        to.set_fault(to_wire(*fault));
        return;
    }
    auto const& measured = std::get<Measurement>(reply.outcome);
    to.set_width(static_cast<std::uint32_t>(measured.width));
    to.set_height(static_cast<std::uint32_t>(measured.height));
    for (auto const& face : measured.faces) {
        auto& one = *to.add_faces();
        one.set_x(face.box.x);
        one.set_y(face.box.y);
        one.set_width(face.box.width);
        one.set_height(face.box.height);
        one.set_score(face.score);
    }
    to.set_brightness(measured.brightness);
    to.set_spread(measured.spread);
    to.set_sharpness(measured.sharpness);
    to.set_signature(measured.signature.data(), measured.signature.size());
}

result<Ready> read(wire::WorkerReady const& from)
{
    auto const& detector = from.detector();
    auto ready = Ready{.detector = {.version = detector.version()}, .notice = from.notice()};
    if (ready.detector.version.size() > 64 || ready.notice.size() > 512) return core::errc::too_large;
    switch (detector.kind()) {
    case wire::DetectorInfo::YUNET: ready.detector.kind = DetectorKind::yunet; break;
    case wire::DetectorInfo::HOG: ready.detector.kind = DetectorKind::hog; break;
    default: return core::errc::out_of_range;
    }
    if (auto const& hash = detector.model_sha256(); !hash.empty()) {
        auto digest = Sha256Digest{};
        if (hash.size() != digest.octets.size()) return core::errc::out_of_range;
        std::copy_n(bytes_of(hash).begin(), digest.octets.size(), digest.octets.begin());
        ready.detector.model = digest;
    }
    return ready;
}

result<Reply> read(wire::AnalyseReply const& from)
{
    if (from.fault() != wire::AnalyseReply::FAULT_NONE) {
        auto const fault = from_wire(from.fault());
        if (!fault) return fault.error();
        return Reply{.sequence = from.sequence(), .outcome = *fault};
    }
    auto measured = Measurement{};
    if (from.width() < frame_width_min || from.width() > frame_width_max) return core::errc::out_of_range;
    if (from.height() < frame_height_min || from.height() > frame_height_max) return core::errc::out_of_range;
    if (from.faces_size() > static_cast<int>(faces_max)) return core::errc::too_large;
    measured.width = static_cast<int>(from.width());
    measured.height = static_cast<int>(from.height());
    constexpr auto reach = 2.0 * frame_width_max;
    for (auto const& face : from.faces()) {
        auto const plausible = between(face.x(), -reach, reach) && between(face.y(), -reach, reach) && between(face.width(), 0, reach) &&
                               between(face.height(), 0, reach) && between(face.score(), -10, 100);
        if (!plausible) return core::errc::out_of_range;
        measured.faces.push_back({.box = {face.x(), face.y(), face.width(), face.height()}, .score = face.score()});
    }
    if (!between(from.brightness(), 0, 255) || !between(from.spread(), 0, 255) || !between(from.sharpness(), 0, 1e8))
        return core::errc::out_of_range;
    measured.brightness = from.brightness();
    measured.spread = from.spread();
    measured.sharpness = from.sharpness();
    if (from.signature().size() != measured.signature.size()) return core::errc::out_of_range;
    std::copy_n(reinterpret_cast<std::uint8_t const*>(from.signature().data()), measured.signature.size(), measured.signature.begin());
    return Reply{.sequence = from.sequence(), .outcome = std::move(measured)};
}

} // namespace

Bytes frame(Request const& request)
{
    EXPECTS(request.jpeg.size() <= frame_bytes_max);
    auto message = wire::AnalyseRequest{};
    message.set_sequence(request.sequence);
    message.set_jpeg(request.jpeg.data(), request.jpeg.size());
    return with_length(message);
}

Bytes frame(Message const& message)
{
    auto to = wire::WorkerMessage{};
    if (auto const* ready = std::get_if<Ready>(&message)) write(*ready, *to.mutable_ready());
    else write(std::get<Reply>(message), *to.mutable_reply());
    return with_length(to);
}

result<std::size_t> parse_length(std::span<std::byte const, length_prefix> prefix, std::size_t size_max)
{
    auto length = std::size_t{0};
    for (auto const octet : prefix) length = length << 8 | std::to_integer<std::size_t>(octet);
    if (length == 0) return core::errc::malformed;
    if (length > size_max) return core::errc::too_large;
    return length;
}

result<Request> parse_request(ByteView bytes)
{
    if (bytes.size() > request_size_max) return core::errc::too_large;
    auto message = wire::AnalyseRequest{};
    if (!parse(message, bytes)) return core::errc::malformed;
    if (message.jpeg().size() > frame_bytes_max) return core::errc::too_large;
    return Request{.sequence = message.sequence(), .jpeg = to_bytes(message.jpeg())};
}

result<Message> parse_message(ByteView bytes)
{
    if (bytes.size() > message_size_max) return core::errc::too_large;
    auto message = wire::WorkerMessage{};
    if (!parse(message, bytes)) return core::errc::malformed;
    if (message.has_ready()) {
        auto ready = read(message.ready());
        if (!ready) return ready.error();
        return Message{std::move(*ready)};
    }
    if (!message.has_reply()) return core::errc::malformed;
    auto reply = read(message.reply());
    if (!reply) return reply.error();
    return Message{std::move(*reply)};
}

} // namespace assay::proctor::channel
