#include "exam/calibration/detail/fit.hpp"

#include "exam/calibration/detail/maximisation.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace assay::exam::calibration::detail {
namespace {

/// Below this EM step in every parameter Newton steps are worth their price.
constexpr double newton_region = 5e-3;
/// A Newton step that shrinks the next one less than this asks for a new information matrix.
constexpr double slow_contraction = 0.2;
constexpr double negligible_gain = 1e-7;

using Point = std::vector<double>;

double longest_change(Point const& a, Point const& b)
{
    auto longest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) longest = std::max(longest, std::abs(a[i] - b[i]));
    return longest;
}

class Fitter {
public:
    Fitter(Model& model, Patterns const& patterns, FitOptions const& options) : model_{model}, patterns_{patterns}, options_{options} {}

    Fit run()
    {
        at_ = model_.free();
        objective_ = evaluate(at_);
        if (model_.free_count == 0) {
            fit_.converged = true;
            return finish();
        }
        for (int attempt = 0; attempt < 8 && has_iterations(); ++attempt) {
            auto const stalled = climb(newton_region * std::pow(0.1, attempt));
            if (newton()) {
                fit_.converged = true;
                break;
            }
            if (stalled && attempt > 2) break;
        }
        return finish();
    }

private:
    bool has_iterations() const { return fit_.iterations < options_.iterations_max; }

    /// Penalised log likelihood at `point`, with its expected counts. Not a number where thresholds cross.
    double evaluate(Point const& point)
    {
        model_.set(point);
        all_log_probabilities(model_, log_p_);
        for (auto const& block : model_.blocks)
            if (block.is_free() && block.curve.kind == CurveKind::graded && !is_ordered(block)) return std::nan("");
        expect(patterns_, model_.layout, model_.grid, log_p_, options_.threads, scratch_, expectation_);
        ++fit_.iterations;
        return expectation_.log_likelihood + log_prior(model_);
    }

    static bool is_ordered(Block const& block)
    {
        for (std::size_t k = 1; k + 1 < block.value.size(); ++k)
            if (!(block.value[k] > block.value[k + 1])) return false;
        return true;
    }

    bool falls(double objective) const { return !(objective >= objective_ - 1e-12 * std::abs(objective_)); }

    /// One EM step from the point last evaluated.
    Point em_step()
    {
        maximise(model_, expectation_.counts, options_.threads);
        return model_.free();
    }

    void clamp(Point& point) const
    {
        for (std::size_t i = 0; i < point.size(); ++i) point[i] = std::clamp(point[i], model_.bounds[i].lower, model_.bounds[i].upper);
    }

    /// SQUAREM until the EM step is shorter than `enough`; true when it got there by standing still.
    bool climb(double enough)
    {
        objective_ = evaluate(at_);
        while (has_iterations()) {
            auto const first = em_step();
            auto const change = longest_change(at_, first);
            if (options_.progress) options_.progress(fit_.iterations, objective_, change);
            if (change < enough) return change < 1e-10;
            auto const value_1 = evaluate(first);
            auto const second = em_step();
            auto r2 = 0.0, v2 = 0.0;
            for (std::size_t i = 0; i < at_.size(); ++i) {
                auto const r = first[i] - at_[i], v = (second[i] - first[i]) - r;
                r2 += r * r;
                v2 += v * v;
            }
            auto const alpha = v2 > 0 ? -std::sqrt(r2 / v2) : -1.0;
            auto accepted = second;
            auto value = 0.0;
            if (alpha < -1) {
                auto leap = at_;
                for (std::size_t i = 0; i < at_.size(); ++i) {
                    auto const r = first[i] - at_[i], v = (second[i] - first[i]) - r;
                    leap[i] = at_[i] - 2 * alpha * r + alpha * alpha * v;
                }
                clamp(leap);
                value = evaluate(leap);
                if (value >= value_1) accepted = leap;
                else value = evaluate(second);
            } else
                value = evaluate(second);
            at_ = accepted;
            objective_ = value;
        }
        return false;
    }

