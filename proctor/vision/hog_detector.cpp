#include "proctor/vision/face_detector.hpp"
#include "proctor/vision/hog_frontal.hpp"
#include "proctor/vision/light.hpp"

#include <opencv2/imgproc.hpp>

namespace assay::proctor::vision {
namespace {

constexpr int width_max = 640;      ///< pixels: time grows with the area, about 50 ms at 640 × 480
constexpr int doubled_up_to = 400;  ///< smaller pictures are doubled, or faces under 80 pixels would be missed
constexpr std::size_t faces_max = 64;

class HogDetector final : public FaceDetector {
public:
    HogDetector() : about_{.kind = DetectorKind::hog, .version = HogFrontalDetector::version(), .model = std::nullopt} {}

    Detector const& about() const noexcept override { return about_; }

    std::vector<Face> detect(cv::Mat const& bgr) override
    {
        auto grey = cv::Mat{};
        cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
        auto looked_at = scaled_to_width(grey, width_max);
        if (bgr.cols <= doubled_up_to && bgr.rows <= doubled_up_to) cv::resize(grey, looked_at, cv::Size{}, 2, 2, cv::INTER_LINEAR);

        auto const scale = static_cast<double>(bgr.cols) / looked_at.cols;
        auto faces = std::vector<Face>{};
        for (auto const& hit : hog_.detect(looked_at.data, looked_at.cols, looked_at.rows, looked_at.step[0])) {
            if (faces.size() == faces_max) break;
            faces.push_back({.box = {hit.x * scale, hit.y * scale, hit.width * scale, hit.height * scale}, .score = hit.score});
        }
        return faces;
    }

private:
    HogFrontalDetector hog_;
    Detector about_;
};

} // namespace

std::unique_ptr<FaceDetector> make_hog_detector() { return std::make_unique<HogDetector>(); }

} // namespace assay::proctor::vision
