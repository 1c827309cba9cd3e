#include "proctor/vision/light.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

namespace assay::proctor::vision {
namespace {

TEST(MeasureLight, AnEvenSurfaceHasItsGreyAndNothingElse)
{
    auto const measured = measure_light(cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(57)));
    EXPECT_DOUBLE_EQ(measured.brightness, 57);
    EXPECT_DOUBLE_EQ(measured.spread, 0);
    EXPECT_DOUBLE_EQ(measured.sharpness, 0);
    for (auto const cell : measured.signature) EXPECT_EQ(cell, 57);
}

TEST(MeasureLight, HalfBlackHalfWhiteSpreadsByHalfTheRange)
{
    auto picture = cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(0));
    picture.colRange(320, 640).setTo(cv::Scalar::all(255));
    auto const measured = measure_light(picture);
    EXPECT_DOUBLE_EQ(measured.brightness, 127.5);
    EXPECT_DOUBLE_EQ(measured.spread, 127.5);
    EXPECT_EQ(measured.signature[0], 0);
    EXPECT_EQ(measured.signature[signature_columns - 1], 255);
}

TEST(MeasureLight, OneWhitePixelHasTheLaplaciansVariance)
{
    auto picture = cv::Mat(180, 240, CV_8UC3, cv::Scalar::all(0)); // analysis width: no scaling
    picture.at<cv::Vec3b>(90, 120) = {255, 255, 255};
    // Kernel 0 1 0 / 1 −4 1 / 0 1 0: one cell of −4·255, four of 255; mean 0; variance 20·255²/n.
    EXPECT_NEAR(measure_light(picture).sharpness, 20.0 * 255 * 255 / (240.0 * 180.0), 1e-9);
}

TEST(MeasureLight, WeighsColoursAsBt601)
{
    EXPECT_DOUBLE_EQ(measure_light(cv::Mat(48, 64, CV_8UC3, cv::Scalar{0, 0, 200})).brightness, 60);  // 0.299 · 200, rounded
    EXPECT_DOUBLE_EQ(measure_light(cv::Mat(48, 64, CV_8UC3, cv::Scalar{0, 200, 0})).brightness, 117); // 0.587 · 200
}

TEST(ScaledToWidth, KeepsTheProportionsAndNeverEnlarges)
{
    EXPECT_EQ(scaled_to_width(cv::Mat(480, 640, CV_8UC1), 240).size(), cv::Size(240, 180));
    EXPECT_EQ(scaled_to_width(cv::Mat(48, 64, CV_8UC1), 240).size(), cv::Size(64, 48));
}

} // namespace
} // namespace assay::proctor::vision
