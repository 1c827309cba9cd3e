#pragma once
// Foreign PNG, SVG and PDF files, opened by a process that is started for the one file, has nothing but a descriptor to its parent and ends with its
// answer. A crash, a hang or a file that takes the process over costs that one answer. The same for `assay verify`, `assay-verify` and the service.
#include "credentials/foreign/answer.hpp"

#include <chrono>
#include <filesystem>

namespace assay::credentials::foreign {

/// With this word alone `assay-verify` is that process (serve_one_file).
constexpr auto reader_argument = "--read-one-file";

struct Reader {
    std::filesystem::path program;              ///< assay-verify; "/proc/self/exe" in assay-verify itself
    std::chrono::milliseconds patience{10'000}; ///< from the start of the process to the end of its answer
};

/// Waits for the answer, so it belongs on a thread that may; any number of threads at once. Throws std::system_error when the program can't be
/// started.
Opened read_in_sandbox(Reader const& reader, ByteView file);

/// The process: gives up everything (sandbox/enter.hpp; 512 MiB, ten seconds of computing), reads one file from its descriptor, answers and is
/// over. Returns the status to end with, for the hand of whoever looks at it with strace.
int serve_one_file() noexcept;

} // namespace assay::credentials::foreign
