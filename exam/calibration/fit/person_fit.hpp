#pragma once
// Does a person's row of answers look like the model says? Evidence for a reader, never a verdict.
#include "exam/calibration/fit/abilities.hpp"

namespace assay::exam::calibration {

/// All at the ability estimate θ; P_k of each answered item, w_k = ln P_k.
///     lz     = (l − E l)/√Var l,  l = Σ w_x,  E l = Σ_i Σ_k P_k w_k,  Var l = Σ_i [Σ_k P_k w_k² − (Σ_k P_k w_k)²]
///              Drasgow, Levine & Williams (1985). Its reference distribution is normal only at the true θ.
///     lz*    = (l − E l + c r₀)/√Σ_i [Σ_k P_k v_k² − (Σ_k P_k v_k)²],  v_k = w_k − c r_k,  r_k = d ln P_k/dθ,  c = Σ P_k' w_k / Σ P_k' r_k
///              Snijders (2001), for any categories Sinharay (2016). r₀ is what the estimator adds to Σ r_x to make it 0: mle 0, map
///              −(θ − m)/s², wle J/(2I), jeffreys I'/(2I). Absent for eap, which solves no such equation, and where θ is an end of the range.
///     outfit = mean of (x − E x)²/Var x over the items;  infit = Σ (x − E x)² / Σ Var x.  Wright & Masters (1982); x the category number.
/// Each is absent where its denominator is 0: no answers, or all of them certain.
struct PersonFit {
    AbilityEstimate ability;
    std::size_t answers = 0;
    std::optional<double> log_likelihood;
    std::optional<double> lz;
    std::optional<double> lz_star;
    std::optional<double> infit;
    std::optional<double> outfit;
};

/// The statistics of one row at a given estimate.
PersonFit person_fit(std::span<ItemModel const> items, std::span<Category const> row, AbilityEstimate const& ability, ScoringOptions const& options);

/// One a person, in order.
std::vector<PersonFit> person_fit(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options);

} // namespace assay::exam::calibration
