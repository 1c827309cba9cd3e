// Any bytes as a camera's picture: our walk over the markers, then libjpeg.
#include "proctor/vision/jpeg.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay::proctor::vision;
    auto const bytes = std::as_bytes(std::span{data, size});
    auto const header = inspect_jpeg(bytes);
    auto const decoded = decode_jpeg(bytes);
    auto const* picture = std::get_if<cv::Mat>(&decoded);
    if (picture == nullptr) return 0;
    auto const* claimed = std::get_if<JpegHeader>(&header);
    if (claimed == nullptr || picture->cols != claimed->width || picture->rows != claimed->height) std::abort();
    return 0;
}
