#include "exam/posterior.hpp"

#include "core/exp_log.hpp"

#include <algorithm>
#include <cmath>

namespace assay::exam {

bool is_valid(Prior const& prior) noexcept
{
    return prior.mean >= -3 && prior.mean <= 3 && prior.standard_deviation >= 0.3 && prior.standard_deviation <= 3;
}

Theta Posterior::node(std::size_t index) noexcept
{
    return {(static_cast<double>(index) - 60.0) / 10.0}; // one rounding: an accumulated step would drift
}

Posterior::Posterior(Prior const& prior)
{
    EXPECTS(is_valid(prior));
    for (auto i = std::size_t{0}; i < node_count; ++i) {
        auto const z = (node(i).logits - prior.mean) / prior.standard_deviation;
        log_density_[i] = -0.5 * z * z;
    }
}

void Posterior::update(ItemParameters const& item, bool correct) noexcept
{
    for (auto i = std::size_t{0}; i < node_count; ++i) {
        auto const logs = log_probabilities(item, node(i));
        log_density_[i] += correct ? logs.correct : logs.incorrect;
    }
}

std::array<double, Posterior::node_count> Posterior::weights() const noexcept
{
    auto const peak = *std::max_element(log_density_.begin(), log_density_.end());
    auto weights = std::array<double, node_count>{};
    for (auto i = std::size_t{0}; i < node_count; ++i) weights[i] = exact_order_exp(log_density_[i] - peak);
    return weights;
}

Estimate Posterior::estimate() const noexcept
{
    auto const w = weights();
    auto total = 0.0;
    auto first = 0.0;
    for (auto i = std::size_t{0}; i < node_count; ++i) {
        total += w[i];
        first += w[i] * node(i).logits;
    }
    auto const mean = first / total;
    auto second = 0.0;
    for (auto i = std::size_t{0}; i < node_count; ++i) {
        auto const deviation = node(i).logits - mean;
        second += w[i] * (deviation * deviation);
    }
    return {.theta = {mean}, .standard_error = std::sqrt(second / total)}; // sqrt is correctly rounded by IEEE 754, unlike exp
}

double Posterior::mass_at_or_above(Theta cut) const noexcept
{
    auto const w = weights();
    auto total = 0.0;
    auto above = 0.0;
    for (auto i = std::size_t{0}; i < node_count; ++i) {
        total += w[i];
        if (node(i).logits >= cut.logits) above += w[i];
    }
    return above / total;
}

} // namespace assay::exam
