#pragma once
// A tenant's journal, or one entry of it, in the words of a credential's report: verdict and checks.
#include "credentials/cli_verify.hpp"
#include "credentials/log/audit_bundle.hpp"

#include <optional>

namespace assay::credentials {

struct JournalTrust {
    std::vector<tlog::VerifierKey> keys;       ///< what the reader believes; those with the log's name count (a log that changed its key has several)
    std::optional<std::string> old_checkpoint; ///< a signed checkpoint from before
    std::vector<tlog::VerifierKey> witnesses;  ///< of type cosignature; with any, checkpoints need their cosignatures
    std::size_t witnesses_needed = 0;          ///< how many of these; 0: all
};

/// An export folder (audit_bundle.hpp). Checks: "checkpoint", "entries", "consistency", "witnesses" (C2SP tlog-cosignature: who cosigned has seen no
/// other history of this log; unknown with fewer than needed, failed when one is forged). valid when all passed; unknown when nobody gave a
/// key, because a folder that vouches for itself only shows that it is whole.
Verification check_journal(tlog::BundleReader const& read, JournalTrust const& trust);

/// {"entry": text, "receipt": tlog-proof}: is this entry in the log of that checkpoint?
Verification check_receipt(json::object const& file, JournalTrust const& trust);

/// What such a receipt proves about a credential: that the journal had committed to this digest at that time. Nothing when it does not verify
/// with a key of the reader's, lacks a cosignature that the reader asks for, or its entry is no CertificateIssued.
std::optional<Recorded> recorded_by(std::string_view receipt_file, JournalTrust const& trust);

} // namespace assay::credentials
