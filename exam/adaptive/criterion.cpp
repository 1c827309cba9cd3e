#include "exam/adaptive/criterion.hpp"

#include "core/exp_log.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace assay::exam::adaptive {
namespace {

constexpr std::string_view criterion_names[] = {"mfi",  "cut", "kl",   "kl-interval",  "klp",         "mlwi",        "mpwi",
                                                "mei",  "mepv", "a-stratified", "randomesque", "progressive", "random"};

double power(double base, double exponent)
{
    auto const whole = static_cast<int>(exponent);
    auto value = 1.0;
    for (auto i = 0; i < whole; ++i) value *= base;
    if (exponent != whole) value *= base > 0 ? exact_order_exp((exponent - whole) * exact_order_log(base)) : 0.0;
    return value;
}

/// An item's categories at one theta: two in place, since clearing room for 64 costs more than computing two.
class TermsAt {
public:
    TermsAt(ItemModel const& item, double theta) : more_(item.categories() > 2 ? item.categories() : 0) { item.evaluate({theta}, terms().first(item.categories())); }
    CategoryTerms const& operator[](std::size_t category) const noexcept { return more_.empty() ? two_[category] : more_[category]; }

private:
    std::span<CategoryTerms> terms() noexcept { return more_.empty() ? std::span<CategoryTerms>{two_} : std::span<CategoryTerms>{more_}; }
    std::array<CategoryTerms, 2> two_;
    std::vector<CategoryTerms> more_;
};

/// sum over categories of P_k(theta^) (ln P_k(theta^) - sum weight ln P_k). Categories that can't occur add nothing.
double kullback_leibler(BankTables const& tables, std::size_t item, double theta, std::span<double const> weights, double weight_total)
{
    auto const& model = tables.items()[item];
    auto const terms = TermsAt{model, theta};
    auto sum = 0.0;
    if (model.categories() == 2) { // the usual case: its two rows in one pass, the same sums
        auto const expected = ordered_products(weights, tables.log_probability(item, 0), tables.log_probability(item, 1));
        for (auto k = std::size_t{0}; k < 2; ++k)
            if (terms[k].probability != 0) sum += terms[k].probability * (terms[k].log_probability * weight_total - expected[k]);
        return sum;
    }
    for (auto k = std::size_t{0}; k < model.categories(); ++k) {
        if (terms[k].probability == 0) continue;
        sum += terms[k].probability * (terms[k].log_probability * weight_total - ordered_product(weights, tables.log_probability(item, k)));
    }
    return sum;
}

/// Node weights of the interval theta^ ± 3/sqrt(n): each node stands for its half steps to either side, clipped to the interval.
std::vector<double> interval_weights(BankTables const& tables, double theta, int answered)
{
    auto const nodes = tables.nodes();
    if (answered == 0) return {tables.weights().begin(), tables.weights().end()};
    auto const delta = 3.0 / std::sqrt(static_cast<double>(answered));
    auto const low = std::max(theta - delta, nodes.front());
    auto const high = std::min(theta + delta, nodes.back());
    auto weights = std::vector<double>(nodes.size(), 0.0);
    for (auto p = std::size_t{0}; p < nodes.size(); ++p) {
        auto const left = p == 0 ? nodes[p] : 0.5 * (nodes[p - 1] + nodes[p]);
        auto const right = p + 1 == nodes.size() ? nodes[p] : 0.5 * (nodes[p] + nodes[p + 1]);
        weights[p] = std::max(0.0, std::min(right, high) - std::max(left, low));
    }
    return weights;
}

/// What would be known after each answer to an item.
class Preview {
public:
    Preview(BankTables const& tables, SelectionState const& state, SelectionOptions const& options)
        : tables_{tables}, state_{state}, options_{options}, centre_{state.posterior.moments(tables).mean}, mass_{state.posterior.posterior()}
    {
        for (auto p = std::size_t{0}; p < mass_.size(); ++p) {
            auto const deviation = tables.nodes()[p] - centre_;
            first_.push_back(mass_[p] * deviation);
            second_.push_back(mass_[p] * (deviation * deviation));
        }
    }

    double expected_variance(std::size_t item) const
    {
        return over_categories(item, [](std::size_t, double, double variance) { return variance; });
    }

    double expected_information(std::size_t item) const
    {
        auto const& model = tables_.items()[item];
        return over_categories(item, [&](std::size_t k, double mean, double) {
            return options_.expected_information ? information(model, {mean}) : observed_information(model, k, {mean});
        });
    }

private:
    template <class Value>
    double over_categories(std::size_t item, Value const& value) const
    {
        auto const& model = tables_.items()[item];
        auto const terms = TermsAt{model, state_.theta};
        auto sum = 0.0;
        for (auto k = std::size_t{0}; k < model.categories(); ++k) {
            auto const row = tables_.probability(item, k);
            auto const mass = ordered_product(mass_, row);
            auto const probability = options_.predictive_from_posterior ? mass : terms[k].probability;
            if (!(mass > 0) || probability == 0) continue;
            auto const shift = ordered_product(first_, row) / mass;
            auto const variance = ordered_product(second_, row) / mass - shift * shift;
            sum += probability * value(k, centre_ + shift, std::max(variance, 0.0));
        }
        return sum;
    }

