// Data on which naive calibration divides by zero, runs away or loops.
#include "tests/exam/calibration/support.hpp"

#include <algorithm>

using namespace calibration_testing;

namespace {

ResponseTable append_column(ResponseTable responses, std::string name, std::vector<int> const& column)
{
    auto result = responses;
    result.items.push_back(std::move(name));
    result.categories.clear();
    for (std::size_t p = 0; p < responses.persons; ++p) {
        auto const row = responses.of(p);
        result.categories.insert(result.categories.end(), row.begin(), row.end());
        result.categories.push_back(static_cast<Category>(column[p]));
    }
    return result;
}

ResponseTable three_items(std::size_t persons = 400)
{
    return simulate({model(ModelKind::two_parameter, {1.2}, {-0.5}), model(ModelKind::two_parameter, {0.9}, {0.3}),
                     model(ModelKind::two_parameter, {1.4}, {0.8})}, persons, 21);
}

void expect_finite(Calibration const& calibration)
{
    EXPECT_TRUE(std::isfinite(calibration.log_likelihood));
    EXPECT_TRUE(std::isfinite(calibration.log_prior));
    EXPECT_TRUE(std::isfinite(calibration.remaining_gain));
    for (auto const& item : calibration.items) {
        EXPECT_FALSE(ItemModel::problem(item.model.values())) << item.item;
        for (auto const& errors : {item.standard_errors.slopes, item.standard_errors.thresholds})
            for (auto const& error : errors)
                EXPECT_TRUE(!error || (std::isfinite(*error) && *error > 0)) << item.item;
    }
}

bool has_note(CalibratedItem const& item, std::string_view text)
{
    return std::ranges::any_of(item.notes, [&](std::string const& note) { return note.find(text) != std::string::npos; });
}

} // namespace

TEST(Pitfall, AnItemThatEverybodyAnswersAlikeIsFlaggedAndChangesNothingElse)
{
    auto const plain = three_items();
    auto const reference = *calibrate(plain, requests(3, ModelKind::two_parameter), {.standard_errors = true});
    for (auto const answer : {0, 1}) {
        auto const responses = append_column(plain, "constant", std::vector<int>(plain.persons, answer));
        for (auto const kind : {ModelKind::one_parameter, ModelKind::two_parameter, ModelKind::three_parameter, ModelKind::graded,
                                ModelKind::generalized_partial_credit, ModelKind::nominal}) {
            auto wanted = requests(4, ModelKind::two_parameter);
            wanted[3].kind = kind;
            auto const calibration = calibrate(responses, wanted, {.standard_errors = true});
            ASSERT_TRUE(calibration);
            expect_finite(*calibration);
            EXPECT_EQ(calibration->items[3].status, ItemStatus::constant);
            EXPECT_EQ(calibration->log_likelihood, reference.log_likelihood);
            EXPECT_EQ(calibration->items[0].model, reference.items[0].model);
            auto const p = category_terms(calibration->items[3].model, static_cast<std::size_t>(answer), Theta{0}).probability;
            EXPECT_GT(p, 0.99);
        }
    }
}

TEST(Pitfall, AConstantItemWithAPriorOnItsDifficultyIsStillFlagged)
{
    auto const plain = three_items();
    auto const responses = append_column(plain, "constant", std::vector<int>(plain.persons, 1));
    auto const calibration = calibrate(responses, requests(4, ModelKind::three_parameter, default_priors(ModelKind::three_parameter)), {});
    ASSERT_TRUE(calibration);
    expect_finite(*calibration);
    EXPECT_EQ(calibration->items[3].status, ItemStatus::constant);
}

TEST(Pitfall, AGradedCategoryNeverObservedGetsEqualThresholds)
{
    auto const items = std::vector{model(ModelKind::graded, {1.2}, {-0.8, 0.6}), model(ModelKind::graded, {0.9}, {-0.3, 0.9}),
                                   model(ModelKind::graded, {1.5}, {-1, 0.2})};
    auto const dense = simulate(items, 600, 22);
    auto sparse = dense; // categories 0, 1, 3 of the first item
    for (std::size_t p = 0; p < sparse.persons; ++p)
        if (sparse.categories[p * 3] == 2) sparse.categories[p * 3] = 3;
    auto const reference = *calibrate(dense, requests(3, ModelKind::graded), {.standard_errors = true});
    auto const calibration = *calibrate(sparse, requests(3, ModelKind::graded), {.standard_errors = true});
    expect_finite(calibration);
    EXPECT_NEAR(calibration.log_likelihood, reference.log_likelihood, 1e-9);
    auto const b = calibration.items[0].model.thresholds();
    ASSERT_EQ(b.size(), 3u);
    EXPECT_NEAR(b[0], reference.items[0].model.thresholds()[0], 1e-6);
    EXPECT_EQ(b[1], b[2]);
    EXPECT_TRUE(has_note(calibration.items[0], "category 2 was never observed"));
}

