// Slope-intercept estimates into the terms of ItemModel: b = −i/a, categories that nobody chose put back, errors by the delta method.
#include "exam/calibration/detail/setup.hpp"

#include "core/contract.hpp"

#include <algorithm>
#include <cmath>

namespace assay::exam::calibration::detail {
namespace {

constexpr double never = 30;             ///< logits below the neighbours: probability under 1e-13
constexpr double threshold_limit = 1000; ///< of ItemModel
constexpr double constant_threshold = 10;

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// z_k = slope θ + intercept of every category of the item, the unobserved ones far below the line between their neighbours.
struct Line {
    double slope = 0, intercept = 0;
};
std::vector<Line> full_lines(Block const& block, ItemPlan const& plan)
{
    auto const& curve = block.curve;
    auto observed = std::vector<Line>(curve.categories);
    for (std::size_t k = 1; k < curve.categories; ++k) {
        if (curve.kind == CurveKind::nominal) observed[k] = {block.value[k - 1], block.value[curve.first_intercept() + k - 1]};
        else observed[k] = {curve.score_of(k) * block.value[0], block.value[k]};
    }
    auto lines = std::vector<Line>(plan.categories);
    for (std::size_t j = 0; j < curve.categories; ++j) lines[plan.observed[j]] = observed[j];
    auto const first = plan.observed.front();
    for (std::size_t k = 0; k < first; ++k) {
        auto const distance = static_cast<double>(first - k);
        if (curve.kind == CurveKind::nominal) lines[k] = {0, -never};
        else lines[k] = {-distance * block.value[0], -never - 6 * std::abs(block.value[0]) * distance}; // below at theta = ∓6 too
    }
    for (std::size_t j = 1; j < curve.categories; ++j) {
        auto const low = plan.observed[j - 1], high = plan.observed[j];
        for (auto k = low + 1; k < high; ++k) {
            auto const part = static_cast<double>(k - low) / static_cast<double>(high - low);
            lines[k] = {lines[low].slope + part * (lines[high].slope - lines[low].slope),
                        lines[low].intercept + part * (lines[high].intercept - lines[low].intercept) - never};
        }
    }
    auto const base = lines.front();
    for (auto& line : lines) line = {line.slope - base.slope, line.intercept - base.intercept};
    return lines;
}

double clamp_threshold(double b, std::vector<std::string>& notes)
{
    if (std::abs(b) <= threshold_limit) return b;
    auto const note = std::string{"the slope is so near 0 that b has no meaning; it stands at its limit"};
    if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
    return std::clamp(b, -threshold_limit, threshold_limit);
}

double usable_slope(double a) { return std::abs(a) < 1e-12 ? std::copysign(1e-12, a) : a; }

std::vector<double> graded_thresholds(Block const& block, ItemPlan const& plan, double a, std::vector<std::string>& notes)
{
    auto b = std::vector<double>{};
    for (std::size_t k = 1; k < plan.categories; ++k) {
        // P(X >= k) is that of the next category that was observed; all of them are at or above the lowest one
        auto const j = static_cast<std::size_t>(std::ranges::lower_bound(plan.observed, k) - plan.observed.begin());
        b.push_back(clamp_threshold(j == 0 ? -never / a - 6 * (a > 0 ? 1 : -1) : -block.value[j] / a, notes));
    }
    return b;
}

} // namespace

ItemModel to_item_model(Block const& block, ItemPlan const& plan, ModelKind kind, std::vector<std::string>& notes)
{
    auto values = ItemModel::Values{};
    values.kind = kind;
    auto const& curve = block.curve;
    auto const a = usable_slope(block.value[0]);
    switch (curve.kind) {
    case CurveKind::logistic:
        values.slopes = {a};
        values.thresholds = {clamp_threshold(-block.value[1] / a, notes)};
        if (curve.has_lower) values.lower = logistic(block.value[curve.lower_position()]);
        if (curve.has_upper) values.upper = logistic(block.value[curve.upper_position()]);
        break;
    case CurveKind::graded:
        values.slopes = {a};
        values.thresholds = graded_thresholds(block, plan, a, notes);
        break;
    case CurveKind::partial_credit: {
        auto const lines = full_lines(block, plan);
        values.slopes = {a};
        values.thresholds.clear();
        for (std::size_t k = 1; k < lines.size(); ++k)
            values.thresholds.push_back(clamp_threshold(-(lines[k].intercept - lines[k - 1].intercept) / a, notes));
        break;
    }
    case CurveKind::nominal:
        values.slopes.clear();
        values.thresholds.clear();
        for (auto const& line : full_lines(block, plan)) {
            values.slopes.push_back(line.slope);
            values.thresholds.push_back(line.intercept);
        }
        break;
    case CurveKind::population: EXPECTS(!"an item"); break;
    }
    return ItemModel::of(values);
}

ItemModel uninformative_model(ModelKind kind, ItemPlan const& plan)
{
    auto values = ItemModel::Values{};
    values.kind = kind;
    auto const highest = plan.answers == 0 ? std::size_t{0} : plan.observed.front();
    auto const threshold = plan.answers == 0 ? 0 : highest > 0 ? -constant_threshold : constant_threshold;
    if (kind == ModelKind::nominal) {
        values.slopes.assign(plan.categories, 0.0);
        values.thresholds.assign(plan.categories, 0.0);
        if (plan.answers > 0)
            for (std::size_t k = 0; k < plan.categories; ++k) values.thresholds[k] = (k == highest ? constant_threshold : 0) - (highest == 0 ? constant_threshold : 0);
    } else
        values.thresholds.assign(plan.categories - 1, threshold);
    return ItemModel::of(values);
}

namespace {

/// Standard error of a function whose gradient in the block's parameters has the given entries; nothing when one of them has none.
struct Entry {
    std::size_t position;
    double derivative;
};
std::optional<double> delta(Eigen::MatrixXd const& covariance, std::initializer_list<Entry> gradient)
{
    auto variance = 0.0;
    for (auto const& i : gradient)
        for (auto const& j : gradient) {
            auto const row = static_cast<Eigen::Index>(i.position), column = static_cast<Eigen::Index>(j.position);
            if (i.derivative != 0 && covariance(row, row) < 0) return std::nullopt;
            variance += i.derivative * j.derivative * (covariance(row, row) < 0 || covariance(column, column) < 0 ? 0 : covariance(row, column));
        }
    if (!(variance > 0) || !std::isfinite(variance)) return std::nullopt;
    return std::sqrt(variance);
}

} // namespace

StandardErrors to_standard_errors(Block const& block, ItemPlan const& plan, Eigen::MatrixXd const& covariance)
{
    auto errors = StandardErrors{};
    auto const& curve = block.curve;
    auto const a = usable_slope(block.value[0]);
    auto const first = curve.first_intercept();
    auto const slope_is_given = block.index[0] == Block::given;
    auto const by_slope = [&](double derivative) { return Entry{0, slope_is_given ? 0.0 : derivative}; };
    if (curve.kind == CurveKind::nominal) {
        errors.slopes.resize(plan.categories);
        errors.thresholds.resize(plan.categories);
        for (std::size_t j = 1; j < curve.categories && plan.observed.front() == 0; ++j) {
            errors.slopes[plan.observed[j]] = delta(covariance, {{j - 1, 1.0}});
            errors.thresholds[plan.observed[j]] = delta(covariance, {{first + j - 1, 1.0}});
        }
        return errors;
    }
    errors.slopes = {slope_is_given ? std::nullopt : delta(covariance, {{0, 1.0}})};
    errors.thresholds.resize(plan.categories - 1);
    for (std::size_t k = 1; k < plan.categories; ++k) {
        auto const j = static_cast<std::size_t>(std::ranges::lower_bound(plan.observed, k) - plan.observed.begin());
        auto const below_is_observed = j > 0 && plan.observed[j - 1] + 1 == k && plan.observed[j] == k;
        if (curve.kind == CurveKind::partial_credit) {
            if (!below_is_observed) continue;
            auto const difference = block.value[j] - (j > 1 ? block.value[j - 1] : 0);
            if (j > 1) errors.thresholds[k - 1] = delta(covariance, {by_slope(difference / (a * a)), {j, -1 / a}, {j - 1, 1 / a}});
            else errors.thresholds[k - 1] = delta(covariance, {by_slope(difference / (a * a)), {j, -1 / a}});
        } else if (j > 0)
            errors.thresholds[k - 1] = delta(covariance, {by_slope(block.value[j] / (a * a)), {j, -1 / a}});
    }
    auto const asymptote = [&](std::size_t position) {
        auto const p = logistic(block.value[position]);
        return delta(covariance, {{position, p * (1 - p)}});
    };
    if (curve.has_lower) errors.lower = asymptote(curve.lower_position());
    if (curve.has_upper) errors.upper = asymptote(curve.upper_position());
    return errors;
}

} // namespace assay::exam::calibration::detail
