#pragma once
#include "proctor/vision/face_detector.hpp"

#include <variant>

namespace assay::proctor::vision {

/// One picture, measured: checked, decoded, brightness, spread, sharpness, signature, faces. Never throws for what the bytes hold.
std::variant<Measurement, FrameFault> measure(ByteView jpeg, FaceDetector& detector);

/// The same with its place in the stream: what tests and tools call in process; the service goes through a worker.
Observation analyse(ByteView jpeg, FrameMeta const& frame, FaceDetector& detector);

} // namespace assay::proctor::vision
