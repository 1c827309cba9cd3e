#pragma once
// What a candidate's page sends over the two WebSockets, read within bounds (proto/assay/v1). Whatever else arrives closes the connection.
#include "core/bytes.hpp"
#include "exam/response.hpp"

#include "assay/v1/exam.pb.h"
#include "assay/v1/proctor.pb.h"
#include <optional>

namespace assay::server {

constexpr std::size_t exam_message_size_max = 32 * 1024; ///< bytes, as the WebSocket admits them
constexpr int message_depth_max = 8;                     ///< messages within messages
constexpr int response_variables_max = 64;

/// The message that is all of `bytes`, or nothing: cut short, too deep, with bytes left over.
std::optional<v1::ExamClientMessage> parse_exam_message(ByteView bytes);
std::optional<v1::ProctorClientMessage> parse_proctor_message(ByteView bytes);

/// The answer as the item's rules take it; values given under one identifier in several variables add up. Nothing when there are more than
/// response_variables_max.
std::optional<exam::ResponseSet> response_of(v1::SubmitResponse const& submitted);

} // namespace assay::server
