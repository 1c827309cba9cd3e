#include "exam/calibration/fit/abilities.hpp"

namespace assay::exam::calibration {

std::vector<AbilityEstimate> abilities(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options)
{
    EXPECTS(items.size() == responses.items.size());
    auto scorer = Scorer{{items.begin(), items.end()}, options};
    auto result = std::vector<AbilityEstimate>{};
    result.reserve(responses.persons);
    for (std::size_t p = 0; p < responses.persons; ++p) result.push_back(scorer.score(responses.of(p)));
    return result;
}

} // namespace assay::exam::calibration
