#include "exam/calibration/fit/item_fit.hpp"

#include "exam/calibration/fit/sum_scores.hpp"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/gamma.hpp>

namespace assay::exam::calibration {

double chi_square_tail(double statistic, double df)
{
    EXPECTS(df > 0);
    return statistic <= 0 ? 1 : boost::math::gamma_q(df / 2, statistic / 2);
}

std::size_t own_parameters(ItemModel const& item)
{
    switch (item.kind()) {
    case ModelKind::one_parameter: return 1;
    case ModelKind::two_parameter: return 2;
    case ModelKind::three_parameter: return 3;
    case ModelKind::four_parameter: return 4;
    case ModelKind::graded:
    case ModelKind::generalized_partial_credit: return item.categories();
    case ModelKind::partial_credit: return item.categories() - 1;
    case ModelKind::nominal: return 2 * (item.categories() - 1);
    }
    return 0;
}

namespace {

constexpr double expected_min = 1;

/// Observed and expected persons by category in one score group.
struct ScoreGroup {
    std::vector<double> observed, expected;
    double persons = 0;
};

bool is_sparse(ScoreGroup const& group)
{
    return std::ranges::any_of(group.expected, [](double e) { return e < expected_min; });
}

void join(ScoreGroup& to, ScoreGroup const& from)
{
    for (std::size_t k = 0; k < to.observed.size(); ++k) {
        to.observed[k] += from.observed[k];
        to.expected[k] += from.expected[k];
    }
    to.persons += from.persons;
}

/// Two categories: the outermost groups are joined with their inner neighbours until every cell is filled.
void join_groups(std::vector<ScoreGroup>& groups)
{
    for (auto low = true; groups.size() > 1; low = !low) {
        auto const front = is_sparse(groups.front()), back = is_sparse(groups.back());
        if (front && (low || !back)) {
            join(groups[1], groups.front());
            groups.erase(groups.begin());
        } else if (back) {
            join(groups[groups.size() - 2], groups.back());
            groups.pop_back();
        } else
            break;
    }
    for (std::size_t g = 0; g + 1 < groups.size();) { // a sparse one amid full ones
        if (!is_sparse(groups[g])) {
            ++g;
            continue;
        }
        join(groups[g + 1], groups[g]);
        groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(g));
    }
}

/// More categories: the sparsest cell of a group is joined with its smaller neighbour until all are filled.
void join_categories(ScoreGroup& group)
{
    while (group.expected.size() > 1) {
        auto const sparsest = static_cast<std::size_t>(std::ranges::min_element(group.expected) - group.expected.begin());
        if (group.expected[sparsest] >= expected_min) return;
        auto const last = group.expected.size() - 1;
        auto const neighbour = sparsest == 0 ? 1
                               : sparsest == last || group.expected[sparsest - 1] < group.expected[sparsest + 1] ? sparsest - 1
                                                                                                                 : sparsest + 1;
        group.expected[neighbour] += group.expected[sparsest];
        group.observed[neighbour] += group.observed[sparsest];
        group.expected.erase(group.expected.begin() + static_cast<std::ptrdiff_t>(sparsest));
        group.observed.erase(group.observed.begin() + static_cast<std::ptrdiff_t>(sparsest));
    }
}

ChiSquare compare(std::vector<ScoreGroup> groups, ItemModel const& item)
{
    std::erase_if(groups, [](ScoreGroup const& group) { return group.persons == 0; });
    if (item.categories() == 2) join_groups(groups);
    else std::ranges::for_each(groups, join_categories);
    auto result = ChiSquare{};
    for (auto const& group : groups) {
        for (std::size_t k = 0; k < group.expected.size(); ++k)
            if (group.expected[k] > 0) result.statistic += (group.observed[k] - group.expected[k]) * (group.observed[k] - group.expected[k]) / group.expected[k];
        result.df += static_cast<int>(group.expected.size()) - 1;
    }
    result.df -= static_cast<int>(own_parameters(item));
    if (result.df > 0) result.p = chi_square_tail(result.statistic, result.df);
    return result;
}

struct CompleteRows {
    std::vector<std::size_t> persons;
    std::vector<std::size_t> sum; ///< of each of them
};
CompleteRows complete_rows(ResponseTable const& responses)
{
    auto rows = CompleteRows{};
    for (std::size_t p = 0; p < responses.persons; ++p) {
        auto const row = responses.of(p);
        if (std::ranges::find(row, not_administered) != row.end()) continue;
        rows.persons.push_back(p);
        auto sum = std::size_t{0};
        for (auto const category : row) sum += static_cast<std::size_t>(category);
        rows.sum.push_back(sum);
    }
    return rows;
}

std::vector<ScoreGroup> score_groups(std::size_t item, SumScores const& scores, ResponseTable const& responses, CompleteRows const& rows)
{
    auto const categories = scores.categories(item);
    auto groups = std::vector<ScoreGroup>(scores.maximum() + 1, ScoreGroup{std::vector<double>(categories, 0.0), std::vector<double>(categories, 0.0), 0});
    for (std::size_t r = 0; r < rows.persons.size(); ++r) {
        auto& group = groups[rows.sum[r]];
        group.persons += 1;
        group.observed[static_cast<std::size_t>(responses.at(rows.persons[r], item))] += 1;
    }
    auto const shares = scores.category_shares(item);
    for (std::size_t s = 0; s < groups.size(); ++s)
        for (std::size_t k = 0; k < categories; ++k) groups[s].expected[k] = groups[s].persons * shares[s * categories + k];
    groups.erase(groups.begin());
    if (!groups.empty()) groups.pop_back();
    return groups;
}

} // namespace

std::vector<ItemFit> item_fit(std::span<ItemModel const> items, ResponseTable const& responses, ScoringOptions const& options)
{
    auto const estimates = abilities(items, responses, options);
    auto result = std::vector<ItemFit>(items.size());
    auto terms = std::array<CategoryTerms, ItemModel::categories_max>{};
    for (std::size_t i = 0; i < items.size(); ++i) {
        double residual = 0, variance = 0, standardised = 0;
        auto every_variance_positive = true;
        auto const used = std::span{terms}.first(items[i].categories());
        for (std::size_t p = 0; p < responses.persons; ++p) {
            auto const answer = responses.at(p, i);
            if (answer == not_administered || !estimates[p].theta) continue;
            ++result[i].answers;
            items[i].evaluate(Theta{*estimates[p].theta}, used);
            double mean = 0, spread = 0;
            for (std::size_t k = 0; k < used.size(); ++k) mean += static_cast<double>(k) * used[k].probability;
            for (std::size_t k = 0; k < used.size(); ++k) spread += used[k].probability * (static_cast<double>(k) - mean) * (static_cast<double>(k) - mean);
            auto const square = (answer - mean) * (answer - mean);
            residual += square;
            variance += spread;
            if (spread > 0) standardised += square / spread;
            else every_variance_positive = false;
        }
        if (variance > 0) result[i].infit = residual / variance;
        if (variance > 0 && every_variance_positive) result[i].outfit = standardised / static_cast<double>(result[i].answers);
    }
    auto const rows = complete_rows(responses);
    if (rows.persons.empty() || items.size() < 2) return result;
    auto const scores = SumScores{items, options.prior, options.quadrature};
    for (std::size_t i = 0; i < items.size(); ++i) result[i].s_x2 = compare(score_groups(i, scores, responses, rows), items[i]);
    return result;
}

} // namespace assay::exam::calibration
