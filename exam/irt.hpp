#pragma once
// Logistic item response models with one, two or three parameters, in the logistic metric (D = 1) everywhere. A bank that
// was calibrated with D = 1.7 or 1.702 is rescaled at import (a' = a · D), never here.
#include "core/contract.hpp"
#include "exam/models/theta.hpp"

namespace assay::exam {

/// What is known about an item. One-parameter items have discrimination 1 and pseudo-guessing 0; the default is such an item.
class ItemParameters {
public:
    struct Values {
        double discrimination = 1;  ///< a, per logit: 0.05 … 10
        double difficulty = 0;      ///< b, in logits: -10 … 10
        double pseudo_guessing = 0; ///< c, a probability: 0 … 0.5
    };

    ItemParameters() noexcept = default;
    /// errc::invalid_parameters when a value is not finite or outside its range.
    static result<ItemParameters> create(Values values);

    double discrimination() const noexcept { return a_; }
    double difficulty() const noexcept { return b_; }
    double pseudo_guessing() const noexcept { return c_; }

    friend bool operator==(ItemParameters const&, ItemParameters const&) = default;

private:
    double a_ = 1;
    double b_ = 0;
    double c_ = 0;
};

/// Probability of full credit at `theta`:  P = c + (1 - c) / (1 + exp(-a (theta - b))).
/// Source: Birnbaum in Lord & Novick (1968), ch. 17; D = 1. The same bits on every machine (core/exp_log.hpp).
double response_probability(ItemParameters const& item, Theta theta) noexcept;

/// Fisher information of the item at `theta`, in 1/logit²:
///     I = a² · (1 - P)/P · ((P - c)/(1 - c))²
/// written as a² s² (1 - c)(1 - s) / P with s the logistic part, so that nothing cancels far from the difficulty.
/// Source: Birnbaum in Lord & Novick (1968), ch. 20; D = 1.
double information(ItemParameters const& item, Theta theta) noexcept;

/// ln P and ln(1 - P): what a likelihood is made of, exact in both tails.
struct LogProbabilities {
    double correct = 0;
    double incorrect = 0;
};
LogProbabilities log_probabilities(ItemParameters const& item, Theta theta) noexcept;

} // namespace assay::exam