TEST(Pitfall, APartialCreditCategoryNeverObservedKeepsItsScore)
{
    // Categories 0 and 2 alone: P_2/P_0 = exp(2 a θ + …), a 2PL item with twice the slope.
    auto const dense = three_items(500);
    auto sparse = dense;
    for (std::size_t p = 0; p < sparse.persons; ++p)
        if (sparse.categories[p * 3] == 1) sparse.categories[p * 3] = 2;
    auto const reference = *calibrate(dense, requests(3, ModelKind::two_parameter), {});
    for (auto const kind : {ModelKind::generalized_partial_credit, ModelKind::nominal}) {
        auto wanted = requests(3, ModelKind::two_parameter);
        wanted[0].kind = kind;
        auto const calibration = *calibrate(sparse, wanted, {.standard_errors = true});
        expect_finite(calibration);
        EXPECT_NEAR(calibration.log_likelihood, reference.log_likelihood, 1e-6);
        EXPECT_NEAR(naive_log_likelihood(models_of(calibration), sparse), calibration.log_likelihood, 1e-6);
        if (kind == ModelKind::generalized_partial_credit) {
            EXPECT_NEAR(2 * calibration.items[0].model.slope(), reference.items[0].model.slope(), 1e-4);
        }
        EXPECT_LT(category_terms(calibration.items[0].model, 1, Theta{0.5}).probability, 1e-9);
    }
}

TEST(Pitfall, ALowestCategoryNeverObservedStaysInTheModel)
{
    auto const items = std::vector{model(ModelKind::graded, {1.2}, {-0.8, 0.6}), model(ModelKind::graded, {0.9}, {-0.3, 0.9})};
    auto const dense = simulate(items, 500, 23);
    auto shifted = dense;
    for (std::size_t p = 0; p < shifted.persons; ++p) ++shifted.categories[p * 2];
    for (auto const kind : {ModelKind::graded, ModelKind::generalized_partial_credit, ModelKind::nominal}) {
        auto const reference = *calibrate(dense, requests(2, kind), {});
        auto const calibration = *calibrate(shifted, requests(2, kind), {.standard_errors = true});
        expect_finite(calibration);
        EXPECT_EQ(calibration.items[0].model.categories(), 4u);
        EXPECT_NEAR(calibration.log_likelihood, reference.log_likelihood, 1e-6);
        EXPECT_NEAR(naive_log_likelihood(models_of(calibration), shifted), calibration.log_likelihood, 1e-6);
    }
}

TEST(Pitfall, PersonsWithoutAnswersAreCountedAndSayNothing)
{
    auto const plain = three_items();
    auto responses = plain;
    responses.persons += 5;
    responses.categories.insert(responses.categories.end(), 15, not_administered);
    auto const reference = *calibrate(plain, requests(3, ModelKind::two_parameter), {});
    auto const calibration = *calibrate(responses, requests(3, ModelKind::two_parameter), {});
    EXPECT_EQ(calibration.persons_without_answers, 5u);
    EXPECT_EQ(calibration.log_likelihood, reference.log_likelihood);
    EXPECT_EQ(calibration.items[1].model, reference.items[1].model);
}

TEST(Pitfall, AnItemThatNobodyWasGivenIsFlagged)
{
    auto const plain = three_items();
    auto const calibration = calibrate(append_column(plain, "unseen", std::vector<int>(plain.persons, not_administered)), requests(4, ModelKind::two_parameter), {.standard_errors = true});
    ASSERT_TRUE(calibration);
    expect_finite(*calibration);
    EXPECT_EQ(calibration->items[3].status, ItemStatus::unanswered);
}

