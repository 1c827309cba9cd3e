#pragma once
#include "proctor/observation.hpp"

#include <opencv2/core/mat.hpp>

namespace assay::proctor::vision {

constexpr int analysis_width = 240; ///< pixels: sharpness and YuNet look at pictures of this width

/// Everything about a picture but its faces. Expects BGR, not empty.
Measurement measure_light(cv::Mat const& bgr);

/// Scaled down to `width` by area averaging; as it is when not wider.
cv::Mat scaled_to_width(cv::Mat const& picture, int width);

} // namespace assay::proctor::vision