    BankTables const& tables_;
    SelectionState const& state_;
    SelectionOptions const& options_;
    double centre_;
    std::vector<double> mass_;   // the posterior on the nodes
    std::vector<double> first_;  // posterior · (node - mean): deviations, so that the variance does not cancel
    std::vector<double> second_;
};

double mean_location(ItemModel const& item)
{
    if (item.kind() == ModelKind::nominal) return 0;
    auto const b = item.thresholds();
    auto sum = 0.0;
    for (auto const threshold : b) sum += threshold;
    return sum / static_cast<double>(b.size());
}

std::vector<double> values_by_table(BankTables const& tables, std::span<std::uint32_t const> eligible, SelectionState const& state, SelectionOptions const& options)
{
    auto values = std::vector<double>{};
    values.reserve(eligible.size());
    auto const posterior = state.posterior.posterior();
    auto const weighted_information = [&](std::span<double const> weights) {
        for (auto const i : eligible) values.push_back(ordered_product(weights, tables.information(i)));
    };
    auto const divergence = [&](std::span<double const> weights) {
        auto total = 0.0;
        for (auto const w : weights) total += w;
        for (auto const i : eligible) values.push_back(kullback_leibler(tables, i, state.theta, weights, total));
    };
    switch (options.criterion) {
    case Criterion::mlwi: weighted_information(state.posterior.likelihood(tables)); break;
    case Criterion::mpwi: weighted_information(posterior); break;
    case Criterion::kl: divergence(state.posterior.likelihood(tables)); break;
    case Criterion::kl_interval: divergence(interval_weights(tables, state.theta, state.answered)); break;
    case Criterion::klp: divergence(posterior); break;
    default: break;
    }
    return values;
}

double variance(Moments const& moments) { return moments.standard_deviation * moments.standard_deviation; }

/// What exposure control makes of the values: `smallest_first` ones are counted by how far they lie below `from`.
void weigh(std::vector<Ranked>& ranked, std::span<double const> weights, double from, bool smallest_first)
{
    for (auto& r : ranked) {
        auto const gain = smallest_first ? from - r.value : r.value;
        auto const weighted = gain > 0 ? gain * weights[r.item] : gain / weights[r.item];
        r.value = smallest_first ? from - weighted : weighted;
    }
}

} // namespace

double Random::normal() noexcept
{
    while (true) {
        auto const u = 2 * uniform() - 1;
        auto const v = 2 * uniform() - 1;
        auto const s = u * u + v * v;
        if (s > 0 && s < 1) return u * std::sqrt(-2 * exact_order_log(s) / s);
    }
}

std::string_view name(Criterion criterion) noexcept { return criterion_names[static_cast<std::size_t>(criterion)]; }

std::optional<Criterion> criterion(std::string_view name) noexcept
{
    if (name == "progressive-restricted") return Criterion::progressive;
    auto const* found = std::find(std::begin(criterion_names), std::end(criterion_names), name);
    if (found == std::end(criterion_names)) return std::nullopt;
    return static_cast<Criterion>(found - std::begin(criterion_names));
}

std::vector<int> strata_by_slope(BankTables const& tables, int strata, std::span<int const> sizes)
{
    EXPECTS(sizes.empty() || sizes.size() == tables.items().size());
    auto const size = [&](std::uint32_t i) { return sizes.empty() ? 1 : sizes[i]; };
    auto const slope = [&](std::uint32_t i) {
        auto largest = 0.0;
        if (size(i) > 1) {
            for (auto const information : tables.information(i)) largest = std::max(largest, information);
            return 2 * std::sqrt(largest / size(i));
        }
        for (auto const a : tables.items()[i].slopes()) largest = std::max(largest, std::abs(a));
        return largest;
    };
    auto order = std::vector<std::uint32_t>(tables.items().size());
    std::iota(order.begin(), order.end(), 0u);
    std::erase_if(order, [&](auto i) { return size(i) == 0; });
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return slope(a) < slope(b); });
    auto total = 0;
    for (auto const i : order) total += size(i);
    auto result = std::vector<int>(tables.items().size(), -1);
    auto below = 0;
    for (auto const i : order) {
        result[i] = below * strata / total;
        below += size(i);
    }
    return result;
}

double share_of_one(double value, int n, Criterion criterion, double variance)
{
    if (criterion == Criterion::a_stratified) return value;
    return criterion == Criterion::mepv ? variance - (variance - value) / n : value / n;
}

