#include "proctor/vision/face_detector.hpp"
#include "proctor/vision/light.hpp"

#include <cmath>
#include <fstream>
#include <opencv2/core/version.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <stdexcept>

namespace assay::proctor::vision {
namespace {

constexpr float score_floor = 0.75f;   ///< FaceThresholds::weak of the shipped policy: nothing lower is ever asked for
constexpr float overlap_max = 0.3f;    ///< intersection over union above which two boxes are one face
constexpr int candidates_max = 500;
constexpr int faces_max = 64;
constexpr std::uintmax_t model_bytes_max = 64u << 20;
constexpr int row_length = 15;         ///< x, y, width, height, five landmarks, score

Bytes read_model(std::filesystem::path const& file)
{
    auto error = std::error_code{};
    auto const size = std::filesystem::file_size(file, error);
    if (error || size > model_bytes_max) throw std::runtime_error{file.string() + ": can't be read, or is no model"};
    auto stream = std::ifstream{file, std::ios::binary};
    auto bytes = Bytes(size);
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!stream) throw std::runtime_error{file.string() + ": can't be read"};
    return bytes;
}

class YunetDetector final : public FaceDetector {
public:
    YunetDetector(std::string const& file, Sha256Digest const& hash)
        : yunet_{cv::FaceDetectorYN::create(file, "", cv::Size{analysis_width, analysis_width * 3 / 4}, score_floor, overlap_max, candidates_max)},
          about_{.kind = DetectorKind::yunet, .version = "OpenCV " CV_VERSION, .model = hash}
    {
    }

    Detector const& about() const noexcept override { return about_; }

    std::vector<Face> detect(cv::Mat const& bgr) override
    {
        auto const looked_at = scaled_to_width(bgr, analysis_width);
        auto const scale = static_cast<double>(bgr.cols) / looked_at.cols;
        yunet_->setInputSize(looked_at.size());
        auto rows = cv::Mat{};
        yunet_->detect(looked_at, rows);
        if (!rows.empty() && rows.cols != row_length) throw std::runtime_error{"the model answers in another form than YuNet 2022mar"};

        auto faces = std::vector<Face>{};
        for (auto i = 0; i < std::min(rows.rows, faces_max); ++i) {
            auto const* row = rows.ptr<float>(i);
            auto const finite = std::isfinite(row[0]) && std::isfinite(row[1]) && std::isfinite(row[2]) && std::isfinite(row[3]);
            if (!finite || !(row[14] >= score_floor)) continue;
            faces.push_back({.box = {row[0] * scale, row[1] * scale, row[2] * scale, row[3] * scale}, .score = std::min(1.0, static_cast<double>(row[14]))});
        }
        std::stable_sort(faces.begin(), faces.end(), [](Face const& a, Face const& b) { return a.score > b.score; });
        return faces;
    }

private:
    cv::Ptr<cv::FaceDetectorYN> yunet_;
    Detector about_;
};

/// An ellipse with two dots and a line: whether it counts as a face does not matter, only that the model computes.
cv::Mat drawn_picture()
{
    auto picture = cv::Mat(480, 640, CV_8UC3, cv::Scalar{90, 110, 100});
    cv::ellipse(picture, {320, 240}, {90, 120}, 0, 0, 360, cv::Scalar{150, 180, 220}, cv::FILLED);
    cv::circle(picture, {285, 210}, 12, cv::Scalar{30, 30, 30}, cv::FILLED);
    cv::circle(picture, {355, 210}, 12, cv::Scalar{30, 30, 30}, cv::FILLED);
    cv::line(picture, {290, 300}, {350, 300}, cv::Scalar{60, 60, 150}, 8);
    return picture;
}

} // namespace

std::unique_ptr<FaceDetector> make_yunet_detector(FaceModel const& model)
{
    auto const hash = sha256(read_model(model.file));
    if (hash != model.expected) throw std::runtime_error{model.file.string() + ": SHA-256 is " + to_string(hash) + ", expected " + to_string(model.expected)};
    auto detector = std::make_unique<YunetDetector>(model.file.string(), hash); // cv::Exception is a std::exception, not a runtime_error
    detector->detect(drawn_picture());
    return detector;
}

ChosenDetector choose_detector(std::optional<FaceModel> const& model)
{
    if (!model) return {.detector = make_hog_detector(), .notice = {}};
    try {
        return {.detector = make_yunet_detector(*model), .notice = {}};
    } catch (std::exception const& problem) {
        return {.detector = make_hog_detector(), .notice = std::string{problem.what()}.substr(0, 400)};
    }
}

} // namespace assay::proctor::vision
