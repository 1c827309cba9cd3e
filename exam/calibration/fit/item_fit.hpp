#pragma once
// Does an item behave as its curve says?
#include "exam/calibration/fit/abilities.hpp"

namespace assay::exam::calibration {

struct ChiSquare {
    double statistic = 0;
    int df = 0;
    std::optional<double> p; ///< absent when df is not positive
};

/// P(X > statistic) with `df` > 0 degrees of freedom.
double chi_square_tail(double statistic, double df);

struct ItemFit {
    std::size_t answers = 0;
    std::optional<double> infit;  ///< Σ (x − E x)²/Σ Var x over persons, at their ability estimates. Wright & Masters (1982)
    std::optional<double> outfit; ///< mean of (x − E x)²/Var x
    std::optional<ChiSquare> s_x2;
};

/// Number of parameters of the item itself, which S-X² takes from its degrees of freedom. A slope that 1PL or PCM items share is not counted.
std::size_t own_parameters(ItemModel const& item);

/// S-X² (Orlando & Thissen 2000; Kang & Chen 2008) in `s_x2`: persons are grouped by sum score, and in each group the shares of an item's
/// categories are compared with
///     E_sk = ∫ P_k(θ) S^{*i}_{s−k}(θ) φ(θ) dθ / ∫ S_s(θ) φ(θ) dθ,
/// where S is the sum score distribution at θ (Lord & Wingersky 1984) and S^{*i} that of the other items; φ the population's normal
/// density on the options' quadrature. The lowest and highest possible sum are left out. Cells with less than one expected person are
/// joined: with two categories neighbouring groups, from both ends inwards; with more, neighbouring categories of the group.
/// df = cells − groups − own parameters. Only persons who answered every item count; absent when there are none.
std::vector<ItemFit> item_fit(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options);

} // namespace assay::exam::calibration
