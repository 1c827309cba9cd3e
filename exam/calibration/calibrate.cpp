#include "exam/calibration/calibrate.hpp"

#include "exam/calibration/detail/setup.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace assay::exam::calibration {

using namespace detail;

Priors default_priors(ModelKind kind)
{
    auto priors = Priors{};
    if (kind != ModelKind::three_parameter && kind != ModelKind::four_parameter) return priors;
    priors.log_slope = NormalPrior{0, 0.5};
    priors.difficulty = NormalPrior{0, 2};
    priors.logit_lower = NormalPrior{std::log(0.25 / 0.75), 0.5};
    if (kind == ModelKind::four_parameter) priors.logit_upper = NormalPrior{std::log(0.95 / 0.05), 0.5};
    return priors;
}

std::string_view name(ItemStatus status) noexcept
{
    switch (status) {
    case ItemStatus::estimated: return "ok";
    case ItemStatus::fixed: return "fixed";
    case ItemStatus::at_bound: return "at_bound";
    case ItemStatus::constant: return "constant";
    case ItemStatus::unanswered: return "unanswered";
    }
    return "";
}

namespace {

/// Covariances of the free parameters; −1 on the diagonal, 0 elsewhere, for those at a bound. Nothing when the data don't determine the rest.
std::optional<Eigen::MatrixXd> covariance_of(Fit const& fit, std::size_t free_count)
{
    auto inside = std::vector<Eigen::Index>{};
    for (std::size_t i = 0; i < free_count; ++i)
        if (!std::ranges::binary_search(fit.at_bound, i)) inside.push_back(static_cast<Eigen::Index>(i));
    auto const size = static_cast<Eigen::Index>(free_count);
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(size, size);
    result.diagonal().setConstant(-1);
    if (inside.empty()) return result;
    Eigen::MatrixXd const information = fit.information(inside, inside);
    auto const factor = Eigen::LLT<Eigen::MatrixXd>{information};
    if (factor.info() != Eigen::Success || !(factor.rcond() > 1e-14)) return std::nullopt;
    result(inside, inside) = factor.solve(Eigen::MatrixXd::Identity(information.rows(), information.cols())).eval();
    return result;
}

/// The part of it that concerns one block's own parameters.
Eigen::MatrixXd own_covariance(Block const& block, Eigen::MatrixXd const& all)
{
    auto const size = static_cast<Eigen::Index>(block.index.size());
    Eigen::MatrixXd own = Eigen::MatrixXd::Zero(size, size);
    for (Eigen::Index i = 0; i < size; ++i) {
        auto const from = block.index[static_cast<std::size_t>(i)];
        if (from == Block::given) {
            own(i, i) = -1;
            continue;
        }
        for (Eigen::Index j = 0; j < size; ++j)
            if (auto const to = block.index[static_cast<std::size_t>(j)]; to != Block::given)
                own(i, j) = all(static_cast<Eigen::Index>(from), static_cast<Eigen::Index>(to));
    }
    return own;
}

/// What ran to its bound, in words; nothing: all is inside.
std::vector<std::string> bound_notes(Block const& block, Fit const& fit)
{
    auto notes = std::vector<std::string>{};
    for (std::size_t m = 0; m < block.index.size(); ++m) {
        if (block.index[m] == Block::given || !std::ranges::binary_search(fit.at_bound, block.index[m])) continue;
        auto const& curve = block.curve;
        if (m < curve.first_intercept()) notes.push_back("the slope ran to its bound: the likelihood has no finite maximum (a Heywood case)");
        else if (curve.has_lower && m == curve.lower_position()) notes.push_back(block.value[m] < 0 ? "c stands at 0" : "c stands at its bound, 0.5");
        else if (curve.has_upper && m == curve.upper_position()) notes.push_back(block.value[m] > 0 ? "d stands at 1" : "d stands at its bound, 0.5");
        else notes.push_back("an intercept ran to its bound: the likelihood has no finite maximum");
    }
    return notes;
}

CalibratedItem describe(std::string const& item_name, ItemRequest const& request, Block const& block, ItemPlan const& plan, Fit const& fit,
                        std::optional<Eigen::MatrixXd> const& covariance)
{
    auto item = CalibratedItem{item_name, ItemModel{}, plan.status, plan.answers, {}, plan.notes};
    if (plan.status == ItemStatus::fixed) {
        item.model = *request.fixed;
        return item;
    }
    if (!block.used) {
        item.model = uninformative_model(request.kind, plan);
        return item;
    }
    auto const bounds = bound_notes(block, fit);
    if (!bounds.empty()) item.status = ItemStatus::at_bound;
    item.notes.insert(item.notes.end(), bounds.begin(), bounds.end());
    item.model = to_item_model(block, plan, request.kind, item.notes);
    if (request.kind != ModelKind::nominal && block.value[0] < 0) item.notes.push_back("the slope is negative: check the key");
    if (covariance) item.standard_errors = to_standard_errors(block, plan, own_covariance(block, *covariance));
    return item;
}

Population population_of(Block const& block, std::optional<Eigen::MatrixXd> const& covariance)
{
    auto population = Population{block.value[0], std::exp(block.value[1]), {}, {}};
    if (!covariance || !block.is_free()) return population;
    auto const own = own_covariance(block, *covariance);
    if (own(0, 0) > 0) population.mean_error = std::sqrt(own(0, 0));
    if (own(1, 1) > 0) population.sd_error = population.sd * std::sqrt(own(1, 1));
    return population;
}

} // namespace

