#include "proctor/vision/analyser.hpp"

#include "proctor/vision/jpeg.hpp"
#include "proctor/vision/light.hpp"

namespace assay::proctor::vision {

std::variant<Measurement, FrameFault> measure(ByteView jpeg, FaceDetector& detector)
{
    auto const decoded = decode_jpeg(jpeg);
    if (auto const* fault = std::get_if<FrameFault>(&decoded)) return *fault;
    auto const& picture = std::get<cv::Mat>(decoded);
    auto measured = measure_light(picture);
    measured.faces = detector.detect(picture);
    measured.detector = detector.about();
    return measured;
}

Observation analyse(ByteView jpeg, FrameMeta const& frame, FaceDetector& detector)
{
    auto const payload = sha256(jpeg);
    auto outcome = measure(jpeg, detector);
    if (auto const* fault = std::get_if<FrameFault>(&outcome)) return Observation::failed(frame, payload, *fault);
    return Observation::of(frame, payload, std::move(std::get<Measurement>(outcome)));
}

} // namespace assay::proctor::vision
