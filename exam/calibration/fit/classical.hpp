#pragma once
// Classical item statistics: no model, only sums and correlations.
#include "exam/bank/responses.hpp"

#include <optional>

namespace assay::exam::calibration {

/// One row of a distractor table: who chose the category, and how they did on the rest of the test.
struct CategoryStatistics {
    Category category = 0; ///< as in the responses
    std::size_t persons = 0;
    double share = 0;                     ///< of those who answered the item
    std::optional<double> mean_rest;      ///< their mean score on the other items
    std::optional<double> point_biserial; ///< of choosing it with the score on the other items
};

struct ClassicalItem {
    std::string item;
    std::size_t answers = 0;
    double mean = 0;                      ///< item score
    double p = 0;                         ///< mean / highest score: the share of right answers of an item scored 0 and 1
    std::optional<double> sd;             ///< of the item score, divisor answers − 1
    std::optional<double> point_biserial; ///< with the test score, the item included
    std::optional<double> corrected;      ///< with the score on the other items (item-rest correlation)
    std::optional<double> alpha_without;  ///< alpha of the other items
    std::vector<CategoryStatistics> categories;
};

struct Classical {
    std::size_t persons = 0;
    std::size_t complete = 0;    ///< who answered every item: alpha is theirs
    std::optional<double> alpha; ///< Cronbach: n/(n − 1) · (1 − Σ Var x_i / Var Σ x_i), variances with divisor N − 1
    std::optional<double> mean, sd; ///< of the complete sum scores
    std::vector<ClassicalItem> items;
};

/// The item score is the category number; with `keys` it is 1 for the key and 0 for any other. A person's score on a set of items is the mean
/// over those answered: for complete rows correlations are those of sum scores. Expects no keys or one an item (nothing: category number).
/// The highest score of an item is 1 with a key, otherwise its highest observed category, at least 1.
Classical classical(ResponseTable const& responses, std::span<std::optional<Category> const> keys);

} // namespace assay::exam::calibration
