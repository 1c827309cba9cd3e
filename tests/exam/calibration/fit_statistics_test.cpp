#include "exam/calibration/fit/limited_information.hpp"
#include "exam/calibration/fit/local_dependence.hpp"
#include "exam/calibration/fit/person_fit.hpp"
#include "tests/exam/calibration/support.hpp"
#include "tests/vectors/calibration/vectors.hpp"

using namespace calibration_testing;

namespace {

std::vector<ItemModel> const mixed = {
    model(ModelKind::two_parameter, {1.3}, {-0.4}),  model(ModelKind::three_parameter, {0.9}, {0.6}, 0.18),     model(ModelKind::graded, {1.1}, {-1.2, 0.1, 0.9}),
    model(ModelKind::generalized_partial_credit, {0.8}, {0.5, -0.6}), model(ModelKind::nominal, {0, 0.7, 1.4}, {0, 0.5, -0.3}),
    model(ModelKind::four_parameter, {1.6}, {0.2}, 0.1, 0.93), model(ModelKind::one_parameter, {1.05}, {-0.8}), model(ModelKind::partial_credit, {1.05}, {-0.5, 0.7})};
std::vector<std::vector<Category>> const rows = {{1, 0, 2, 1, 2, 1, 1, 2}, {0, 0, 0, 0, 0, 0, 0, 0}, {1, 1, 3, 2, 2, 1, 1, 2}, {}, {}, {0, 1, 3, 0, 1, 1, 0, 0}};

std::vector<ItemModel> const fit_items = {model(ModelKind::two_parameter, {1.2}, {-0.5}), model(ModelKind::two_parameter, {0.8}, {0.3}),
                                          model(ModelKind::two_parameter, {1.6}, {0.9}), model(ModelKind::two_parameter, {1.0}, {-1.1}),
                                          model(ModelKind::two_parameter, {1.4}, {0.1})};
std::vector<ItemModel> const poly_items = {model(ModelKind::graded, {1.1}, {-0.8, 0.6}), model(ModelKind::generalized_partial_credit, {0.9}, {-0.3, 0.4}),
                                           model(ModelKind::two_parameter, {1.3}, {0.2}), model(ModelKind::graded, {0.7}, {-0.5, 1.0})};

/// Rows with their number into a table of persons.
ResponseTable expand(std::vector<std::vector<int>> const& counted)
{
    auto all = std::vector<std::vector<int>>{};
    for (auto const& row : counted) all.insert(all.end(), static_cast<std::size_t>(row.back()), std::vector<int>(row.begin(), row.end() - 1));
    return table(counted.front().size() - 1, all);
}

} // namespace

TEST(PersonFit, AgreesWithTheDefinitionsForAllModelsAndEstimators)
{
    for (auto const& expected : calibration_vectors::persons) {
        auto const options = ScoringOptions{*estimator(expected.estimator), {}, {}};
        auto const ability = AbilityEstimate{expected.theta, 1.0, {}, ScoreStatus::ok};
        auto const fit = person_fit(mixed, rows[static_cast<std::size_t>(expected.row)], ability, options);
        EXPECT_NEAR(*fit.log_likelihood, expected.log_likelihood, 1e-12);
        EXPECT_NEAR(*fit.lz, expected.lz, 1e-11) << expected.estimator;
        EXPECT_NEAR(*fit.lz_star, expected.lz_star, 1e-11) << expected.estimator;
        EXPECT_NEAR(*fit.infit, expected.infit, 1e-12);
        EXPECT_NEAR(*fit.outfit, expected.outfit, 1e-12);
    }
}

// Forty items: what is left of the mean (0.09) is of the order 1/√items, as Snijders (2001) says of his approximation.
TEST(PersonFit, OfLzStarIsNearlyStandardNormalUnderTheModelWhereLzIsTooNarrow)
{
    auto items = std::vector<ItemModel>{};
    for (int i = 0; i < 40; ++i) items.push_back(model(ModelKind::two_parameter, {0.7 + 0.03 * i}, {-2 + 0.1 * i}));
    auto const responses = simulate(items, 4000, 31);
    double sum = 0, square = 0, n = 0, lz_sum = 0, lz_square = 0;
    for (auto const& fit : person_fit(items, responses, fit_scoring())) {
        if (!fit.lz_star) continue;
        sum += *fit.lz_star;
        square += *fit.lz_star * *fit.lz_star;
        lz_sum += *fit.lz;
        lz_square += *fit.lz * *fit.lz;
        n += 1;
    }
    EXPECT_GT(n, 3900);
    EXPECT_NEAR(sum / n, 0, 0.15);
    EXPECT_NEAR(square / n - sum / n * (sum / n), 1, 0.08);
    EXPECT_LT(lz_square / n - lz_sum / n * (lz_sum / n), square / n - sum / n * (sum / n));
}

