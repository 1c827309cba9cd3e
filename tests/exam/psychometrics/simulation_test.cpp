#include "exam/adaptive/report.hpp"
#include "support.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <set>

namespace assay::exam::adaptive {
namespace {

std::vector<double> normal_thetas(std::size_t count, std::uint64_t seed)
{
    auto random = Random{seed};
    auto thetas = std::vector<double>{};
    for (auto i = std::size_t{0}; i < count; ++i) thetas.push_back(random.normal());
    return thetas;
}

SimulationOptions options()
{
    auto o = SimulationOptions{};
    o.stop = {.minimum = 3, .maximum = 20, .standard_error = 0.35};
    return o;
}

ItemBank bank_with_areas(std::size_t count)
{
    auto const models = synthetic_3pl(count, 11);
    auto bank = ItemBank{};
    for (auto i = std::size_t{0}; i < count; ++i)
        bank.items.push_back({.item = std::to_string(i), .model = models[i], .area = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c"});
    return bank;
}

TEST(Simulation, GivesTheSameSittingsForTheSameSeed)
{
    auto const tables = BankTables{synthetic_3pl(80, 1), {}};
    auto const thetas = normal_thetas(40, 2);
    auto o = options();
    o.exposure = *exposure("eligibility:0.3");
    auto const a = simulate(tables, thetas, nullptr, o);
    auto const b = simulate(tables, thetas, nullptr, o);
    ASSERT_EQ(a.persons.size(), 40u);
    for (auto p = std::size_t{0}; p < 40; ++p) {
        EXPECT_EQ(a.persons[p].items, b.persons[p].items);
        EXPECT_EQ(a.persons[p].estimate, b.persons[p].estimate);
    }
    o.seed = 9;
    auto const c = simulate(tables, thetas, nullptr, o);
    EXPECT_NE(a.persons[0].answers, c.persons[0].answers);
}

TEST(Simulation, PresentsNoItemTwiceAndScoresAsTheScorerDoes)
{
    auto const models = synthetic_3pl(60, 3);
    auto const tables = BankTables{models, {}};
    for (auto const kind : {Estimator::eap, Estimator::map, Estimator::mle, Estimator::wle}) {
        auto o = options();
        o.scoring.estimator = kind;
        auto const simulation = simulate(tables, normal_thetas(15, 4), nullptr, o);
        auto scorer = Scorer{models, o.scoring};
        for (auto const& person : simulation.persons) {
            EXPECT_EQ(std::set(person.items.begin(), person.items.end()).size(), person.items.size());
            auto row = std::vector<Category>(models.size(), not_administered);
            for (auto k = std::size_t{0}; k < person.items.size(); ++k) row[person.items[k]] = person.answers[k];
            EXPECT_NEAR(person.estimate.theta.value(), scorer.score(row).theta.value(), 1e-12);
            EXPECT_NEAR(person.estimate.se.value(), scorer.score(row).se.value(), 1e-12);
        }
    }
}

TEST(Simulation, ChoosesBlocksByWhatWasKnownBeforeThem)
{
    auto const tables = BankTables{synthetic_3pl(80, 1), {}};
    auto const bank = bank_with_areas(80);
    auto const program = assembly::make_program(bank, {.length = {6, 20}, .areas = {{"a", {2, 8}}, {"b", {2, 8}}, {"c", {2, 8}}}, .theta = {0}});
    ASSERT_TRUE(program);
    auto const thetas = normal_thetas(40, 2);
    for (auto const* rules : {static_cast<assembly::Program const*>(nullptr), &*program}) {
        auto o = options();
        o.stop.minimum = 6;
        o.block = 6;
        auto const simulation = simulate(tables, thetas, rules, o);
        auto firsts = std::set<std::vector<std::size_t>>{}, seconds = std::set<std::vector<std::size_t>>{};
        auto scorer = Scorer{{tables.items().begin(), tables.items().end()}, o.scoring};
        for (auto const& person : simulation.persons) {
            ASSERT_GE(person.items.size(), 6u);
            EXPECT_TRUE(person.items.size() % 6 == 0 || person.items.size() == 20) << "stop rules are asked after a block: " << person.items.size();
            EXPECT_TRUE(person.broken.empty());
            firsts.emplace(person.items.begin(), person.items.begin() + 6);
            if (person.items.size() >= 12) seconds.emplace(person.items.begin() + 6, person.items.begin() + 12);
            auto row = std::vector<Category>(80, not_administered);
            for (auto k = std::size_t{0}; k < person.items.size(); ++k) row[person.items[k]] = person.answers[k];
            EXPECT_NEAR(person.estimate.theta.value(), scorer.score(row).theta.value(), 1e-12) << "every answer is taken in";
        }
        EXPECT_EQ(firsts.size(), 1u) << "nothing is known of anybody before the first block";
        EXPECT_GT(seconds.size(), 1u);
    }
    auto o = options();
    o.block = 501;
    EXPECT_TRUE(problem(o));
}

TEST(Simulation, SummarisesWhatThePersonsShow)
{
    auto const tables = BankTables{std::vector(4, ItemModel{}), {}};
    auto person = [](double truth, double estimate, std::vector<std::size_t> items) {
        auto p = SimulatedPerson{};
        p.true_theta = truth;
        p.estimate = {.theta = estimate, .se = 0.4};
        p.items = std::move(items);
        p.passed = estimate >= 0;
        return p;
    };
    auto const persons = std::vector{person(0.5, 0.2, {0, 1}), person(-0.5, 0.1, {0, 2}), person(1.2, 1.5, {0, 1})};
    auto const s = summarise(tables, persons, 0);
    EXPECT_NEAR(s.mean_length, 2, 1e-15);
    EXPECT_NEAR(s.bias, (-0.3 + 0.6 + 0.3) / 3, 1e-15);
    EXPECT_NEAR(s.rmse, std::sqrt((0.09 + 0.36 + 0.09) / 3), 1e-15);
    EXPECT_EQ(s.max_exposure, 1);
    EXPECT_NEAR(s.overlap, (1.0 + 2 + 1) / 3 / 2, 1e-15); // pairs share 1, 2 and 1 of 2 items
    EXPECT_EQ(s.never_used, 1u);
    EXPECT_EQ(s.pass_rate, 1);
    EXPECT_NEAR(s.decision_accuracy, 2.0 / 3, 1e-15);
}

TEST(Simulation, TakesRecordedAnswersAndOnlyThose)
{
    auto const models = synthetic_3pl(12, 5);
    auto const tables = BankTables{models, {}};
    auto table = ResponseTable{};
    for (auto i = 0; i < 12; ++i) table.items.push_back(std::to_string(i));
    table.persons = 3;
    for (auto p = 0; p < 3; ++p)
        for (auto i = 0; i < 12; ++i) table.categories.push_back(p == 2 ? not_administered : (i + p) % 3 == 0 ? not_administered : static_cast<Category>((i + p) % 2));
    auto o = options();
    o.stop = {.maximum = 12};
    auto const simulation = simulate(tables, table, nullptr, o);
    for (auto p = std::size_t{0}; p < 3; ++p)
        for (auto k = std::size_t{0}; k < simulation.persons[p].items.size(); ++k) EXPECT_EQ(simulation.persons[p].answers[k], table.at(p, simulation.persons[p].items[k]));
    EXPECT_EQ(simulation.persons[0].items.size(), 8u); // everything answered was given
    EXPECT_EQ(simulation.persons[2].items.size(), 0u);
    EXPECT_FALSE(simulation.persons[2].true_theta);
    EXPECT_NEAR(simulation.persons[0].estimate.theta.value(), simulation.persons[0].true_theta.value(), 1e-12); // the same answers in another order
}

TEST(Simulation, KeepsExposureBelowItsCap)
{
    auto const tables = BankTables{synthetic_3pl(120, 6), {}};
    auto o = options();
    o.exposure = *exposure("restricted:0.25");
    EXPECT_LE(simulate(tables, normal_thetas(200, 7), nullptr, o).summary.max_exposure, 0.25);
    o.exposure = {};
    EXPECT_GT(simulate(tables, normal_thetas(200, 7), nullptr, o).summary.max_exposure, 0.5);
    o.exposure = *exposure("sympson-hetter:0.3");
    EXPECT_LE(simulate(tables, normal_thetas(200, 7), nullptr, o).summary.max_exposure, 0.4); // in expectation, from pre-simulation
}

TEST(Simulation, CountsTestletsByTheirItemsAndPresentsNoneOfThemAlone)
{
    auto models = synthetic_3pl(30, 3);
    models.push_back(ItemModel::of({.kind = ModelKind::graded, .slopes = {2.5}, .thresholds = {-0.4, 0, 0.4}}));
    auto const tables = BankTables{models, {}};
    auto sizes = std::vector(31, 1);
    sizes[4] = sizes[9] = sizes[14] = 0;
    sizes[30] = 3;
    auto o = options();
    o.stop = {.maximum = 10};
    o.sizes = sizes;
    for (auto const kind : {Criterion::mfi, Criterion::mepv, Criterion::a_stratified}) {
        o.selection = {.criterion = kind, .length = 10};
        auto testlets = std::size_t{0};
        for (auto const& person : simulate(tables, normal_thetas(20, 5), nullptr, o).persons) {
            auto items = 0;
            for (auto const i : person.items) {
                EXPECT_GT(sizes[i], 0);
                EXPECT_LT(items, 10);
                items += sizes[i];
                testlets += i == 30;
            }
            EXPECT_GE(items, 10) << name(kind);
        }
        EXPECT_TRUE(kind == Criterion::a_stratified || testlets >= 10) << name(kind) << ' ' << testlets;
    }
}

TEST(Simulation, NeverBreaksABlueprintWhateverTheStopRuleOrCriterion)
{
    auto const bank = bank_with_areas(90);
    auto models = std::vector<ItemModel>{};
    for (auto const& item : bank.items) models.push_back(item.model);
    auto const tables = BankTables{models, {}};
    auto const blueprint = assembly::read_blueprint(R"({"length":{"min":9,"max":15},"areas":{"a":{"min":3,"max":5},"b":{"min":2},"c":{"min":4}},"enemies":[["0","3","6"],["1","4"],["2","5","8"]]})");
    ASSERT_TRUE(blueprint.has_value());
    auto const program = assembly::make_program(bank, *blueprint);
    ASSERT_TRUE(program.has_value());
    for (auto const kind : {Criterion::mfi, Criterion::mpwi, Criterion::mepv, Criterion::progressive, Criterion::a_stratified, Criterion::randomesque}) {
        auto o = options();
        o.selection.criterion = kind;
        o.stop = {.minimum = 9, .maximum = 15, .standard_error = 0.5};
        o.exposure = *exposure("eligibility:0.3");
        auto const simulation = simulate(tables, normal_thetas(25, 8), &*program, o);
        EXPECT_EQ(simulation.summary.blueprint_violations, 0u) << name(kind);
        for (auto const& person : simulation.persons) {
            EXPECT_THAT(person.broken, testing::IsEmpty());
            EXPECT_GE(person.items.size(), 9u);
            EXPECT_LE(person.items.size(), 15u);
        }
    }
}

TEST(Report, StandsAloneAndEscapesNames)
{
    auto const tables = BankTables{synthetic_3pl(30, 9), {}};
    auto const simulation = simulate(tables, normal_thetas(20, 3), nullptr, options());
    auto heading = ReportHeading{.title = "bank <b>", .item_names = {}, .conditions = {{"seed", "1"}}, .cut = 0, .has_cut = true};
    for (auto i = 0; i < 30; ++i) heading.item_names.push_back("item & " + std::to_string(i));
    auto const html = simulation_report(simulation, heading);
    EXPECT_THAT(html, testing::HasSubstr("bank &lt;b&gt;"));
    EXPECT_THAT(html, testing::HasSubstr("item &amp; "));
    EXPECT_THAT(html, testing::Not(testing::HasSubstr("http")));
    EXPECT_THAT(html, testing::Not(testing::HasSubstr("nan")));
    EXPECT_THAT(html, testing::HasSubstr("<svg"));
}

} // namespace
} // namespace assay::exam::adaptive
