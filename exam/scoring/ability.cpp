#include "exam/scoring/ability.hpp"

#include "core/exp_log.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace assay::exam {
namespace {

constexpr std::string_view estimator_names[] = {"mle", "map", "eap", "wle", "jeffreys"};

struct Answer {
    std::size_t item;
    std::size_t category;
};

/// Sums over the answers at one theta.
struct Sums {
    double log_likelihood = 0;
    double first = 0;
    double second = 0;
    InformationTerms information;
};

double positive_inverse_root(double information)
{
    return information > 0 ? 1.0 / std::sqrt(information) : 0; // sqrt and / are correctly rounded by IEEE 754
}

std::optional<double> standard_error(double information)
{
    auto const se = positive_inverse_root(information);
    if (se > 0 && std::isfinite(se)) return se;
    return std::nullopt;
}

} // namespace

std::string_view name(Estimator estimator) noexcept { return estimator_names[static_cast<std::size_t>(estimator)]; }

std::optional<Estimator> estimator(std::string_view name) noexcept
{
    auto const* found = std::find(std::begin(estimator_names), std::end(estimator_names), name);
    if (found == std::end(estimator_names)) return std::nullopt;
    return static_cast<Estimator>(found - std::begin(estimator_names));
}

std::string_view name(ScoreStatus status) noexcept
{
    switch (status) {
    case ScoreStatus::ok: return "ok";
    case ScoreStatus::at_bound: return "at_bound";
    case ScoreStatus::no_responses: return "no_responses";
    case ScoreStatus::impossible_response: return "impossible_response";
    }
    return "";
}

std::optional<std::string> problem(ScoringOptions const& options)
{
    if (!(std::abs(options.prior.mean) <= 100)) return "the prior's mean must lie within -100 … 100";
    if (!(options.prior.standard_deviation >= 0.01 && options.prior.standard_deviation <= 100)) return "the prior's standard deviation must lie within 0.01 … 100";
    return problem(options.quadrature);
}

struct Scorer::Detail {
    /// An item's terms along the scan grid or, for EAP, ln P along the quadrature: contiguous per category.
    struct Curves {
        std::vector<double> category;    // [category][point]: d ln P (scan) or ln P (EAP)
        std::vector<double> information; // [point], scan only
        std::vector<double> correction;  // [point]: J or dI, scan only
    };

    std::vector<ItemModel> items;
    ScoringOptions options;
    Quadrature nodes;
    std::vector<double> log_prior;          // at the nodes, with ln weight: EAP
    std::vector<std::unique_ptr<Curves>> curves;

    bool has_correction() const { return options.estimator == Estimator::wle || options.estimator == Estimator::jeffreys; }
    bool has_prior() const { return options.estimator == Estimator::map || options.estimator == Estimator::eap; }
    double precision() const { return 1.0 / (options.prior.standard_deviation * options.prior.standard_deviation); }
    double correction(InformationTerms const& terms) const { return options.estimator == Estimator::wle ? terms.bias : terms.derivative; }

    Curves const& curves_of(std::size_t i)
    {
        if (curves[i]) return *curves[i];
        auto made = std::make_unique<Curves>();
        auto const& item = items[i];
        auto const points = nodes.nodes.size();
        made->category.resize(item.categories() * points);
        auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
        for (auto p = std::size_t{0}; p < points; ++p) {
            auto const theta = Theta{nodes.nodes[p]};
            item.evaluate(theta, std::span{terms}.first(item.categories()));
            for (auto k = std::size_t{0}; k < item.categories(); ++k)
                made->category[k * points + p] = options.estimator == Estimator::eap ? log_likelihood(item, terms[k]) : terms[k].first;
            if (!has_correction()) continue;
            auto const sums = information_terms(item, theta);
            made->information.push_back(sums.information);
            made->correction.push_back(correction(sums));
        }
        curves[i] = std::move(made);
        return *curves[i];
    }

    static bool is_impossible(ItemModel const& item, std::size_t category)
    {
        auto const b = item.thresholds();
        return item.kind() == ModelKind::graded && category > 0 && category < b.size() && b[category - 1] == b[category];
    }

