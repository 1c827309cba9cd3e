#include "exam/calibration/fit/limited_information.hpp"

#include "exam/calibration/detail/setup.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <cmath>

namespace assay::exam::calibration {
namespace {

using namespace detail;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t items_max = 100;

/// A moment: E of u(x_i), or of x_i x_j. First order: category 0 means the score itself, k > 0 the indicator of category k.
struct Moment {
    std::size_t i = 0, j = 0;
    std::size_t category = 0;
    bool is_product = false;
};

std::vector<Moment> moments(std::span<ItemModel const> items, MomentSet set)
{
    auto list = std::vector<Moment>{};
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (set == MomentSet::m2 || items[i].categories() == 2) list.push_back({i, i, 0, false});
        else
            for (std::size_t k = 1; k < items[i].categories(); ++k) list.push_back({i, i, k, false});
    }
    for (std::size_t i = 0; i < items.size(); ++i)
        for (auto j = i + 1; j < items.size(); ++j) list.push_back({i, j, 0, true});
    return list;
}

double value(Moment const& m, std::size_t category) { return m.category == 0 ? static_cast<double>(category) : category == m.category ? 1 : 0; }

/// The model at the nodes: expected scores, probabilities, and derivatives of both in the free parameters.
struct ModelMoments {
    Model model;
    VectorXd weight;         ///< of the nodes
    std::vector<VectorXd> p; ///< per row of the layout
    MatrixXd mean, square;   ///< items × nodes: E x, E x²
    ScoreTable scores;
};

/// Every parameter of every item free; 1PL and PCM items share one slope.
Model free_model(std::span<ItemModel const> items, Prior const& population)
{
    auto responses = ResponseTable{};
    auto requests = std::vector<ItemRequest>{};
    for (std::size_t i = 0; i < items.size(); ++i) {
        responses.items.push_back(std::to_string(i));
        requests.push_back({items[i].kind(), {}, items[i]});
    }
    auto model = set_up(responses, requests, Options{.nodes = 121})->model;
    auto shared = std::optional<std::size_t>{};
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& block = model.blocks[i];
        block.used = true;
        auto const shares = items[i].kind() == ModelKind::one_parameter || items[i].kind() == ModelKind::partial_credit;
        for (std::size_t m = 0; m < block.index.size(); ++m) {
            if (shares && m == 0 && shared) {
                block.index[m] = *shared;
                continue;
            }
            if (shares && m == 0) shared = model.free_count;
            block.index[m] = model.free_count++;
        }
    }
    model.blocks.back().value = {population.mean, std::log(population.standard_deviation)};
    return model;
}

ModelMoments evaluate(std::span<ItemModel const> items, Prior const& population)
{
    auto result = ModelMoments{free_model(items, population), {}, {}, {}, {}, {}};
    auto const& model = result.model;
    auto const n = static_cast<Index>(model.grid.count);
    auto log_p = Rows{};
    all_log_probabilities(model, log_p);
    auto const row = [&](std::size_t r) -> VectorXd { return Eigen::Map<VectorXd const>(log_p.data() + r * model.grid.stride, n).array().exp(); };
    result.weight = row(model.layout.population());
    result.mean.setZero(static_cast<Index>(items.size()), n);
    result.square = result.mean;
    for (std::size_t i = 0; i < items.size(); ++i)
        for (std::size_t k = 0; k < items[i].categories(); ++k) {
            auto const x = static_cast<double>(k);
            result.p.push_back(row(model.layout.first[i] + k));
            result.mean.row(static_cast<Index>(i)) += x * result.p.back().transpose();
            result.square.row(static_cast<Index>(i)) += x * x * result.p.back().transpose();
        }
    all_scores(model, result.scores);
    return result;
}

/// E of the moment at every node.
VectorXd at_nodes(ModelMoments const& m, Moment const& moment)
{
    auto const i = static_cast<Index>(moment.i), j = static_cast<Index>(moment.j);
    if (moment.is_product) return m.mean.row(i).cwiseProduct(m.mean.row(j)).transpose();
    if (moment.category == 0) return m.mean.row(i).transpose();
    return m.p[m.model.layout.first[moment.i] + moment.category];
}

/// d E x (or d P_k) / d parameter of item `item`, at every node.
VectorXd derivative(ModelMoments const& m, std::size_t item, std::size_t category, std::size_t parameter)
{
    auto const n = static_cast<Index>(m.model.grid.count);
    VectorXd result = VectorXd::Zero(n);
    for (std::size_t k = 0; k < m.model.blocks[item].curve.categories; ++k) {
        auto const u = category == 0 ? static_cast<double>(k) : k == category ? 1.0 : 0.0;
        if (u == 0) continue;
        auto const score = Eigen::Map<VectorXd const>(m.scores.row(m.model, item, k, parameter), n);
        result += u * m.p[m.model.layout.first[item] + k].cwiseProduct(score);
    }
    return result;
}

