#include "exam/calibration/detail/maximisation.hpp"

#include "exam/calibration/detail/node_loops.hpp"
#include "exam/calibration/detail/parallel.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace assay::exam::calibration::detail {
namespace {

constexpr int newton_steps_max = 12;
constexpr int halvings_max = 20;
constexpr double step_max = 2;         ///< in any parameter; a longer one trusts the quadratic too far
constexpr double step_negligible = 1e-9;

/// One item's part of Q with its derivatives, at the block's present parameters.
class ItemProblem {
public:
    ItemProblem(Model const& model, std::size_t block, Rows const& counts)
        : model_{model}, curve_{model.blocks[block].curve}, prior_{model.blocks[block].prior},
          counts_{counts.data() + model.layout.first[block] * model.grid.stride},
          scores_(curve_.categories * curve_.parameters() * model.grid.stride), log_p_(curve_.categories * model.grid.stride)
    {
    }

    double objective(std::vector<double> const& value)
    {
        log_probabilities(curve_, value, model_.grid, log_p_.data());
        auto sum = 0.0;
        for (std::size_t k = 0; k < curve_.categories; ++k) {
            auto const row = k * model_.grid.stride;
            sum += dot(counts_ + row, log_p_.data() + row, model_.grid.stride);
        }
        if (prior_.any()) sum += add_log_prior(curve_, prior_, value, nullptr, nullptr);
        return sum;
    }

