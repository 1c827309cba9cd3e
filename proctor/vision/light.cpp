#include "proctor/vision/light.hpp"

#include <opencv2/imgproc.hpp>

namespace assay::proctor::vision {

cv::Mat scaled_to_width(cv::Mat const& picture, int width)
{
    if (picture.cols <= width) return picture;
    auto const height = std::max(1, (picture.rows * width + picture.cols / 2) / picture.cols);
    auto scaled = cv::Mat{};
    cv::resize(picture, scaled, cv::Size{width, height}, 0, 0, cv::INTER_AREA);
    return scaled;
}

Measurement measure_light(cv::Mat const& bgr)
{
    EXPECTS(!bgr.empty() && bgr.type() == CV_8UC3);
    auto grey = cv::Mat{};
    cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);

    auto measured = Measurement{.width = bgr.cols, .height = bgr.rows, .faces = {}, .detector = {}};
    measured.brightness = cv::mean(grey)[0];

    auto cells = cv::Mat{};
    cv::resize(grey, cells, cv::Size{signature_columns, signature_rows}, 0, 0, cv::INTER_AREA);
    std::copy(cells.begin<std::uint8_t>(), cells.end<std::uint8_t>(), measured.signature.begin());
    auto mean = cv::Scalar{}, deviation = cv::Scalar{};
    cv::meanStdDev(cells, mean, deviation);
    measured.spread = deviation[0];

    auto edges = cv::Mat{};
    cv::Laplacian(scaled_to_width(grey, analysis_width), edges, CV_16S, 1);
    cv::meanStdDev(edges, mean, deviation);
    measured.sharpness = deviation[0] * deviation[0];
    return measured;
}

} // namespace assay::proctor::vision
