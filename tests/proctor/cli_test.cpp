#include "server/proctoring/cli.hpp"

#include "proctor/vision/jpeg_encode.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <sstream>
#include <unistd.h>

namespace assay::server::proctoring {
namespace {

namespace fs = std::filesystem;

WorkerProgram program()
{
    auto const* path = std::getenv("ASSAY_PROCTOR_WORKER");
    return {.executable = path != nullptr ? path : "assay-proctor-worker", .model = std::nullopt, .model_sha256 = std::nullopt};
}

class ProctorCommand : public ::testing::Test {
protected:
    void SetUp() override
    {
        folder_ = fs::path{::testing::TempDir()} / ("assay-proctor-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path write(std::string const& name, Bytes const& bytes)
    {
        auto file = std::ofstream{folder_ / name, std::ios::binary};
        file.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return folder_ / name;
    }
    static Bytes grey(int level) { return proctor::vision::encode_jpeg(cv::Mat(120, 160, CV_8UC3, cv::Scalar::all(level)), 70); }

    fs::path folder_;
    std::ostringstream out_, errors_;
};

TEST_F(ProctorCommand, DetectCountsTheLabelledFaces)
{
    ASSAY_NEEDS_SHARED("models/face_detection_yunet_2022mar.onnx");
    ASSAY_NEEDS_SHARED("testdata/faces/labels.json");
    auto const faces = test::shared_directory() / "testdata/faces";
    auto command = DetectCommand{.program = program(), .files = {faces / "none_cat.jpg", faces / "astronaut.jpg", faces / "three_people.jpg"}, .as_json = true};
    command.program.model = test::shared_directory() / "models/face_detection_yunet_2022mar.onnx";
    ASSERT_EQ(detect(command, out_, errors_), 0) << errors_.str();
    auto const pictures = parse_json(out_.str());
    ASSERT_TRUE(pictures.has_value()) << out_.str();
    auto counts = std::vector<std::size_t>{};
    for (auto const& picture : pictures->as_array()) counts.push_back(find_array(picture, "faces")->size());
    EXPECT_EQ(counts, (std::vector<std::size_t>{0, 1, 3}));
}

TEST_F(ProctorCommand, DetectNamesWhatItCouldNotReadAndFails)
{
    auto const good = write("good.jpg", grey(90));
    auto const bad = write("bad.jpg", to_bytes("no picture"));
    EXPECT_EQ(detect({.program = program(), .files = {good, bad, folder_ / "absent.jpg"}, .as_json = true}, out_, errors_), 1);
    auto const pictures = parse_json(out_.str());
    ASSERT_TRUE(pictures.has_value());
    ASSERT_EQ(pictures->as_array().size(), 2u);
    EXPECT_EQ(*find_string(pictures->as_array()[1], "fault"), "not_jpeg");
    EXPECT_NE(errors_.str().find("absent.jpg"), std::string::npos);
}

TEST_F(ProctorCommand, DetectSaysWhenTheWorkerDoesNotStart)
{
    EXPECT_EQ(detect({.program = {.executable = "/bin/false"}, .files = {}, .as_json = true}, out_, errors_), 2);
    EXPECT_NE(errors_.str().find("/bin/false"), std::string::npos);
}

TEST_F(ProctorCommand, AnalyseFindsACoveredCameraInAFolder)
{
    for (auto i = 0; i < 10; ++i) write("frame-0" + std::to_string(i) + ".jpg", grey(i % 3)); // five seconds of darkness
    ASSERT_EQ(analyse({.program = program(), .paths = {folder_}, .policy = {}, .as_json = true}, out_, errors_), 0) << errors_.str();
    auto const document = parse_json(out_.str());
    ASSERT_TRUE(document.has_value());
    EXPECT_EQ(find_array(*document, "observations")->size(), 10u);
    auto const& incidents = *find_array(*document, "incidents");
    ASSERT_EQ(incidents.size(), 1u) << out_.str();
    EXPECT_EQ(*find_string(incidents[0], "type"), "camera_covered");
    EXPECT_EQ(*find_string(incidents[0], "started"), "1970-01-01T00:00:00Z");
    EXPECT_EQ(*find_string(incidents[0], "ended"), "1970-01-01T00:00:04.5Z");
}

TEST_F(ProctorCommand, AnalyseReadsAStreamOfPictures)
{
    auto stream = Bytes{};
    for (auto i = 0; i < 4; ++i) append(stream, grey(60 + i));
    auto const file = write("camera.mjpeg", stream);
    ASSERT_EQ(analyse({.program = program(), .paths = {file}, .frames_per_second = 30, .policy = {}, .as_json = true}, out_, errors_), 0) << errors_.str();
    auto const document = parse_json(out_.str());
    ASSERT_TRUE(document.has_value());
    ASSERT_EQ(find_array(*document, "observations")->size(), 4u);
    EXPECT_NEAR(find((*find_array(*document, "observations"))[3], "brightness")->to_number<double>(), 63, 1);
}

} // namespace
} // namespace assay::server::proctoring
