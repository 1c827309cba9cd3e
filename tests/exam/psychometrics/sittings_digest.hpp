#pragma once
#include "core/hash.hpp"
#include "exam/adaptive/simulation.hpp"
#include "support.hpp"

#include <bit>

namespace assay::exam::adaptive {

/// SHA-256 of simulated sittings, to the bit: every criterion with and without a shadow test, exposure rules and stop rules in turn.
inline std::string sittings_digest()
{
    auto const models = synthetic_3pl(60, 77);
    auto bank = ItemBank{};
    for (auto i = std::size_t{0}; i < models.size(); ++i) {
        bank.items.push_back({.item = std::to_string(i), .model = models[i], .area = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c"});
        if (i % 12 < 2) bank.items.back().passage = "p" + std::to_string(i / 12);
    }
    auto const blueprint = assembly::read_blueprint(
        R"({"length":{"min":6,"max":10},"areas":{"a":{"min":2,"max":5},"b":{"min":1,"max":5},"c":{"min":1}},"enemies":[["3","6"],["4","7","10"]],"passages":{"max":1,"items":{"min":2}}})");
    auto const program = assembly::make_program(bank, *blueprint).value();
    auto const tables = BankTables{models, {}};
    auto text = std::string{};
    for (auto c = 0; c <= static_cast<int>(Criterion::random); ++c)
        for (auto const* form : {static_cast<assembly::Program const*>(nullptr), &program}) {
            auto o = SimulationOptions{};
            o.selection = {.criterion = static_cast<Criterion>(c), .cut = 0.2, .length = 10};
            constexpr char const* rules[] = {"none", "eligibility:0.3", "eligibility-theta:0.3", "restricted:0.3", "priority:0.3", "randomesque:3", "sympson-hetter:0.4"};
            o.exposure = *exposure(rules[c % 6]);
            o.stop = {.minimum = 6, .maximum = 10, .cut = 0.2, .standard_error = 0.45, .class_probability = 0.97, .glr = CutTest{}};
            o.scoring.estimator = c % 3 == 0 ? Estimator::eap : c % 3 == 1 ? Estimator::map : Estimator::wle;
            for (auto const& person : simulate(tables, std::vector{-1.5, -0.2, 0.4, 2.0}, form, o).persons) {
                for (auto const i : person.items) text += std::to_string(i) + " ";
                text += std::to_string(std::bit_cast<std::uint64_t>(person.estimate.theta.value_or(0))) + " " + std::to_string(std::bit_cast<std::uint64_t>(person.estimate.se.value_or(0))) + "\n";
            }
        }
    return to_string(sha256(text));
}

} // namespace assay::exam::adaptive
