#pragma once
// What `assay verify` and `assay-verify` print, as a function on bytes. Reading files is the caller's.
#include "credentials/verify.hpp"

#include <span>

namespace assay::credentials {

struct NamedFile {
    std::string name;
    std::string bytes;
};

struct VerifyOutput {
    json::object json; ///< {"verdict", "files": [{"file", "verdict", "checks": {"proof": {"result", "detail"}, …}, …}]}
    std::string text;  ///< the same for people, one paragraph a file
    int exit_code = 1; ///< 0 only when there is a file and every verdict is valid
};

VerifyOutput cli_verify(std::span<NamedFile const> files, Documents const& documents, Timestamp now);

/// One member of a document map: {"https://…": "relative/path.json", …}.
struct DocumentReference {
    std::string url;
    std::string path; ///< relative to the folder of the map file
};

/// Errors: those of parse_json; core::errc::malformed when it is no object of strings.
result<std::vector<DocumentReference>> parse_document_map(std::string_view text);

} // namespace assay::credentials
