#pragma once
// The E-step: the marginal log likelihood of all patterns, and how many persons are expected at each node in each category.
#include "exam/calibration/detail/curve.hpp"
#include "exam/calibration/detail/patterns.hpp"

namespace assay::exam::calibration::detail {

/// Where the rows of each item lie: categories in order, items in order, last the population's one row.
struct RowLayout {
    std::vector<std::size_t> first; ///< items + 1
    std::size_t rows = 0;
    std::size_t population() const noexcept { return first.back(); }
};

struct Expectation {
    double log_likelihood = 0; ///< Σ_patterns frequency · ln Σ_q w_q Π_i P(category)
    Rows counts;               ///< RowLayout::rows × stride: expected persons per node with the category; the population's row: all
};

/// Memory that E-steps share, so that only the first one allocates.
struct ExpectationScratch {
    Rows tables;               ///< log likelihood of each dictionary entry
    std::vector<Rows> buckets; ///< one a worker
    std::vector<Rows> counts;  ///< one a chunk of patterns
    std::vector<double> log_likelihood;
};

/// Log likelihood rows of all dictionary entries, group after group, the log weights included in the first group.
void build_tables(Patterns const& patterns, RowLayout const& layout, Grid const& grid, Rows const& log_p, Rows& tables);

/// Posterior weights (not normalised by frequency) of one pattern: posterior := w_q L(q) / Σ; returns ln Σ_q w_q L(q).
double posterior_of(Patterns const& patterns, std::size_t pattern, Rows const& tables, std::vector<std::size_t> const& offsets,
                    std::size_t stride, double* posterior);

/// Where each group's entries begin in `tables`, in rows.
std::vector<std::size_t> table_offsets(Patterns const& patterns);

/// The patterns are cut into chunks by their number alone and the chunks added in order: the same bits for any number of threads.
void expect(Patterns const& patterns, RowLayout const& layout, Grid const& grid, Rows const& log_p, unsigned threads,
            ExpectationScratch& scratch, Expectation& result);

} // namespace assay::exam::calibration::detail
