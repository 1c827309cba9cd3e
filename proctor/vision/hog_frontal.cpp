#include "proctor/vision/hog_frontal.hpp"

#include <algorithm>
#include <cstring>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/revision.h>

namespace assay::proctor::vision {

struct HogFrontalDetector::State {
    dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
};

HogFrontalDetector::HogFrontalDetector() : state_{std::make_unique<State>()} {}
HogFrontalDetector::~HogFrontalDetector() = default;

std::vector<HogHit> HogFrontalDetector::detect(std::uint8_t const* grey, int width, int height, std::size_t stride)
{
    dlib::array2d<unsigned char> image(height, width);
    for (int row = 0; row < height; ++row) std::memcpy(&image[row][0], grey + static_cast<std::size_t>(row) * stride, static_cast<std::size_t>(width));

    std::vector<dlib::rect_detection> found;
    state_->detector(image, found, 0.0);
    std::vector<HogHit> hits;
    for (auto const& one : found) {
        auto const& box = one.rect;
        hits.push_back({double(box.left()), double(box.top()), double(box.width()), double(box.height()), one.detection_confidence});
    }
    std::stable_sort(hits.begin(), hits.end(), [](HogHit const& a, HogHit const& b) { return a.score > b.score; });
    return hits;
}

std::string HogFrontalDetector::version()
{
    return "dlib " + std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION) + "." + std::to_string(DLIB_PATCH_VERSION);
}

} // namespace assay::proctor::vision
