#pragma once
// A whole exam programme before it is published: simulated or recorded candidates sit the adaptive test, and what comes out is measured against what
// went in. Deterministic: the same bank, options and seed give the same sittings on every machine; each person has streams of random numbers of its
// own, so that person 17 answers alike whatever happened to person 16 (exposure rules alone connect sittings).
#include "exam/adaptive/criterion.hpp"
#include "exam/adaptive/exposure.hpp"
#include "exam/adaptive/stopping.hpp"
#include "exam/assembly/shadow.hpp"
#include "exam/scoring/ability.hpp"

#include <functional>

namespace assay::exam::adaptive {

struct SimulationOptions {
    ScoringOptions scoring;            ///< of the provisional and the final estimate; mle, wle and jeffreys fall back to eap while at a bound
    SelectionOptions selection;
    std::optional<Criterion> start;    ///< another criterion for the first `start_items`
    int start_items = 5;
    int block = 1;                     ///< so many items are chosen by what is known before the first of them, and the stop rules are asked after the last: 1 … 500
    StopRules stop;
    ExposureOptions exposure;
    std::vector<int> sizes;            ///< by item, as in SelectionState: testlets stand for their items, in lengths and in what they are worth
    std::uint64_t seed = 1;
    int sympson_hetter_rounds = 8;     ///< pre-simulations of min(1000, persons) draws from the prior
};
std::optional<std::string> problem(SimulationOptions const& options);

struct SimulatedPerson {
    std::size_t person = 0;            ///< from 1
    std::optional<double> true_theta;  ///< recorded answers: the EAP of the person's whole row, absent without answers
    AbilityEstimate estimate;
    std::vector<std::size_t> items;    ///< positions, in order of administration
    std::vector<Category> answers;
    std::vector<StopReason> reasons;
    std::vector<std::string> broken;   ///< blueprint requirements that the sitting does not meet
    bool passed = false;               ///< theta >= cut
};

/// Conditional results of the persons whose true theta lies in [low, high).
struct BandSummary {
    double low = 0;
    double high = 0;
    std::size_t persons = 0;
    double bias = 0;
    double rmse = 0;
    double mean_se = 0;       ///< conditional standard error of measurement as reported
    double mean_length = 0;
    double pass_rate = 0;
    double accuracy = 0;      ///< decisions that agree with true theta
    double max_exposure = 0;  ///< of the band's own sittings
};

struct SimulationSummary {
    double mean_length = 0;
    double bias = 0;          ///< mean of theta^ - theta
    double rmse = 0;
    double correlation = 0;   ///< of theta^ and theta; 0 where undefined
    double mean_se = 0;
    double max_exposure = 0;  ///< largest share of sittings that an item appeared in
    double overlap = 0;       ///< mean share of items that two sittings have in common: sum n_i (n_i - 1) / (N (N - 1) mean length)   Chen, Ankenmann & Spray (2003)
    std::size_t never_used = 0;
    double pass_rate = 0;
    double decision_accuracy = 0;
    std::size_t blueprint_violations = 0; ///< sittings with any
    std::vector<double> exposure;         ///< by item
    std::vector<BandSummary> bands;       ///< by true theta: below -2, … in halves …, above 2; empty ones left out
    std::map<std::string, std::size_t> reasons; ///< how often each rule stopped
};

struct Simulation {
    std::vector<SimulatedPerson> persons;
    SimulationSummary summary;
};

/// Called now and then with the share done, 0 … 1.
using Progress = std::function<void(double)>;

/// Simulated candidates of these abilities. `program`: the blueprint in force (nullptr: none), over the same items in the same order; its length is
/// the test's. Expects valid options.
Simulation simulate(BankTables const& tables, std::span<double const> thetas, assembly::Program const* program, SimulationOptions const& options, Progress const& progress = {});

/// Recorded candidates: only items that a person answered can be administered to it, and the recorded answer is taken. `responses` has the tables' items as
/// columns, in their order.
Simulation simulate(BankTables const& tables, ResponseTable const& responses, assembly::Program const* program, SimulationOptions const& options, Progress const& progress = {});

/// Sympson-Hetter: k_i of each item after options.sympson_hetter_rounds pre-simulations of so many draws from the prior. Expects that rule.
std::vector<double> administration_probabilities(BankTables const& tables, SimulationOptions const& options, std::size_t persons);

SimulationSummary summarise(BankTables const& tables, std::span<SimulatedPerson const> persons, double cut);

} // namespace assay::exam::adaptive
