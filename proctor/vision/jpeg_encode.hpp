#pragma once
#include "core/bytes.hpp"

#include <opencv2/core/mat.hpp>

namespace assay::proctor::vision {

/// A baseline JPEG with 4:2:0 chroma, as browsers write them. Expects BGR within the frame bounds and a quality of 1…100.
/// For the worker's self-test and for tests: the service stores the original bytes and never encodes.
Bytes encode_jpeg(cv::Mat const& bgr, int quality);

} // namespace assay::proctor::vision
