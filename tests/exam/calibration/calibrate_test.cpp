// The estimates against the definition, evaluated independently: the gradient of the naive marginal log likelihood vanishes at them, and its
// differenced Hessian gives their standard errors.
#include "tests/exam/calibration/support.hpp"
#include "tests/vectors/calibration/vectors.hpp"

#include <Eigen/Dense>

using namespace calibration_testing;

namespace {

std::vector<ItemModel> mixed_items()
{
    return {model(ModelKind::two_parameter, {1.3}, {-0.4}),         model(ModelKind::three_parameter, {0.9}, {0.6}, 0.18),
            model(ModelKind::graded, {1.1}, {-1.2, 0.1, 0.9}),      model(ModelKind::generalized_partial_credit, {0.8}, {0.5, -0.6}),
            model(ModelKind::nominal, {0, 0.7, 1.4}, {0, 0.5, -0.3}), model(ModelKind::four_parameter, {1.6}, {0.2}, 0.1, 0.93),
            model(ModelKind::one_parameter, {1.05}, {-0.8}),        model(ModelKind::partial_credit, {1.05}, {-0.5, 0.7})};
}

double prior_density(std::optional<NormalPrior> const& prior, double x)
{
    if (!prior) return 0;
    return -0.5 * std::pow((x - prior->mean) / prior->sd, 2) - std::log(prior->sd) - 0.5 * std::log(2 * M_PI);
}

/// Σ ln density; the slope that 1PL and PCM items share counts once.
double naive_log_prior(std::vector<ItemModel> const& items, std::vector<ItemRequest> const& wanted)
{
    auto sum = 0.0;
    auto shared_done = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto const kind = items[i].kind();
        auto const& priors = wanted[i].priors;
        auto const shares = kind == ModelKind::one_parameter || kind == ModelKind::partial_credit;
        if (kind != ModelKind::nominal && !(shares && shared_done)) sum += prior_density(priors.log_slope, std::log(items[i].slope()));
        shared_done = shared_done || shares;
        for (std::size_t k = kind == ModelKind::nominal ? 1 : 0; k < items[i].thresholds().size(); ++k) sum += prior_density(priors.difficulty, items[i].thresholds()[k]);
        if (kind == ModelKind::three_parameter || kind == ModelKind::four_parameter)
            sum += prior_density(priors.logit_lower, std::log(items[i].lower() / (1 - items[i].lower())));
        if (kind == ModelKind::four_parameter) sum += prior_density(priors.logit_upper, std::log(items[i].upper() / (1 - items[i].upper())));
    }
    return sum;
}

/// Gradient and standard errors of `objective` at `items` by differences, in the parameters of ItemModel.
struct Differences {
    Eigen::VectorXd gradient, standard_error;
};
template <class Objective>
Differences differences(std::vector<ItemModel> const& items, Objective const& objective)
{
    auto const groups = free_parameters(items);
    auto const n = static_cast<Eigen::Index>(groups.size());
    constexpr double h = 2e-4;
    auto result = Differences{Eigen::VectorXd(n), Eigen::VectorXd(n)};
    Eigen::MatrixXd hessian(n, n);
    auto const at = [&](Eigen::Index i, double a, Eigen::Index j, double b) {
        return objective(moved(moved(items, groups[static_cast<std::size_t>(i)], a), groups[static_cast<std::size_t>(j)], b));
    };
    for (Eigen::Index i = 0; i < n; ++i) {
        result.gradient[i] = (8 * (at(i, h, i, 0) - at(i, -h, i, 0)) - (at(i, 2 * h, i, 0) - at(i, -2 * h, i, 0))) / (12 * h);
        for (Eigen::Index j = 0; j <= i; ++j)
            hessian(i, j) = hessian(j, i) = (at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h)) / (4 * h * h);
    }
    Eigen::MatrixXd const covariance = (-hessian).inverse();
    result.standard_error = covariance.diagonal().cwiseSqrt();
    return result;
}

std::optional<double> reported_error(Calibration const& calibration, Handle const& handle)
{
    auto const& errors = calibration.items[handle.item].standard_errors;
    switch (handle.field) {
    case Handle::slope: return errors.slopes[handle.position];
    case Handle::threshold: return errors.thresholds[handle.position];
    case Handle::lower: return errors.lower;
    case Handle::upper: break;
    }
    return errors.upper;
}

