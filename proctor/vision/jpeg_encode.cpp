#include "proctor/vision/jpeg_encode.hpp"

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

namespace assay::proctor::vision {

Bytes encode_jpeg(cv::Mat const& bgr, int quality)
{
    EXPECTS(bgr.type() == CV_8UC3 && !bgr.empty() && quality >= 1 && quality <= 100);
    auto errors = jpeg_error_mgr{}; // its default exit() on errors stands: only running out of memory comes here
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
    jpeg_set_defaults(&encoder); // YCbCr with 2 × 2 subsampled chroma
    jpeg_set_quality(&encoder, quality, TRUE);
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

} // namespace assay::proctor::vision
