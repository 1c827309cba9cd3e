// Any text as an encodedList: bounded in memory, and what is read can be written and read again.
#include "credentials/status_list.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    using namespace assay::credentials;
    auto const list = StatusList::decode(text_of(std::as_bytes(std::span{data, size})));
    if (!list) return 0;
    if (list->size() < status_list_entries_min || list->size() > status_list_entries_max || !list->at(list->size() - 1)) std::abort();
    if (StatusList::decode(list->encode()).value() != *list) std::abort();
    return 0;
}