std::vector<Ranked> valued(BankTables const& tables, std::span<std::uint32_t const> eligible, SelectionState const& state, SelectionOptions const& options, Random& random)
{
    auto ranked = std::vector<Ranked>{};
    ranked.reserve(eligible.size());
    auto const add_each = [&](auto const& value) {
        for (auto const i : eligible) ranked.push_back({i, value(i)});
    };
    auto const information_at = [&](double theta) {
        return [&tables, theta](std::uint32_t i) { return information(tables.items()[i], {theta}); };
    };
    switch (options.criterion) {
    case Criterion::mfi:
    case Criterion::randomesque: add_each(information_at(state.theta)); break;
    case Criterion::cut: add_each(information_at(options.cut)); break;
    case Criterion::mei: {
        auto const preview = Preview{tables, state, options};
        add_each([&](std::uint32_t i) { return preview.expected_information(i); });
        break;
    }
    case Criterion::mepv: {
        auto const preview = Preview{tables, state, options};
        add_each([&](std::uint32_t i) { return preview.expected_variance(i); });
        break;
    }
    case Criterion::a_stratified: {
        auto const strata = strata_by_slope(tables, options.strata, state.sizes);
        auto const now = std::min(options.strata - 1, state.answered * options.strata / std::max(1, options.length));
        // Strata in turn: the present one first, then the next ones up, then those below, should it be exhausted.
        auto const distance = [&](std::uint32_t i) { return strata[i] >= now ? strata[i] - now : options.strata + now - strata[i]; };
        auto nearest = 2 * options.strata;
        for (auto const i : eligible) nearest = std::min(nearest, distance(i));
        for (auto const i : eligible)
            if (distance(i) == nearest) ranked.push_back({i, -std::abs(mean_location(tables.items()[i]) - state.theta)});
        break;
    }
    case Criterion::progressive: {
        add_each(information_at(state.theta));
        auto largest = 0.0;
        for (auto const& r : ranked) largest = std::max(largest, r.value);
        auto const weight = power(std::min(1.0, static_cast<double>(state.answered) / std::max(1, options.length)), options.acceleration);
        for (auto& r : ranked) r.value = (1 - weight) * (random.uniform() * largest) + weight * r.value;
        break;
    }
    case Criterion::random: add_each([&](std::uint32_t) { return random.uniform(); }); break;
    default: {
        auto const values = values_by_table(tables, eligible, state, options);
        for (auto e = std::size_t{0}; e < eligible.size(); ++e) ranked.push_back({eligible[e], values[e]});
    }
    }
    auto const smallest_first = options.criterion == Criterion::mepv;
    if (!state.weights.empty()) weigh(ranked, state.weights, smallest_first ? variance(state.posterior.moments(tables)) : 0.0, smallest_first);
    return ranked;
}

std::vector<Ranked> best(BankTables const& tables, std::span<std::uint32_t const> eligible, SelectionState const& state, SelectionOptions const& options, Random& random,
                         std::size_t count)
{
    auto ranked = valued(tables, eligible, state, options, random);
    auto const smallest_first = options.criterion == Criterion::mepv;
    auto const before = [smallest_first](Ranked const& a, Ranked const& b) {
        if (a.value != b.value) return smallest_first ? a.value < b.value : a.value > b.value;
        return a.item < b.item;
    };
    auto const end = ranked.begin() + static_cast<std::ptrdiff_t>(std::min(count, ranked.size()));
    if (end == ranked.end()) std::sort(ranked.begin(), end, before);
    else std::partial_sort(ranked.begin(), end, ranked.end(), before);
    ranked.erase(end, ranked.end());
    return ranked;
}

std::vector<Ranked> rank(BankTables const& tables, std::span<std::uint32_t const> eligible, SelectionState const& state, SelectionOptions const& options, Random& random)
{
    return best(tables, eligible, state, options, random, eligible.size());
}

std::vector<double> form_values(std::span<Ranked const> ranked, std::span<std::uint8_t const> kept_away, Criterion criterion)
{
    auto const sign = criterion == Criterion::mepv ? -1.0 : 1.0;
    auto largest = 0.0;
    auto smallest = 0.0;
    for (auto const& r : ranked) {
        largest = std::max(largest, sign * r.value);
        smallest = std::min(smallest, sign * r.value);
    }
    auto const penalty = 10 * (largest - smallest);
    auto values = std::vector<double>(kept_away.size(), -penalty);
    for (auto const& r : ranked) values[r.item] = (sign * r.value - smallest) - (kept_away[r.item] != 0 ? penalty : 0.0);
    return values;
}

std::optional<Ranked> most_informative(BankTables const& tables, std::span<std::uint8_t const> eligible, double theta)
{
    EXPECTS(eligible.size() == tables.items().size());
    auto const nodes = tables.nodes();
    auto best = std::optional<Ranked>{};
    auto const consider = [&](std::size_t i) {
        auto const value = information(tables.items()[i], {theta});
        if (!best || value > best->value || (value == best->value && i < best->item)) best = Ranked{i, value};
    };
    if (theta < nodes.front() || theta > nodes.back()) { // no cell, no bounds
        for (auto i = std::size_t{0}; i < eligible.size(); ++i)
            if (eligible[i] != 0) consider(i);
        return best;
    }
    auto const above = static_cast<std::size_t>(std::upper_bound(nodes.begin(), nodes.end(), theta) - nodes.begin());
    auto const cell = std::min(above, nodes.size() - 1) - 1;
    for (auto const i : tables.by_bound(cell)) {
        if (best && tables.information_bound(i, cell) < best->value) break;
        if (eligible[i] != 0) consider(i);
    }
    return best;
}

} // namespace assay::exam::adaptive
