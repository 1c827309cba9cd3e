#pragma once
// How a run came out, with reasons that can be told to the candidate and checked by an auditor. Score only: whether the result is
// valid, and whether anybody is certified, are decided elsewhere and by people.
#include "exam/models/theta.hpp"
#include "exam/sitting_fwd.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::exam {

/// Expected a posteriori (EAP) estimate, and the posterior standard deviation as its standard error, on 121 nodes. Source: Bock & Mislevy (1982).
struct Estimate {
    Theta theta;
    double standard_error = 1; ///< logits
    friend bool operator==(Estimate const&, Estimate const&) = default;
};

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

/// Against a candidate whose theta is exactly the cut: a lower, about the same, or a higher item score in sum than expected (by one SD of that sum).
/// Raw percentages would mislead: an adaptive test gives everybody items that they get right about half of the time.
enum class AreaFeedback { too_few_items, weaker, about_the_cut, stronger };
std::string_view to_string(AreaFeedback feedback) noexcept;

struct AreaOutcome {
    std::string area;
    int answered = 0;
    int correct = 0; ///< with full credit
    /// Of the area's score: 1 - SE²/SD² with the posterior SD after this area's answers alone and the prior's, the share of the variance of theta that
    /// they explain (Green, Bock, Humphreys, Linn & Reckase 1984). Nothing where the version does not ask for it.
    std::optional<double> reliability = std::nullopt;
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
    std::vector<ItemId> items;      ///< answered and scored, in order
    friend bool operator==(Outcome const&, Outcome const&) = default;
};

/// The outcome of the answers in `sitting`. `terminated`: somebody ended the run, so it cannot pass by itself.
Outcome outcome_of(Sitting const& sitting, PreparedExam const& exam, bool terminated);

} // namespace assay::exam
