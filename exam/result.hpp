#pragma once
// How a run came out, with reasons that can be told to the candidate and checked by an auditor. Score only: whether the result is
// valid, and whether anybody is certified, are decided elsewhere and by people.
#include "exam/posterior.hpp"
#include "exam/sitting_fwd.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace assay::exam {

/// Why a run passed or did not. estimate_reaches_cut alone passes; every other one present refuses.
enum class OutcomeReason {
    estimate_reaches_cut,
    estimate_below_cut,
    minimum_length_not_reached,
    blueprint_minimum_not_reached,
    run_terminated,
};
std::string_view to_string(OutcomeReason reason) noexcept;

/// Where the estimate lies, given its precision (near: the cut is within near_cut_z · SE).
enum class CutBand { below, near_cut, above };
std::string_view to_string(CutBand band) noexcept;

CutBand band_of(ExamSettings const& settings, Estimate const& estimate) noexcept;

/// Against a candidate whose theta is exactly the cut: fewer, about as many, or more items right than expected (by one SD of that count).
/// Raw percentages would mislead: an adaptive test gives everybody items that they get right about half of the time.
enum class AreaFeedback { too_few_items, weaker, about_the_cut, stronger };
std::string_view to_string(AreaFeedback feedback) noexcept;

struct AreaOutcome {
    std::string area;
    int answered = 0;
    int correct = 0; ///< with full credit
    AreaFeedback feedback = AreaFeedback::too_few_items;
    friend bool operator==(AreaOutcome const&, AreaOutcome const&) = default;
};

struct Outcome {
    bool passed = false;
    std::vector<OutcomeReason> reasons; ///< never empty; the order of the enumerators
    Estimate estimate;
    double scaled = 0;
    double scaled_cut = 0;
    CutBand band = CutBand::near_cut;
    std::vector<AreaOutcome> areas; ///< in the blueprint's order
    std::vector<ItemId> items;      ///< answered, in order
    friend bool operator==(Outcome const&, Outcome const&) = default;
};

/// The outcome of the answers in `sitting`. `terminated`: somebody ended the run, so it cannot pass by itself.
Outcome outcome_of(Sitting const& sitting, ExamVersion const& version, bool terminated);

} // namespace assay::exam
