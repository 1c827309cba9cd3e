// Both directions of the picture workers' channel: a worker may have been taken over by a picture.
#include "proctor/channel/worker_channel.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay::proctor::channel;
    auto const bytes = std::as_bytes(std::span{data, size});
    static_cast<void>(parse_request(bytes));
    static_cast<void>(parse_message(bytes));
    return 0;
}
