#include "exam/calibration/fit/person_fit.hpp"

#include <array>
#include <cmath>

namespace assay::exam::calibration {
namespace {

/// Sums over one item's categories at θ; a category that can't occur contributes its limit, 0.
struct ItemSums {
    double w = 0, ww = 0;            ///< Σ P ln P, Σ P ln² P
    double slope_w = 0, slope_r = 0; ///< Σ P' ln P, Σ P' r
    double r = 0, rr = 0, wr = 0;    ///< Σ P r (0 but for rounding), Σ P r², Σ P ln P r
    double mean = 0, variance = 0;   ///< of the category number
};
ItemSums sums_of(std::span<CategoryTerms const> terms)
{
    auto s = ItemSums{};
    for (std::size_t k = 0; k < terms.size(); ++k) {
        auto const& t = terms[k];
        if (!(t.probability > 0) || !std::isfinite(t.log_probability)) continue;
        auto const p = t.probability, w = t.log_probability, r = t.first, x = static_cast<double>(k);
        s.w += p * w;
        s.ww += p * w * w;
        s.slope_w += p * r * w;
        s.slope_r += p * r * r;
        s.r += p * r;
        s.rr += p * r * r;
        s.wr += p * w * r;
        s.mean += p * x;
    }
    for (std::size_t k = 0; k < terms.size(); ++k) s.variance += terms[k].probability * (static_cast<double>(k) - s.mean) * (static_cast<double>(k) - s.mean);
    return s;
}

/// What the estimator adds to the score function.
std::optional<double> estimating_term(std::span<ItemModel const> items, std::span<Category const> row, AbilityEstimate const& ability,
                                      ScoringOptions const& options)
{
    if (ability.status != ScoreStatus::ok) return std::nullopt;
    auto const theta = *ability.theta;
    auto total = InformationTerms{};
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (row[i] == not_administered) continue;
        auto const terms = information_terms(items[i], Theta{theta});
        total.information += terms.information;
        total.derivative += terms.derivative;
        total.bias += terms.bias;
    }
    if (!(total.information > 0)) return std::nullopt;
    switch (options.estimator) {
    case Estimator::mle: return 0.0;
    case Estimator::map: return -(theta - options.prior.mean) / (options.prior.standard_deviation * options.prior.standard_deviation);
    case Estimator::wle: return total.bias / (2 * total.information);
    case Estimator::jeffreys: return total.derivative / (2 * total.information);
    case Estimator::eap: return std::nullopt;
    }
    return std::nullopt;
}

} // namespace

PersonFit person_fit(std::span<ItemModel const> items, std::span<Category const> row, AbilityEstimate const& ability, ScoringOptions const& options)
{
    EXPECTS(items.size() == row.size());
    auto fit = PersonFit{ability, 0, {}, {}, {}, {}, {}};
    for (auto const category : row) fit.answers += category == not_administered ? 0 : 1;
    if (!ability.theta || fit.answers == 0) return fit;

    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    auto all = std::vector<ItemSums>{};
    double l = 0, expected = 0, slope_w = 0, slope_r = 0, residual = 0, variance = 0, standardised = 0;
    auto every_variance_positive = true;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (row[i] == not_administered) continue;
        auto const answer = static_cast<std::size_t>(row[i]);
        auto const used = std::span{terms}.first(items[i].categories());
        items[i].evaluate(Theta{*ability.theta}, used);
        auto const s = sums_of(used);
        l += used[answer].log_probability;
        expected += s.w;
        slope_w += s.slope_w;
        slope_r += s.slope_r;
        auto const square = (static_cast<double>(answer) - s.mean) * (static_cast<double>(answer) - s.mean);
        residual += square;
        variance += s.variance;
        if (s.variance > 0) standardised += square / s.variance;
        else every_variance_positive = false;
        all.push_back(s);
    }
    if (!std::isfinite(l)) return fit;
    fit.log_likelihood = l;
    auto plain_variance = 0.0;
    for (auto const& s : all) plain_variance += s.ww - s.w * s.w;
    if (plain_variance > 0) fit.lz = (l - expected) / std::sqrt(plain_variance);
    if (variance > 0) fit.infit = residual / variance;
    if (every_variance_positive) fit.outfit = standardised / static_cast<double>(all.size());

    auto const r0 = estimating_term(items, row, ability, options);
    if (!r0 || !(slope_r > 0)) return fit;
    auto const c = slope_w / slope_r;
    auto corrected = 0.0;
    for (auto const& s : all) { // Var of w − c r
        auto const mean = s.w - c * s.r;
        corrected += s.ww - 2 * c * s.wr + c * c * s.rr - mean * mean;
    }
    // With every w equal, as of one item, or of equal items, what is left of the variance is rounding.
    if (corrected > 1e-12 * plain_variance) fit.lz_star = (l - expected + c * *r0) / std::sqrt(corrected);
    return fit;
}

std::vector<PersonFit> person_fit(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options)
{
    auto const estimates = abilities(items, responses, options);
    auto result = std::vector<PersonFit>{};
    result.reserve(responses.persons);
    for (std::size_t p = 0; p < responses.persons; ++p) result.push_back(person_fit(items, responses.of(p), estimates[p], options));
    return result;
}

} // namespace assay::exam::calibration