    /// Newton's method from at_; true when converged. at_ is never worse afterwards.
    bool newton()
    {
        objective_ = evaluate(at_);
        auto steps_with_matrix = 0;
        auto previous = 0.0;
        for (int step_number = 0; step_number < 60 && has_iterations(); ++step_number) {
            all_scores(model_, table_);
            auto g = gradient(model_, table_, expectation_.counts);
            if (steps_with_matrix == 0) differentiate_twice();
            auto step = damped_step(g);
            auto const length = step.lpNorm<Eigen::Infinity>();
            fit_.remaining_gain = 0.5 * g.dot(step);
            if (options_.progress) options_.progress(fit_.iterations, objective_, length);
            if (length < options_.tolerance && fit_.remaining_gain < negligible_gain) return true;
            if (steps_with_matrix > 0 && length > slow_contraction * previous) { // the matrix has grown old
                differentiate_twice();
                steps_with_matrix = 0;
                step = damped_step(g);
            }
            if (!advance(step)) return false;
            previous = length;
            ++steps_with_matrix;
        }
        return false;
    }

    void differentiate_twice()
    {
        complete_ = complete_information(model_, expectation_.counts);
        observed_ = complete_ - missing_information(model_, patterns_, log_p_, table_, expectation_.counts, options_.threads);
    }

    /// Solves (observed + λ complete) step = gradient over what is not held at a bound, with the least λ that makes it positive definite.
    Eigen::VectorXd damped_step(Eigen::VectorXd const& g)
    {
        held_.clear();
        auto free = std::vector<Eigen::Index>{};
        for (std::size_t i = 0; i < at_.size(); ++i) {
            auto const slope = g[static_cast<Eigen::Index>(i)];
            auto const& bounds = model_.bounds[i];
            if ((at_[i] <= bounds.lower && slope <= 0) || (at_[i] >= bounds.upper && slope >= 0)) held_.push_back(i);
            else free.push_back(static_cast<Eigen::Index>(i));
        }
        Eigen::VectorXd result = Eigen::VectorXd::Zero(g.size());
        if (free.empty()) return result;
        Eigen::MatrixXd const observed = observed_(free, free);
        Eigen::VectorXd const right = g(free);
        Eigen::VectorXd damping = complete_.diagonal()(free).cwiseAbs().cwiseMax(1e-8);
        for (auto lambda = 0.0; lambda < 1e6; lambda = lambda == 0 ? 1e-7 : lambda * 10) {
            Eigen::MatrixXd damped = observed;
            damped.diagonal() += lambda * damping;
            auto const factor = Eigen::LLT<Eigen::MatrixXd>{damped};
            if (factor.info() != Eigen::Success || !(factor.rcond() > 1e-13)) continue;
            Eigen::VectorXd const solution = factor.solve(right);
            if (!solution.allFinite()) continue;
            result(free) = solution;
            return result;
        }
        return Eigen::VectorXd::Zero(g.size());
    }

    /// The step, or half of it and so on, as long as the objective does not fall.
    bool advance(Eigen::VectorXd const& step)
    {
        auto const length = step.lpNorm<Eigen::Infinity>();
        if (!(length > 0)) return false;
        auto scale = length > 1 ? 1 / length : 1.0;
        for (int halving = 0; halving < 6; ++halving, scale *= 0.5) {
            auto trial = at_;
            for (std::size_t i = 0; i < trial.size(); ++i) trial[i] += scale * step[static_cast<Eigen::Index>(i)];
            clamp(trial);
            auto const value = evaluate(trial);
            if (!falls(value)) {
                at_ = trial;
                objective_ = value;
                return true;
            }
        }
        objective_ = evaluate(at_);
        return false;
    }

    Fit finish()
    {
        objective_ = evaluate(at_);
        --fit_.iterations; // the same point again, for its counts
        all_scores(model_, table_);
        for (std::size_t i = 0; i < at_.size(); ++i)
            if (at_[i] <= model_.bounds[i].lower || at_[i] >= model_.bounds[i].upper) fit_.at_bound.push_back(i);
        if (options_.want_information && model_.free_count > 0) {
            differentiate_twice();
            fit_.information = observed_;
        }
        fit_.log_likelihood = expectation_.log_likelihood;
        fit_.log_prior = log_prior(model_);
        fit_.expectation = std::move(expectation_);
        return std::move(fit_);
    }

    Model& model_;
    Patterns const& patterns_;
    FitOptions const& options_;
    Point at_;
    double objective_ = 0;
    std::vector<std::size_t> held_;
    Rows log_p_;
    ExpectationScratch scratch_;
    Expectation expectation_;
    ScoreTable table_;
    Eigen::MatrixXd complete_, observed_;
    Fit fit_;
};

} // namespace

Fit fit(Model& model, Patterns const& patterns, FitOptions const& options) { return Fitter{model, patterns, options}.run(); }

} // namespace assay::exam::calibration::detail
