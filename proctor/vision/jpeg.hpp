#pragma once
// Hostile bytes → grey or colour pixels. Everything is bounded before it is believed: the whole header is checked by our own
// walk over the markers before libjpeg sees a byte.
#include "proctor/observation.hpp"

#include <opencv2/core/mat.hpp>
#include <variant>

namespace assay::proctor::vision {

struct JpegHeader {
    int width = 0, height = 0;   ///< pixels
    int components = 0;          ///< 1 or 3
    bool progressive = false;
};

constexpr std::size_t jpeg_scans_max = 16; ///< a browser writes 1 (baseline) or about 10 (progressive); bombs have thousands

/// Looks at the markers only. Accepts 8-bit Huffman-coded baseline, extended and progressive pictures (SOF0, SOF1, SOF2) of one or
/// three components within the frame bounds, with exactly one frame header, SOI first and EOI last.
/// Faults: too_many_bytes, not_jpeg, dimensions, undecodable (too many scans, or a kind of JPEG that cameras don't send).
std::variant<JpegHeader, FrameFault> inspect_jpeg(ByteView jpeg) noexcept;

/// BGR pixels. Truncated or corrupt data is undecodable: libjpeg's warnings count, so a picture that it would have
/// patched up with grey is not taken for a covered camera.
std::variant<cv::Mat, FrameFault> decode_jpeg(ByteView jpeg);

} // namespace assay::proctor::vision