void expect_optimum(ResponseTable const& responses, std::vector<ItemRequest> const& wanted)
{
    auto const calibration = calibrate(responses, wanted, {.tolerance = 1e-8, .standard_errors = true});
    ASSERT_TRUE(calibration);
    EXPECT_TRUE(calibration->converged);
    auto const items = models_of(*calibration);
    EXPECT_NEAR(calibration->log_likelihood, naive_log_likelihood(items, responses), 1e-9 * std::abs(calibration->log_likelihood));
    EXPECT_NEAR(calibration->log_prior, naive_log_prior(items, wanted), 1e-9);
    auto const objective = [&](std::vector<ItemModel> const& at) { return naive_log_likelihood(at, responses) + naive_log_prior(at, wanted); };
    auto const expected = differences(items, objective);
    auto const groups = free_parameters(items);
    EXPECT_EQ(calibration->parameters, groups.size());
    for (std::size_t g = 0; g < groups.size(); ++g) {
        auto const place = static_cast<Eigen::Index>(g);
        EXPECT_NEAR(expected.gradient[place], 0, 1e-4) << "parameter " << g;
        auto const error = reported_error(*calibration, groups[g].front());
        ASSERT_TRUE(error) << "parameter " << g;
        EXPECT_NEAR(*error / expected.standard_error[place], 1, 2e-3) << "parameter " << g;
    }
}

} // namespace

TEST(Calibrate, EvaluatesTheMarginalLikelihoodOfFixedItemsExactly)
{
    auto const items = mixed_items();
    auto const rows = table(8, {{1, 0, 2, 1, 2, 1, 1, 2}, {0, 0, 0, 0, 0, 0, 0, 0}, {1, 1, 3, 2, 2, 1, 1, 2}, {-1, 1, 1, -1, 1, 0, -1, 1},
                                {1, -1, -1, -1, -1, -1, -1, -1}, {0, 1, 3, 0, 1, 1, 0, 0}, {1, 0, 2, 1, 2, 1, 1, 2}});
    auto wanted = std::vector<ItemRequest>{};
    for (auto const& item : items) wanted.push_back({item.kind(), {}, item});
    auto const calibration = calibrate(rows, wanted, {});
    ASSERT_TRUE(calibration);
    EXPECT_NEAR(calibration->log_likelihood, calibration_vectors::marginal_standard, 1e-12);
    EXPECT_EQ(calibration->patterns, 6u);
    EXPECT_TRUE(calibration->converged);
    EXPECT_NEAR(naive_log_likelihood(items, rows, 0.4, 0.8), calibration_vectors::marginal_moved, 1e-12);
}

TEST(Calibrate, FindsTheOptimumAndItsStandardErrorsForTwoParameters)
{
    auto const items = std::vector{model(ModelKind::two_parameter, {1.2}, {-0.5}), model(ModelKind::two_parameter, {0.8}, {0.3}),
                                   model(ModelKind::two_parameter, {1.6}, {0.9}), model(ModelKind::two_parameter, {1.0}, {-1.1})};
    expect_optimum(simulate(items, 600, 3), requests(4, ModelKind::two_parameter));
}

TEST(Calibrate, FindsTheOptimumOfMixedModelsWithPriorsAndMissingAnswers)
{
    auto const items = mixed_items();
    auto wanted = std::vector<ItemRequest>{};
    for (auto const& item : items) wanted.push_back({item.kind(), {NormalPrior{0, 0.5}, NormalPrior{0, 2}, NormalPrior{-1.4, 0.5}, NormalPrior{2.6, 0.5}}, {}});
    expect_optimum(simulate(items, 500, 5, 0, 1, 0.15), wanted);
}

TEST(Calibrate, FindsTheOptimumOfOneParameterAndPartialCreditItemsThatShareASlope)
{
    auto const items = std::vector{model(ModelKind::one_parameter, {1.2}, {-0.5}), model(ModelKind::one_parameter, {1.2}, {0.4}),
                                   model(ModelKind::partial_credit, {1.2}, {-0.3, 0.8}), model(ModelKind::partial_credit, {1.2}, {0.9, -0.2})};
    auto wanted = std::vector<ItemRequest>{};
    for (auto const& item : items) wanted.push_back({item.kind(), {}, {}});
    expect_optimum(simulate(items, 500, 6), wanted);
}

TEST(Calibrate, FindsTheOptimumOfGradedAndNominalItems)
{
    auto const items = std::vector{model(ModelKind::graded, {1.2}, {-1, 0.5}), model(ModelKind::nominal, {0, 0.6, 1.5}, {0, 0.3, -0.2}),
                                   model(ModelKind::generalized_partial_credit, {1}, {0.4, -0.4}), model(ModelKind::graded, {0.8}, {-0.5, 0.2, 1})};
    auto wanted = std::vector<ItemRequest>{};
    for (auto const& item : items) wanted.push_back({item.kind(), {}, {}});
    expect_optimum(simulate(items, 800, 8), wanted);
}

