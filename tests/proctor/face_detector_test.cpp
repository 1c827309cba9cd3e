#include "core/json.hpp"
#include "proctor/policy.hpp"
#include "proctor/vision/analyser.hpp"
#include "proctor/vision/jpeg_encode.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <opencv2/core.hpp>

namespace assay::proctor::vision {
namespace {

struct Labelled {
    std::string name;
    std::string jpeg;
    std::vector<Box> faces;
};

std::vector<Labelled> labelled_pictures()
{
    auto const folder = test::shared_directory() / "testdata/faces";
    auto const labels = *parse_json(test::read_file(folder / "labels.json"));
    auto pictures = std::vector<Labelled>{};
    for (auto const& [name, label] : *find_object(labels, "images")) {
        auto one = Labelled{.name = name, .jpeg = test::read_file(folder / std::string{*find_string(label, "file")}), .faces = {}};
        for (auto const& box : *find_array(label, "boxes")) {
            auto const number = [&](std::size_t i) { return box.as_array().at(i).to_number<double>(); };
            one.faces.push_back({number(0), number(1), number(2), number(3)});
        }
        pictures.push_back(std::move(one));
    }
    return pictures;
}

bool holds_the_middle(Box const& found, Box const& labelled)
{
    auto const x = labelled.x + labelled.width / 2, y = labelled.y + labelled.height / 2;
    return x > found.x && x < found.x + found.width && y > found.y && y < found.y + found.height;
}

/// How many labelled faces have a found one on them, and how many found ones are on none.
struct Score {
    std::size_t labelled = 0, found = 0, false_alarms = 0;
};

Score score(FaceDetector& detector, FaceThresholds const& thresholds, std::vector<std::string>& missed)
{
    auto total = Score{};
    for (auto const& picture : labelled_pictures()) {
        auto outcome = measure(bytes_of(picture.jpeg), detector);
        EXPECT_TRUE(std::holds_alternative<Measurement>(outcome)) << picture.name;
        auto faces = std::get<Measurement>(outcome).faces;
        std::erase_if(faces, [&](Face const& face) { return face.score < thresholds.strong; });
        for (auto const& labelled : picture.faces) {
            ++total.labelled;
            auto const hit = std::any_of(faces.begin(), faces.end(), [&](Face const& face) { return holds_the_middle(face.box, labelled); });
            if (hit) ++total.found;
            else missed.push_back(picture.name);
        }
        for (auto const& face : faces) {
            auto const real = std::any_of(picture.faces.begin(), picture.faces.end(), [&](Box const& box) { return holds_the_middle(face.box, box); });
            if (!real) ++total.false_alarms;
        }
    }
    return total;
}

FaceModel yunet() { return {.file = test::shared_directory() / "models/face_detection_yunet_2022mar.onnx", .expected = *parse_sha256(yunet_2022mar_sha256)}; }

TEST(Yunet, FindsEveryLabelledFaceAndNoOther)
{
    ASSAY_NEEDS_SHARED("models/face_detection_yunet_2022mar.onnx");
    ASSAY_NEEDS_SHARED("testdata/faces/labels.json");
    auto missed = std::vector<std::string>{};
    auto const result = score(*make_yunet_detector(yunet()), ProctoringPolicy{}.yunet, missed);
    EXPECT_EQ(result.labelled, 10u);
    EXPECT_EQ(result.found, 10u) << ::testing::PrintToString(missed);
    EXPECT_EQ(result.false_alarms, 0u);
}

// dlib's window is 80 × 80 pixels: of three_people, whose faces are 48 to 59 pixels wide, it misses the narrowest.
TEST(Hog, FindsEveryFaceOfItsSizeAndNoOther)
{
    ASSAY_NEEDS_SHARED("testdata/faces/labels.json");
    auto missed = std::vector<std::string>{};
    auto const result = score(*make_hog_detector(), ProctoringPolicy{}.hog, missed);
    EXPECT_EQ(missed, std::vector<std::string>{"three_people"});
    EXPECT_EQ(result.found, 9u);
    EXPECT_EQ(result.false_alarms, 0u);
}

TEST(Yunet, IsNotLoadedFromAFileWithAnotherHash)
{
    ASSAY_NEEDS_SHARED("models/face_detection_yunet_2022mar.onnx");
    auto model = yunet();
    model.expected.octets[0] ^= std::byte{1};
    EXPECT_THROW(make_yunet_detector(model), std::runtime_error);
}

TEST(ChooseDetector, FallsBackToHogAndSaysWhy)
{
    auto const chosen = choose_detector(FaceModel{.file = "/nonexistent/model.onnx", .expected = {}});
    EXPECT_EQ(chosen.detector->about().kind, DetectorKind::hog);
    EXPECT_NE(chosen.notice.find("/nonexistent/model.onnx"), std::string::npos) << chosen.notice;
    EXPECT_TRUE(choose_detector(std::nullopt).notice.empty());
}

TEST(ChooseDetector, FallsBackWhenTheFileIsNoModel)
{
    auto const file = std::filesystem::path{::testing::TempDir()} / "no-model.onnx";
    std::ofstream{file} << "this is no network";
    auto const chosen = choose_detector(FaceModel{.file = file, .expected = sha256("this is no network")});
    EXPECT_EQ(chosen.detector->about().kind, DetectorKind::hog);
    EXPECT_FALSE(chosen.notice.empty());
    std::filesystem::remove(file);
}

TEST(Measure, FindsNobodyInAnEvenPicture)
{
    auto const detector = make_hog_detector();
    auto const outcome = measure(encode_jpeg(cv::Mat(480, 640, CV_8UC3, cv::Scalar::all(90)), 70), *detector);
    ASSERT_TRUE(std::holds_alternative<Measurement>(outcome));
    EXPECT_TRUE(std::get<Measurement>(outcome).faces.empty());
    EXPECT_EQ(std::get<Measurement>(outcome).detector.kind, DetectorKind::hog);
}

TEST(Analyse, AnswersForBrokenPicturesToo)
{
    auto const detector = make_hog_detector();
    auto const observation = analyse(bytes_of("no picture"), {.sequence = 3}, *detector);
    EXPECT_EQ(observation.fault, FrameFault::not_jpeg);
    EXPECT_EQ(observation.payload, sha256("no picture"));
    EXPECT_FALSE(observation.measured.has_value());
}

} // namespace
} // namespace assay::proctor::vision
