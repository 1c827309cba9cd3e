#pragma once
// What is being estimated: the items' curves, their parameters now, and which of them are free, shared or given.
#include "exam/calibration/detail/expectation.hpp"
#include "exam/calibration/detail/prior.hpp"

namespace assay::exam::calibration::detail {

/// A curve with its parameters. `index[m]` is the place of parameter m among the free ones of the whole model; several items may share one.
struct Block {
    static constexpr std::size_t given = static_cast<std::size_t>(-1);

    Curve curve;
    std::vector<double> value;
    std::vector<std::size_t> index;
    CurvePrior prior;
    bool used = true; ///< false: an item without information, which takes no part

    bool is_free() const noexcept;
};

struct Bounds {
    double lower, upper;
};

struct Model {
    Grid grid;
    std::vector<Block> blocks; ///< items in order, then the population
    std::size_t free_count = 0;
    std::vector<Bounds> bounds; ///< of the free parameters
    RowLayout layout;

    /// Sets every block's parameters from the free ones.
    void set(std::vector<double> const& free);
    std::vector<double> free() const;
};

/// The layout of the rows of `blocks`.
RowLayout layout_of(std::vector<Block> const& blocks);

/// ln P_k of every block at its present parameters, LAYOUT rows.
void all_log_probabilities(Model const& model, Rows& rows);

/// Σ over blocks of the log prior density at the present parameters; a shared parameter's prior counts once.
double log_prior(Model const& model);

} // namespace assay::exam::calibration::detail
