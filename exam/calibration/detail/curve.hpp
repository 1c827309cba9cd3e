#pragma once
// Item response functions in slope-intercept form, as calibration sees them: ln P_k at every node of a grid, its gradient and its Hessian
// in the item's own parameters. The intercept form is what makes the likelihood of all but 3PL and 4PL items concave.
//
//   logistic        P_1 = c + (d − c) s(z),  z = a θ + i;  parameters a, i [, logit c] [, logit d]      1PL, 2PL, 3PL, 4PL
//   graded          P(X >= k) = s(a θ + i_k),  i_1 > i_2 > …;  parameters a, i_1 … i_m                  GRM
//   partial_credit  P_k ∝ exp(v_k a θ + i_k),  i_0 = 0, v_k = k unless categories are missing;  a, i_1 … i_m   GPCM, PCM
//   nominal         P_k ∝ exp(a_k θ + i_k),  a_0 = i_0 = 0;  parameters a_1 … a_m, i_1 … i_m            NRM
//   population      one "category", ln P_0 = ln of the node's normal weight;  parameters mean, ln SD
//
// The population is a curve like any other, answered alike by everybody: so its mean and SD are estimated, and enter the standard
// errors, by the same code.
#include "exam/calibration/detail/grid.hpp"

#include <cstdint>
#include <span>

namespace assay::exam::calibration::detail {

enum class CurveKind : std::uint8_t { logistic, graded, partial_credit, nominal, population };

struct Curve {
    CurveKind kind = CurveKind::logistic;
    std::size_t categories = 2;
    bool has_lower = false; ///< logistic: c is a parameter
    bool has_upper = false; ///< logistic: d is a parameter
    std::vector<double> category_score{}; ///< partial_credit: v_k, v_0 = 0; empty: 0, 1, 2 …

    std::size_t parameters() const noexcept;
    double score_of(std::size_t k) const noexcept { return category_score.empty() ? static_cast<double>(k) : category_score[k]; }
    /// Position of the first intercept (the second parameter, in a nominal item the m-th).
    std::size_t first_intercept() const noexcept { return kind == CurveKind::nominal ? categories - 1 : 1; }
    /// Positions of ln c/(1−c) and ln d/(1−d) where there are any.
    std::size_t lower_position() const noexcept { return 2; }
    std::size_t upper_position() const noexcept { return has_lower ? 3 : 2; }
};

constexpr std::size_t curve_parameters_max = 2 * 63; ///< a nominal item of 64 categories

/// ln P_k: `rows` has categories × stride doubles. Behind the last node the values are finite and without meaning, except for the
/// population, which is Grid::no_weight there.
void log_probabilities(Curve const& curve, std::span<double const> parameters, Grid const& grid, double* rows);

/// d ln P_k / d parameter m: `rows` has categories × parameters × stride doubles. 0 behind the last node.
void scores(Curve const& curve, std::span<double const> parameters, Grid const& grid, double* rows);

/// hessian[m · parameters + n] += Σ_k Σ_q counts_k(q) d² ln P_k / d m d n. `counts` has categories × stride doubles.
void add_hessian(Curve const& curve, std::span<double const> parameters, Grid const& grid, double const* counts, double* hessian);

/// hessian −= Σ_k Σ_q N(q) P_k (d ln P_k/d m)(d ln P_k/d n), N = Σ_k counts_k: the expected Hessian, never indefinite.
void add_expected_hessian(Curve const& curve, std::span<double const> parameters, Grid const& grid, double const* counts,
                          double* hessian);

} // namespace assay::exam::calibration::detail
