#include "proctor/vision/jpeg.hpp"
#include "proctor/vision/jpeg_encode.hpp"
#include "tests/support/shared_data.hpp"

#include <algorithm>
#include <cstdio>
#include <opencv2/core.hpp>
#include <random>

#include <jpeglib.h>

namespace assay::proctor::vision {
namespace {

cv::Mat gradient(int width, int height)
{
    auto picture = cv::Mat(height, width, CV_8UC3);
    for (auto y = 0; y < height; ++y)
        for (auto x = 0; x < width; ++x)
            picture.at<cv::Vec3b>(y, x) = {static_cast<uchar>(x % 256), static_cast<uchar>(y % 256), static_cast<uchar>((x + y) % 256)};
    return picture;
}

/// libjpeg's own progressive encoder, or its arithmetic one.
Bytes encode_otherwise(cv::Mat const& bgr, bool progressive, bool arithmetic)
{
    auto errors = jpeg_error_mgr{};
    auto encoder = jpeg_compress_struct{};
    encoder.err = jpeg_std_error(&errors);
    jpeg_create_compress(&encoder);
    unsigned char* memory = nullptr;
    auto size = 0ul;
    jpeg_mem_dest(&encoder, &memory, &size);
    encoder.image_width = static_cast<JDIMENSION>(bgr.cols);
    encoder.image_height = static_cast<JDIMENSION>(bgr.rows);
    encoder.input_components = 3;
    encoder.in_color_space = JCS_EXT_BGR;
    jpeg_set_defaults(&encoder);
    encoder.arith_code = arithmetic ? TRUE : FALSE;
    if (progressive) jpeg_simple_progression(&encoder);
    jpeg_start_compress(&encoder, TRUE);
    while (encoder.next_scanline < encoder.image_height) {
        auto* row = const_cast<unsigned char*>(bgr.ptr<unsigned char>(static_cast<int>(encoder.next_scanline)));
        jpeg_write_scanlines(&encoder, &row, 1);
    }
    jpeg_finish_compress(&encoder);
    jpeg_destroy_compress(&encoder);
    auto bytes = to_bytes(ByteView{reinterpret_cast<std::byte const*>(memory), size});
    std::free(memory);
    return bytes;
}

std::optional<FrameFault> fault(ByteView jpeg)
{
    auto const decoded = decode_jpeg(jpeg);
    auto const* found = std::get_if<FrameFault>(&decoded);
    return found != nullptr ? std::optional{*found} : std::nullopt;
}

std::size_t position_of(ByteView jpeg, int marker)
{
    for (auto at = std::size_t{0}; at + 1 < jpeg.size(); ++at)
        if (jpeg[at] == std::byte{0xFF} && std::to_integer<int>(jpeg[at + 1]) == marker) return at;
    ADD_FAILURE() << "no marker " << marker;
    return 0;
}

Bytes with_size(Bytes jpeg, int width, int height)
{
    auto const frame = position_of(jpeg, 0xC0); // FF C0 length precision height width
    jpeg[frame + 5] = static_cast<std::byte>(height >> 8);
    jpeg[frame + 6] = static_cast<std::byte>(height & 255);
    jpeg[frame + 7] = static_cast<std::byte>(width >> 8);
    jpeg[frame + 8] = static_cast<std::byte>(width & 255);
    return jpeg;
}

TEST(DecodeJpeg, GivesBackTheColoursWithinTheLossOfTheFormat)
{
    auto picture = cv::Mat(96, 128, CV_8UC3, cv::Scalar{200, 120, 40}); // blue, green, red
    auto const decoded = decode_jpeg(encode_jpeg(picture, 90));
    ASSERT_TRUE(std::holds_alternative<cv::Mat>(decoded));
    auto const& back = std::get<cv::Mat>(decoded);
    ASSERT_EQ(back.size(), picture.size());
    EXPECT_LE(cv::norm(back, picture, cv::NORM_INF), 4.0);
}

TEST(DecodeJpeg, ReadsRealPictures)
{
    ASSAY_NEEDS_SHARED("testdata/faces/astronaut.jpg");
    auto const jpeg = test::read_file(test::shared_directory() / "testdata/faces/astronaut.jpg");
    auto const decoded = decode_jpeg(bytes_of(jpeg));
    ASSERT_TRUE(std::holds_alternative<cv::Mat>(decoded));
    EXPECT_EQ(std::get<cv::Mat>(decoded).size(), cv::Size(480, 480)); // labels.json
}

TEST(DecodeJpeg, TakesTheLargestAndSmallestPictureAndNoneBeyond)
{
    EXPECT_EQ(fault(encode_jpeg(gradient(1280, 960), 50)), std::nullopt);
    EXPECT_EQ(fault(encode_jpeg(gradient(64, 48), 50)), std::nullopt);
    EXPECT_EQ(fault(encode_jpeg(gradient(1281, 960), 50)), FrameFault::dimensions);
    EXPECT_EQ(fault(encode_jpeg(gradient(1280, 961), 50)), FrameFault::dimensions);
    EXPECT_EQ(fault(encode_jpeg(gradient(63, 48), 50)), FrameFault::dimensions);
}

TEST(DecodeJpeg, TakesProgressivePicturesButNotArithmeticOnes)
{
    EXPECT_EQ(fault(encode_otherwise(gradient(320, 240), true, false)), std::nullopt);
    EXPECT_EQ(fault(encode_otherwise(gradient(320, 240), false, true)), FrameFault::undecodable); // SOF9
}

TEST(DecodeJpeg, RefusesWhatIsNoJpeg)
{
    EXPECT_EQ(fault({}), FrameFault::not_jpeg);
    EXPECT_EQ(fault(bytes_of("GIF89a")), FrameFault::not_jpeg);
    EXPECT_EQ(fault(bytes_of("\xFF\xD8\xFF\xD9")), FrameFault::not_jpeg);
    EXPECT_EQ(fault(Bytes(1000)), FrameFault::not_jpeg);
    EXPECT_EQ(fault(Bytes(frame_bytes_max + 1)), FrameFault::too_many_bytes);
}

TEST(DecodeJpeg, RefusesBytesBeforeOrAfterThePicture)
{
    auto jpeg = encode_jpeg(gradient(320, 240), 70);
    auto late = jpeg;
    late.push_back(std::byte{0});
    EXPECT_EQ(fault(late), FrameFault::not_jpeg);
    jpeg.insert(jpeg.begin(), std::byte{0});
    EXPECT_EQ(fault(jpeg), FrameFault::not_jpeg);
}

TEST(DecodeJpeg, RefusesAHeaderThatPromisesAnotherSize)
{
    auto const jpeg = encode_jpeg(gradient(320, 240), 70);
    EXPECT_EQ(fault(with_size(jpeg, 65535, 65535)), FrameFault::dimensions);
    EXPECT_EQ(fault(with_size(jpeg, 320, 0)), FrameFault::dimensions); // "see DNL"
    EXPECT_EQ(fault(with_size(jpeg, 1280, 960)), FrameFault::undecodable); // sixteen times the data that is there
}

TEST(DecodeJpeg, RefusesEveryTruncationEvenWithAnEndGluedOn)
{
    auto const jpeg = encode_jpeg(gradient(160, 120), 70);
    for (auto size = std::size_t{0}; size < jpeg.size(); size += 7) {
        auto cut = Bytes(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_NE(fault(cut), std::nullopt) << size;
        if (size + 40 > jpeg.size()) break; // the last few bytes may be padding of the last block
        append_big_endian(cut, 0xFFD9, 2);
        EXPECT_NE(fault(cut), std::nullopt) << size << " with EOI";
    }
}

TEST(DecodeJpeg, RefusesThousandsOfScans)
{
    // The same scan again and again: 100 bytes of input each for a full pass over the picture.
    auto const jpeg = encode_otherwise(cv::Mat(960, 1280, CV_8UC3, cv::Scalar::all(128)), true, false);
    auto const scan = position_of(jpeg, 0xDA);
    auto bomb = Bytes(jpeg.begin(), jpeg.end() - 2);
    auto const repeated = Bytes(jpeg.begin() + static_cast<std::ptrdiff_t>(scan), jpeg.end() - 2);
    while (bomb.size() + repeated.size() + 2 < frame_bytes_max) append(bomb, repeated);
    append_big_endian(bomb, 0xFFD9, 2);
    EXPECT_EQ(fault(bomb), FrameFault::undecodable);
}

TEST(DecodeJpeg, RefusesASecondFrameHeaderAndForeignKinds)
{
    auto const jpeg = encode_jpeg(gradient(320, 240), 70);
    auto const frame = static_cast<std::ptrdiff_t>(position_of(jpeg, 0xC0));
    auto twice = jpeg;
    twice.insert(twice.begin() + frame, jpeg.begin() + frame, jpeg.begin() + frame + 19);
    EXPECT_EQ(fault(twice), FrameFault::undecodable);
    for (auto const kind : {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}) { // lossless, hierarchical, arithmetic
        auto other = jpeg;
        other[static_cast<std::size_t>(frame) + 1] = static_cast<std::byte>(kind);
        EXPECT_EQ(fault(other), FrameFault::undecodable) << kind;
    }
    auto claimed_progressive = jpeg;
    claimed_progressive[static_cast<std::size_t>(frame) + 1] = std::byte{0xC2};
    EXPECT_EQ(fault(claimed_progressive), FrameFault::undecodable);
}

// ASan and UBSan watch; the only demand is an answer.
TEST(DecodeJpeg, AnswersWhateverBytesAreFlipped)
{
    auto const seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto random = std::mt19937{seed};
    for (auto const& jpeg : {encode_jpeg(gradient(160, 120), 70), encode_otherwise(gradient(160, 120), true, false)}) {
        for (auto run = 0; run < 1500; ++run) {
            auto spoilt = jpeg;
            for (auto flips = 1 + random() % 4; flips > 0; --flips) spoilt[random() % spoilt.size()] = static_cast<std::byte>(random());
            auto const decoded = decode_jpeg(spoilt);
            if (auto const* picture = std::get_if<cv::Mat>(&decoded)) {
                ASSERT_LE(picture->cols, frame_width_max);
                ASSERT_LE(picture->rows, frame_height_max);
            }
        }
    }
}

} // namespace
} // namespace assay::proctor::vision
