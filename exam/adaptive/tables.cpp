#include "exam/adaptive/tables.hpp"

#include "core/exp_log.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>

namespace assay::exam::adaptive {
namespace {

/// Where the information of a dichotomous item with upper asymptote 1 has its only maximum (Birnbaum 1968): b + ln((1 + sqrt(1 + 8c))/2)/a.
double peak(ItemModel const& item)
{
    return item.threshold() + exact_order_log(0.5 * (1.0 + std::sqrt(1.0 + 8.0 * item.lower()))) / item.slope();
}

/// A bound on |dI/dtheta|: I = sum P l'², |l'| <= A and |l''| <= 2 A² for the models with several categories, so |dI| <= A³ + 4 A³.
double steepest(ItemModel const& item)
{
    auto largest = 0.0;
    for (auto const a : item.slopes()) largest = std::max(largest, std::abs(a));
    auto const spread = item.kind() == ModelKind::nominal ? 2 * largest
                      : item.kind() == ModelKind::graded  ? largest
                                                          : largest * static_cast<double>(item.categories() - 1);
    return 5 * spread * spread * spread;
}

double bound(ItemModel const& item, double low, double high, double at_low, double at_high)
{
    auto const ends = std::max(at_low, at_high);
    if (is_dichotomous(item.kind()) && item.upper() == 1) {
        auto const at = peak(item);
        auto const top = at > low && at < high ? std::max(ends, information(item, {at})) : ends;
        return top * (1 + 1e-9); // rounding must not turn a bound into none
    }
    // 4PL: P'²/(P Q) with P' <= a (d - c)/4 has no such short bound on its slope; nothing is gained there, and nothing lost.
    if (is_dichotomous(item.kind())) return item.slope() * item.slope();
    return std::min(ends + 0.5 * (high - low) * steepest(item), 1e300);
}

} // namespace

BankTables::BankTables(std::vector<ItemModel> items, QuadratureOptions const& options) : items_{std::move(items)}, options_{options}, quadrature_{quadrature(options)}
{
    auto const points = nodes().size();
    auto const largest = *std::max_element(weights().begin(), weights().end());
    for (auto const weight : weights()) relative_weights_.push_back(weight / largest);
    auto rows = std::size_t{0};
    for (auto const& item : items_) {
        offsets_.push_back(rows);
        rows += item.categories();
    }
    information_.resize(items_.size() * points);
    probability_.resize(rows * points);
    log_probability_.resize(rows * points);
    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    for (auto i = std::size_t{0}; i < items_.size(); ++i)
        for (auto p = std::size_t{0}; p < points; ++p) {
            auto const theta = Theta{nodes()[p]};
            items_[i].evaluate(theta, std::span{terms}.first(items_[i].categories()));
            information_[i * points + p] = exam::information(items_[i], theta);
            for (auto k = std::size_t{0}; k < items_[i].categories(); ++k) {
                probability_[(offsets_[i] + k) * points + p] = terms[k].probability;
                log_probability_[(offsets_[i] + k) * points + p] = log_likelihood(items_[i], terms[k]);
            }
        }
    bounds_.resize((points - 1) * items_.size());
    order_.resize(bounds_.size());
    for (auto cell = std::size_t{0}; cell + 1 < points; ++cell) {
        auto* const row = bounds_.data() + cell * items_.size();
        for (auto i = std::size_t{0}; i < items_.size(); ++i)
            row[i] = bound(items_[i], nodes()[cell], nodes()[cell + 1], information(i)[cell], information(i)[cell + 1]);
        auto* const order = order_.data() + cell * items_.size();
        std::iota(order, order + items_.size(), 0u);
        std::sort(order, order + items_.size(), [&](std::uint32_t a, std::uint32_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    }
}

NodePosterior::NodePosterior(BankTables const& tables, Prior const& prior)
    : log_likelihood_(tables.nodes().size(), 0.0), weights_(tables.nodes().size())
{
    log_density_.reserve(tables.nodes().size());
    for (auto const node : tables.nodes()) {
        auto const z = (node - prior.mean) / prior.standard_deviation;
        log_density_.push_back(-0.5 * z * z);
    }
    normalise(tables);
}

void NodePosterior::update(BankTables const& tables, std::size_t item, std::size_t category)
{
    auto const logs = tables.log_probability(item, category);
    for (auto p = std::size_t{0}; p < log_likelihood_.size(); ++p) {
        log_density_[p] += logs[p];
        log_likelihood_[p] += logs[p];
    }
    normalise(tables);
}

void NodePosterior::normalise(BankTables const& tables)
{
    auto const points = log_density_.size();
    auto const largest = *std::max_element(log_density_.begin(), log_density_.end());
    auto total = 0.0;
    for (auto p = std::size_t{0}; p < points; ++p) {
        // Below e^-745.2 an exponential is 0 anyway: most nodes of a long test end here, and cost nothing.
        auto const x = log_density_[p] - largest;
        weights_[p] = x < -746 ? 0.0 : exact_order_exp(x) * tables.relative_weights()[p];
        total += weights_[p];
    }
    total_ = total;
}

std::vector<double> NodePosterior::posterior() const
{
    auto normalised = weights_;
    for (auto& w : normalised) w /= total_;
    return normalised;
}

std::vector<double> NodePosterior::likelihood(BankTables const& tables) const
{
    auto const largest = *std::max_element(log_likelihood_.begin(), log_likelihood_.end());
    auto weights = std::vector<double>{};
    auto total = 0.0;
    for (auto p = std::size_t{0}; p < log_likelihood_.size(); ++p) {
        weights.push_back(exact_order_exp(log_likelihood_[p] - largest) * tables.weights()[p]);
        total += weights.back();
    }
    for (auto& w : weights) w /= total;
    return weights;
}

Moments NodePosterior::moments(BankTables const& tables) const noexcept
{
    auto const nodes = tables.nodes();
    auto total = 0.0;
    auto first = 0.0;
    for (auto p = std::size_t{0}; p < nodes.size(); ++p) {
        total += weights_[p];
        first += weights_[p] * nodes[p];
    }
    auto const mean = first / total;
    auto second = 0.0;
    for (auto p = std::size_t{0}; p < nodes.size(); ++p) {
        auto const deviation = nodes[p] - mean;
        second += weights_[p] * (deviation * deviation);
    }
    return {mean, std::sqrt(second / total)}; // sqrt is correctly rounded by IEEE 754, unlike exp
}

double NodePosterior::mass_at_or_above(BankTables const& tables, double cut) const noexcept
{
    auto total = 0.0;
    auto above = 0.0;
    for (auto p = std::size_t{0}; p < weights_.size(); ++p) {
        total += weights_[p];
        if (tables.nodes()[p] >= cut) above += weights_[p];
    }
    return above / total;
}

namespace {

/// Four partial sums in two pairs, which every x86-64 machine adds in one instruction each: the same additions in the same order everywhere.
class Lanes {
public:
    void add_product(double const* a, double const* b) noexcept
    {
        low_ += load(a) * load(b);
        high_ += load(a + 2) * load(b + 2);
    }
    /// The last one to three terms go to the first lanes.
    double total(double const* a, double const* b, std::size_t left) const noexcept
    {
        double sums[4] = {low_[0], low_[1], high_[0], high_[1]};
        for (auto lane = std::size_t{0}; lane < left; ++lane) sums[lane] += a[lane] * b[lane];
        return (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }

private:
    using Pair [[gnu::vector_size(16)]] = double;
    static Pair load(double const* from) noexcept
    {
        Pair pair;
        std::memcpy(&pair, from, sizeof pair);
        return pair;
    }
    Pair low_{};
    Pair high_{};
};

} // namespace

double ordered_product(std::span<double const> a, std::span<double const> b) noexcept
{
    auto lanes = Lanes{};
    auto const whole = a.size() / 4 * 4;
    for (auto i = std::size_t{0}; i < whole; i += 4) lanes.add_product(a.data() + i, b.data() + i);
    return lanes.total(a.data() + whole, b.data() + whole, a.size() - whole);
}

std::array<double, 2> ordered_products(std::span<double const> a, std::span<double const> b, std::span<double const> c) noexcept
{
    auto first = Lanes{};
    auto second = Lanes{};
    auto const whole = a.size() / 4 * 4;
    for (auto i = std::size_t{0}; i < whole; i += 4) {
        first.add_product(a.data() + i, b.data() + i);
        second.add_product(a.data() + i, c.data() + i);
    }
    auto const left = a.size() - whole;
    return {first.total(a.data() + whole, b.data() + whole, left), second.total(a.data() + whole, c.data() + whole, left)};
}

} // namespace assay::exam::adaptive