MatrixXd jacobian(ModelMoments const& m, std::vector<Moment> const& list)
{
    MatrixXd delta = MatrixXd::Zero(static_cast<Index>(list.size()), static_cast<Index>(m.model.free_count));
    auto const add = [&](Index row, std::size_t item, std::size_t category, VectorXd const& factor) {
        auto const& block = m.model.blocks[item];
        for (std::size_t parameter = 0; parameter < block.index.size(); ++parameter)
            delta(row, static_cast<Index>(block.index[parameter])) += factor.dot(derivative(m, item, category, parameter));
    };
    for (std::size_t r = 0; r < list.size(); ++r) {
        auto const& moment = list[r];
        auto const row = static_cast<Index>(r);
        if (!moment.is_product) {
            add(row, moment.i, moment.category, m.weight);
            continue;
        }
        add(row, moment.i, 0, m.weight.cwiseProduct(m.mean.row(static_cast<Index>(moment.j)).transpose()));
        add(row, moment.j, 0, m.weight.cwiseProduct(m.mean.row(static_cast<Index>(moment.i)).transpose()));
    }
    return delta;
}

/// E of the product of two moments' functions at every node, where they have an item in common.
VectorXd shared_product(ModelMoments const& m, Moment const& a, Moment const& b)
{
    auto const mean = [&](std::size_t i) -> VectorXd { return m.mean.row(static_cast<Index>(i)).transpose(); };
    auto const square = [&](std::size_t i) -> VectorXd { return m.square.row(static_cast<Index>(i)).transpose(); };
    auto const category = [&](Moment const& f) -> VectorXd const& { return m.p[m.model.layout.first[f.i] + f.category]; };
    if (a.is_product && b.is_product) {
        if (a.i == b.i && a.j == b.j) return square(a.i).cwiseProduct(square(a.j));
        auto const common = a.i == b.i || a.i == b.j ? a.i : a.j;
        auto const other_a = common == a.i ? a.j : a.i, other_b = common == b.i ? b.j : b.i;
        return square(common).cwiseProduct(mean(other_a)).cwiseProduct(mean(other_b));
    }
    if (!a.is_product && !b.is_product) {
        if (a.category == 0) return square(a.i);
        if (a.category == b.category) return category(a);
        return VectorXd::Zero(m.weight.size());
    }
    auto const& single = a.is_product ? b : a;
    auto const& product = a.is_product ? a : b;
    auto const other = product.i == single.i ? product.j : product.i;
    if (single.category == 0) return square(single.i).cwiseProduct(mean(other));
    return static_cast<double>(single.category) * category(single).cwiseProduct(mean(other));
}

bool have_common_item(Moment const& a, Moment const& b) { return a.i == b.i || a.i == b.j || a.j == b.i || a.j == b.j; }

MatrixXd covariance(ModelMoments const& m, std::vector<Moment> const& list, MatrixXd const& nodes, VectorXd const& expected)
{
    MatrixXd xi = nodes * m.weight.asDiagonal() * nodes.transpose();
    for (std::size_t r = 0; r < list.size(); ++r)
        for (std::size_t c = 0; c <= r; ++c)
            if (have_common_item(list[r], list[c])) {
                auto const value_rc = m.weight.dot(shared_product(m, list[r], list[c]));
                xi(static_cast<Index>(r), static_cast<Index>(c)) = xi(static_cast<Index>(c), static_cast<Index>(r)) = value_rc;
            }
    xi -= expected * expected.transpose();
    return xi;
}

struct Observed {
    VectorXd moments;
    VectorXd square; ///< mean of x² per item
    std::size_t persons = 0;
};
Observed observe(ResponseTable const& responses, std::vector<Moment> const& list)
{
    auto result = Observed{VectorXd::Zero(static_cast<Index>(list.size())), VectorXd::Zero(static_cast<Index>(responses.items.size())), 0};
    for (std::size_t p = 0; p < responses.persons; ++p) {
        auto const row = responses.of(p);
        if (std::ranges::find(row, not_administered) != row.end()) continue;
        ++result.persons;
        for (std::size_t r = 0; r < list.size(); ++r) {
            auto const& m = list[r];
            result.moments[static_cast<Index>(r)] += m.is_product ? static_cast<double>(row[m.i]) * row[m.j] : value(m, static_cast<std::size_t>(row[m.i]));
        }
        for (std::size_t i = 0; i < row.size(); ++i) result.square[static_cast<Index>(i)] += static_cast<double>(row[i]) * row[i];
    }
    result.moments /= static_cast<double>(result.persons);
    result.square /= static_cast<double>(result.persons);
    return result;
}

