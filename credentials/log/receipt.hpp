#pragma once
// Proof that one entry is in the log, to travel beside what it is about (C2SP tlog-proof@v1): index, inclusion proof and a
// signed checkpoint, as text.
#include "credentials/log/checkpoint.hpp"
#include "credentials/log/merkle.hpp"

namespace assay::credentials::tlog {

struct Receipt {
    std::uint64_t index = 0;
    std::vector<Sha256Digest> proof;
    std::string checkpoint; ///< the signed note
};

///   c2sp.org/tlog-proof@v1
///   index 17
///   base64 hash           (one line each, from the leaf's sibling upwards)
///                         (blank line)
///   the checkpoint's note
std::string to_string(Receipt const& receipt);
result<Receipt> parse_receipt(std::string_view text); ///< errc::malformed_receipt; at most 64 hashes

/// Does it look like a receipt's file, {"entry": text, "receipt": tlog-proof}? Neither is read yet.
bool is_receipt_file(std::string_view bytes);

/// The checkpoint that includes `entry`, when everything verifies. errc::bad_signature also when the proof does not fit.
result<Checkpoint> verify_receipt(Receipt const& receipt, ByteView entry, VerifierKey const& key);

} // namespace assay::credentials::tlog
