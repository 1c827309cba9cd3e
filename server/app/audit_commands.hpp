#pragma once
// The auditor's tools: a tenant's journal as files, checked offline, and the exams in it replayed.
#include "server/app/services.hpp"

namespace assay::server {

/// Writes the bundle of credentials/log/audit_bundle.hpp into `folder`: everything up to the newest checkpoint, with the openings of
/// what has not been erased when `open` is set, and the documents that entries name. The export is itself an entry.
/// Errors: storage::errc::not_found for an unknown tenant or a log without a checkpoint.
asio::awaitable<result<std::uint64_t>> export_audit(Services& services, std::string slug, std::filesystem::path folder, bool open);

struct AuditVerifyOptions {
    std::filesystem::path bundle;
    std::string key;                     ///< vkey; empty: the bundle's own
    std::filesystem::path old_checkpoint;
    bool as_json = false;
};
/// Offline. Prints the report; 0 when nothing was found, 1 otherwise.
int verify_audit_bundle(AuditVerifyOptions const& options, std::ostream& out);

/// Replays sittings of a bundle offline: all that it opens, or the one named. 0 when each comes out as recorded.
int replay_bundle(std::filesystem::path const& bundle, std::string const& sitting, bool as_json, std::ostream& out);

struct AnswersOptions {
    std::filesystem::path bundle;
    std::string exam_version;        ///< its SHA-256; empty: the only one that the bundle has sittings of
    std::filesystem::path responses; ///< CSV to write: persons by items, pretest items among them
    std::filesystem::path bank;      ///< CSV to write: the calibrated items, for `assay calibrate --fixed`; empty: none
};
/// What the ended sittings of a bundle say to a calibration. A sitting that does not come out as recorded, or was erased, is left out and counted; 1 when
/// some did not come out, 0 otherwise.
int export_answers(AnswersOptions const& options, std::ostream& out);

} // namespace assay::server
