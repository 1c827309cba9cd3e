#pragma once
// Maximum marginal likelihood (or maximum a posteriori, with priors) of a model's free parameters.
//
// First EM steps (Bock & Aitkin 1981), accelerated by SQUAREM (Varadhan & Roland 2008) and safeguarded: an extrapolation that would lower
// the objective is dropped for the plain EM step, which never does. EM alone stops where its steps get short, which can be far from the
// optimum. So near it Newton steps with the exact observed information take over, damped by the complete-data information (with much
// damping that is a short EM step), each accepted only when the objective does not fall. The remaining Newton step estimates the distance
// to the optimum, and that is what `tolerance` bounds, together with the gain it promises.
#include "exam/calibration/detail/information.hpp"

#include <functional>

namespace assay::exam::calibration::detail {

struct FitOptions {
    double tolerance = 1e-6; ///< largest parameter change that the last Newton step would still make
    int iterations_max = 2000; ///< E-steps
    unsigned threads = 1;
    bool want_information = false;
    std::function<void(int iteration, double objective, double change)> progress;
};

struct Fit {
    double log_likelihood = 0;
    double log_prior = 0;
    bool converged = false;
    int iterations = 0;          ///< E-steps
    double remaining_gain = 0;   ///< of the objective, as the last Newton step estimates it
    std::vector<std::size_t> at_bound;
    Expectation expectation;     ///< at the optimum
    Eigen::MatrixXd information; ///< observed information of the free parameters, when wanted
};

/// Leaves the optimum in `model`. Expects start values inside the bounds.
Fit fit(Model& model, Patterns const& patterns, FitOptions const& options);

} // namespace assay::exam::calibration::detail
