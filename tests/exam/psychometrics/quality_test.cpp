// How good the tests are, not only how right: length, error, exposure and overlap on a bank of 300 3PL items, and decisions at a cut, with fixed seeds. ASSAY_LONG=1 takes the full numbers; the short runs ask for the same, with room for the chance of fewer persons.
#include "exam/adaptive/simulation.hpp"
#include "quality_bank.hpp"
#include "support.hpp"

#include <cstdlib>

namespace assay::exam::adaptive {
namespace {

bool is_long() { return std::getenv("ASSAY_LONG") != nullptr; }

TEST(Quality, IsShortAndPreciseWithFewItemsSharedUnderThePriorityRule)
{
    auto const persons = std::size_t{is_long() ? 1000u : 150u};
    for (auto const seed : is_long() ? std::vector<std::uint64_t>{1, 2} : std::vector<std::uint64_t>{1}) {
        auto const tables = tables_of(quality_bank(usual_family, seed));
        auto o = SimulationOptions{};
        o.stop = {.maximum = 30, .standard_error = 0.3};
        o.seed = seed;
        o.exposure = *exposure("priority:0.25");
        auto const s = simulate(tables, normal_thetas(persons, 100 + seed), nullptr, o).summary;
        EXPECT_LE(s.max_exposure, 0.25) << seed;
        EXPECT_LE(s.overlap, 0.20) << seed;
        EXPECT_LE(s.mean_length, 23.7) << seed;
        // The RMSE of 1,000 persons varies by 0.007 about its own expectation, which the mean posterior variance gives without that noise.
        EXPECT_LE(s.rmse, is_long() ? 0.307 : 0.34) << seed;
        EXPECT_LE(s.mean_se, 0.300) << seed;
    }
}

TEST(Quality, SharesFewerItemsUnderThePriorityRuleThanUnderTheCapAloneAtTheSameLength)
{
    auto const persons = std::size_t{is_long() ? 1000u : 120u};
    auto const tables = tables_of(quality_bank(usual_family, 7));
    auto o = SimulationOptions{};
    o.stop = {.maximum = 30, .standard_error = 0.3};
    auto const run = [&](char const* rule) {
        o.exposure = *exposure(rule);
        return simulate(tables, normal_thetas(persons, 8), nullptr, o).summary;
    };
    auto const capped = run("restricted:0.25");
    auto const priority = run("priority:0.25");
    EXPECT_LE(priority.overlap, capped.overlap - 0.01);
    EXPECT_LE(priority.mean_length, capped.mean_length + 0.5);
}

TEST(Quality, DecidesAtACutAsTheFullTestDoesInFewerThanHalfOfItsItemsWithABlueprintInForceToo)
{
    auto const persons = std::size_t{is_long() ? 1000u : 60u};
    auto const banks = is_long() ? std::vector<std::uint64_t>{1, 2, 3, 4} : std::vector<std::uint64_t>{1, 2};
    auto const blueprint = assembly::read_blueprint(quality_blueprint).value();
    for (auto const cut : {0.0, -0.7})
        for (auto const with_blueprint : {false, true}) {
            auto length = 0.0, length_by_class_probability = 0.0, accuracy = 0.0, accuracy_of_full = 0.0;
            for (auto const& family : {usual_family, sharp_family})
                for (auto const seed : banks) {
                    auto const bank = quality_bank(family, seed);
                    auto const tables = tables_of(bank);
                    auto const program = assembly::make_program(bank, blueprint).value();
                    auto o = SimulationOptions{};
                    o.seed = seed;
                    o.selection = {.criterion = Criterion::cut, .cut = cut};
                    o.stop = {.minimum = 6, .maximum = 30, .cut = cut};
                    auto const thetas = normal_thetas(persons, 100 + seed);
                    auto const share = 1 / (2.0 * static_cast<double>(banks.size()));
                    auto const full = simulate(tables, thetas, nullptr, o).summary;
                    EXPECT_EQ(full.mean_length, 30);
                    accuracy_of_full += share * full.decision_accuracy;
                    o.stop.curtailment_z = 1.96;
                    auto const stopped = simulate(tables, thetas, with_blueprint ? &program : nullptr, o).summary;
                    EXPECT_EQ(stopped.blueprint_violations, 0u);
                    length += share * stopped.mean_length;
                    accuracy += share * stopped.decision_accuracy;
                    o.stop.curtailment_z.reset();
                    o.stop.class_probability = 0.95;
                    length_by_class_probability += share * simulate(tables, thetas, with_blueprint ? &program : nullptr, o).summary.mean_length;
                }
            EXPECT_LE(length, is_long() ? 12.5 : 14.2) << cut << with_blueprint; // lengths of 120 candidates: 0.8 is a standard error
            EXPECT_LE(length, length_by_class_probability - 0.5) << cut << with_blueprint; // by the same candidates
            EXPECT_GE(accuracy, accuracy_of_full - (is_long() ? 0.005 : 0.02)) << cut << with_blueprint; // 40 of 8,000; 4 of 240
            EXPECT_GE(accuracy, 0.9) << cut << with_blueprint;
        }
}

TEST(Quality, BreaksNoBlueprintInManySimulatedExams)
{
    auto const models = synthetic_3pl(60, 21);
    auto bank = ItemBank{};
    for (auto i = std::size_t{0}; i < models.size(); ++i) {
        auto item = BankItem{.item = std::to_string(i), .model = models[i], .area = std::string(1, "abc"[i % 3]), .type = i % 5 == 0 ? "order" : "choice", .key = std::string(1, "ABCD"[i % 4])};
        item.words = 20 + static_cast<double>(i * 7 % 50);
        if (i % 6 == 0) item.passage = "p" + std::to_string(i / 18);
        if (i % 7 == 0) item.enemies = {"e" + std::to_string(i / 21)};
        bank.items.push_back(std::move(item));
    }
    auto const blueprint = assembly::read_blueprint(
        R"({"length":{"min":7,"max":11},"areas":{"a":{"min":2,"max":4},"b":{"min":2},"c":{"min":1,"max":4}},"types":{"order":{"min":1,"max":3}},"keys":{"A":{"max":4},"B":{"max":4}},
            "words":{"max":520},"passages":{"max":2,"items":{"min":2,"max":3}}})");
    ASSERT_TRUE(blueprint.has_value());
    auto const program = assembly::make_program(bank, *blueprint);
    ASSERT_TRUE(program.has_value());
    auto const tables = BankTables{models, {}};
    auto sittings = std::size_t{0};
    auto const wanted = std::size_t{is_long() ? 10'000u : 500u};
    constexpr Criterion criteria[] = {Criterion::mfi, Criterion::cut, Criterion::mpwi, Criterion::progressive, Criterion::random};
    for (auto round = 0; sittings < wanted; ++round) {
        auto o = SimulationOptions{};
        o.seed = static_cast<std::uint64_t>(round);
        o.selection = {.criterion = criteria[round % 5], .length = 11};
        o.stop = {.minimum = 7, .maximum = 11, .standard_error = 0.5, .class_probability = 0.9};
        o.exposure = *exposure(round % 2 == 0 ? "priority:0.3" : "eligibility-theta:0.3");
        auto const simulation = simulate(tables, normal_thetas(100, static_cast<std::uint64_t>(round) + 1), &*program, o);
        EXPECT_EQ(simulation.summary.blueprint_violations, 0u) << name(o.selection.criterion) << ' ' << round;
        sittings += simulation.persons.size();
    }
    EXPECT_EQ(sittings, wanted);
}

} // namespace
} // namespace assay::exam::adaptive
