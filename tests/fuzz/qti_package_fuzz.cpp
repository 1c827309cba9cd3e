// Any bytes as a zipped QTI package: bounded unpacking, no path that leads out.
#include "exam/qti/package.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    auto const zip = std::as_bytes(std::span{data, size});
    auto const files = exam::qti::unzip(zip);
    if (!files) return 0;
    for (auto const& [path, content] : *files)
        if (path.starts_with("/") || path.starts_with("../") || path.find("/../") != std::string::npos || content.size() > exam::qti::package_file_max) std::abort();
    static_cast<void>(exam::qti::read_package(*files));
    return 0;
}
