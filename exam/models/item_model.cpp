#include "exam/models/item_model.hpp"

#include "core/exp_log.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace assay::exam {
namespace {

constexpr std::string_view names[] = {"1PL", "2PL", "3PL", "4PL", "GRM", "GPCM", "PCM", "NRM"};

/// s(x) = 1 / (1 + e^-x) and its complement s(-x), without overflow. Subtracting from 1 would lose the small tail.
struct Logistic {
    double value;
    double complement;
    double tail; ///< e^-|x|
};

Logistic logistic(double x) noexcept
{
    auto const e = exact_order_exp(x >= 0 ? -x : x);
    auto const large = 1.0 / (1.0 + e);
    auto const small = e / (1.0 + e);
    return x >= 0 ? Logistic{large, small, e} : Logistic{small, large, e};
}

/// ln s(x) and ln s(-x), from the e^-|x| that logistic(x) has formed.
struct LogLogistic {
    double value;
    double complement;
};

LogLogistic log_logistic(double x, double tail) noexcept
{
    auto const near = exact_order_log1p(tail);
    return x >= 0 ? LogLogistic{-near, -(x + near)} : LogLogistic{-(near - x), -near};
}

/// 1 - e^-x for x >= 0, without cancellation near 0.
double one_minus_exp(double x) noexcept
{
    if (x > 0.35) return 1.0 - exact_order_exp(-x);
    auto term = x;
    auto sum = x;
    for (auto k = 2; k <= 16; ++k) {
        term *= -x / k;
        sum += term;
    }
    return sum;
}

std::string text(double value)
{
    auto buffer = std::array<char, 40>{};
    std::snprintf(buffer.data(), buffer.size(), "%.6g", value);
    return buffer.data();
}

std::size_t category_count(ItemModel::Values const& values) noexcept
{
    if (is_dichotomous(values.kind)) return 2;
    return values.kind == ModelKind::nominal ? values.thresholds.size() : values.thresholds.size() + 1;
}

std::optional<std::string> shape_problem(ItemModel::Values const& v)
{
    auto const kind = std::string{name(v.kind)};
    if (v.kind == ModelKind::nominal) {
        if (v.slopes.size() != v.thresholds.size()) return "an NRM item needs as many a as b, but has " + std::to_string(v.slopes.size()) + " and " + std::to_string(v.thresholds.size());
        if (v.slopes.size() < 2) return "an NRM item needs at least two categories";
        if (v.slopes.front() != 0 || v.thresholds.front() != 0) return "a and b of an NRM item's first category must be 0";
    } else {
        if (v.slopes.size() != 1) return "a " + kind + " item has one a, not " + std::to_string(v.slopes.size());
        if (v.thresholds.empty() || (is_dichotomous(v.kind) && v.thresholds.size() != 1))
            return "a " + kind + " item has " + (is_dichotomous(v.kind) ? "one b, not " : "at least one b, not ") + std::to_string(v.thresholds.size());
    }
    if (category_count(v) > ItemModel::categories_max) return "more than " + std::to_string(ItemModel::categories_max) + " categories";
    return std::nullopt;
}

std::optional<std::string> range_problem(ItemModel::Values const& v)
{
    for (auto const a : v.slopes) {
        if (!(std::abs(a) <= 100)) return "a must lie within -100 … 100 but is " + text(a);
        if (a == 0 && v.kind != ModelKind::nominal) return "a must not be 0";
    }
    for (auto const b : v.thresholds)
        if (!(std::abs(b) <= 1000)) return "b must lie within -1000 … 1000 but is " + text(b);
    auto const has_lower = v.kind == ModelKind::three_parameter || v.kind == ModelKind::four_parameter;
    if (!has_lower && v.lower != 0) return "c of a " + std::string{name(v.kind)} + " item must be 0 but is " + text(v.lower);
    if (v.kind != ModelKind::four_parameter && v.upper != 1) return "d of a " + std::string{name(v.kind)} + " item must be 1 but is " + text(v.upper);
    if (!(v.lower >= 0 && v.lower < 1)) return "c must be at least 0 and below 1 but is " + text(v.lower);
    if (!(v.upper > 0 && v.upper <= 1)) return "d must be above 0 and at most 1 but is " + text(v.upper);
    if (!(v.lower < v.upper)) return "c must be below d, but they are " + text(v.lower) + " and " + text(v.upper);
    if (v.kind == ModelKind::graded)
        for (auto k = std::size_t{1}; k < v.thresholds.size(); ++k)
            if (v.slopes.front() > 0 ? v.thresholds[k] < v.thresholds[k - 1] : v.thresholds[k] > v.thresholds[k - 1])
                return "the thresholds of a GRM item must not decrease, but " + text(v.thresholds[k - 1]) + " is followed by " + text(v.thresholds[k]);
    return std::nullopt;
}

} // namespace