read_result<Calibration> calibrate(ResponseTable const& responses, std::span<ItemRequest const> requests, Options const& options,
                                   Progress const& progress)
{
    EXPECTS(requests.size() == responses.items.size());
    EXPECTS(options.nodes >= 11 && options.nodes <= 501 && options.lower < options.upper && options.tolerance > 0 && options.iterations_max > 0);
    auto built = set_up(responses, requests, options);
    if (!built) return built.error();
    auto& setup = *built;
    auto const patterns = collect_patterns(setup.codes, setup.used);

    auto result = Calibration{};
    result.persons = responses.persons;
    result.persons_without_answers = 0;
    for (std::size_t p = 0; p < responses.persons; ++p)
        if (std::ranges::all_of(responses.of(p), [](Category c) { return c == not_administered; })) ++result.persons_without_answers;
    result.patterns = patterns.count;
    result.parameters = setup.model.free_count;
    result.warnings = setup.warnings;
    auto fitted = Fit{};
    fitted.converged = true;
    if (patterns.count > 0)
        fitted = fit(setup.model, patterns, {options.tolerance, options.iterations_max, options.threads, options.standard_errors, progress});
    else result.warnings.push_back("no answers that say anything about an item");

    result.log_likelihood = fitted.log_likelihood;
    result.log_prior = fitted.log_prior;
    result.converged = fitted.converged;
    result.iterations = fitted.iterations;
    result.remaining_gain = fitted.remaining_gain;
    auto covariance = std::optional<Eigen::MatrixXd>{};
    if (options.standard_errors && patterns.count > 0 && setup.model.free_count > 0) {
        covariance = covariance_of(fitted, setup.model.free_count);
        if (!covariance) result.warnings.push_back("the data don't determine all parameters: no standard errors");
    }
    for (std::size_t i = 0; i < requests.size(); ++i)
        result.items.push_back(describe(responses.items[i], requests[i], setup.model.blocks[i], setup.plans[i], fitted, covariance));
    result.population = population_of(setup.model.blocks.back(), covariance);
    if (!result.converged) result.warnings.push_back("not converged: the parameters are the best found so far");
    if (result.persons_without_answers > 0)
        result.warnings.push_back(std::to_string(result.persons_without_answers) + " persons without any answer were left out");
    return result;
}

} // namespace assay::exam::calibration
