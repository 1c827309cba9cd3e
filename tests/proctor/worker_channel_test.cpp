#include "proctor/channel/worker_channel.hpp"

#include "assay/v1/worker.pb.h"
#include "core/errors.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace assay::proctor::channel {
namespace {

namespace wire = assay::v1;

ByteView body_of(Bytes const& framed) { return ByteView{framed}.subspan(length_prefix); }

Reply a_reply()
{
    auto measured = Measurement{.width = 640, .height = 480, .faces = {{.box = {1, 2, 3, 4}, .score = 0.9}}, .brightness = 100, .spread = 40, .sharpness = 250};
    measured.signature.fill(77);
    return {.sequence = 5, .outcome = measured};
}

wire::WorkerMessage on_the_wire(Reply const& reply)
{
    auto const framed = frame(Message{reply});
    auto message = wire::WorkerMessage{};
    EXPECT_TRUE(message.ParseFromArray(body_of(framed).data(), static_cast<int>(body_of(framed).size())));
    return message;
}

result<Message> parse(wire::WorkerMessage const& message) { return parse_message(bytes_of(message.SerializeAsString())); }

TEST(WorkerChannel, ARequestReadsBack)
{
    auto const framed = frame(Request{.sequence = 7, .jpeg = to_bytes("picture")});
    auto const length = parse_length(std::span{framed}.first<length_prefix>(), request_size_max);
    ASSERT_TRUE(length.has_value());
    EXPECT_EQ(*length + length_prefix, framed.size());
    auto const read = parse_request(body_of(framed));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->sequence, 7u);
    EXPECT_EQ(read->jpeg, to_bytes("picture"));
}

TEST(WorkerChannel, AMeasurementAndAFaultReadBack)
{
    auto const read = parse_message(body_of(frame(Message{a_reply()})));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(std::get<Measurement>(std::get<Reply>(*read).outcome), std::get<Measurement>(a_reply().outcome));
    for (auto const fault : {FrameFault::too_many_bytes, FrameFault::not_jpeg, FrameFault::dimensions, FrameFault::undecodable}) {
        auto const refused = parse_message(body_of(frame(Message{Reply{.sequence = 1, .outcome = fault}})));
        ASSERT_TRUE(refused.has_value());
        EXPECT_EQ(std::get<FrameFault>(std::get<Reply>(*refused).outcome), fault);
    }
}

TEST(WorkerChannel, ReadyReadsBack)
{
    auto const ready = Ready{.detector = {.kind = DetectorKind::yunet, .version = "OpenCV 4.6.0", .model = sha256("model")}, .notice = "why"};
    auto const read = parse_message(body_of(frame(Message{ready})));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(std::get<Ready>(*read).detector, ready.detector);
    EXPECT_EQ(std::get<Ready>(*read).notice, "why");
}

TEST(WorkerChannel, BelievesNoLengthThatIsZeroOrTooLong)
{
    EXPECT_EQ(parse_length(std::array{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}}, 100).error(), core::errc::malformed);
    EXPECT_EQ(parse_length(std::array{std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}}, 100).error(), core::errc::too_large);
    EXPECT_EQ(*parse_length(std::array{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{100}}, 100), 100u);
}

TEST(WorkerChannel, BelievesNoNumberThatNoPictureHas)
{
    auto const spoilt = [](auto spoil) {
        auto message = on_the_wire(a_reply());
        spoil(*message.mutable_reply());
        return parse(message);
    };
    constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(spoilt([](auto& r) { r.set_brightness(nan); }).error(), core::errc::out_of_range);
    EXPECT_EQ(spoilt([](auto& r) { r.set_spread(-1); }).error(), core::errc::out_of_range);
    EXPECT_EQ(spoilt([](auto& r) { r.set_width(100000); }).error(), core::errc::out_of_range);
    EXPECT_EQ(spoilt([](auto& r) { r.set_signature("short"); }).error(), core::errc::out_of_range);
    EXPECT_EQ(spoilt([](auto& r) { r.mutable_faces(0)->set_score(std::numeric_limits<double>::infinity()); }).error(), core::errc::out_of_range);
    EXPECT_EQ(spoilt([](auto& r) { r.set_fault(static_cast<wire::AnalyseReply::Fault>(99)); }).error(), core::errc::out_of_range);
    EXPECT_EQ(spoilt([](auto& r) {
                  for (auto i = 0; i < 65; ++i) *r.add_faces() = r.faces(0);
              }).error(),
              core::errc::too_large);
    EXPECT_EQ(parse(wire::WorkerMessage{}).error(), core::errc::malformed);
}

TEST(WorkerChannel, EveryTruncationIsRefusedOrIncomplete)
{
    auto const whole = frame(Message{a_reply()});
    auto const body = body_of(whole);
    for (auto size = std::size_t{0}; size < body.size(); ++size) EXPECT_FALSE(parse_message(body.first(size)).has_value()) << size;
}

} // namespace
} // namespace assay::proctor::channel