std::string_view name(ModelKind kind) noexcept { return names[static_cast<std::size_t>(kind)]; }

std::optional<ModelKind> model_kind(std::string_view name) noexcept
{
    auto const* found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names)) return std::nullopt;
    return static_cast<ModelKind>(found - std::begin(names));
}

bool is_dichotomous(ModelKind kind) noexcept { return kind <= ModelKind::four_parameter; }

std::optional<std::string> ItemModel::problem(Values const& values)
{
    if (auto shape = shape_problem(values)) return shape;
    return range_problem(values);
}

ItemModel ItemModel::of(Values values)
{
    EXPECTS(!problem(values));
    return ItemModel{std::move(values), Trusted{}};
}

ItemModel ItemModel::dichotomous(ModelKind kind, double a, double b, double c, double d)
{
    return of({.kind = kind, .slopes = {a}, .thresholds = {b}, .lower = c, .upper = d});
}

ItemModel::ItemModel(Values values, Trusted) : values_{std::move(values)}, categories_{category_count(values_)}
{
    values_.lower += 0.0; // -0 has no canonical JSON of its own
    for (auto& b : values_.thresholds) b += 0.0;
    auto const& b = values_.thresholds;
    auto const a = values_.slopes.front();
    if (is_dichotomous(values_.kind)) {
        second_constant_ = {exact_order_log(1.0 - values_.lower), exact_order_log(values_.upper)}; // ln (1 - c), ln d
    } else if (values_.kind == ModelKind::graded) {
        for (auto k = std::size_t{1}; k < b.size(); ++k) {
            auto const gap = one_minus_exp(a * (b[k] - b[k - 1]));
            first_constant_.push_back(gap);
            second_constant_.push_back(exact_order_log(gap));
        }
    } else if (values_.kind == ModelKind::nominal) {
        first_constant_ = values_.slopes;
        second_constant_ = b;
    } else {
        first_constant_.push_back(0);
        second_constant_.push_back(0);
        auto sum = 0.0;
        for (auto k = std::size_t{0}; k < b.size(); ++k) {
            sum += b[k];
            first_constant_.push_back(a * static_cast<double>(k + 1));
            second_constant_.push_back(-a * sum);
        }
    }
}

void ItemModel::evaluate(Theta theta, std::span<CategoryTerms> terms) const
{
    EXPECTS(terms.size() == categories_);
    if (is_dichotomous(values_.kind)) evaluate_dichotomous(theta.logits, terms);
    else if (values_.kind == ModelKind::graded) evaluate_graded(theta.logits, terms);
    else evaluate_divided_by_total(theta.logits, terms);
}

