// How good the adaptive tests are on banks drawn here: length, error, exposure and overlap by exposure rule; and decisions at a cut. Everything follows
// from fixed seeds, so the figures are the same on every machine. Argument: simulated candidates (default 1,000).
#include "exam/adaptive/simulation.hpp"
#include "tests/exam/psychometrics/quality_bank.hpp"

#include <cstdio>
#include <cstdlib>

using namespace assay;
using namespace assay::exam;
using namespace assay::exam::adaptive;

namespace {

SimulationSummary run(ItemBank const& bank, std::size_t persons, std::uint64_t seed, SimulationOptions options)
{
    options.seed = seed;
    return simulate(tables_of(bank), normal_thetas(persons, 100 + seed), nullptr, options).summary;
}

void exposure_table(std::size_t persons)
{
    for (auto const& family : {weak_family, guessed_family, usual_family, sharp_family}) {
        std::printf("\n%s; means of two banks\n%-32s %8s %8s %8s %9s %8s\n", family.words, "rule, criterion", "length", "RMSE", "mean SE", "exposure", "overlap");
        for (auto const& [rule, kind] : {std::pair{"none", Criterion::mfi}, std::pair{"restricted:0.25", Criterion::mfi}, std::pair{"eligibility:0.25", Criterion::mfi}, std::pair{"eligibility:0.2", Criterion::mfi},
                                         std::pair{"restricted:0.25", Criterion::progressive}, std::pair{"priority:0.25", Criterion::mfi}, std::pair{"priority:0.25", Criterion::mepv}}) {
            auto options = SimulationOptions{};
            options.stop = {.maximum = 30, .standard_error = 0.3};
            options.selection = {.criterion = kind, .predictive_from_posterior = true, .length = 30};
            options.exposure = *exposure(rule);
            auto length = 0.0, rmse = 0.0, se = 0.0, most = 0.0, overlap = 0.0;
            for (auto const seed : {std::uint64_t{1}, std::uint64_t{2}}) {
                auto const s = run(quality_bank(family, seed), persons, seed, options);
                length += s.mean_length / 2;
                rmse += s.rmse / 2;
                se += s.mean_se / 2;
                most = std::max(most, s.max_exposure);
                overlap += s.overlap / 2;
            }
            std::printf("%-18s %-13s %8.2f %8.3f %8.3f %9.3f %8.3f\n", rule, std::string{name(kind)}.c_str(), length, rmse, se, most, overlap);
            std::fflush(stdout);
        }
    }
}

/// Length and accuracy of decisions, summed over banks.
struct Decisions {
    double length = 0;
    double accuracy = 0; ///< share of candidates put into their true class
    double expected = 0; ///< the mean posterior probability of the class given: the same in expectation, with less noise
    std::size_t broken = 0;
};

/// Candidates are drawn from the prior and answer by the model, so the posterior is right.
double probability_of_verdict(BankTables const& tables, SimulatedPerson const& person, double cut)
{
    auto posterior = NodePosterior{tables, {}};
    for (auto k = std::size_t{0}; k < person.items.size(); ++k) posterior.update(tables, person.items[k], static_cast<std::size_t>(person.answers[k]));
    constexpr auto half_step = 0.05; // the node at the cut, whose interval lies to both sides, counts one half
    auto const passing = 0.5 * (posterior.mass_at_or_above(tables, cut - half_step) + posterior.mass_at_or_above(tables, cut + half_step));
    return person.passed ? passing : 1 - passing;
}

Decisions decisions(BankFamily const& family, double cut, std::size_t persons, StopRules stop, bool with_blueprint)
{
    constexpr auto banks = 4;
    auto total = Decisions{};
    for (auto seed = std::uint64_t{1}; seed <= banks; ++seed) {
        auto const bank = quality_bank(family, seed);
        auto const program = assembly::make_program(bank, assembly::read_blueprint(quality_blueprint).value()).value();
        auto const tables = tables_of(bank);
        auto options = SimulationOptions{};
        stop.cut = cut;
        stop.minimum = 6;
        stop.maximum = 30;
        options.stop = stop;
        options.selection = {.criterion = Criterion::cut, .cut = cut};
        options.seed = seed;
        auto const simulation = simulate(tables, normal_thetas(persons, 100 + seed), with_blueprint ? &program : nullptr, options);
        total.length += simulation.summary.mean_length / banks;
        total.accuracy += simulation.summary.decision_accuracy / banks;
        for (auto const& person : simulation.persons) total.expected += probability_of_verdict(tables, person, cut) / static_cast<double>(banks * persons);
        total.broken += simulation.summary.blueprint_violations;
    }
    return total;
}

void decision_table(std::size_t persons)
{
    std::printf("\npass or fail in 6 to 30 items, means of four banks: length, accuracy, expected accuracy\n%-28s", "stop");
    for (auto const* family : {"usual", "sharp"})
        for (auto const* cut : {"0.0", "-0.7"}) std::printf("  %6s %4s           ", family, cut);
    std::printf("  mean\n");
    for (auto const with_blueprint : {false, true}) {
        std::printf("%s\n", with_blueprint ? "with the blueprint in force" : "without a blueprint");
        auto const line = [&](char const* words, StopRules const& stop) {
            std::printf("%-28s", words);
            auto mean = Decisions{};
            for (auto const& family : {usual_family, sharp_family})
                for (auto const cut : {0.0, -0.7}) {
                    auto const d = decisions(family, cut, persons, stop, with_blueprint);
                    std::printf("  %6.2f %.3f %.4f  ", d.length, d.accuracy, d.expected);
                    std::fflush(stdout);
                    mean.length += d.length / 4;
                    mean.accuracy += d.accuracy / 4;
                    mean.expected += d.expected / 4;
                    mean.broken += d.broken;
                }
            std::printf("  %6.2f %.4f %.4f, %zu broken\n", mean.length, mean.accuracy, mean.expected, mean.broken);
        };
        line("30 items", {});
        line("GLR, delta 0.2, 5 and 5 %", {.glr = CutTest{0.05, 0.05, 0.2}});
        line("SPRT, delta 0.2, 5 and 5 %", {.sprt = CutTest{0.05, 0.05, 0.2}});
        line("class probability 0.95", {.class_probability = 0.95});
        line("class probability 0.97", {.class_probability = 0.97});
        line("curtailment, z 1.645", {.curtailment_z = 1.645});
        line("curtailment, z 1.96", {.curtailment_z = 1.96});
        line("curtailment, z 2.054", {.curtailment_z = 2.054});
    }
}

} // namespace

int main(int count, char** arguments)
{
    auto const persons = static_cast<std::size_t>(count > 1 ? std::atoi(arguments[1]) : 1000);
    if (count > 2) return decision_table(persons), 0;
    exposure_table(persons);
    decision_table(persons);
}
