#include "exam/result.hpp"

#include "exam/sitting.hpp"

#include <cmath>

namespace assay::exam {
namespace {

/// What a candidate exactly at the cut would do on the items of an area: mean and variance of the number of right answers.
struct Expectation {
    double mean = 0;
    double variance = 0;
};

AreaFeedback feedback_of(AreaOutcome const& area, Expectation const& expected, int minimum)
{
    if (area.answered < minimum) return AreaFeedback::too_few_items;
    auto const difference = area.correct - expected.mean;
    if (difference * difference <= expected.variance) return AreaFeedback::about_the_cut;
    return difference < 0 ? AreaFeedback::weaker : AreaFeedback::stronger;
}

std::vector<AreaOutcome> areas_of(Sitting const& sitting, ExamVersion const& version)
{
    auto const& settings = version.settings;
    auto areas = std::vector<AreaOutcome>(settings.blueprint.size());
    auto expected = std::vector<Expectation>(areas.size());
    for (auto const& administered : sitting.items) {
        if (!administered.answered_at) continue;
        auto const* item = find_item(version, administered.item);
        EXPECTS(item != nullptr);
        auto const a = area_index(settings, item->area);
        EXPECTS(a.has_value());
        auto const p = response_probability(item->parameters, settings.cut);
        ++areas[*a].answered;
        areas[*a].correct += administered.correct ? 1 : 0;
        expected[*a].mean += p;
        expected[*a].variance += p * (1.0 - p);
    }
    for (auto a = std::size_t{0}; a < areas.size(); ++a) {
        areas[a].area = settings.blueprint[a].area;
        areas[a].feedback = feedback_of(areas[a], expected[a], settings.area_feedback_minimum);
    }
    return areas;
}

bool minima_reached(std::vector<AreaOutcome> const& areas, ExamSettings const& settings)
{
    for (auto a = std::size_t{0}; a < areas.size(); ++a)
        if (areas[a].answered < settings.blueprint[a].minimum) return false;
    return true;
}

} // namespace

std::string_view to_string(OutcomeReason reason) noexcept
{
    switch (reason) {
    case OutcomeReason::estimate_reaches_cut: return "estimate_reaches_cut";
    case OutcomeReason::estimate_below_cut: return "estimate_below_cut";
    case OutcomeReason::minimum_length_not_reached: return "minimum_length_not_reached";
    case OutcomeReason::blueprint_minimum_not_reached: return "blueprint_minimum_not_reached";
    case OutcomeReason::run_terminated: return "run_terminated";
    }
    return "";
}

std::string_view to_string(CutBand band) noexcept
{
    switch (band) {
    case CutBand::below: return "below";
    case CutBand::near_cut: return "near_cut";
    case CutBand::above: return "above";
    }
    return "";
}

std::string_view to_string(AreaFeedback feedback) noexcept
{
    switch (feedback) {
    case AreaFeedback::too_few_items: return "too_few_items";
    case AreaFeedback::weaker: return "weaker";
    case AreaFeedback::about_the_cut: return "about_the_cut";
    case AreaFeedback::stronger: return "stronger";
    }
    return "";
}

CutBand band_of(ExamSettings const& settings, Estimate const& estimate) noexcept
{
    auto const distance = estimate.theta.logits - settings.cut.logits;
    if (std::abs(distance) <= settings.near_cut_z * estimate.standard_error) return CutBand::near_cut;
    return distance < 0 ? CutBand::below : CutBand::above;
}

Outcome outcome_of(Sitting const& sitting, ExamVersion const& version, bool terminated)
{
    auto const& settings = version.settings;
    auto outcome = Outcome{};
    outcome.estimate = sitting.posterior.estimate();
    outcome.scaled = scaled_score(settings, outcome.estimate.theta);
    outcome.scaled_cut = scaled_score(settings, settings.cut);
    outcome.band = band_of(settings, outcome.estimate);
    outcome.areas = areas_of(sitting, version);
    for (auto const& item : sitting.items)
        if (item.answered_at) outcome.items.push_back(item.item);

    auto const reaches = outcome.estimate.theta >= settings.cut;
    outcome.reasons.push_back(reaches ? OutcomeReason::estimate_reaches_cut : OutcomeReason::estimate_below_cut);
    if (std::cmp_less(outcome.items.size(), settings.length.minimum))
        outcome.reasons.push_back(OutcomeReason::minimum_length_not_reached);
    if (!minima_reached(outcome.areas, settings)) outcome.reasons.push_back(OutcomeReason::blueprint_minimum_not_reached);
    if (terminated) outcome.reasons.push_back(OutcomeReason::run_terminated);
    outcome.passed = reaches && outcome.reasons.size() == 1;
    return outcome;
}

std::optional<SubmitCause> stop_rule(Sitting const& sitting, ExamVersion const& version)
{
    auto const& settings = version.settings;
    auto const answered = answered_count(sitting);
    if (std::cmp_greater_equal(answered, settings.length.maximum)) return SubmitCause::maximum_length;
    if (std::cmp_less(answered, settings.length.minimum)) return std::nullopt;
    auto const estimate = sitting.posterior.estimate();
    if (estimate.standard_error > settings.standard_error_stop || band_of(settings, estimate) == CutBand::near_cut) return std::nullopt;
    if (!minima_reached(areas_of(sitting, version), settings)) return std::nullopt;
    return SubmitCause::precision_reached;
}

} // namespace assay::exam
