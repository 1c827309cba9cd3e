#pragma once
// A witness has seen a log grow: it cosigns a checkpoint only when that extends the last one it cosigned (C2SP tlog-witness, tlog-cosignature).
// Who finds its cosignature knows that nobody has been shown another history of that log. Pure: the last checkpoint and the time come in.
#include "credentials/log/checkpoint.hpp"

#include <variant>
#include <vector>

namespace assay::credentials::tlog {

/// The body of `POST add-checkpoint`:
///   old 20
///   base64 hash           (one line each: consistency proof from `old` to the checkpoint; none from 0)
///                         (blank line)
///   the checkpoint's note
struct AddCheckpoint {
    std::uint64_t old_size = 0;
    std::vector<Sha256Digest> proof; ///< at most 63
    std::string checkpoint;
};
std::string to_string(AddCheckpoint const& request);
/// errc::malformed_receipt
result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

/// Why a witness does not cosign, with the status that C2SP gives it: 400, 404, 403, 409, 422.
enum class Refusal { malformed, unknown_log, not_signed, other_size, not_consistent };
int http_status(Refusal refusal) noexcept;
std::string_view to_string(Refusal refusal) noexcept; ///< one sentence

/// The checkpoint to cosign, and to keep as the latest *before* the cosignature leaves. `latest` is what the witness cosigned last of this log;
/// nothing: it has seen none. `logs` are the keys of the logs that it watches.
std::variant<Checkpoint, Refusal> judge(AddCheckpoint const& request, std::optional<Checkpoint> const& latest, std::span<VerifierKey const> logs);

/// What a witness answers with status 200, read by the log that asked: the one line of `witness` over that note, its newline included. Lines of
/// others are passed over. errc::malformed_note, bad_signature; unsigned_note when there is none of it, or more than one.
result<std::string> cosignature_in(std::string_view note, std::string_view answer, VerifierKey const& witness);
/// And with status 409: the size of the checkpoint that it cosigned last, decimal and a newline. errc::malformed_receipt.
result<std::uint64_t> parse_size_answer(std::string_view answer);

/// The line "— name base64" over the note's text, `time` in seconds since 1970. Expects a key of type cosignature, and a note that parses.
std::string cosignature_line(std::string_view note, VerifierKey const& witness, std::uint64_t time, SignBytes const& sign);

} // namespace assay::credentials::tlog
