#pragma once
// The distribution of sum scores that a set of items implies at each ability. Source: Lord & Wingersky (1984).
#include "exam/models/item_model.hpp"
#include "exam/scoring/ability.hpp"

namespace assay::exam::calibration {

class SumScores {
public:
    /// Weights of the nodes: the prior's normal density, normalised to 1. Memory: items × categories × nodes and twice maximum × nodes.
    SumScores(std::span<ItemModel const> items, Prior const& prior, QuadratureOptions const& options);

    std::size_t maximum() const noexcept { return maximum_; }
    std::size_t categories(std::size_t item) const noexcept { return categories_[item]; }

    /// Share of category k of the item among persons with sum s: [s · categories + k], s = 0 … maximum. 0 where the sum is impossible.
    std::vector<double> category_shares(std::size_t item) const;

private:
    double probability(std::size_t item, std::size_t category, std::size_t node) const noexcept
    {
        return probability_[(first_[item] + category) * weights_.size() + node];
    }
    /// Distribution of the sum of all items but one (or of all), at one node.
    std::vector<double> distribution(std::size_t node, std::size_t without) const;

    std::vector<std::size_t> categories_, first_;
    std::vector<double> probability_, weights_;
    std::size_t maximum_ = 0;
};

} // namespace assay::exam::calibration
