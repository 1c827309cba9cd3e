#pragma once
// The files attached to a PDF. What its pages show is not signed and not looked at.
#include "core/bytes.hpp"

#include <variant>

namespace assay::credentials::pdf {

struct Attachment {
    std::string name;
    std::string content;
};

struct Bounds {
    std::size_t pdf_max = 32 << 20;
    std::size_t attachments_max = 16;
    std::size_t content_max = 4 << 20; ///< bytes of one attachment once inflated
};

/// Attachments, or one sentence why they could not be had. Reads with qpdf in this very process, without repairing: for tests, fuzzing
/// and inside the sandbox (foreign/). Never throws.
std::variant<std::vector<Attachment>, std::string> attachments_of(ByteView pdf, Bounds const& bounds = {});

} // namespace assay::credentials::pdf