TEST(Pitfall, NoPersonsAndNoAnswersAreNoOptimumButNoCrashEither)
{
    for (auto const& rows : {std::vector<std::vector<int>>{}, std::vector<std::vector<int>>{{-1, -1}, {-1, -1}}}) {
        auto const calibration = calibrate(table(2, rows), requests(2, ModelKind::two_parameter), {.standard_errors = true});
        ASSERT_TRUE(calibration);
        expect_finite(*calibration);
        EXPECT_FALSE(calibration->warnings.empty());
    }
}

TEST(Pitfall, TwentyThousandDuplicatesCostOnePattern)
{
    auto rows = std::vector<std::vector<int>>{};
    for (int p = 0; p < 20000; ++p) rows.push_back({1, 0, 1, 1});
    for (int p = 0; p < 20; ++p) rows.push_back({p & 1, (p >> 1) & 1, (p >> 2) & 1, (p >> 3) & 1});
    auto const calibration = calibrate(table(4, rows), requests(4, ModelKind::two_parameter), {.standard_errors = true});
    ASSERT_TRUE(calibration);
    expect_finite(*calibration);
    EXPECT_EQ(calibration->patterns, 16u);
    EXPECT_NEAR(calibration->log_likelihood, naive_log_likelihood(models_of(*calibration), table(4, rows)), 1e-6);
}

TEST(Pitfall, ManifoldDataHaveTheSameEstimatesAndManifoldLikelihood)
{
    auto const plain = three_items();
    auto many = plain;
    for (int copy = 1; copy < 9; ++copy) many.categories.insert(many.categories.end(), plain.categories.begin(), plain.categories.end());
    many.persons *= 9;
    auto const reference = *calibrate(plain, requests(3, ModelKind::two_parameter), {.tolerance = 1e-9, .standard_errors = true});
    auto const calibration = *calibrate(many, requests(3, ModelKind::two_parameter), {.tolerance = 1e-9, .standard_errors = true});
    EXPECT_NEAR(calibration.log_likelihood / 9, reference.log_likelihood, 1e-8);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(calibration.items[i].model.slope(), reference.items[i].model.slope(), 1e-6);
        EXPECT_NEAR(*calibration.items[i].standard_errors.slopes[0] * 3, *reference.items[i].standard_errors.slopes[0], 1e-5);
    }
}

TEST(Pitfall, OneItemReachesTheLikelihoodOfItsShares)
{
    auto rows = std::vector<std::vector<int>>(70, {1});
    rows.insert(rows.end(), 30, {0});
    auto const expected = 70 * std::log(0.7) + 30 * std::log(0.3);
    for (auto const kind : {ModelKind::one_parameter, ModelKind::two_parameter, ModelKind::graded, ModelKind::nominal}) {
        auto const calibration = calibrate(table(1, rows), requests(1, kind), {.standard_errors = true});
        ASSERT_TRUE(calibration);
        expect_finite(*calibration);
        EXPECT_NEAR(calibration->log_likelihood, expected, 1e-6) << name(kind);
    }
    auto const unit = *calibrate(table(1, rows), requests(1, ModelKind::one_parameter), {.standard_errors = true, .slope = Slope::unit});
    EXPECT_TRUE(unit.converged);
    EXPECT_EQ(unit.items[0].model.slope(), 1);
    EXPECT_NEAR(unit.log_likelihood, expected, 1e-9);
    EXPECT_TRUE(unit.items[0].standard_errors.thresholds[0]);
}

TEST(Pitfall, ARunawaySlopeIsBoundedAndFlagged)
{
    auto rows = std::vector<std::vector<int>>{};
    for (int p = 0; p < 300; ++p) rows.push_back({p % 2, p % 2, (p / 2) % 2, (p / 4) % 3 == 0 ? 1 : 0}); // the first two always agree
    auto const calibration = calibrate(table(4, rows), requests(4, ModelKind::two_parameter), {.standard_errors = true});
    ASSERT_TRUE(calibration);
    expect_finite(*calibration);
    auto const bounded = std::ranges::count_if(calibration->items, [](CalibratedItem const& item) { return item.status == ItemStatus::at_bound; });
    EXPECT_GE(bounded, 1);
    for (auto const& item : calibration->items) EXPECT_LE(std::abs(item.model.slope()), 25.0);
}

