#pragma once
// What the answers so far say about a candidate's ability: a distribution on a fixed grid. An update costs one pass over the
// nodes, needs no iteration, and is the same to the last bit wherever it is repeated (nodes are visited in ascending order).
#include "exam/irt.hpp"

#include <array>
#include <cstddef>

namespace assay::exam {

/// Mean within -3 … 3 and standard deviation within 0.3 … 3: what an exam may use.
bool is_valid(Prior const& prior) noexcept;

/// Expected a posteriori (EAP) estimate, and the posterior standard deviation as its standard error. Source: Bock & Mislevy (1982).
struct Estimate {
    Theta theta;
    double standard_error = 1; ///< logits
    friend bool operator==(Estimate const&, Estimate const&) = default;
};

class Posterior {
public:
    /// 121 nodes, -6.0, -5.9 … 6.0. Equal steps serve a near-normal posterior down to an SD of 0.15 (step <= 2/3 SD).
    static constexpr std::size_t node_count = 121;
    static Theta node(std::size_t index) noexcept; ///< (index - 60) / 10

    Posterior() : Posterior{Prior{}} {}
    /// Expects is_valid(prior).
    explicit Posterior(Prior const& prior);

    /// Takes in one answer: adds its log likelihood at each node.
    void update(ItemParameters const& item, bool correct) noexcept;

    Estimate estimate() const noexcept;

    /// Probability that theta is at or above `cut`, by the nodes' weights (a node exactly at the cut counts in full).
    double mass_at_or_above(Theta cut) const noexcept;

    friend bool operator==(Posterior const&, Posterior const&) = default;

private:
    std::array<double, node_count> weights() const noexcept; ///< relative to the largest, which is 1

    std::array<double, node_count> log_density_; ///< up to a constant
};

} // namespace assay::exam