    Sums sums(std::span<Answer const> answers, double theta) const
    {
        auto result = Sums{};
        auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
        for (auto const& answer : answers) {
            auto const& item = items[answer.item];
            item.evaluate({theta}, std::span{terms}.first(item.categories()));
            auto const& term = terms[answer.category];
            result.log_likelihood += log_likelihood(item, term);
            result.first += term.first;
            result.second += term.second;
            auto const information = information_terms(item, {theta});
            result.information.information += information.information;
            result.information.derivative += information.derivative;
            result.information.bias += information.bias;
        }
        return result;
    }

    /// The left side of the estimator's equation.
    double estimating_function(Sums const& s, double theta) const
    {
        if (options.estimator == Estimator::map) return s.first - (theta - options.prior.mean) * precision();
        if (has_correction()) return s.information.information > 0 ? s.first + correction(s.information) / (2 * s.information.information) : s.first;
        return s.first;
    }

    /// What the estimator maximises. Warm's has no closed form: see the integral in solve().
    double objective(Sums const& s, double theta) const
    {
        auto const z = (theta - options.prior.mean) / options.prior.standard_deviation;
        if (options.estimator == Estimator::map) return s.log_likelihood - 0.5 * z * z;
        if (options.estimator == Estimator::jeffreys) return s.log_likelihood + 0.5 * exact_order_log(s.information.information);
        return s.log_likelihood;
    }

    std::vector<double> scan(std::span<Answer const> answers)
    {
        auto const points = nodes.nodes.size();
        auto function = std::vector<double>(points, 0.0);
        auto information = std::vector<double>(has_correction() ? points : 0, 0.0);
        auto corrections = information;
        for (auto const& answer : answers) {
            auto const& c = curves_of(answer.item);
            auto const* first = c.category.data() + answer.category * points;
            for (auto p = std::size_t{0}; p < points; ++p) function[p] += first[p];
            for (auto p = std::size_t{0}; p < information.size(); ++p) {
                information[p] += c.information[p];
                corrections[p] += c.correction[p];
            }
        }
        for (auto p = std::size_t{0}; p < points; ++p) {
            if (options.estimator == Estimator::map) function[p] -= (nodes.nodes[p] - options.prior.mean) * precision();
            if (has_correction() && information[p] > 0) function[p] += corrections[p] / (2 * information[p]);
        }
        return function;
    }

    /// The root between `low` (function above 0) and `high` (at or below 0).
    double refine(std::span<Answer const> answers, double low, double high, double at_low, double at_high) const
    {
        auto kept = 0; // how often the same end stayed: Illinois halves its value then, every third step bisects
        for (auto step = 0; step < 240 && high - low > 1e-12 * std::max(1.0, std::abs(low)); ++step) {
            auto candidate = low + (high - low) * (at_low / (at_low - at_high));
            if (step % 3 == 2 || !(candidate > low && candidate < high)) candidate = low + 0.5 * (high - low);
            if (!(candidate > low && candidate < high)) break; // neighbours
            auto const value = estimating_function(sums(answers, candidate), candidate);
            if (value == 0) return candidate;
            if (value > 0) {
                low = candidate;
                at_low = value;
                if (kept > 0) at_high *= 0.5;
                kept = 1;
            } else {
                high = candidate;
                at_high = value;
                if (kept < 0) at_low *= 0.5;
                kept = -1;
            }
        }
        return low + 0.5 * (high - low);
    }

    struct Mode {
        double theta;
        double objective;
        bool at_bound;
    };

