#include "credentials/foreign/reader.hpp"

#include "sandbox/child.hpp"
#include "sandbox/transfer.hpp"

namespace assay::credentials::foreign {
namespace {

using sandbox::Transfer;

Unreadable lost(Transfer how)
{
    if (how == Transfer::overdue) return {Fault::late, "its reader was ended: it took too long over this file"};
    return {Fault::reader_lost, "its reader ended without an answer"};
}

} // namespace

Opened read_in_sandbox(Reader const& reader, ByteView file)
{
    if (file.size() > file_size_max) return Unreadable{Fault::not_readable, "longer than " + std::to_string(file_size_max) + " bytes"};
    auto const until = sandbox::Clock::now() + reader.patience;
    auto const child = sandbox::Child{reader.program, {reader_argument}};
    if (auto const sent = sandbox::send_all(child.descriptor(), with_length(file), until); sent != Transfer::complete) return lost(sent);
    auto prefix = std::array<std::byte, length_size>{};
    if (auto const got = sandbox::receive_all(child.descriptor(), prefix, until); got != Transfer::complete) return lost(got);
    auto const size = parse_length(prefix);
    if (size > answer_size_max) return lost(Transfer::ended);
    auto answer = Bytes(size);
    if (auto const got = sandbox::receive_all(child.descriptor(), answer, until); got != Transfer::complete) return lost(got);
    auto opened = parse_answer(answer);
    if (!opened) return lost(Transfer::ended);
    return std::move(*opened);
}

} // namespace assay::credentials::foreign
