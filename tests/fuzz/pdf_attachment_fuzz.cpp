// Any bytes as a PDF, read in this very process: the reader that the sandbox guards must not need it.
#include "credentials/pdf/attachments.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay::credentials::pdf;
    auto const bounds = Bounds{.pdf_max = 1 << 20, .attachments_max = 4, .content_max = 1 << 16};
    auto const answer = attachments_of(std::as_bytes(std::span{data, size}), bounds);
    auto const* found = std::get_if<std::vector<Attachment>>(&answer);
    if (found != nullptr && found->size() > bounds.attachments_max) std::abort();
    if (found == nullptr && std::get<std::string>(answer).empty()) std::abort();
    return 0;
}
