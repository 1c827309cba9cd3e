#include "exam/calibration/fit/sum_scores.hpp"

#include <array>
#include <cmath>

namespace assay::exam::calibration {

SumScores::SumScores(std::span<ItemModel const> items, Prior const& prior, QuadratureOptions const& options)
{
    auto const grid = quadrature(options);
    auto total = 0.0;
    for (std::size_t q = 0; q < grid.nodes.size(); ++q) {
        auto const u = (grid.nodes[q] - prior.mean) / prior.standard_deviation;
        weights_.push_back(grid.weights[q] * std::exp(-0.5 * u * u));
        total += weights_.back();
    }
    for (auto& weight : weights_) weight /= total;
    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    auto rows = std::size_t{0};
    for (auto const& item : items) {
        first_.push_back(rows);
        categories_.push_back(item.categories());
        maximum_ += item.categories() - 1;
        rows += item.categories();
    }
    probability_.resize(rows * weights_.size());
    for (std::size_t i = 0; i < items.size(); ++i)
        for (std::size_t q = 0; q < weights_.size(); ++q) {
            auto const used = std::span{terms}.first(categories_[i]);
            items[i].evaluate(Theta{grid.nodes[q]}, used);
            for (std::size_t k = 0; k < categories_[i]; ++k) probability_[(first_[i] + k) * weights_.size() + q] = used[k].probability;
        }
}

std::vector<double> SumScores::distribution(std::size_t node, std::size_t without) const
{
    auto share = std::vector<double>(maximum_ + 1, 0.0), next = share;
    share[0] = 1;
    auto highest = std::size_t{0};
    for (std::size_t i = 0; i < categories_.size(); ++i) {
        if (i == without) continue;
        std::fill(next.begin(), next.end(), 0.0);
        for (std::size_t s = 0; s <= highest; ++s)
            for (std::size_t k = 0; k < categories_[i]; ++k) next[s + k] += share[s] * probability(i, k, node);
        highest += categories_[i] - 1;
        std::swap(share, next);
    }
    return share;
}

std::vector<double> SumScores::category_shares(std::size_t item) const
{
    auto const categories = categories_[item];
    auto joint = std::vector<double>((maximum_ + 1) * categories, 0.0);
    for (std::size_t q = 0; q < weights_.size(); ++q) {
        auto const rest = distribution(q, item);
        for (std::size_t s = 0; s <= maximum_; ++s)
            for (std::size_t k = 0; k < categories && k <= s; ++k) joint[s * categories + k] += weights_[q] * probability(item, k, q) * rest[s - k];
    }
    for (std::size_t s = 0; s <= maximum_; ++s) {
        auto total = 0.0;
        for (std::size_t k = 0; k < categories; ++k) total += joint[s * categories + k];
        for (std::size_t k = 0; k < categories; ++k) joint[s * categories + k] = total > 0 ? joint[s * categories + k] / total : 0;
    }
    return joint;
}

} // namespace assay::exam::calibration
