#include "exam/irt.hpp"

#include "core/exp_log.hpp"
#include "exam/errors.hpp"

namespace assay::exam {
namespace {

/// 1 / (1 + e^-x) without overflow. Its complement is logistic(-x): subtracting from 1 would lose the small tail.
double logistic(double x) noexcept
{
    if (x >= 0) return 1.0 / (1.0 + exact_order_exp(-x));
    auto const e = exact_order_exp(x);
    return e / (1.0 + e);
}

double logit_of(ItemParameters const& item, Theta theta) noexcept
{
    return item.discrimination() * (theta.logits - item.difficulty());
}

bool within(double value, double low, double high) noexcept { return value >= low && value <= high; } // false for NaN

} // namespace

result<ItemParameters> ItemParameters::create(Values values)
{
    if (!within(values.discrimination, 0.05, 10) || !within(values.difficulty, -10, 10) || !within(values.pseudo_guessing, 0, 0.5))
        return errc::invalid_parameters;
    auto item = ItemParameters{};
    item.a_ = values.discrimination;
    item.b_ = values.difficulty + 0.0; // -0 has no canonical JSON of its own
    item.c_ = values.pseudo_guessing + 0.0;
    return item;
}

double response_probability(ItemParameters const& item, Theta theta) noexcept
{
    auto const c = item.pseudo_guessing();
    return c + (1.0 - c) * logistic(logit_of(item, theta));
}

double information(ItemParameters const& item, Theta theta) noexcept
{
    auto const x = logit_of(item, theta);
    auto const a = item.discrimination();
    auto const c = item.pseudo_guessing();
    auto const s = logistic(x);
    auto const p = c + (1.0 - c) * s;
    return a * a * s * (s / p) * (1.0 - c) * logistic(-x);
}

LogProbabilities log_probabilities(ItemParameters const& item, Theta theta) noexcept
{
    auto const x = logit_of(item, theta);
    auto const c = item.pseudo_guessing();
    if (c == 0) return {.correct = -exact_order_log1p_exp(-x), .incorrect = -exact_order_log1p_exp(x)};
    return {.correct = exact_order_log(c + (1.0 - c) * logistic(x)), .incorrect = exact_order_log(1.0 - c) - exact_order_log1p_exp(x)};
}

} // namespace assay::exam
