// Any bytes as a QTI item: no crash; what is imported survives its own document, can be shown and scored, and shows nothing from elsewhere.
#include "exam/item_scoring.hpp"
#include "exam/qti/reader.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace assay;
    auto const imported = exam::qti::read_item(std::as_bytes(std::span{data, size}), "items/fuzzed.xml");
    if (imported.item.has_value() != (imported.outcome == exam::qti::ImportOutcome::imported)) std::abort();
    if (!imported.item) return imported.notes.empty() ? std::abort(), 0 : 0; // a refusal says why
    auto const document = exam::to_json(*imported.item);
    auto const again = exam::item_from_json(document);
    if (!again || *again != *imported.item) std::abort();
    static_cast<void>(exam::to_json(exam::present(*imported.item, {})));
    for (auto const& picture : exam::media(*imported.item))
        if (picture.starts_with("/") || ('/' + picture + '/').find("/../") != std::string::npos || picture.find("://") != std::string::npos) std::abort();
    auto const score = exam::score(*imported.item, {});
    if (score && !(score->max_score >= 0)) std::abort();
    return 0;
}
