#pragma once
// The signatures of an opened file: is each one a signature over these bytes, by a key that was allowed to make it, and whose?
#include "credentials/detail/file_reader.hpp"

namespace assay::credentials {

struct SignatureFindings {
    Finding proof;
    Finding issuer;
};

SignatureFindings check_signatures(OpenedFile const& file, Documents const& documents, Timestamp now);

/// The worse of two: failed, then unknown, then passed.
Finding worse(Finding a, Finding b);

} // namespace assay::credentials
