#include "server/app/measured.hpp"

namespace assay::server {
namespace {

/// Where a value lies between the ends of the scale, 0…100.
double place(double value, exam::ScaledScoreLine const& scale)
{
    auto const share = (value - scale.minimum) / (scale.maximum - scale.minimum) * 100;
    return share < 0 ? 0 : share > 100 ? 100 : share;
}

char const* code_of(exam::SubmitCause cause)
{
    switch (cause) {
    case exam::SubmitCause::candidate: return "ended_by_candidate";
    case exam::SubmitCause::precision_reached: return "precise_enough";
    case exam::SubmitCause::maximum_length:
    case exam::SubmitCause::bank_exhausted: return "all_questions_asked";
    case exam::SubmitCause::class_probability_reached: return "class_sure_enough";
    case exam::SubmitCause::probability_ratio_decided:
    case exam::SubmitCause::likelihood_ratio_decided: return "answers_decided";
    case exam::SubmitCause::confidence_interval_clear: return "band_clear_of_cut";
    case exam::SubmitCause::nothing_left_to_learn: return "nothing_left_to_learn";
    case exam::SubmitCause::estimate_settled: return "estimate_settled";
    case exam::SubmitCause::planned_time_used: return "planned_time_used";
    case exam::SubmitCause::form_complete: return "form_complete";
    case exam::SubmitCause::class_settled: return "answers_decided";
    }
    return "all_questions_asked";
}

} // namespace

json::object score_context(exam::Outcome const& outcome, exam::ExamSettings const& settings)
{
    constexpr auto z95 = 1.96;
    auto const half = z95 * outcome.estimate.standard_error;
    auto const low = exam::scaled_score(settings, {outcome.estimate.theta.logits - half});
    auto const high = exam::scaled_score(settings, {outcome.estimate.theta.logits + half});
    auto const& scale = settings.scale;
    return {{"value", outcome.scaled}, {"low", low}, {"high", high}, {"cut", outcome.scaled_cut}, {"min", scale.minimum}, {"max", scale.maximum},
            {"value_at", place(outcome.scaled, scale)}, {"low_at", place(low, scale)}, {"band_at", place(high, scale) - place(low, scale)},
            {"cut_at", place(outcome.scaled_cut, scale)}};
}

json::array areas_context(exam::Outcome const& outcome)
{
    auto areas = json::array{};
    for (auto const& area : outcome.areas)
        if (area.answered > 0) areas.push_back(json::object{{"name", area.area}, {"answered", area.answered}, {"feedback", exam::to_string(area.feedback)}});
    return areas;
}

json::array length_context(LoadedSitting const& sitting)
{
    auto lengths = json::array{};
    auto const add = [&](char const* code) { lengths.push_back(json::object{{"code", code}}); };
    for (auto const& event : sitting.events) {
        if (auto const* submitted = std::get_if<exam::Submitted>(&event)) add(code_of(submitted->cause));
        if (std::holds_alternative<exam::TimedOut>(event)) add("time_ran_out");
        if (std::holds_alternative<exam::Terminated>(event)) add("ended_by_staff");
    }
    return lengths;
}

} // namespace assay::server
