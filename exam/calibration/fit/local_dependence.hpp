#pragma once
// Do two items share more than ability? Q3 (Yen 1984): the correlation of their residuals x − E(x | θ) over the persons who answered both, at
// the persons' ability estimates. Under the model about −1/(items − 1), so it is the distance from the average that says something.
#include "exam/calibration/fit/abilities.hpp"

namespace assay::exam::calibration {

struct LocalDependence {
    std::size_t items = 0;
    std::vector<std::optional<double>> q3; ///< items × items, symmetric; absent on the diagonal, and with fewer than 3 persons or no variance
    std::optional<double> mean;            ///< over all pairs that have one

    std::optional<double> at(std::size_t i, std::size_t j) const { return q3[i * items + j]; }
};

LocalDependence local_dependence(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options);

} // namespace assay::exam::calibration
