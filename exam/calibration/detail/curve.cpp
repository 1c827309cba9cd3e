#include "exam/calibration/detail/curve.hpp"

#include "core/contract.hpp"
#include "core/exp_log.hpp"
#include "exam/calibration/detail/node_loops.hpp"

#include <array>
#include <cmath>

namespace assay::exam::calibration::detail {

Grid Grid::equally_spaced(std::size_t count, double lower, double upper)
{
    EXPECTS(count >= 3 && lower < upper);
    auto grid = Grid{count, (count + lanes - 1) / lanes * lanes, {}};
    grid.theta.assign(grid.stride, 0.0);
    for (std::size_t q = 0; q < count; ++q)
        grid.theta[q] = lower + (upper - lower) * static_cast<double>(q) / static_cast<double>(count - 1);
    return grid;
}

std::size_t Curve::parameters() const noexcept
{
    switch (kind) {
    case CurveKind::logistic: return 2u + (has_lower ? 1u : 0u) + (has_upper ? 1u : 0u);
    case CurveKind::graded:
    case CurveKind::partial_credit: return categories;
    case CurveKind::nominal: return 2 * (categories - 1);
    case CurveKind::population: return 2;
    }
    return 0;
}

namespace {

/// ln s(z) and ln(1 − s(z)) − both exact in the tails.
double log_logistic(double z) noexcept { return -exact_order_log1p_exp(-z); }

struct Logistic {
    double value;      ///< s(z)
    double complement; ///< 1 − s(z), not formed by subtraction
};
Logistic logistic(double z) noexcept
{
    auto const e = lane_exp(z < 0 ? z : -z);
    auto const small = e / (1 + e), large = 1 / (1 + e);
    return z < 0 ? Logistic{small, large} : Logistic{large, small};
}

// ---- logistic

struct Asymptotes {
    double lower = 0, upper = 1;
    double above_lower = 1, below_upper = 0; ///< 1 − c, 1 − d
};
Asymptotes asymptotes(Curve const& curve, std::span<double const> p) noexcept
{
    auto result = Asymptotes{};
    if (curve.has_lower) {
        auto const c = logistic(p[curve.lower_position()]);
        result.lower = c.value;
        result.above_lower = c.complement;
    }
    if (curve.has_upper) {
        auto const d = logistic(p[curve.upper_position()]);
        result.upper = d.value;
        result.below_upper = d.complement;
    }
    return result;
}

/// P, 1 − P and the derivatives of P in z, logit c, logit d at one node.
struct LogisticNode {
    double p, q;
    std::array<double, 3> first;                ///< z, logit c, logit d
    double zz, zl, zu, ll, uu;
};
LogisticNode logistic_node(double z, Asymptotes const& a) noexcept
{
    auto const s = logistic(z);
    auto const range = a.upper - a.lower;
    auto const w = s.value * s.complement;
    auto const dl = a.lower * a.above_lower, du = a.upper * a.below_upper;
    auto node = LogisticNode{};
    node.p = a.lower * s.complement + a.upper * s.value;
    node.q = a.below_upper * s.value + a.above_lower * s.complement;
    node.first = {range * w, s.complement * dl, s.value * du};
    node.zz = range * w * (s.complement - s.value);
    node.zl = -w * dl;
    node.zu = w * du;
    node.ll = s.complement * dl * (a.above_lower - a.lower);
    node.uu = s.value * du * (a.below_upper - a.upper);
    return node;
}

void log_probabilities_logistic(Curve const& curve, std::span<double const> p, Grid const& grid, double* rows)
{
    auto const a = asymptotes(curve, p);
    auto const plain = !curve.has_lower && !curve.has_upper;
    for (std::size_t q = 0; q < grid.stride; ++q) {
        auto const z = p[0] * grid.theta[q] + p[1];
        if (plain) {
            auto const log_s = log_logistic(z);
            rows[q] = log_s - z;
            rows[grid.stride + q] = log_s;
        } else {
            auto const node = logistic_node(z, a);
            rows[q] = exact_order_log(node.q);
            rows[grid.stride + q] = exact_order_log(node.p);
        }
    }
}

void scores_logistic(Curve const& curve, std::span<double const> p, Grid const& grid, double* rows)
{
    auto const a = asymptotes(curve, p);
    auto const m = curve.parameters(), n = grid.stride;
    for (std::size_t q = 0; q < grid.count; ++q) {
        auto const node = logistic_node(p[0] * grid.theta[q] + p[1], a);
        auto const per_z0 = -node.first[0] / node.q, per_z1 = node.first[0] / node.p;
        auto* const wrong = rows + q;
        auto* const right = rows + m * n + q;
        wrong[0] = per_z0 * grid.theta[q];
        right[0] = per_z1 * grid.theta[q];
        wrong[n] = per_z0;
        right[n] = per_z1;
        auto const asymptote = [&](std::size_t position, double first) {
            wrong[position * n] = -first / node.q;
            right[position * n] = first / node.p;
        };
        if (curve.has_lower) asymptote(curve.lower_position(), node.first[1]);
        if (curve.has_upper) asymptote(curve.upper_position(), node.first[2]);
    }
}

void add_hessian_logistic(Curve const& curve, std::span<double const> p, Grid const& grid, double const* counts, double* hessian)
{
    auto const a = asymptotes(curve, p);
    auto const m = curve.parameters();
    auto sums = std::array<double, 10>{}; // zz, zzθ, zzθθ, zl, zlθ, zu, zuθ, ll, lu, uu
    for (std::size_t q = 0; q < grid.count; ++q) {
        auto const t = grid.theta[q];
        auto const node = logistic_node(p[0] * t + p[1], a);
        auto const wrong = counts[q] / node.q, right = counts[grid.stride + q] / node.p;
        auto const second = right - wrong, square = right / node.p + wrong / node.q;
        auto const& [z, l, u] = node.first;
        auto const zz = second * node.zz - square * z * z;
        sums[0] += zz;
        sums[1] += zz * t;
        sums[2] += zz * t * t;
        auto const zl = second * node.zl - square * z * l;
        sums[3] += zl;
        sums[4] += zl * t;
        auto const zu = second * node.zu - square * z * u;
        sums[5] += zu;
        sums[6] += zu * t;
        sums[7] += second * node.ll - square * l * l;
        sums[8] -= square * l * u;
        sums[9] += second * node.uu - square * u * u;
    }
    auto const put = [&](std::size_t i, std::size_t j, double value) {
        hessian[i * m + j] += value;
        if (i != j) hessian[j * m + i] += value;
    };
    put(0, 0, sums[2]);
    put(0, 1, sums[1]);
    put(1, 1, sums[0]);
    auto const l = curve.lower_position(), u = curve.upper_position();
    if (curve.has_lower) {
        put(0, l, sums[4]);
        put(1, l, sums[3]);
        put(l, l, sums[7]);
    }
    if (curve.has_upper) {
        put(0, u, sums[6]);
        put(1, u, sums[5]);
        put(u, u, sums[9]);
    }
    if (curve.has_lower && curve.has_upper) put(l, u, sums[8]);
}

// ---- graded

// Between two thresholds  s(x) − s(y) = s(x) (1 − s(y)) (1 − e^(y−x)),  and y − x does not depend on theta: the logarithm has no
// cancellation, and its derivatives in x and y are those of two logistic terms and a constant.
struct Gap {
    double log_term; ///< ln(1 − e^−δ), δ = i_k − i_{k+1}
    double first;    ///< its derivative in δ: g = 1/(e^δ − 1)
    double second;   ///< −g (1 + g)
};
Gap gap(double delta) noexcept
{
    auto const g = 1 / std::expm1(delta);
    return {std::log(-std::expm1(-delta)), g, -g * (1 + g)};
}

void log_probabilities_graded(Curve const& curve, std::span<double const> p, Grid const& grid, double* rows)
{
    auto const last = curve.categories - 1;
    for (std::size_t k = 0; k <= last; ++k) {
        auto const between = k > 0 && k < last ? gap(p[k] - p[k + 1]).log_term : 0.0;
        for (std::size_t q = 0; q < grid.stride; ++q) {
            auto const slope = p[0] * grid.theta[q];
            auto value = between;
            if (k > 0) value += log_logistic(slope + p[k]);
            if (k < last) value += log_logistic(-(slope + p[k + 1]));
            rows[k * grid.stride + q] = value;
        }
    }
}

void scores_graded(Curve const& curve, std::span<double const> p, Grid const& grid, double* rows)
{
    auto const last = curve.categories - 1, m = curve.parameters(), n = grid.stride;
    for (std::size_t k = 0; k <= last; ++k) {
        auto const g = k > 0 && k < last ? gap(p[k] - p[k + 1]).first : 0.0;
        for (std::size_t q = 0; q < grid.count; ++q) {
            auto const slope = p[0] * grid.theta[q];
            auto* const row = rows + k * m * n + q;
            auto const below = k > 0 ? logistic(slope + p[k]).complement + g : 0.0;
            auto const above = k < last ? -logistic(slope + p[k + 1]).value - g : 0.0;
            row[0] = (below + above) * grid.theta[q];
            if (k > 0) row[k * n] = below;
            if (k < last) row[(k + 1) * n] = above;
        }
    }
}

void add_hessian_graded(Curve const& curve, std::span<double const> p, Grid const& grid, double const* counts, double* hessian)
{
    auto const last = curve.categories - 1, m = curve.parameters();
    auto const put = [&](std::size_t i, std::size_t j, double value) {
        hessian[i * m + j] += value;
        if (i != j) hessian[j * m + i] += value;
    };
    // Each threshold's logistic term: counted by the category above it (ln s) and the one below it (ln(1 − s)); the same second derivative.
    for (std::size_t k = 1; k <= last; ++k) {
        double w0 = 0, w1 = 0, w2 = 0;
        for (std::size_t q = 0; q < grid.count; ++q) {
            auto const s = logistic(p[0] * grid.theta[q] + p[k]);
            auto const w = (counts[(k - 1) * grid.stride + q] + counts[k * grid.stride + q]) * s.value * s.complement;
            w0 -= w;
            w1 -= w * grid.theta[q];
            w2 -= w * grid.theta[q] * grid.theta[q];
        }
        put(k, k, w0);
        put(0, k, w1);
        put(0, 0, w2);
    }
    for (std::size_t k = 1; k < last; ++k) {
        double total_count = 0;
        for (std::size_t q = 0; q < grid.count; ++q) total_count += counts[k * grid.stride + q];
        auto const second = total_count * gap(p[k] - p[k + 1]).second;
        put(k, k, second);
        put(k + 1, k + 1, second);
        put(k, k + 1, -second);
    }
}

// ---- divide by total

/// z_k = slope_k θ + intercept_k of category k.
struct Line {
    double slope, intercept;
};
Line line(Curve const& curve, std::span<double const> p, std::size_t k) noexcept
{
    if (k == 0) return {0, 0};
    if (curve.kind == CurveKind::nominal) return {p[k - 1], p[curve.first_intercept() + k - 1]};
    return {curve.score_of(k) * p[0], p[k]};
}

void log_probabilities_divided(Curve const& curve, std::span<double const> p, Grid const& grid, double* rows)
{
    for (std::size_t q = 0; q < grid.stride; ++q) {
        auto largest = 0.0;
        for (std::size_t k = 0; k < curve.categories; ++k) {
            auto const l = line(curve, p, k);
            auto const z = l.slope * grid.theta[q] + l.intercept;
            rows[k * grid.stride + q] = z;
            if (z > largest) largest = z;
        }
        auto sum = 0.0;
        for (std::size_t k = 0; k < curve.categories; ++k) sum += lane_exp(rows[k * grid.stride + q] - largest);
        auto const log_sum = largest + exact_order_log(sum);
        for (std::size_t k = 0; k < curve.categories; ++k) rows[k * grid.stride + q] -= log_sum;
    }
}

void probabilities_divided(Curve const& curve, std::span<double const> p, double theta, double* probability)
{
    auto largest = 0.0;
    for (std::size_t k = 0; k < curve.categories; ++k) {
        auto const l = line(curve, p, k);
        probability[k] = l.slope * theta + l.intercept;
        if (probability[k] > largest) largest = probability[k];
    }
    auto sum = 0.0;
    for (std::size_t k = 0; k < curve.categories; ++k) sum += probability[k] = lane_exp(probability[k] - largest);
    for (std::size_t k = 0; k < curve.categories; ++k) probability[k] /= sum;
}

void scores_divided(Curve const& curve, std::span<double const> p, Grid const& grid, double* rows)
{
    auto const categories = curve.categories, m = curve.parameters(), n = grid.stride;
    auto const nominal = curve.kind == CurveKind::nominal;
    auto probability = std::array<double, 64>{};
    for (std::size_t q = 0; q < grid.count; ++q) {
        probabilities_divided(curve, p, grid.theta[q], probability.data());
        auto mean = 0.0; // of the category score, what the slope multiplies
        for (std::size_t k = 1; k < categories; ++k) mean += curve.score_of(k) * probability[k];
        for (std::size_t k = 0; k < categories; ++k) {
            auto* const row = rows + k * m * n + q;
            for (std::size_t j = 1; j < categories; ++j) {
                auto const z = (j == k ? 1.0 : 0.0) - probability[j];
                row[(curve.first_intercept() + j - 1) * n] = z;
                if (nominal) row[(j - 1) * n] = z * grid.theta[q];
            }
            if (!nominal) row[0] = (curve.score_of(k) - mean) * grid.theta[q];
        }
    }
}

// −(diag P − P Pᵀ) in z, whatever the category: only the number of answers at each node matters.
void add_hessian_divided(Curve const& curve, std::span<double const> p, Grid const& grid, double const* counts, double* hessian)
{
    auto const categories = curve.categories, m = curve.parameters(), first = curve.first_intercept();
    auto const nominal = curve.kind == CurveKind::nominal;
    auto probability = std::array<double, 64>{};
    for (std::size_t q = 0; q < grid.count; ++q) {
        auto const t = grid.theta[q];
        probabilities_divided(curve, p, t, probability.data());
        double n = 0, mean = 0, square = 0;
        for (std::size_t k = 0; k < categories; ++k) {
            n += counts[k * grid.stride + q];
            mean += curve.score_of(k) * probability[k];
            square += curve.score_of(k) * curve.score_of(k) * probability[k];
        }
        for (std::size_t i = 1; i < categories; ++i) {
            for (std::size_t j = 1; j < categories; ++j) {
                auto const v = n * probability[i] * (probability[j] - (i == j ? 1.0 : 0.0));
                auto const row = first + i - 1, column = first + j - 1;
                hessian[row * m + column] += v;
                if (nominal) {
                    hessian[(i - 1) * m + (j - 1)] += v * t * t;
                    hessian[(i - 1) * m + column] += v * t;
                    hessian[row * m + (j - 1)] += v * t;
                }
            }
            if (!nominal) {
                auto const v = -n * probability[i] * (curve.score_of(i) - mean) * t;
                hessian[first + i - 1] += v;
                hessian[(first + i - 1) * m] += v;
            }
        }
        if (!nominal) hessian[0] -= n * (square - mean * mean) * t * t;
    }
}

// ---- population

/// ln w_q = f_q − ln Σ e^f, f = −(θ − mean)²/(2 SD²); with the moments that its derivatives need.
struct Population {
    double log_total = 0;
    double mean_1 = 0, mean_2 = 0;                   ///< E f_mean, E f_lnSD
    double hessian_11 = 0, hessian_12 = 0, hessian_22 = 0; ///< of ln Σ e^f
};
double deviation(std::span<double const> p, double theta) noexcept { return (theta - p[0]) / std::exp(p[1]); }

Population population(std::span<double const> p, Grid const& grid)
{
    auto const sd = std::exp(p[1]);
    double sum = 0, s1 = 0, s2 = 0, s11 = 0, s12 = 0, s22 = 0, f11 = 0, f12 = 0, f22 = 0;
    for (std::size_t q = 0; q < grid.count; ++q) {
        auto const u = deviation(p, grid.theta[q]);
        auto const w = std::exp(-0.5 * u * u);
        auto const d1 = u / sd, d2 = u * u;
        sum += w;
        s1 += w * d1;
        s2 += w * d2;
        s11 += w * d1 * d1;
        s12 += w * d1 * d2;
        s22 += w * d2 * d2;
        f11 -= w / (sd * sd);
        f12 -= w * 2 * d1;
        f22 -= w * 2 * d2;
    }
    auto r = Population{};
    r.log_total = std::log(sum);
    r.mean_1 = s1 / sum;
    r.mean_2 = s2 / sum;
    r.hessian_11 = (s11 + f11) / sum - r.mean_1 * r.mean_1;
    r.hessian_12 = (s12 + f12) / sum - r.mean_1 * r.mean_2;
    r.hessian_22 = (s22 + f22) / sum - r.mean_2 * r.mean_2;
    return r;
}

void log_probabilities_population(std::span<double const> p, Grid const& grid, double* row)
{
    auto const log_total = population(p, grid).log_total;
    for (std::size_t q = 0; q < grid.count; ++q) {
        auto const u = deviation(p, grid.theta[q]);
        row[q] = -0.5 * u * u - log_total;
    }
    for (auto q = grid.count; q < grid.stride; ++q) row[q] = Grid::no_weight;
}

void scores_population(std::span<double const> p, Grid const& grid, double* rows)
{
    auto const moments = population(p, grid);
    for (std::size_t q = 0; q < grid.count; ++q) {
        auto const u = deviation(p, grid.theta[q]);
        rows[q] = u / std::exp(p[1]) - moments.mean_1;
        rows[grid.stride + q] = u * u - moments.mean_2;
    }
}

void add_hessian_population(std::span<double const> p, Grid const& grid, double const* counts, double* hessian)
{
    auto const moments = population(p, grid);
    auto const sd = std::exp(p[1]);
    for (std::size_t q = 0; q < grid.count; ++q) {
        auto const u = deviation(p, grid.theta[q]);
        hessian[0] += counts[q] * (-1 / (sd * sd) - moments.hessian_11);
        auto const mixed = counts[q] * (-2 * u / sd - moments.hessian_12);
        hessian[1] += mixed;
        hessian[2] += mixed;
        hessian[3] += counts[q] * (-2 * u * u - moments.hessian_22);
    }
}

} // namespace

void log_probabilities(Curve const& curve, std::span<double const> parameters, Grid const& grid, double* rows)
{
    EXPECTS(parameters.size() == curve.parameters());
    switch (curve.kind) {
    case CurveKind::logistic: return log_probabilities_logistic(curve, parameters, grid, rows);
    case CurveKind::graded: return log_probabilities_graded(curve, parameters, grid, rows);
    case CurveKind::partial_credit:
    case CurveKind::nominal: return log_probabilities_divided(curve, parameters, grid, rows);
    case CurveKind::population: return log_probabilities_population(parameters, grid, rows);
    }
}

void scores(Curve const& curve, std::span<double const> parameters, Grid const& grid, double* rows)
{
    EXPECTS(parameters.size() == curve.parameters());
    for (std::size_t i = 0; i < curve.categories * curve.parameters() * grid.stride; ++i) rows[i] = 0;
    switch (curve.kind) {
    case CurveKind::logistic: return scores_logistic(curve, parameters, grid, rows);
    case CurveKind::graded: return scores_graded(curve, parameters, grid, rows);
    case CurveKind::partial_credit:
    case CurveKind::nominal: return scores_divided(curve, parameters, grid, rows);
    case CurveKind::population: return scores_population(parameters, grid, rows);
    }
}

void add_hessian(Curve const& curve, std::span<double const> parameters, Grid const& grid, double const* counts, double* hessian)
{
    EXPECTS(parameters.size() == curve.parameters());
    switch (curve.kind) {
    case CurveKind::logistic: return add_hessian_logistic(curve, parameters, grid, counts, hessian);
    case CurveKind::graded: return add_hessian_graded(curve, parameters, grid, counts, hessian);
    case CurveKind::partial_credit:
    case CurveKind::nominal: return add_hessian_divided(curve, parameters, grid, counts, hessian);
    case CurveKind::population: return add_hessian_population(parameters, grid, counts, hessian);
    }
}

void add_expected_hessian(Curve const& curve, std::span<double const> parameters, Grid const& grid, double const* counts,
                          double* hessian)
{
    auto const m = curve.parameters(), n = grid.stride;
    auto score = Rows(curve.categories * m * n), log_p = Rows(curve.categories * n), weight = Rows(n);
    scores(curve, parameters, grid, score.data());
    log_probabilities(curve, parameters, grid, log_p.data());
    for (std::size_t k = 0; k < curve.categories; ++k) add(weight.data(), counts + k * n, n);
    auto weighted = Rows(n);
    for (std::size_t k = 0; k < curve.categories; ++k)
        for (std::size_t i = 0; i < m; ++i) {
            auto const* const row = score.data() + (k * m + i) * n;
            for (std::size_t q = 0; q < n; ++q) weighted[q] = weight[q] * lane_exp(log_p[k * n + q]) * row[q];
            for (std::size_t j = 0; j < m; ++j) hessian[i * m + j] -= dot(weighted.data(), score.data() + (k * m + j) * n, n);
        }
}

} // namespace assay::exam::calibration::detail
