#include "proctor/vision/jpeg.hpp"

#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>

namespace assay::proctor::vision {
namespace {

// libjpeg reports errors by a callback that must not return. Only longjmp is sanctioned through its C frames, so the function that
// holds the jump target owns nothing with a destructor.
struct ErrorManager {
    jpeg_error_mgr base;
    std::jmp_buf out;
};

void leave(j_common_ptr common) { std::longjmp(reinterpret_cast<ErrorManager*>(common->err)->out, 1); }

void on_message(j_common_ptr common, int level)
{
    if (level < 0) leave(common); // a warning: data ended early or does not fit its tables
}

void stay_silent(j_common_ptr) {}

constexpr long memory_max = 64L << 20; ///< coefficients of a progressive picture of the largest size take about 5 MiB

bool decode_into(ByteView jpeg, std::uint8_t* pixels, std::size_t stride, int width, int height)
{
    auto errors = ErrorManager{};
    auto decoder = jpeg_decompress_struct{};
    decoder.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = leave;
    errors.base.emit_message = on_message;
    errors.base.output_message = stay_silent;
    if (setjmp(errors.out) != 0) {
        jpeg_destroy_decompress(&decoder);
        return false;
    }
    jpeg_create_decompress(&decoder);
    decoder.mem->max_memory_to_use = memory_max;
    jpeg_mem_src(&decoder, reinterpret_cast<unsigned char const*>(jpeg.data()), jpeg.size());
    jpeg_read_header(&decoder, TRUE);
    decoder.out_color_space = JCS_EXT_BGR;
    decoder.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&decoder);
    // Our own walk read the size; libjpeg must have read the same one before it writes to our memory.
    if (decoder.output_width != static_cast<JDIMENSION>(width) || decoder.output_height != static_cast<JDIMENSION>(height) ||
        decoder.output_components != 3) {
        jpeg_destroy_decompress(&decoder);
        return false;
    }
    while (decoder.output_scanline < decoder.output_height) {
        JSAMPROW row = pixels + decoder.output_scanline * stride;
        jpeg_read_scanlines(&decoder, &row, 1);
    }
    jpeg_finish_decompress(&decoder);
    jpeg_destroy_decompress(&decoder);
    return true;
}

} // namespace

std::variant<cv::Mat, FrameFault> decode_jpeg(ByteView jpeg)
{
    auto const inspected = inspect_jpeg(jpeg);
    if (auto const* fault = std::get_if<FrameFault>(&inspected)) return *fault;
    auto const& header = std::get<JpegHeader>(inspected);
    // Parentheses: in braces OpenCV takes three numbers for a list of dimensions.
    auto picture = cv::Mat(header.height, header.width, CV_8UC3);
    if (!decode_into(jpeg, picture.data, picture.step[0], header.width, header.height)) return FrameFault::undecodable;
    return picture;
}

} // namespace assay::proctor::vision
