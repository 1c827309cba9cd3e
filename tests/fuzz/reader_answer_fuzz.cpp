// Any bytes as the answer of the process that opened a foreign file, which may have been taken over by it: nothing but what to_answer writes.
#include "credentials/foreign/answer.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials::foreign;
    auto const bytes = std::as_bytes(std::span{data, size});
    auto const opened = parse_answer(bytes);
    if (opened && text_of(to_answer(*opened)) != text_of(bytes)) std::abort();
    return 0;
}
