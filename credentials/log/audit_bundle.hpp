#pragma once
// A tenant's journal as files that somebody who doesn't trust us can check offline: the static files of the log, and beside
// them what the tenant chose to open.
//
//   checkpoint            the signed note            vkey            the key that signs it (one line)
//   tile/<L>/…            hash tiles                 tile/entries/…  entry bundles
//   openings.jsonl        one line an opened entry: {"index":n,"key":hex of 32 bytes,"detail":…}; commitment = HMAC-SHA-256(key,
//                         canonical JSON of detail)
//   documents/<sha256>    immutable documents that entries name (exam versions, items, policies, programmes)
#include "core/json.hpp"
#include "credentials/log/checkpoint.hpp"
#include "credentials/log/tiles.hpp"

#include <map>

namespace assay::credentials::tlog {

/// One file of the bundle by its path, or nothing.
using BundleReader = std::function<std::optional<std::string>(std::string const& path)>;

struct AuditOptions {
    std::optional<VerifierKey> key;             ///< what the auditor holds; without it the bundle's own vkey is used, and the report says so
    std::optional<std::string> old_checkpoint;  ///< a signed checkpoint from before: the log must extend it
    std::size_t findings_max = 100;
};

struct AuditFinding {
    std::optional<std::uint64_t> index; ///< of the entry, when it is about one
    std::string what;                   ///< one sentence
};

struct OpenedEntry {
    std::uint64_t index = 0;
    json::object document;
    std::optional<json::value> detail; ///< when an opening was given and fits its commitment
};

struct AuditReport {
    std::optional<Checkpoint> checkpoint;
    bool key_was_given = false;          ///< false: the bundle vouches for itself, which only shows that it is whole
    bool consistent_with_old = false;    ///< true only when an old checkpoint was given and is a prefix
    std::uint64_t entries = 0, openings = 0, commitments = 0;
    std::map<std::string, std::uint64_t> entries_by_type;
    std::vector<AuditFinding> findings;  ///< empty: everything holds
    bool passed() const noexcept { return findings.empty() && checkpoint.has_value(); }
};

/// Recomputes the tree from the entries and compares with the signed root and every hash tile; checks that each entry is canonical
/// JSON of this tenant, that each stream's sequences run 1, 2, 3 … in order, that openings fit their commitments, and that
/// the log extends the old checkpoint. `visit` sees every entry, in order, and may be empty.
AuditReport verify_audit(BundleReader const& read, AuditOptions const& options, std::function<void(OpenedEntry const&)> const& visit = {});

/// The opening of an entry for openings.jsonl, one line with its newline.
std::string opening_line(std::uint64_t index, ByteView key, json::value const& detail);

} // namespace assay::credentials::tlog
