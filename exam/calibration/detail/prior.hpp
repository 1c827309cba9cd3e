#pragma once
// Priors on ln a, on b, on logit c and on logit d, in terms of slope-intercept parameters.
#include "exam/calibration/detail/curve.hpp"

#include <optional>

namespace assay::exam::calibration::detail {

struct Normal {
    double mean = 0;
    double sd = 1;
};

/// A density is that of the named quantity (so the mode of ln a, not of a, with its normalising constant).
struct CurvePrior {
    std::optional<Normal> log_slope;   ///< ln a; not in nominal items, whose slopes may have any sign
    std::optional<Normal> difficulty;  ///< each b_k: −i/a; in partial credit items −(i_k − i_{k−1})/a; nominal: each intercept
    std::optional<Normal> logit_lower; ///< ln c/(1 − c)
    std::optional<Normal> logit_upper; ///< ln d/(1 − d)

    bool any() const noexcept { return log_slope || difficulty || logit_lower || logit_upper; }
};

/// The log density; with `gradient` (parameters) and `hessian` (parameters²), unless null, its derivatives added to them.
/// −infinity where a slope is not positive but must be.
double add_log_prior(Curve const& curve, CurvePrior const& prior, std::span<double const> parameters, double* gradient, double* hessian);

} // namespace assay::exam::calibration::detail
