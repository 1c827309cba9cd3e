// Any bytes as a signed note, a verifier key and a checkpoint: what is read is written the same.
#include "credentials/log/checkpoint.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials::tlog;
    auto const text = text_of(std::as_bytes(std::span{data, size}));
    if (auto const note = parse_note(text); note && to_string(*note) != text) std::abort();
    if (auto const key = parse_verifier_key(text); key && to_string(*key) != text) std::abort();
    if (auto const checkpoint = parse_checkpoint_text(text); checkpoint && parse_checkpoint_text(to_text(*checkpoint)).value() != *checkpoint) std::abort();
    return 0;
}