/// Root mean square of the differences between observed and expected correlations.
double srmsr(ModelMoments const& m, ResponseTable const& responses, std::vector<Moment> const& list, Observed const& observed)
{
    auto const n = static_cast<Index>(responses.items.size());
    VectorXd mean = VectorXd::Zero(n);
    for (std::size_t p = 0; p < responses.persons; ++p) {
        auto const row = responses.of(p);
        if (std::ranges::find(row, not_administered) != row.end()) continue;
        for (Index i = 0; i < n; ++i) mean[i] += row[static_cast<std::size_t>(i)];
    }
    mean /= static_cast<double>(observed.persons);
    VectorXd const model_mean = m.mean * m.weight, model_square = m.square * m.weight;
    auto sum = 0.0;
    auto pairs = 0;
    for (std::size_t r = 0; r < list.size(); ++r) {
        if (!list[r].is_product) continue;
        auto const i = static_cast<Index>(list[r].i), j = static_cast<Index>(list[r].j);
        auto const spread = std::sqrt((observed.square[i] - mean[i] * mean[i]) * (observed.square[j] - mean[j] * mean[j]));
        auto const model_spread =
            std::sqrt((model_square[i] - model_mean[i] * model_mean[i]) * (model_square[j] - model_mean[j] * model_mean[j]));
        if (!(spread > 0) || !(model_spread > 0)) continue;
        auto const correlation = (observed.moments[static_cast<Index>(r)] - mean[i] * mean[j]) / spread;
        auto const expected = (m.weight.dot(at_nodes(m, list[r])) - model_mean[i] * model_mean[j]) / model_spread;
        sum += (correlation - expected) * (correlation - expected);
        ++pairs;
    }
    return pairs > 0 ? std::sqrt(sum / pairs) : 0;
}

/// The noncentrality at which P(X <= statistic) is `probability`, or 0 when it is less even for the central distribution.
double noncentrality(double statistic, double df, double probability)
{
    auto const below = [&](double lambda) {
        if (lambda <= 0) return 1 - chi_square_tail(statistic, df);
        return boost::math::cdf(boost::math::non_central_chi_squared{df, lambda}, statistic);
    };
    if (below(0) <= probability) return 0;
    auto low = 0.0, high = std::max(1.0, statistic);
    while (below(high) > probability) high *= 2;
    for (int step = 0; step < 100; ++step) {
        auto const middle = (low + high) / 2;
        (below(middle) > probability ? low : high) = middle;
    }
    return (low + high) / 2;
}

} // namespace

boost::system::result<LimitedInformation, std::string> limited_information(std::span<ItemModel const> items, ResponseTable const& responses,
                                                                           MomentSet set, Prior const& population)
{
    EXPECTS(items.size() == responses.items.size());
    if (items.size() < 2) return std::string{"it takes at least two items"};
    if (items.size() > items_max) return std::string{"more than 100 items: the moments' covariance would be too large"};
    auto const list = moments(items, set);
    auto const observed = observe(responses, list);
    if (observed.persons == 0) return std::string{"nobody answered every item"};
    auto const m = evaluate(items, population);
    auto const df = static_cast<long>(list.size()) - static_cast<long>(m.model.free_count);
    if (df <= 0) return "no degrees of freedom: " + std::to_string(list.size()) + " moments, " + std::to_string(m.model.free_count) + " parameters";

    MatrixXd nodes(static_cast<Index>(list.size()), m.weight.size());
    for (std::size_t r = 0; r < list.size(); ++r) nodes.row(static_cast<Index>(r)) = at_nodes(m, list[r]).transpose();
    VectorXd const expected = nodes * m.weight;
    auto const xi = Eigen::LLT<MatrixXd>{covariance(m, list, nodes, expected)};
    if (xi.info() != Eigen::Success) return std::string{"the moments' covariance is singular: some answers are certain"};
    VectorXd const e = xi.matrixL().solve(observed.moments - expected);
    MatrixXd const delta = xi.matrixL().solve(jacobian(m, list));
    auto const gram = Eigen::LDLT<MatrixXd>{delta.transpose() * delta};
    VectorXd const projected = delta.transpose() * e;

    auto result = LimitedInformation{};
    auto const n = static_cast<double>(observed.persons);
    result.persons = observed.persons;
    result.test = {n * (e.squaredNorm() - projected.dot(gram.solve(projected))), static_cast<int>(df), {}};
    result.test.p = chi_square_tail(result.test.statistic, static_cast<double>(df));
    auto const to_rmsea = [&](double lambda) { return std::sqrt(std::max(0.0, lambda) / (n * static_cast<double>(df))); };
    result.rmsea = to_rmsea(result.test.statistic - static_cast<double>(df));
    result.rmsea_lower = to_rmsea(noncentrality(result.test.statistic, static_cast<double>(df), 0.95));
    result.rmsea_upper = to_rmsea(noncentrality(result.test.statistic, static_cast<double>(df), 0.05));
    result.srmsr = srmsr(m, responses, list, observed);
    return result;
}

} // namespace assay::exam::calibration