TEST(Calibrate, PutsNewItemsOnTheScaleOfFixedOnesAndFindsThePopulationAnew)
{
    auto items = std::vector<ItemModel>{};
    for (int i = 0; i < 10; ++i) items.push_back(model(ModelKind::two_parameter, {0.8 + 0.1 * i}, {-1.5 + 0.35 * i}));
    auto const responses = simulate(items, 3000, 9, 0.6, 1.3);
    auto wanted = requests(10, ModelKind::two_parameter);
    for (std::size_t i = 0; i < 6; ++i) wanted[i].fixed = items[i];
    auto const calibration = calibrate(responses, wanted, {.tolerance = 1e-8, .standard_errors = true, .estimate_population = true});
    ASSERT_TRUE(calibration);
    EXPECT_TRUE(calibration->converged);
    EXPECT_EQ(calibration->items[0].status, ItemStatus::fixed);
    EXPECT_EQ(calibration->items[0].model, items[0]);
    auto const& population = calibration->population;
    EXPECT_NEAR(population.mean, 0.6, 4 * *population.mean_error);
    EXPECT_NEAR(population.sd, 1.3, 4 * *population.sd_error);
    for (std::size_t i = 6; i < 10; ++i) {
        EXPECT_NEAR(calibration->items[i].model.slope(), items[i].slope(), 4 * *calibration->items[i].standard_errors.slopes[0]);
        EXPECT_NEAR(calibration->items[i].model.threshold(), items[i].threshold(), 4 * *calibration->items[i].standard_errors.thresholds[0]);
    }
    // the optimum of the definition, in the population and in a new item
    auto const models = models_of(*calibration);
    constexpr double h = 1e-4;
    auto const at = [&](double mean, double log_sd) { return naive_log_likelihood(models, responses, population.mean + mean, population.sd * std::exp(log_sd)); };
    EXPECT_NEAR(calibration->log_likelihood, at(0, 0), 1e-7);
    EXPECT_NEAR((at(h, 0) - at(-h, 0)) / (2 * h), 0, 1e-3);
    EXPECT_NEAR((at(0, h) - at(0, -h)) / (2 * h), 0, 1e-3);
    auto const by_slope = [&](double step) { return naive_log_likelihood(moved(models, {{7, Handle::slope}}, step), responses, population.mean, population.sd); };
    EXPECT_NEAR((by_slope(h) - by_slope(-h)) / (2 * h), 0, 1e-3);
}

TEST(Calibrate, GivesTheSameBitsForEveryNumberOfThreads)
{
    auto items = std::vector<ItemModel>{};
    for (int i = 0; i < 12; ++i) items.push_back(model(ModelKind::three_parameter, {0.8 + 0.1 * i}, {-1.5 + 0.3 * i}, 0.2));
    auto const responses = simulate(items, 5000, 10);
    auto const wanted = requests(12, ModelKind::three_parameter, default_priors(ModelKind::three_parameter));
    auto const run = [&](unsigned threads) { return *calibrate(responses, wanted, {.standard_errors = true, .threads = threads}); };
    auto const one = run(1);
    EXPECT_TRUE(one.converged);
    for (auto const threads : {2u, 3u, 7u}) {
        auto const many = run(threads);
        EXPECT_EQ(many.log_likelihood, one.log_likelihood);
        EXPECT_EQ(many.iterations, one.iterations);
        EXPECT_EQ(models_of(many), models_of(one));
        for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(many.items[i].standard_errors.slopes, one.items[i].standard_errors.slopes);
    }
}

TEST(Calibrate, ReportsAnObjectiveThatNeverFalls)
{
    auto items = std::vector<ItemModel>{};
    for (int i = 0; i < 8; ++i) items.push_back(model(ModelKind::four_parameter, {0.8 + 0.2 * i}, {-1.2 + 0.3 * i}, 0.15, 0.92));
    auto const responses = simulate(items, 1500, 12);
    auto last = -1e300;
    auto const progress = [&](int, double objective, double) {
        EXPECT_GE(objective, last - 1e-9 * std::abs(last));
        last = objective;
    };
    auto const calibration = calibrate(responses, requests(8, ModelKind::four_parameter, default_priors(ModelKind::four_parameter)), {}, progress);
    ASSERT_TRUE(calibration);
    EXPECT_TRUE(calibration->converged);
    EXPECT_LT(calibration->remaining_gain, 1e-6);
}
