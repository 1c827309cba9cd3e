#pragma once
// What the log says of itself (C2SP tlog-checkpoint): origin, number of entries, root; signed as a note.
#include "core/hash.hpp"
#include "credentials/log/note.hpp"

namespace assay::credentials::tlog {

struct Checkpoint {
    std::string origin; ///< "host/audit/tenant": which log this is, and the name of its key
    std::uint64_t size = 0;
    Sha256Digest root;
    friend bool operator==(Checkpoint const&, Checkpoint const&) = default;
};

/// The note's text: three lines.
std::string to_text(Checkpoint const& checkpoint);
/// Lines after the third are extensions: allowed by the format, not kept. errc::malformed_checkpoint.
result<Checkpoint> parse_checkpoint_text(std::string_view text);

std::string sign_checkpoint(Checkpoint const& checkpoint, VerifierKey const& key, SignBytes const& sign);
/// The checkpoint of a note that `key` signed. Its origin must be the key's name.
/// errc::malformed_note, bad_signature, unsigned_note, malformed_checkpoint.
result<Checkpoint> open_checkpoint(std::string_view note, VerifierKey const& key);

} // namespace assay::credentials::tlog
