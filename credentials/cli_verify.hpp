#pragma once
// What `assay verify` and `assay-verify` print, as a function on bytes. Reading files is the caller's.
#include "credentials/verify.hpp"

#include <span>

namespace assay::credentials {

struct NamedFile {
    std::string name;
    std::string bytes;
    std::string found_in = {};   ///< "png", "svg", "pdf" when the bytes were in one
    std::string unreadable = {}; ///< why there are no bytes: then the file fails by its shape
    std::optional<Verification> report = {}; ///< already judged by the caller: a journal
};

struct VerifyOutput {
    /// {"verdict", "checks": [{"name", "outcome", "reason"}], "verified_at", "files": [{"file", "verdict", "checks", facts…}]}. Of several files the
    /// verdict is the worst, and each of the checks names its "file".
    json::object json;
    std::string text;  ///< the same for people, one paragraph a file
    int exit_code = 1; ///< 0 only when there is a file and every verdict is valid
};

VerifyOutput cli_verify(std::span<NamedFile const> files, Documents const& documents, Timestamp now, VerifyOptions const& options = {});

/// One member of a document map: {"https://…": "relative/path.json", …}.
struct DocumentReference {
    std::string url;
    std::string path; ///< relative to the folder of the map file
};

/// Errors: those of parse_json; core::errc::malformed when it is no object of strings.
result<std::vector<DocumentReference>> parse_document_map(std::string_view text);

} // namespace assay::credentials
