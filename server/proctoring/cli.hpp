#pragma once
// `assay proctor detect | analyse`: the same worker program, sandbox included, on files. Blocking.
#include "proctor/policy.hpp"
#include "server/proctoring/worker_pool.hpp"

#include <iosfwd>

namespace assay::server::proctoring {

struct DetectCommand {
    WorkerProgram program;
    std::vector<std::filesystem::path> files;
    bool as_json = false;
};

/// One line (or JSON object, in an array) a picture:
/// {"file","detector","faces":[{"x","y","width","height","score"}],"width","height"} or {"file","fault"}.
/// Returns the exit status: 0 when each file could be analysed, 1 when one could not, 2 when the worker does not start.
int detect(DetectCommand const& command, std::ostream& out, std::ostream& errors);

struct AnalyseCommand {
    WorkerProgram program;
    std::vector<std::filesystem::path> paths;  ///< JPEG files in order, or folders (their *.jpg and *.jpeg sorted by name), or .mjpeg streams
    double frames_per_second = 2;              ///< distance of the pictures in time
    proctor::ProctoringPolicy policy;
    bool as_json = false;
};

/// Observations and the incidents that the policy makes of them: {"observations":[…],"incidents":[…],"detector","frames_per_second"}.
/// The clock is the frame number over frames_per_second, from 1970-01-01T00:00:00Z. Exit status as detect.
int analyse(AnalyseCommand const& command, std::ostream& out, std::ostream& errors);

} // namespace assay::server::proctoring
