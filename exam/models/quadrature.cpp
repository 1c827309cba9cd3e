#include "exam/models/quadrature.hpp"

#include "core/contract.hpp"

namespace assay::exam {

std::string_view name(QuadratureRule rule) noexcept { return rule == QuadratureRule::rectangle ? "rectangle" : "trapezoid"; }

std::optional<std::string> problem(QuadratureOptions const& options)
{
    if (options.nodes < 2 || options.nodes > 10'001) return "2 to 10001 quadrature nodes are possible, not " + std::to_string(options.nodes);
    if (!(options.low >= -100 && options.high <= 100 && options.low < options.high)) return "the range of theta must ascend and lie within -100 … 100";
    return std::nullopt;
}

Quadrature quadrature(QuadratureOptions const& options)
{
    EXPECTS(!problem(options));
    auto const last = options.nodes - 1;
    auto const n = static_cast<double>(last);
    auto grid = Quadrature{};
    for (auto i = std::size_t{0}; i <= last; ++i) {
        // An accumulated step would drift; this is exact before its one division whenever the bounds are short numbers.
        grid.nodes.push_back((options.low * static_cast<double>(last - i) + options.high * static_cast<double>(i)) / n);
        grid.weights.push_back((options.high - options.low) / n);
    }
    if (options.rule == QuadratureRule::trapezoid) {
        grid.weights.front() *= 0.5;
        grid.weights.back() *= 0.5;
    }
    return grid;
}

} // namespace assay::exam
