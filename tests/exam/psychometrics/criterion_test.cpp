#include "exam/adaptive/criterion.hpp"
#include "support.hpp"

#include <algorithm>
#include <numeric>

namespace assay::exam::adaptive {
namespace {

class CriterionTest : public testing::Test {
protected:
    CriterionTest() : tables{vector_models(), {}}, posterior{tables, {}}
    {
        for (auto const& [item, category] : {std::pair{0, 1}, std::pair{4, 1}, std::pair{8, 0}}) posterior.update(tables, static_cast<std::size_t>(item), static_cast<std::size_t>(category));
    }
    std::vector<Ranked> ranked(SelectionOptions const& options, std::vector<std::uint32_t> eligible = {1, 2, 3, 5, 6, 7, 9, 11})
    {
        auto random = Random{1};
        return rank(tables, eligible, {posterior, posterior.moments(tables).mean, 3}, options, random);
    }

    BankTables tables;
    NodePosterior posterior;
};

TEST_F(CriterionTest, AgreesWithTheDefinitions)
{
    EXPECT_NEAR(posterior.moments(tables).mean, selection_theta, 1e-13);
    for (auto const& v : selection_vectors) {
        auto const text = std::string{v.criterion};
        auto options = SelectionOptions{.criterion = criterion(text.substr(0, text.find(' '))).value(), .cut = 0.7};
        options.predictive_from_posterior = text.ends_with("posterior");
        options.expected_information = text.ends_with("expected");
        auto const values = ranked(options);
        auto const found = std::find_if(values.begin(), values.end(), [&](Ranked const& r) { return static_cast<int>(r.item) == v.item; });
        ASSERT_NE(found, values.end());
        expect_close(found->value, v.value, 1e-10, 1e-3, text + " item " + std::to_string(v.item + 1));
    }
}

TEST_F(CriterionTest, RanksTheSmallestExpectedVarianceFirstAndTheLargestOfTheOthers)
{
    for (auto const kind : {Criterion::mfi, Criterion::kl, Criterion::klp, Criterion::mlwi, Criterion::mpwi, Criterion::mei, Criterion::mepv}) {
        auto const values = ranked({.criterion = kind});
        for (auto r = std::size_t{1}; r < values.size(); ++r) {
            if (kind == Criterion::mepv) EXPECT_LE(values[r - 1].value, values[r].value);
            else EXPECT_GE(values[r - 1].value, values[r].value);
        }
    }
}

TEST(Criterion, BreaksTiesByPositionForIdenticalItems)
{
    auto const item = ItemModel::dichotomous(ModelKind::three_parameter, 1.3, 0.2, 0.2);
    auto const tables = BankTables{std::vector(6, item), {}};
    auto const posterior = NodePosterior{tables, {}};
    auto random = Random{1};
    auto const eligible = std::vector<std::uint32_t>{1, 3, 4, 5};
    for (auto const kind : {Criterion::mfi, Criterion::cut, Criterion::kl, Criterion::kl_interval, Criterion::klp, Criterion::mlwi, Criterion::mpwi, Criterion::mei, Criterion::mepv, Criterion::a_stratified}) {
        auto const values = rank(tables, eligible, {posterior, 0.1, 0}, {.criterion = kind}, random);
        auto const expected = kind == Criterion::a_stratified ? std::size_t{1} : std::size_t{4}; // of four strata the first holds items 0 and 1
        ASSERT_EQ(values.size(), expected) << name(kind);
        for (auto r = std::size_t{0}; r < values.size(); ++r) EXPECT_EQ(values[r].item, eligible[r]) << name(kind);
    }
}

TEST(Criterion, FindsTheMostInformativeItemWithoutRankingAllOfThem)
{
    auto items = synthetic_3pl(200, 7);
    for (auto const& item : vector_models()) items.push_back(item);
    auto const tables = BankTables{items, {}};
    auto const posterior = NodePosterior{tables, {}};
    auto random = Random{3};
    for (auto trial = 0; trial < 400; ++trial) {
        auto mask = std::vector<std::uint8_t>(items.size());
        auto eligible = std::vector<std::uint32_t>{};
        for (auto i = std::uint32_t{0}; i < mask.size(); ++i)
            if ((mask[i] = random.uniform() < 0.4) != 0) eligible.push_back(i);
        auto const theta = trial == 0 ? 6.0 : trial == 1 ? -6.0 : trial == 2 ? 7.5 : trial % 10 == 3 ? 0.5 : 1.6 * random.normal();
        auto const best = most_informative(tables, mask, theta);
        EXPECT_EQ(best, rank(tables, eligible, {posterior, theta, 0}, {.criterion = Criterion::mfi}, random).front());
    }
    EXPECT_FALSE(most_informative(tables, std::vector<std::uint8_t>(items.size(), 0), 0));
}

TEST(Criterion, GivesTheFirstOfTheRankingWithoutTheRest)
{
    auto const tables = BankTables{synthetic_3pl(60, 5), {}};
    auto posterior = NodePosterior{tables, {}};
    posterior.update(tables, 7, 1);
    auto eligible = std::vector<std::uint32_t>(60);
    std::iota(eligible.begin(), eligible.end(), 0u);
    for (auto const kind : {Criterion::mfi, Criterion::cut, Criterion::kl, Criterion::kl_interval, Criterion::klp, Criterion::mlwi, Criterion::mpwi, Criterion::mei,
                            Criterion::mepv, Criterion::a_stratified, Criterion::progressive, Criterion::random}) {
        auto one = Random{3}, other = Random{3};
        auto const all = rank(tables, eligible, {posterior, 0.2, 1}, {.criterion = kind}, one);
        auto const few = best(tables, eligible, {posterior, 0.2, 1}, {.criterion = kind}, other, 5);
        ASSERT_EQ(few.size(), 5u) << name(kind);
        EXPECT_TRUE(std::equal(few.begin(), few.end(), all.begin())) << name(kind);
        EXPECT_EQ(best(tables, eligible, {posterior, 0.2, 1}, {.criterion = kind}, other, 100).size(), all.size()) << name(kind);
    }
}

TEST(Criterion, CountsAWeightedItemByItsShareOfValueOrOfExpectedDecrease)
{
    auto const tables = BankTables{synthetic_3pl(20, 3), {}};
    auto const posterior = NodePosterior{tables, {}};
    auto eligible = std::vector<std::uint32_t>(20);
    std::iota(eligible.begin(), eligible.end(), 0u);
    auto random = Random{1};
    auto const weights = std::vector<double>(20, 0.5);
    auto const before = posterior.moments(tables).standard_deviation * posterior.moments(tables).standard_deviation;
    for (auto const kind : {Criterion::mfi, Criterion::klp, Criterion::mepv, Criterion::a_stratified}) {
        auto const plain = rank(tables, eligible, {posterior, 0, 0}, {.criterion = kind, .predictive_from_posterior = true}, random);
        auto const weighted = rank(tables, eligible, {posterior, 0, 0, weights}, {.criterion = kind, .predictive_from_posterior = true}, random);
        ASSERT_EQ(plain.size(), weighted.size());
        for (auto r = std::size_t{0}; r < plain.size(); ++r) {
            auto const expected = kind == Criterion::mepv ? before - (before - plain[r].value) / 2 : kind == Criterion::a_stratified ? plain[r].value * 2 : plain[r].value / 2;
            EXPECT_EQ(weighted[r].item, plain[r].item) << name(kind);
            EXPECT_NEAR(weighted[r].value, expected, 1e-14) << name(kind);
        }
    }
    auto one = std::vector<double>(20, 1.0); // the best item loses to the second when it counts for little
    auto const plain = rank(tables, eligible, {posterior, 0, 0}, {}, random);
    one[plain[0].item] = 1e-9;
    auto const weighted = rank(tables, eligible, {posterior, 0, 0, one}, {}, random);
    EXPECT_EQ(weighted.front().item, plain[1].item);
    EXPECT_EQ(weighted.back().item, plain[0].item);
}

TEST(Criterion, StratifiesBySlopeAndMatchesDifficulty)
{
    auto const items = std::vector{ItemModel::dichotomous(ModelKind::two_parameter, 2.0, 0), ItemModel::dichotomous(ModelKind::two_parameter, 0.5, 1), ItemModel::dichotomous(ModelKind::two_parameter, 0.6, -1),
                                   ItemModel::dichotomous(ModelKind::two_parameter, 1.9, 0.4)};
    auto const tables = BankTables{items, {}};
    auto const posterior = NodePosterior{tables, {}};
    auto random = Random{1};
    auto const all = std::vector<std::uint32_t>{0, 1, 2, 3};
    auto const options = SelectionOptions{.criterion = Criterion::a_stratified, .strata = 2, .length = 4};
    auto const early = rank(tables, all, {posterior, 0.9, 0}, options, random);
    EXPECT_EQ(early, (std::vector<Ranked>{{1, -0.09999999999999998}, {2, -1.9}}));
    EXPECT_EQ(rank(tables, all, {posterior, 0.9, 2}, options, random).front().item, 3u);
}

TEST(Criterion, MovesFromChanceToInformationWithProgress)
{
    auto const tables = BankTables{synthetic_3pl(60, 2), {}};
    auto const posterior = NodePosterior{tables, {}};
    auto all = std::vector<std::uint32_t>(60);
    std::iota(all.begin(), all.end(), 0u);
    auto const options = SelectionOptions{.criterion = Criterion::progressive, .length = 10};
    auto random = Random{5};
    auto const plain = rank(tables, all, {posterior, 0, 0}, {.criterion = Criterion::mfi}, random);
    EXPECT_EQ(rank(tables, all, {posterior, 0, 10}, options, random), plain); // W = 1
    auto seen = std::vector<int>(60);
    for (auto i = 0; i < 300; ++i) ++seen[rank(tables, all, {posterior, 0, 0}, options, random).front().item]; // W = 0
    EXPECT_GT(std::count_if(seen.begin(), seen.end(), [](int n) { return n > 0; }), 50);
}

TEST(NodePosterior, TakesAnswersInAnyOrderToTheSameDistribution)
{
    auto const tables = BankTables{vector_models(), {}};
    auto forwards = NodePosterior{tables, {}};
    auto backwards = NodePosterior{tables, {}};
    for (auto i = std::size_t{0}; i < 12; ++i) forwards.update(tables, i, i % 2);
    for (auto i = std::size_t{12}; i-- > 0;) backwards.update(tables, i, i % 2);
    EXPECT_NEAR(forwards.moments(tables).mean, backwards.moments(tables).mean, 1e-13);
    auto sum = 0.0;
    for (auto const w : forwards.posterior()) sum += w;
    EXPECT_NEAR(sum, 1, 1e-14);
    EXPECT_NEAR(forwards.mass_at_or_above(tables, -6), 1, 1e-14);
}

} // namespace
} // namespace assay::exam::adaptive
