#include "exam/calibration/fit/local_dependence.hpp"

#include <cmath>

namespace assay::exam::calibration {
namespace {

std::optional<double> correlation(std::span<std::optional<double> const> a, std::span<std::optional<double> const> b)
{
    double n = 0, mean_a = 0, mean_b = 0;
    for (std::size_t p = 0; p < a.size(); ++p)
        if (a[p] && b[p]) {
            n += 1;
            mean_a += *a[p];
            mean_b += *b[p];
        }
    if (n < 3) return std::nullopt;
    mean_a /= n;
    mean_b /= n;
    double aa = 0, bb = 0, ab = 0;
    for (std::size_t p = 0; p < a.size(); ++p)
        if (a[p] && b[p]) {
            aa += (*a[p] - mean_a) * (*a[p] - mean_a);
            bb += (*b[p] - mean_b) * (*b[p] - mean_b);
            ab += (*a[p] - mean_a) * (*b[p] - mean_b);
        }
    if (!(aa > 0) || !(bb > 0)) return std::nullopt;
    return ab / std::sqrt(aa * bb);
}

} // namespace

LocalDependence local_dependence(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options)
{
    auto const estimates = abilities(items, responses, options);
    auto const persons = responses.persons;
    auto residual = std::vector<std::optional<double>>(items.size() * persons);
    for (std::size_t i = 0; i < items.size(); ++i)
        for (std::size_t p = 0; p < persons; ++p)
            if (auto const answer = responses.at(p, i); answer != not_administered && estimates[p].theta)
                residual[i * persons + p] = answer - expected_score(items[i], Theta{*estimates[p].theta});
    auto result = LocalDependence{items.size(), std::vector<std::optional<double>>(items.size() * items.size()), {}};
    auto sum = 0.0;
    auto pairs = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
        for (auto j = i + 1; j < items.size(); ++j) {
            auto const q3 = correlation(std::span{residual}.subspan(i * persons, persons), std::span{residual}.subspan(j * persons, persons));
            result.q3[i * items.size() + j] = result.q3[j * items.size() + i] = q3;
            if (!q3) continue;
            sum += *q3;
            ++pairs;
        }
    if (pairs > 0) result.mean = sum / pairs;
    return result;
}

} // namespace assay::exam::calibration
