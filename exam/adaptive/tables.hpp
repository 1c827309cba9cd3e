#pragma once
// A bank laid out for selection: probability, its logarithm and information of every item at every quadrature node, in contiguous arrays, so that each
// criterion is a product of rows with a vector of node weights; and the distribution of one candidate's ability on the same nodes.
#include "exam/models/item_model.hpp"
#include "exam/models/quadrature.hpp"

#include <array>
#include <cstdint>

namespace assay::exam::adaptive {

/// 300 dichotomous items at 121 nodes are 1.5 MB. Immutable once made; may be shared between threads.
class BankTables {
public:
    /// Expects valid options. The items are copied.
    BankTables(std::vector<ItemModel> items, QuadratureOptions const& options);

    std::span<ItemModel const> items() const noexcept { return items_; }
    std::span<double const> nodes() const noexcept { return quadrature_.nodes; }
    std::span<double const> weights() const noexcept { return quadrature_.weights; }
    /// The same relative to the largest: 1 for every node of the rectangle rule.
    std::span<double const> relative_weights() const noexcept { return relative_weights_; }
    QuadratureOptions const& options() const noexcept { return options_; }

    std::span<double const> information(std::size_t item) const noexcept { return {information_.data() + item * nodes().size(), nodes().size()}; }
    std::span<double const> probability(std::size_t item, std::size_t category) const noexcept { return row(probability_, item, category); }
    /// log_likelihood() of models/item_model.hpp: finite for every category.
    std::span<double const> log_probability(std::size_t item, std::size_t category) const noexcept { return row(log_probability_, item, category); }

    /// No smaller than the item's information anywhere between node `cell` and node `cell + 1`.
    double information_bound(std::size_t item, std::size_t cell) const noexcept { return bounds_[cell * items_.size() + item]; }
    /// All items, by descending bound in that cell, ties by position.
    std::span<std::uint32_t const> by_bound(std::size_t cell) const noexcept { return {order_.data() + cell * items_.size(), items_.size()}; }

private:
    std::span<double const> row(std::vector<double> const& table, std::size_t item, std::size_t category) const noexcept
    {
        return {table.data() + (offsets_[item] + category) * nodes().size(), nodes().size()};
    }

    std::vector<ItemModel> items_;
    QuadratureOptions options_;
    Quadrature quadrature_;
    std::vector<double> relative_weights_;
    std::vector<std::size_t> offsets_; // an item's first row in the two tables by category
    std::vector<double> information_;
    std::vector<double> probability_;
    std::vector<double> log_probability_;
    std::vector<double> bounds_;
    std::vector<std::uint32_t> order_;
};

/// Mean and standard deviation of a posterior.
struct Moments {
    double mean = 0;
    double standard_deviation = 0;
};

/// One candidate's ability on the nodes of a bank's tables. An answer costs one pass over the nodes, no iteration, and the sums go in the order of
/// answers and nodes: the same answers give the same bits wherever they are taken in again. Source: Bock & Mislevy (1982).
class NodePosterior {
public:
    NodePosterior(BankTables const& tables, Prior const& prior);

    void update(BankTables const& tables, std::size_t item, std::size_t category);

    /// quadrature weight · prior · likelihood, summing to 1.
    std::vector<double> posterior() const;
    /// quadrature weight · likelihood, summing to 1 (the prior left out).
    std::vector<double> likelihood(BankTables const& tables) const;
    std::span<double const> log_likelihood() const noexcept { return log_likelihood_; }

    Moments moments(BankTables const& tables) const noexcept;
    /// Posterior probability that theta >= cut; a node at the cut counts in full.
    double mass_at_or_above(BankTables const& tables, double cut) const noexcept;

    /// What it holds on the heap: three numbers a node.
    std::size_t bytes() const noexcept { return sizeof(double) * (log_density_.capacity() + log_likelihood_.capacity() + weights_.capacity()); }

private:
    void normalise(BankTables const& tables);

    std::vector<double> log_density_;    // prior, then answer by answer, up to a constant
    std::vector<double> log_likelihood_; // without the prior
    std::vector<double> weights_;        // relative: what moments and masses are made of
    double total_ = 0;                   // their sum
};

/// sum of a[i] b[i] in four interleaved partial sums, added as (0 + 1) + (2 + 3): one fixed order that a vector unit can keep.
double ordered_product(std::span<double const> a, std::span<double const> b) noexcept;
/// ordered_product(a, b) and ordered_product(a, c), to the same bits, in one pass: two chains of additions go at once.
std::array<double, 2> ordered_products(std::span<double const> a, std::span<double const> b, std::span<double const> c) noexcept;

} // namespace assay::exam::adaptive
