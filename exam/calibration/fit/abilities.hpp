#pragma once
// Ability estimates that fit statistics condition on, with what Snijders' correction needs to know of the estimator.
#include "exam/bank/responses.hpp"
#include "exam/scoring/ability.hpp"

namespace assay::exam::calibration {

/// Defaults of fit statistics: Warm's estimator, which is finite for every pattern and for which lz* is defined.
inline ScoringOptions fit_scoring() { return ScoringOptions{Estimator::wle, {}, {}}; }

/// One estimate a person. `items[i]` answers column i. Expects as many items as columns, every category below its item's count.
std::vector<AbilityEstimate> abilities(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options);

} // namespace assay::exam::calibration
