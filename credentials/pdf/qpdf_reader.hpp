#pragma once
// The only source that sees qpdf's headers, in plain C++17: clang 14 does not accept them as C++20 (JSON.hh destroys a vector of an
// incomplete type), and the fuzzers are built with clang.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace assay::credentials::pdf {

/// Names and contents of the files attached to a PDF, read without repairing. Throws std::exception for a broken one, or past a limit.
std::vector<std::pair<std::string, std::string>> read_attachments(char const* bytes, std::size_t size, std::size_t attachments_max, std::size_t content_max);

} // namespace assay::credentials::pdf
