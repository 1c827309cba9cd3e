#pragma once
#include "proctor/observation.hpp"

#include <filesystem>
#include <memory>
#include <opencv2/core/mat.hpp>

namespace assay::proctor::vision {

/// The published YuNet 2022mar: the one that OpenCV 4.6's FaceDetectorYN takes.
constexpr std::string_view yunet_2022mar_sha256 = "50ef07f702a31741ca46a4c0d947773b64143b9362780237bf0d427d6c79bab7";

/// Finds faces in BGR pictures. Not thread-safe: one detector a worker.
class FaceDetector {
public:
    virtual ~FaceDetector() = default;
    /// Boxes in the picture's own pixels, best first, at most 64, all scores at or above the detector's floor (YuNet 0.75, HOG 0).
    virtual std::vector<Face> detect(cv::Mat const& bgr) = 0;
    virtual Detector const& about() const noexcept = 0;
};

struct FaceModel {
    std::filesystem::path file;
    Sha256Digest expected;     ///< the operator's value: another file is not loaded
};

struct ChosenDetector {
    std::unique_ptr<FaceDetector> detector;
    std::string notice;        ///< why the fallback serves although a model is configured; empty otherwise
};

/// YuNet through cv::FaceDetectorYN, on pictures scaled to 240 pixels wide. Throws a std::exception saying why when the file can't be
/// read, has another hash, or fails its self-test (a drawn picture must go through without an exception and finite results).
std::unique_ptr<FaceDetector> make_yunet_detector(FaceModel const& model);

/// dlib's frontal HOG detector, whose weights are compiled in; finds faces from about 80 pixels (40 in small pictures, which are doubled).
std::unique_ptr<FaceDetector> make_hog_detector();

/// The model when one is configured and usable, otherwise HOG.
ChosenDetector choose_detector(std::optional<FaceModel> const& model);

} // namespace assay::proctor::vision