// With s the logistic part and t = 1 - s: P = c + (d - c) s, Q = (1 - d) + (d - c) t, P' = a (d - c) s t, P'' = a P' (t - s).
// (t - s) is exact enough: where it cancels, theta is at b and P' is at its largest.
void ItemModel::evaluate_dichotomous(double theta, std::span<CategoryTerms> terms) const noexcept
{
    auto const a = values_.slopes.front();
    auto const c = values_.lower;
    auto const d = values_.upper;
    auto const x = a * (theta - values_.thresholds.front());
    auto const [s, t, tail] = logistic(x);
    auto const [log_s, log_t] = c == 0 || d == 1 ? log_logistic(x, tail) : LogLogistic{}; // 4PL has no use for them
    if (c == 0 && d == 1) {
        terms[1] = {s, log_s, a * t, -(a * a) * s * t};
        terms[0] = {t, log_t, -a * s, -(a * a) * s * t};
        return;
    }
    auto const p = c + (d - c) * s;
    auto const q = (1.0 - d) + (d - c) * t;
    auto const slope = a * (d - c) * s * t;
    auto const curvature = a * slope * (t - s);
    auto const p_first = slope / p;
    auto const q_first = -slope / q;
    auto const log_q = d == 1 ? second_constant_[0] + log_t : exact_order_log(q);
    auto const log_p = c == 0 ? second_constant_[1] + log_s : exact_order_log(p);
    terms[1] = {p, log_p, p_first, curvature / p - p_first * p_first};
    terms[0] = {q, log_q, q_first, -curvature / q - q_first * q_first};
}

// P_k = s(x_k) - s(x_{k+1}) = s(x_k) s(-x_{k+1}) (1 - e^{-(x_k - x_{k+1})}): the last factor does not depend on theta, so that neither the
// probability nor its logarithm cancels, and the derivatives of ln P_k stay finite when two thresholds meet.
void ItemModel::evaluate_graded(double theta, std::span<CategoryTerms> terms) const noexcept
{
    auto const a = values_.slopes.front();
    auto const& b = values_.thresholds;
    auto upper = 1.0; // s(x_k) and its complement, for the category's own threshold; category 0 has none
    auto upper_complement = 0.0;
    auto log_upper = 0.0;
    for (auto k = std::size_t{0}; k < categories_; ++k) {
        auto const is_last = k + 1 == categories_;
        auto const x = is_last ? 0.0 : a * (theta - b[k]);
        auto const [next, next_complement, tail] = is_last ? Logistic{0.0, 1.0, 0.0} : logistic(x);
        auto const [log_next, log_complement] = is_last ? LogLogistic{0.0, 0.0} : log_logistic(x, tail);
        auto const is_inner = k > 0 && !is_last;
        auto const gap = is_inner ? first_constant_[k - 1] : 1.0;
        auto const log_gap = is_inner ? second_constant_[k - 1] : 0.0;
        terms[k] = {upper * next_complement * gap, log_upper + log_complement + log_gap, a * (upper_complement - next),
                    -(a * a) * (upper * upper_complement + next * next_complement)};
        upper = next;
        upper_complement = next_complement;
        log_upper = log_next;
    }
}

// ln P_k = z_k - ln sum e^z, z_k = a_k theta + c_k; d ln P_k = a_k - mean(a); d² ln P_k = -variance(a), under the probabilities.
void ItemModel::evaluate_divided_by_total(double theta, std::span<CategoryTerms> terms) const noexcept
{
    auto largest = -std::numeric_limits<double>::infinity();
    auto mode = std::size_t{0};
    for (auto k = std::size_t{0}; k < categories_; ++k) {
        auto const z = first_constant_[k] * theta + second_constant_[k];
        terms[k].log_probability = z;
        if (z > largest) {
            largest = z;
            mode = k;
        }
    }
    auto others = 0.0; // the sum without the largest, which is 1: ln(1 + others) keeps what is left of it
    for (auto k = std::size_t{0}; k < categories_; ++k) {
        auto const w = k == mode ? 1.0 : exact_order_exp(terms[k].log_probability - largest);
        terms[k].probability = w;
        if (k != mode) others += w;
    }
    auto const total = 1.0 + others;
    auto const log_total = others == 0 ? 0.0 : exact_order_log1p_exp(exact_order_log(others));
    auto mean = 0.0; // relative to the mode's slope, so that nothing cancels when one category takes all
    for (auto k = std::size_t{0}; k < categories_; ++k) {
        terms[k].probability /= total;
        terms[k].log_probability = terms[k].log_probability - largest - log_total;
        mean += terms[k].probability * (first_constant_[k] - first_constant_[mode]);
    }
    auto variance = 0.0;
    for (auto k = std::size_t{0}; k < categories_; ++k) {
        terms[k].first = (first_constant_[k] - first_constant_[mode]) - mean;
        variance += terms[k].probability * (terms[k].first * terms[k].first);
    }
    for (auto k = std::size_t{0}; k < categories_; ++k) terms[k].second = -variance;
}