    Mode solve(std::span<Answer const> answers)
    {
        auto const function = scan(answers);
        auto const& x = nodes.nodes;
        auto best = std::optional<Mode>{};
        auto integral = 0.0; // of the estimating function from the low end: Warm's objective
        auto const consider = [&](double theta, double integral_to, bool at_bound) {
            auto const value = options.estimator == Estimator::wle ? integral_to : objective(sums(answers, theta), theta);
            if (!best || value > best->objective) best = Mode{theta, value, at_bound};
        };
        if (function.front() <= 0) consider(x.front(), 0, true);
        for (auto p = std::size_t{0}; p + 1 < x.size(); ++p) {
            auto const step = x[p + 1] - x[p];
            if (function[p] > 0 && function[p + 1] <= 0) {
                auto const root = refine(answers, x[p], x[p + 1], function[p], function[p + 1]);
                consider(root, integral + 0.5 * function[p] * (root - x[p]), false);
            }
            integral += 0.5 * (function[p] + function[p + 1]) * step;
        }
        if (function.back() > 0) consider(x.back(), integral, true);
        return *best; // a function above 0 at the low end crosses downwards or stays above 0 to the high end
    }

    AbilityEstimate eap(std::span<Answer const> answers)
    {
        auto const points = nodes.nodes.size();
        auto density = log_prior;
        for (auto const& answer : answers) {
            auto const* logs = curves_of(answer.item).category.data() + answer.category * points;
            for (auto p = std::size_t{0}; p < points; ++p) density[p] += logs[p];
        }
        auto const peak = *std::max_element(density.begin(), density.end());
        auto total = 0.0;
        auto first = 0.0;
        for (auto p = std::size_t{0}; p < points; ++p) {
            density[p] = exact_order_exp(density[p] - peak) * nodes.weights[p];
            total += density[p];
            first += density[p] * nodes.nodes[p];
        }
        auto const mean = first / total;
        auto second = 0.0;
        for (auto p = std::size_t{0}; p < points; ++p) second += density[p] * ((nodes.nodes[p] - mean) * (nodes.nodes[p] - mean));
        return {.theta = mean, .se = std::sqrt(second / total), .se_observed = standard_error(precision() - sums(answers, mean).second), .status = ScoreStatus::ok};
    }

    AbilityEstimate mode(std::span<Answer const> answers)
    {
        auto const found = solve(answers);
        auto const s = sums(answers, found.theta);
        auto const extra = has_prior() ? precision() : 0.0;
        return {.theta = found.theta, .se = standard_error(s.information.information + extra), .se_observed = standard_error(extra - s.second),
                .status = found.at_bound ? ScoreStatus::at_bound : ScoreStatus::ok};
    }
};

Scorer::Scorer(std::vector<ItemModel> items, ScoringOptions options) : detail_{std::make_unique<Detail>()}
{
    EXPECTS(!problem(options));
    detail_->curves.resize(items.size());
    detail_->items = std::move(items);
    detail_->options = options;
    auto grid = options.quadrature;
    if (options.estimator != Estimator::eap) grid.nodes = std::clamp<std::size_t>(static_cast<std::size_t>((grid.high - grid.low) * 40) + 1, 241, 8001);
    detail_->nodes = quadrature(grid);
    for (auto const node : detail_->nodes.nodes) {
        auto const z = (node - options.prior.mean) / options.prior.standard_deviation;
        detail_->log_prior.push_back(-0.5 * z * z);
    }
}

Scorer::~Scorer() = default;
Scorer::Scorer(Scorer&&) noexcept = default;
Scorer& Scorer::operator=(Scorer&&) noexcept = default;

AbilityEstimate Scorer::score(std::span<Category const> row)
{
    auto& d = *detail_;
    EXPECTS(row.size() == d.items.size());
    auto answers = std::vector<Answer>{};
    auto impossible = false;
    for (auto i = std::size_t{0}; i < row.size(); ++i) {
        if (row[i] == not_administered) continue;
        EXPECTS(row[i] >= 0 && static_cast<std::size_t>(row[i]) < d.items[i].categories());
        answers.push_back({i, static_cast<std::size_t>(row[i])});
        impossible = impossible || Detail::is_impossible(d.items[i], answers.back().category);
    }
    if (answers.empty() && !d.has_prior()) return {.status = ScoreStatus::no_responses};
    auto estimate = d.options.estimator == Estimator::eap ? d.eap(answers) : d.mode(answers);
    if (answers.empty()) estimate.status = ScoreStatus::no_responses;
    else if (impossible) estimate.status = ScoreStatus::impossible_response;
    return estimate;
}

} // namespace assay::exam
