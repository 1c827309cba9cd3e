#include "server/wire/client_messages.hpp"

#include <google/protobuf/io/coded_stream.h>

namespace assay::server {
namespace {

template <class Message>
std::optional<Message> parse(ByteView bytes)
{
    auto stream = google::protobuf::io::CodedInputStream{reinterpret_cast<std::uint8_t const*>(bytes.data()), static_cast<int>(bytes.size())};
    stream.SetRecursionLimit(message_depth_max);
    auto message = std::make_optional<Message>();
    if (!message->ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) return std::nullopt;
    return message;
}

} // namespace

std::optional<v1::ExamClientMessage> parse_exam_message(ByteView bytes) { return parse<v1::ExamClientMessage>(bytes); }
std::optional<v1::ProctorClientMessage> parse_proctor_message(ByteView bytes) { return parse<v1::ProctorClientMessage>(bytes); }

std::optional<exam::ResponseSet> response_of(v1::SubmitResponse const& submitted)
{
    if (submitted.response_size() > response_variables_max) return std::nullopt;
    auto response = exam::ResponseSet{};
    for (auto const& variable : submitted.response()) {
        auto& values = response[variable.identifier()];
        values.insert(values.end(), variable.values().begin(), variable.values().end());
    }
    return response;
}

} // namespace assay::server