TEST(PersonFit, IsAbsentWhereItHasNoMeaning)
{
    auto const nobody = person_fit(mixed, std::vector<Category>(8, not_administered), AbilityEstimate{{}, {}, {}, ScoreStatus::no_responses}, fit_scoring());
    EXPECT_FALSE(nobody.lz || nobody.lz_star || nobody.infit || nobody.outfit);
    auto const bound = person_fit(mixed, rows[1], AbilityEstimate{-6.0, {}, {}, ScoreStatus::at_bound}, ScoringOptions{Estimator::mle, {}, {}});
    EXPECT_TRUE(bound.lz);
    EXPECT_FALSE(bound.lz_star);
    auto const posterior_mean = person_fit(mixed, rows[0], AbilityEstimate{0.3, 1.0, {}, ScoreStatus::ok}, ScoringOptions{Estimator::eap, {}, {}});
    EXPECT_TRUE(posterior_mean.lz);
    EXPECT_FALSE(posterior_mean.lz_star);
    auto const one = person_fit(std::vector{mixed[0]}, std::vector<Category>{1}, AbilityEstimate{0.3, 1.0, {}, ScoreStatus::ok}, ScoringOptions{Estimator::map, {}, {}});
    EXPECT_TRUE(one.lz);
    EXPECT_FALSE(one.lz_star); // one item: the corrected variance is 0
}

TEST(ItemFit, HasTheSX2OfTheEnumeratedPatterns)
{
    auto const check = [](std::vector<ItemModel> const& items, ResponseTable const& responses, auto const& expected) {
        auto const fit = item_fit(items, responses, fit_scoring());
        for (std::size_t i = 0; i < items.size(); ++i) {
            EXPECT_NEAR(fit[i].s_x2->statistic, expected[i].statistic, 1e-9 * expected[i].statistic) << i;
            EXPECT_EQ(fit[i].s_x2->df, expected[i].df) << i;
        }
    };
    check(fit_items, expand(calibration_vectors::fit_rows), calibration_vectors::fit_s_x2);
    check(poly_items, expand(calibration_vectors::poly_rows), calibration_vectors::poly_s_x2);
}

// Below 1 on average: the ability estimates have seen the answers.
TEST(ItemFit, HasInfitAndOutfitNearOneUnderTheModel)
{
    auto items = std::vector<ItemModel>{};
    for (int i = 0; i < 30; ++i) items.push_back(model(ModelKind::two_parameter, {0.8 + 0.03 * i}, {-1.5 + 0.1 * i}));
    for (auto const& fit : item_fit(items, simulate(items, 2000, 32), fit_scoring())) {
        EXPECT_NEAR(*fit.infit, 0.95, 0.12);
        EXPECT_NEAR(*fit.outfit, 1, 0.4);
        EXPECT_EQ(fit.answers, 2000u);
    }
}

TEST(ItemFit, LeavesOutSX2WhenNobodyAnsweredEverything)
{
    auto const fit = item_fit(fit_items, table(5, {{1, 0, 1, 1, -1}, {-1, 1, 0, 0, 1}}), fit_scoring());
    for (auto const& item : fit) EXPECT_FALSE(item.s_x2);
}

TEST(LimitedInformation, IsThatOfAllPatterns)
{
    auto const fit = limited_information(fit_items, expand(calibration_vectors::fit_rows), MomentSet::m2, {});
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->test.statistic, calibration_vectors::fit_limited.statistic, 1e-7);
    EXPECT_EQ(fit->test.df, calibration_vectors::fit_limited.df);
    auto const poly = limited_information(poly_items, expand(calibration_vectors::poly_rows), MomentSet::c2, {});
    ASSERT_TRUE(poly);
    EXPECT_NEAR(poly->test.statistic, calibration_vectors::poly_limited.statistic, 1e-7);
    EXPECT_EQ(poly->test.df, calibration_vectors::poly_limited.df);
}

TEST(LimitedInformation, SaysWhyThereIsNone)
{
    EXPECT_EQ(limited_information(std::vector{fit_items[0]}, table(1, {{1}}), MomentSet::m2, {}).error(), "it takes at least two items");
    EXPECT_EQ(limited_information(std::vector{fit_items[0], fit_items[1]}, table(2, {{1, -1}}), MomentSet::m2, {}).error(), "nobody answered every item");
    auto const none = limited_information(std::vector{fit_items[0], fit_items[1]}, table(2, {{1, 0}, {0, 1}}), MomentSet::m2, {});
    EXPECT_EQ(none.error(), "no degrees of freedom: 3 moments, 4 parameters");
}

TEST(LocalDependence, FindsTheTwoItemsThatShareMoreThanAbility)
{
    auto items = std::vector<ItemModel>{};
    for (int i = 0; i < 10; ++i) items.push_back(model(ModelKind::two_parameter, {1.2}, {-0.9 + 0.2 * i}));
    auto responses = simulate(items, 1500, 33);
    for (std::size_t p = 0; p < responses.persons; p += 2) responses.categories[p * 10 + 4] = responses.categories[p * 10 + 5]; // half copy
    auto const q3 = local_dependence(items, responses, fit_scoring());
    for (std::size_t i = 0; i < 10; ++i)
        for (std::size_t j = 0; j < 10; ++j) {
            EXPECT_EQ(q3.at(i, j), q3.at(j, i));
            auto const copied = (i == 4 && j == 5) || (i == 5 && j == 4);
            EXPECT_EQ(q3.at(i, j).has_value(), i != j);
            if (i != j) {
                EXPECT_EQ(*q3.at(i, j) > 0.25, copied) << i << " " << j << " " << *q3.at(i, j);
            }
        }
}

TEST(ChiSquareTail, HasTheTabledQuantiles)
{
    EXPECT_NEAR(chi_square_tail(3.841458820694124, 1), 0.05, 1e-12);
    EXPECT_NEAR(chi_square_tail(18.307038053275146, 10), 0.05, 1e-12);
    EXPECT_EQ(chi_square_tail(0, 4), 1);
}
