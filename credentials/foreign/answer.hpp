#pragma once
// What comes out of a foreign file, and how the process that opened it says so. Whoever reads the answer believes nothing of it: the process
// may have been taken over by the file, and then the worst that it can say is another credential, which does not verify.
#include "core/bytes.hpp"
#include "core/contract.hpp"

#include <string>
#include <variant>
#include <vector>

namespace assay::credentials::foreign {

struct Contents {
    std::string credential;            ///< JSON or JWT, as it stood inside
    std::vector<std::string> receipts; ///< of the journal, attached beside it (PDF only)
    friend bool operator==(Contents const&, Contents const&) = default;
};

enum class Fault {
    not_readable, ///< the file's own fault: broken, nothing inside, too long
    reader_lost,  ///< the process ended without an answer that can be read
    late,         ///< it did not answer in time, and was ended
};

struct Unreadable {
    Fault fault = Fault::not_readable;
    std::string why; ///< one sentence
    friend bool operator==(Unreadable const&, Unreadable const&) = default;
};

using Opened = std::variant<Contents, Unreadable>;

constexpr std::size_t file_size_max = 32 << 20;
constexpr std::size_t answer_size_max = 4 << 20;
constexpr std::size_t receipts_max = 8;
constexpr std::size_t why_max = 300; ///< printable ASCII

/// Before the file, and before its answer, stands its length in four bytes, big-endian.
constexpr std::size_t length_size = 4;
Bytes with_length(ByteView bytes);
std::size_t parse_length(std::span<std::byte const, length_size> prefix) noexcept;

/// 'C', the credential and the receipts; or 'U' and why. Each text has its length before it. What does not fit into
/// answer_size_max, or is no printable reason, is said so instead.
Bytes to_answer(Opened const& opened);

/// The only answer with these bytes: to_answer gives them again. core::errc::malformed.
result<Opened> parse_answer(ByteView bytes);

} // namespace assay::credentials::foreign
