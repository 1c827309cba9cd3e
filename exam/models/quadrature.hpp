#pragma once
// The grid on which a distribution of ability is kept, and on which integrals become sums.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::exam {

enum class QuadratureRule {
    rectangle, ///< every node weighs a step
    trapezoid, ///< the two ends weigh half a step
};
std::string_view name(QuadratureRule rule) noexcept; ///< "rectangle", "trapezoid"

/// Equal steps. The error of such a sum for a near-normal posterior falls as exp(-2 pi² SD²/step²): the default serves down to an SD of 0.15.
struct QuadratureOptions {
    std::size_t nodes = 121; ///< 2 … 10001
    double low = -6;         ///< logits, at least -100
    double high = 6;         ///< logits, at most 100, above low
    QuadratureRule rule = QuadratureRule::rectangle;
    friend bool operator==(QuadratureOptions const&, QuadratureOptions const&) = default;
};
/// What is wrong with the options, in words; nothing: they can be used.
std::optional<std::string> problem(QuadratureOptions const& options);

struct Quadrature {
    std::vector<double> nodes;   ///< ascending, logits; node i = (low (n - 1 - i) + high i) / (n - 1), rounded once
    std::vector<double> weights; ///< in logits
};
/// Expects valid options.
Quadrature quadrature(QuadratureOptions const& options);

} // namespace assay::exam
