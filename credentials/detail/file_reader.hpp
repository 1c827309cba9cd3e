#pragma once
// From hostile bytes to a credential and the signatures that come with it. Nothing is verified here.
#include "credentials/jwt.hpp"
#include "credentials/verify.hpp"

#include <variant>

namespace assay::credentials {

struct OpenedFile {
    std::string encoding;            ///< "json", "vc+jwt" or "enveloped"
    json::object credential;         ///< without `proof`
    std::vector<json::value> proofs; ///< embedded ones, as they stood
    std::optional<CompactJws> jws;
};

/// The file, or the finding that says why it can't be read: failed, or unknown when it is a form that we know but don't read.
std::variant<OpenedFile, Finding> open_file(ByteView file, std::size_t size_max);

} // namespace assay::credentials
