#pragma once
#include "credentials/foreign/answer.hpp"

namespace assay::credentials::foreign {

/// What is inside a PNG, SVG or PDF, opened in this very process: for the sandbox, for tests and for fuzzing. Of a PDF the one attached
/// credential and the receipts beside it; what its pages show is not signed and not looked at. Never throws but std::bad_alloc; the only fault is
/// not_readable.
Opened contents_of(ByteView file);

} // namespace assay::credentials::foreign