TEST(Pitfall, AGuessingParameterThatWantsToBeZeroIsFlagged)
{
    auto const items = std::vector{model(ModelKind::two_parameter, {1.2}, {-1.5}), model(ModelKind::two_parameter, {0.9}, {-1}),
                                   model(ModelKind::two_parameter, {1.4}, {-0.8}), model(ModelKind::two_parameter, {1.1}, {-1.2})};
    auto const responses = simulate(items, 1500, 24);
    auto const calibration = *calibrate(responses, requests(4, ModelKind::three_parameter), {.standard_errors = true});
    expect_finite(calibration);
    EXPECT_TRUE(calibration.converged);
    auto const two = *calibrate(responses, requests(4, ModelKind::two_parameter), {});
    EXPECT_GE(calibration.log_likelihood, two.log_likelihood - 1e-3);
    for (auto const& item : calibration.items)
        if (item.status == ItemStatus::at_bound) {
            EXPECT_TRUE(has_note(item, "c stands at"));
            EXPECT_TRUE(item.model.lower() < 1e-6 || item.model.lower() == 0.5);
            EXPECT_FALSE(item.standard_errors.lower);
        }
}

TEST(Pitfall, AMiskeyedItemGetsANegativeSlopeAndANote)
{
    auto items = std::vector<ItemModel>{};
    for (int i = 0; i < 8; ++i) items.push_back(model(ModelKind::two_parameter, {i == 3 ? -1.0 : 1.2}, {-0.7 + 0.2 * i}));
    auto const calibration = *calibrate(simulate(items, 1500, 25), requests(8, ModelKind::two_parameter), {});
    EXPECT_TRUE(calibration.converged);
    EXPECT_LT(calibration.items[3].model.slope(), -0.6);
    EXPECT_TRUE(has_note(calibration.items[3], "check the key"));
    EXPECT_GT(calibration.items[0].model.slope(), 0.6);
}

TEST(Pitfall, DisorderedStepsAreFoundAsTheyAre)
{
    auto const items = std::vector{model(ModelKind::generalized_partial_credit, {1.2}, {1.1, -1.0}), model(ModelKind::generalized_partial_credit, {1}, {0.9, -0.6}),
                                   model(ModelKind::generalized_partial_credit, {0.8}, {-0.5, 0.5})};
    auto const calibration = *calibrate(simulate(items, 4000, 26), requests(3, ModelKind::generalized_partial_credit), {.standard_errors = true});
    EXPECT_TRUE(calibration.converged);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t k = 0; k < 2; ++k)
            EXPECT_NEAR(calibration.items[i].model.thresholds()[k], items[i].thresholds()[k], 4 * *calibration.items[i].standard_errors.thresholds[k]);
}

TEST(Pitfall, AFixedItemWithEqualThresholdsTakesPartUnlessItsImpossibleCategoryWasChosen)
{
    auto const fixed = model(ModelKind::graded, {1.2}, {-0.5, 0.4, 0.4});
    auto wanted = requests(2, ModelKind::two_parameter);
    wanted[0].fixed = fixed;
    auto rows = std::vector<std::vector<int>>{{0, 1}, {1, 0}, {3, 1}, {1, 1}, {0, 0}};
    auto const calibration = calibrate(table(2, rows), wanted, {});
    ASSERT_TRUE(calibration);
    expect_finite(*calibration);
    rows.push_back({2, 1});
    auto const refused = calibrate(table(2, rows), wanted, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().column, 1u);
    EXPECT_NE(refused.error().what.find("probability 0"), std::string::npos);
}

TEST(Pitfall, AnAnswerBeyondTheModelsCategoriesIsRefusedByName)
{
    auto const refused = calibrate(table(2, {{0, 1}, {1, 2}}), requests(2, ModelKind::two_parameter), {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().column, 2u);
    EXPECT_NE(refused.error().what.find("item I2, person 2: category 2, but 2PL allows categories 0 to 1"), std::string::npos) << refused.error().what;
}

TEST(Pitfall, SteepAndFlatItemsAtTheEdgesOfTheScaleConverge)
{
    auto const items = std::vector{model(ModelKind::two_parameter, {4}, {0.2}), model(ModelKind::two_parameter, {0.2}, {0}), model(ModelKind::two_parameter, {1}, {-4}),
                                   model(ModelKind::two_parameter, {1.5}, {3}), model(ModelKind::two_parameter, {1}, {0})};
    auto const calibration = calibrate(simulate(items, 3000, 27), requests(5, ModelKind::two_parameter), {.standard_errors = true});
    ASSERT_TRUE(calibration);
    EXPECT_TRUE(calibration->converged);
    expect_finite(*calibration);
}
