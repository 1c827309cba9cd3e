#pragma once
// The M-step: each item's parameters maximise its expected log likelihood plus log prior, by Newton's method with the analytic Hessian;
// where that is not negative definite (3PL, 4PL far from the optimum) the expected Hessian takes its place; steps are halved until the
// objective rises. Items that share a slope (1PL, PCM) are one problem, whose arrow-shaped Hessian is reduced to the slope alone.
#include "exam/calibration/detail/model.hpp"

namespace assay::exam::calibration::detail {

/// Expects counts in model.layout. Never lowers Σ counts · ln P + log prior.
void maximise(Model& model, Rows const& counts, unsigned threads);

} // namespace assay::exam::calibration::detail
