// How good the adaptive tests are on banks drawn here: length, error, exposure and overlap by exposure rule; and decisions at a cut. Everything follows
// from fixed seeds, so the figures are the same on every machine. Argument: simulated candidates (default 1,000).
#include "core/exp_log.hpp"
#include "exam/adaptive/simulation.hpp"

#include <cstdio>
#include <cstdlib>

using namespace assay;
using namespace assay::exam;
using namespace assay::exam::adaptive;

namespace {

struct Family {
    char const* words;
    double log_a;  ///< a = lognormal(log_a, 0.3)
    double c_low;  ///< c uniform
    double c_high;
};

ItemBank bank_of(Family const& family, std::uint64_t seed)
{
    auto random = Random{seed};
    auto bank = ItemBank{};
    for (auto i = 0; i < 300; ++i) {
        auto const a = exact_order_exp(family.log_a + 0.3 * random.normal());
        auto const b = random.normal();
        auto const c = family.c_low + (family.c_high - family.c_low) * random.uniform();
        auto item = BankItem{.item = std::to_string(i), .model = ItemModel::dichotomous(ModelKind::three_parameter, a, b, c)};
        item.area = std::string(1, "abcd"[i % 4]);
        if (i % 10 == 0) item.enemies = {"set " + std::to_string(i / 50)};
        bank.items.push_back(std::move(item));
    }
    return bank;
}

std::vector<double> thetas(std::size_t count, std::uint64_t seed)
{
    auto random = Random{seed};
    auto drawn = std::vector<double>{};
    for (auto i = std::size_t{0}; i < count; ++i) drawn.push_back(random.normal());
    return drawn;
}

BankTables tables_of(ItemBank const& bank)
{
    auto models = std::vector<ItemModel>{};
    for (auto const& item : bank.items) models.push_back(item.model);
    return {models, {}};
}

SimulationSummary run(ItemBank const& bank, std::size_t persons, std::uint64_t seed, SimulationOptions options, assembly::Program const* program = nullptr)
{
    options.seed = seed;
    return simulate(tables_of(bank), thetas(persons, 100 + seed), program, options).summary;
}

void exposure_table(std::size_t persons)
{
    constexpr Family families[] = {{"a lognormal(0, 0.3), c 0.1 to 0.3", 0, 0.1, 0.3}, {"a lognormal(0.2, 0.3), c 0.1 to 0.3", 0.2, 0.1, 0.3},
                                   {"a lognormal(0.2, 0.3), c 0 to 0.25", 0.2, 0, 0.25}, {"a lognormal(0.3, 0.3), c 0.1 to 0.25", 0.3, 0.1, 0.25}};
    for (auto const& family : families) {
        std::printf("\n%s; means of two banks\n%-32s %8s %8s %8s %9s %8s\n", family.words, "rule, criterion", "length", "RMSE", "mean SE", "exposure", "overlap");
        for (auto const& [rule, kind] : {std::pair{"none", Criterion::mfi}, std::pair{"restricted:0.25", Criterion::mfi}, std::pair{"eligibility:0.25", Criterion::mfi}, std::pair{"eligibility:0.2", Criterion::mfi},
                                         std::pair{"restricted:0.25", Criterion::progressive}, std::pair{"priority:0.25", Criterion::mfi}, std::pair{"priority:0.25", Criterion::mepv}}) {
            auto options = SimulationOptions{};
            options.stop = {.maximum = 30, .standard_error = 0.3};
            options.selection = {.criterion = kind, .predictive_from_posterior = true, .length = 30};
            options.exposure = *exposure(rule);
            auto length = 0.0, rmse = 0.0, se = 0.0, most = 0.0, overlap = 0.0;
            for (auto const seed : {std::uint64_t{1}, std::uint64_t{2}}) {
                auto const s = run(bank_of(family, seed), persons, seed, options);
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

void decision_table(std::size_t persons)
{
    auto const family = Family{"", 0.2, 0, 0.25};
    auto const bank = bank_of(family, 1);
    auto const blueprint = assembly::read_blueprint(R"({"length":{"min":6,"max":30},"areas":{"a":{"min":1,"max":9},"b":{"min":1,"max":9},"c":{"min":1,"max":9},"d":{"min":1,"max":9}}})").value();
    auto const program = assembly::make_program(bank, blueprint).value();
    std::printf("\npass or fail, 300 items as in the third family, at most 30 items\n%-44s %8s %10s %8s %11s\n", "stop", "length", "accuracy", "broken", "blueprint");
    for (auto const cut : {0.0, -0.7})
        for (auto const with_blueprint : {false, true}) {
            auto const line = [&](char const* words, StopRules stop) {
                auto options = SimulationOptions{};
                stop.cut = cut;
                stop.maximum = 30;
                stop.minimum = with_blueprint ? 6 : 5;
                options.stop = stop;
                options.selection = {.criterion = Criterion::cut, .cut = cut};
                options.exposure = *exposure("none");
                auto const s = run(bank, persons, 3, options, with_blueprint ? &program : nullptr);
                std::printf("cut %4.1f  %-34s %8.2f %10.3f %8zu %11s\n", cut, words, s.mean_length, s.decision_accuracy, s.blueprint_violations, with_blueprint ? "in force" : "none");
                std::fflush(stdout);
            };
            line("30 items", {});
            line("GLR, delta 0.2, 5 % and 5 %", {.glr = CutTest{0.05, 0.05, 0.2}});
            line("SPRT, delta 0.2, 5 % and 5 %", {.sprt = CutTest{0.05, 0.05, 0.2}});
            line("class probability 0.95", {.class_probability = 0.95});
            line("class probability 0.96", {.class_probability = 0.96});
            line("class probability 0.97", {.class_probability = 0.97});
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
