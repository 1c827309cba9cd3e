#include "exam/calibration/detail/prior.hpp"

#include "core/exp_log.hpp"

#include <limits>
#include <numbers>

namespace assay::exam::calibration::detail {
namespace {

struct Derivatives {
    double* gradient;
    double* hessian;
    std::size_t size;

    void first(std::size_t i, double value) const
    {
        if (gradient) gradient[i] += value;
    }
    void second(std::size_t i, std::size_t j, double value) const
    {
        if (!hessian) return;
        hessian[i * size + j] += value;
        if (i != j) hessian[j * size + i] += value;
    }
};

double log_density(Normal const& prior, double x)
{
    auto const u = (x - prior.mean) / prior.sd;
    return -0.5 * u * u - exact_order_log(prior.sd) - 0.5 * exact_order_log(2 * std::numbers::pi);
}

double add_plain(Normal const& prior, double x, std::size_t position, Derivatives const& d)
{
    auto const precision = 1 / (prior.sd * prior.sd);
    d.first(position, -(x - prior.mean) * precision);
    d.second(position, position, -precision);
    return log_density(prior, x);
}

double add_log_slope(Normal const& prior, double a, Derivatives const& d)
{
    if (!(a > 0)) return -std::numeric_limits<double>::infinity();
    auto const precision = 1 / (prior.sd * prior.sd);
    auto const u = exact_order_log(a) - prior.mean;
    d.first(0, -u * precision / a);
    d.second(0, 0, (u - 1) * precision / (a * a));
    return log_density(prior, exact_order_log(a));
}

/// Of b = −x/a, where x is intercept `high`, less intercept `low` when there is one.
double add_difficulty(Normal const& prior, std::span<double const> p, std::size_t high, std::size_t low, Derivatives const& d)
{
    auto const a = p[0];
    if (a == 0) return -std::numeric_limits<double>::infinity();
    auto const precision = 1 / (prior.sd * prior.sd);
    auto const b = -(p[high] - (low ? p[low] : 0)) / a;
    auto const outer = -(b - prior.mean) * precision; // d log density / d b
    auto const by_a = -b / a, by_x = -1 / a;
    d.first(0, outer * by_a);
    d.second(0, 0, -precision * by_a * by_a + outer * 2 * b / (a * a));
    auto const cross = -precision * by_a * by_x + outer / (a * a);
    auto const square = -precision * by_x * by_x;
    d.first(high, outer * by_x);
    d.second(0, high, cross);
    d.second(high, high, square);
    if (low) {
        d.first(low, -outer * by_x);
        d.second(0, low, -cross);
        d.second(low, low, square);
        d.second(high, low, -square);
    }
    return log_density(prior, b);
}

} // namespace

double add_log_prior(Curve const& curve, CurvePrior const& prior, std::span<double const> parameters, double* gradient, double* hessian)
{
    auto const d = Derivatives{gradient, hessian, curve.parameters()};
    auto sum = 0.0;
    auto const nominal = curve.kind == CurveKind::nominal;
    if (prior.log_slope && !nominal && curve.kind != CurveKind::population) sum += add_log_slope(*prior.log_slope, parameters[0], d);
    if (prior.difficulty && curve.kind != CurveKind::population)
        for (std::size_t k = 1; k < curve.categories; ++k) {
            auto const at = curve.first_intercept() + k - 1;
            if (nominal) sum += add_plain(*prior.difficulty, parameters[at], at, d);
            else sum += add_difficulty(*prior.difficulty, parameters, at, curve.kind == CurveKind::partial_credit && k > 1 ? at - 1 : 0, d);
        }
    if (prior.logit_lower && curve.has_lower) sum += add_plain(*prior.logit_lower, parameters[curve.lower_position()], curve.lower_position(), d);
    if (prior.logit_upper && curve.has_upper) sum += add_plain(*prior.logit_upper, parameters[curve.upper_position()], curve.upper_position(), d);
    return sum;
}

} // namespace assay::exam::calibration::detail