CategoryTerms category_terms(ItemModel const& item, std::size_t category, Theta theta)
{
    EXPECTS(category < item.categories());
    if (item.categories() == 2) { // most banks; 64 categories to clear would cost more than two to compute
        CategoryTerms terms[2];
        item.evaluate(theta, terms);
        return terms[category];
    }
    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    item.evaluate(theta, std::span{terms}.first(item.categories()));
    return terms[category];
}

double log_likelihood(ItemModel const& item, CategoryTerms const& term) noexcept
{
    if (term.log_probability != -std::numeric_limits<double>::infinity()) return term.log_probability;
    // Both thresholds are b: ln s(x) + ln s(-x), from d ln P = a (1 - 2 s), as s (1 - s) = (1 - (d ln P / a)²)/4.
    auto const r = term.first / item.slope();
    return exact_order_log(std::max(0.25 * (1.0 - r) * (1.0 + r), std::numeric_limits<double>::min()));
}

double response_probability(ItemModel const& item, Theta theta) { return category_terms(item, item.categories() - 1, theta).probability; }

double information(ItemModel const& item, Theta theta) { return information_terms(item, theta).information; }

// With l = ln P: P' = P l', P'' = P (l'' + l'²). So I = sum P l'², J = sum P l' (l'' + l'²), dI = sum (P' l'² + 2 P l' l'') = sum P (l'³ + 2 l' l'').
InformationTerms information_terms(ItemModel const& item, Theta theta)
{
    auto const& v = item.values();
    if (is_dichotomous(v.kind)) {
        // In closed form: P'² / (P Q) without forming a 1 - P that has lost its digits.
        auto const x = v.slopes.front() * (theta.logits - v.thresholds.front());
        auto const a = v.slopes.front();
        auto const c = v.lower;
        auto const d = v.upper;
        auto const logistic_at = logistic(x);
        auto const s = logistic_at.value;
        auto const t = logistic_at.complement;
        auto const p = c + (d - c) * s;
        if (d == 1) {
            auto const i = a * a * s * (s / p) * (1.0 - c) * t;
            auto const bias = a * (t - s) * i; // P'' = a P' (t - s)
            // dI = 2 J - I P' (Q - P)/(P Q), and P'/(P Q) = a s / P here
            return {i, 2 * bias - i * (a * (s / p)) * (1.0 - 2.0 * p), bias};
        }
        auto const q = (1.0 - d) + (d - c) * t;
        auto const slope = a * (d - c) * s * t;
        auto const i = slope * (slope / (p * q));
        auto const bias = a * (t - s) * i;
        return {i, 2 * bias - i * (slope / (p * q)) * (q - p), bias};
    }
    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    item.evaluate(theta, std::span{terms}.first(item.categories()));
    auto sums = InformationTerms{};
    for (auto k = std::size_t{0}; k < item.categories(); ++k) {
        auto const& term = terms[k];
        auto const square = term.first * term.first;
        sums.information += term.probability * square;
        sums.derivative += term.probability * term.first * (square + 2 * term.second);
        sums.bias += term.probability * term.first * (square + term.second);
    }
    return sums;
}

double observed_information(ItemModel const& item, std::size_t category, Theta theta) { return -category_terms(item, category, theta).second; }

double expected_score(ItemModel const& item, Theta theta)
{
    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    item.evaluate(theta, std::span{terms}.first(item.categories()));
    auto sum = 0.0;
    for (auto k = std::size_t{1}; k < item.categories(); ++k) sum += static_cast<double>(k) * terms[k].probability;
    return sum;
}

} // namespace assay::exam
