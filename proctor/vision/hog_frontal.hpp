#pragma once
// dlib behind a wall: its headers are seen by hog_frontal.cpp alone, which is compiled by rules of its own.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace assay::proctor::vision {

struct HogHit {
    double x, y, width, height; ///< pixels
    double score;               ///< margin over the detector's own threshold, > 0
};

class HogFrontalDetector {
public:
    HogFrontalDetector();
    ~HogFrontalDetector();
    /// Best first. `grey`: rows of `width` octets, `stride` apart.
    std::vector<HogHit> detect(std::uint8_t const* grey, int width, int height, std::size_t stride);
    static std::string version();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace assay::proctor::vision