    void differentiate(std::vector<double> const& value, Eigen::VectorXd& gradient, Eigen::MatrixXd& information, bool expected)
    {
        auto const m = curve_.parameters();
        gradient.setZero(static_cast<Eigen::Index>(m));
        information.setZero(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(m));
        scores(curve_, value, model_.grid, scores_.data());
        for (std::size_t k = 0; k < curve_.categories; ++k)
            for (std::size_t i = 0; i < m; ++i)
                gradient[static_cast<Eigen::Index>(i)] +=
                    dot(counts_ + k * model_.grid.stride, scores_.data() + (k * m + i) * model_.grid.stride, model_.grid.stride);
        if (expected) add_expected_hessian(curve_, value, model_.grid, counts_, information.data());
        else add_hessian(curve_, value, model_.grid, counts_, information.data());
        if (prior_.any()) add_log_prior(curve_, prior_, value, gradient.data(), information.data());
        information = -information;
    }

private:
    Model const& model_;
    Curve curve_;
    CurvePrior prior_;
    double const* counts_;
    Rows scores_, log_p_;
};

/// Solves information · step = gradient over the positions in `free`; false when the matrix is not positive definite.
bool solve(Eigen::MatrixXd const& information, Eigen::VectorXd const& gradient, std::vector<std::size_t> const& free, Eigen::VectorXd& step)
{
    auto const size = static_cast<Eigen::Index>(free.size());
    Eigen::MatrixXd a(size, size);
    Eigen::VectorXd b(size);
    for (Eigen::Index i = 0; i < size; ++i) {
        auto const from = static_cast<Eigen::Index>(free[static_cast<std::size_t>(i)]);
        b[i] = gradient[from];
        for (Eigen::Index j = 0; j < size; ++j) a(i, j) = information(from, static_cast<Eigen::Index>(free[static_cast<std::size_t>(j)]));
    }
    auto const factor = Eigen::LLT<Eigen::MatrixXd>{a};
    if (factor.info() != Eigen::Success) return false;
    step = factor.solve(b);
    return step.allFinite();
}

/// A parameter at its bound whose gradient points outwards stays there.
bool is_held(Bounds const& bounds, double value, double gradient)
{
    return (value <= bounds.lower && gradient <= 0) || (value >= bounds.upper && gradient >= 0);
}

double limit(Eigen::VectorXd const& step)
{
    auto const longest = step.size() == 0 ? 0.0 : step.lpNorm<Eigen::Infinity>();
    return longest > step_max ? step_max / longest : 1.0;
}

void maximise_own(Model& model, std::size_t b, Rows const& counts)
{
    auto& block = model.blocks[b];
    auto problem = ItemProblem{model, b, counts};
    auto best = problem.objective(block.value);
    Eigen::VectorXd gradient, step;
    Eigen::MatrixXd information;
    for (int iteration = 0; iteration < newton_steps_max; ++iteration) {
        problem.differentiate(block.value, gradient, information, false);
        auto free = std::vector<std::size_t>{};
        for (std::size_t m = 0; m < block.index.size(); ++m)
            if (block.index[m] != Block::given && !is_held(model.bounds[block.index[m]], block.value[m], gradient[static_cast<Eigen::Index>(m)]))
                free.push_back(m);
        if (free.empty()) return;
        if (!solve(information, gradient, free, step)) {
            problem.differentiate(block.value, gradient, information, true);
            for (Eigen::Index m = 0; m < information.rows(); ++m) information(m, m) += 1e-8 * (1 + std::abs(information(m, m)));
            if (!solve(information, gradient, free, step)) return;
        }
        auto scale = limit(step);
        auto trial = block.value;
        auto moved = 0.0;
        for (int halving = 0; halving < halvings_max; ++halving, scale *= 0.5) {
            moved = 0;
            for (std::size_t i = 0; i < free.size(); ++i) {
                auto const& bounds = model.bounds[block.index[free[i]]];
                trial[free[i]] = std::clamp(block.value[free[i]] + scale * step[static_cast<Eigen::Index>(i)], bounds.lower, bounds.upper);
                moved = std::max(moved, std::abs(trial[free[i]] - block.value[free[i]]));
            }
            auto const value = problem.objective(trial);
            if (value >= best) { // false for NaN, where thresholds cross
                block.value = trial;
                best = value;
                break;
            }
            if (moved < step_negligible) return;
        }
        if (moved < step_negligible) return;
    }
}

/// All blocks whose first parameter is the same free one.
void maximise_shared(Model& model, std::vector<std::size_t> const& family, Rows const& counts)
{
    auto problems = std::vector<ItemProblem>{};
    for (auto const b : family) problems.emplace_back(model, b, counts);
    auto const slope = model.blocks[family.front()].index[0];
    auto const total = [&](std::vector<std::vector<double>> const& values) {
        auto sum = 0.0;
        for (std::size_t i = 0; i < family.size(); ++i) sum += problems[i].objective(values[i]);
        return sum;
    };
    auto values = std::vector<std::vector<double>>{};
    for (auto const b : family) values.push_back(model.blocks[b].value);
    auto best = total(values);
    struct Arrow {
        Eigen::VectorXd rest_step, rest_per_slope; ///< H_rr⁻¹ g_r and H_rr⁻¹ H_rs
    };
    for (int iteration = 0; iteration < newton_steps_max; ++iteration) {
        auto arrows = std::vector<Arrow>(family.size());
        auto slope_gradient = 0.0, slope_information = 0.0;
        Eigen::VectorXd gradient;
        Eigen::MatrixXd information;
        for (std::size_t i = 0; i < family.size(); ++i) {
            problems[i].differentiate(values[i], gradient, information, false);
            auto const rest = information.rows() - 1;
            auto const factor = Eigen::LLT<Eigen::MatrixXd>{information.bottomRightCorner(rest, rest)};
            if (factor.info() != Eigen::Success) return;
            arrows[i].rest_step = factor.solve(gradient.tail(rest));
            arrows[i].rest_per_slope = factor.solve(information.col(0).tail(rest));
            slope_gradient += gradient[0] - information.col(0).tail(rest).dot(arrows[i].rest_step);
            slope_information += information(0, 0) - information.col(0).tail(rest).dot(arrows[i].rest_per_slope);
        }
        auto const slope_step = slope_information > 0 ? slope_gradient / slope_information : 0.0;
        auto longest = std::abs(slope_step);
        for (auto& arrow : arrows) {
            arrow.rest_step -= slope_step * arrow.rest_per_slope;
            longest = std::max(longest, arrow.rest_step.lpNorm<Eigen::Infinity>());
        }
        auto scale = longest > step_max ? step_max / longest : 1.0;
        auto improved = false;
        for (int halving = 0; halving < halvings_max && longest * scale >= step_negligible; ++halving, scale *= 0.5) {
            auto trial = values;
            for (std::size_t i = 0; i < family.size(); ++i) {
                trial[i][0] = std::clamp(values[i][0] + scale * slope_step, model.bounds[slope].lower, model.bounds[slope].upper);
                for (std::size_t m = 1; m < trial[i].size(); ++m) {
                    auto const& bounds = model.bounds[model.blocks[family[i]].index[m]];
                    trial[i][m] = std::clamp(values[i][m] + scale * arrows[i].rest_step[static_cast<Eigen::Index>(m - 1)], bounds.lower, bounds.upper);
                }
            }
            auto const value = total(trial);
            if (value >= best) {
                values = std::move(trial);
                best = value;
                improved = true;
                break;
            }
        }
        if (!improved) break;
    }
    for (std::size_t i = 0; i < family.size(); ++i) model.blocks[family[i]].value = values[i];
}

} // namespace

void maximise(Model& model, Rows const& counts, unsigned threads)
{
    auto sharers = std::vector<std::vector<std::size_t>>(model.free_count);
    for (std::size_t b = 0; b < model.blocks.size(); ++b)
        if (model.blocks[b].is_free() && model.blocks[b].index[0] != Block::given) sharers[model.blocks[b].index[0]].push_back(b);
    auto alone = std::vector<std::size_t>{};
    for (std::size_t b = 0; b < model.blocks.size(); ++b) {
        auto const& block = model.blocks[b];
        if (block.is_free() && (block.index[0] == Block::given || sharers[block.index[0]].size() == 1)) alone.push_back(b);
    }
    for_each_index(alone.size(), threads, [&](std::size_t i, unsigned) { maximise_own(model, alone[i], counts); });
    for (auto const& family : sharers)
        if (family.size() > 1) maximise_shared(model, family, counts);
}

} // namespace assay::exam::calibration::detail
