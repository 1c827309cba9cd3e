#include "exam/result.hpp"

#include "exam/sitting.hpp"

#include <algorithm>
#include <cmath>

namespace assay::exam {
namespace {

/// What a candidate exactly at the cut would do on the items of an area: mean and variance of the sum of item scores.
struct Expectation {
    double score = 0; ///< of the candidate
    double mean = 0;
    double variance = 0;
};

void add_item(Expectation& area, ItemModel const& model, std::size_t category, Theta cut)
{
    area.score += static_cast<double>(category);
    if (model.categories() == 2) {
        auto const p = response_probability(model, cut);
        area.mean += p;
        area.variance += p * (1.0 - p);
        return;
    }
    auto const mean = expected_score(model, cut);
    area.mean += mean;
    for (auto k = std::size_t{0}; k < model.categories(); ++k) {
        auto const deviation = static_cast<double>(k) - mean;
        area.variance += category_terms(model, k, cut).probability * (deviation * deviation);
    }
}

AreaFeedback feedback_of(AreaOutcome const& area, Expectation const& expected, ExamSettings const& settings)
{
    if (area.answered < settings.area_feedback_minimum) return AreaFeedback::too_few_items;
    if (area.reliability && *area.reliability < *settings.area_reliability_minimum) return AreaFeedback::too_few_items;
    auto const difference = expected.score - expected.mean;
    if (difference * difference <= expected.variance) return AreaFeedback::about_the_cut;
    return difference < 0 ? AreaFeedback::weaker : AreaFeedback::stronger;
}

std::vector<AreaOutcome> areas_of(Sitting const& sitting, PreparedExam const& exam)
{
    auto const& settings = exam.settings();
    auto areas = std::vector<AreaOutcome>(settings.blueprint.size());
    auto expected = std::vector<Expectation>(areas.size());
    auto alone = std::vector<adaptive::NodePosterior>(settings.area_reliability_minimum ? areas.size() : 0, adaptive::NodePosterior{exam.tables(), sitting.prior});
    for (auto const& answer : scored_answers(sitting, exam)) {
        auto const* item = find_item(exam.version(), sitting.items[answer.first].item);
        EXPECTS(item != nullptr);
        auto const a = area_index(settings, item->area);
        EXPECTS(a.has_value());
        areas[*a].answered += static_cast<int>(answer.count);
        for (auto i = answer.first; i < answer.first + answer.count; ++i) areas[*a].correct += sitting.items[i].correct ? 1 : 0;
        add_item(expected[*a], exam.tables().items()[answer.model], answer.category, settings.cut);
        if (!alone.empty()) alone[*a].update(exam.tables(), answer.model, answer.category);
    }
    for (auto a = std::size_t{0}; a < areas.size(); ++a) {
        areas[a].area = settings.blueprint[a].area;
        if (!alone.empty()) {
            auto const ratio = alone[a].moments(exam.tables()).standard_deviation / sitting.prior.standard_deviation;
            areas[a].reliability = std::max(0.0, 1.0 - ratio * ratio);
        }
        areas[a].feedback = feedback_of(areas[a], expected[a], settings);
    }
    return areas;
}

std::vector<ItemId> scored_items(Sitting const& sitting, PreparedExam const& exam)
{
    auto items = std::vector<ItemId>{};
    for (auto const& answer : scored_answers(sitting, exam))
        for (auto i = answer.first; i < answer.first + answer.count; ++i) items.push_back(sitting.items[i].item);
    return items;
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

Outcome outcome_of(Sitting const& sitting, PreparedExam const& exam, bool terminated)
{
    auto const& settings = exam.settings();
    auto outcome = Outcome{};
    outcome.estimate = estimate_of(posterior_of(sitting, exam), exam);
    outcome.scaled = scaled_score(settings, outcome.estimate.theta);
    outcome.scaled_cut = scaled_score(settings, settings.cut);
    outcome.band = band_of(settings, outcome.estimate);
    outcome.areas = areas_of(sitting, exam);
    outcome.items = scored_items(sitting, exam);

    auto const reaches = outcome.estimate.theta >= settings.cut;
    outcome.reasons.push_back(reaches ? OutcomeReason::estimate_reaches_cut : OutcomeReason::estimate_below_cut);
    // A testlet that was not completed does not lengthen the test.
    if (std::cmp_less(outcome.items.size(), settings.length.minimum))
        outcome.reasons.push_back(OutcomeReason::minimum_length_not_reached);
    if (!is_complete(exam, scored_items(sitting, exam))) outcome.reasons.push_back(OutcomeReason::blueprint_minimum_not_reached);
    if (terminated) outcome.reasons.push_back(OutcomeReason::run_terminated);
    outcome.passed = reaches && outcome.reasons.size() == 1;
    return outcome;
}

namespace {

SubmitCause cause_of(adaptive::StopReason reason) noexcept
{
    switch (reason) {
    case adaptive::StopReason::maximum: return SubmitCause::maximum_length;
    case adaptive::StopReason::standard_error: return SubmitCause::precision_reached;
    case adaptive::StopReason::class_probability: return SubmitCause::class_probability_reached;
    case adaptive::StopReason::sprt: return SubmitCause::probability_ratio_decided;
    case adaptive::StopReason::glr: return SubmitCause::likelihood_ratio_decided;
    case adaptive::StopReason::confidence: return SubmitCause::confidence_interval_clear;
    case adaptive::StopReason::minimum_information: return SubmitCause::nothing_left_to_learn;
    case adaptive::StopReason::plateau: return SubmitCause::estimate_settled;
    case adaptive::StopReason::bank_exhausted: return SubmitCause::bank_exhausted;
    case adaptive::StopReason::complete: return SubmitCause::form_complete;
    case adaptive::StopReason::curtailed: return SubmitCause::class_settled;
    }
    return SubmitCause::bank_exhausted;
}

/// By place in the tables: what a sitting may still present, testlets as themselves.
std::vector<std::uint8_t> still_free(Sitting const& sitting, PreparedExam const& exam)
{
    auto free = std::vector<std::uint8_t>(exam.tables().items().size(), 1);
    auto const take = [&](ItemId id) {
        auto const at = exam.position(id);
        if (!at) return;
        free[*at] = 0;
        if (auto const* testlet = exam.testlet_of(*at)) free[testlet->model] = 0;
    };
    for (auto const& item : sitting.items) take(item.item);
    for (auto const& id : sitting.banned) take(id);
    for (auto const& testlet : exam.testlets())
        for (auto const item : testlet.items) free[item] = 0; // by itself it is none
    return free;
}

/// Until the greatest length, were the criterion to look at the same ability from now on.
double information_left(Sitting const& sitting, PreparedExam const& exam, Theta theta)
{
    auto const& settings = exam.settings();
    auto const& models = exam.tables().items();
    auto const free = still_free(sitting, exam);
    auto const at = settings.selection.criterion == adaptive::Criterion::cut ? settings.cut : theta;
    auto const pool = exam.version().pool.size();
    auto items = std::vector<adaptive::ItemToCome>{};
    for (auto i = std::size_t{0}; i < free.size(); ++i)
        if (free[i] != 0)
            items.push_back({.worth = information(models[i], at), .information = information(models[i], theta), .items = i < pool ? 1 : static_cast<int>(exam.testlets()[i - pool].items.size())});
    return adaptive::information_to_come(std::move(items), settings.length.maximum - static_cast<int>(scored_count(sitting)));
}

/// What each rule of the version has to go by.
std::vector<adaptive::StopReason> reasons_to_stop(Sitting const& sitting, PreparedExam const& exam, adaptive::StopRules const& rules)
{
    auto const& tables = exam.tables();
    auto posterior = adaptive::NodePosterior{tables, sitting.prior};
    auto sprt = rules.sprt ? std::optional{adaptive::CutEvidence{*rules.sprt, rules.cut}} : std::nullopt;
    auto glr = rules.glr ? std::optional{adaptive::CutEvidence{*rules.glr, rules.cut}} : std::nullopt;
    auto estimates = std::vector<double>{};
    for (auto const& answer : scored_answers(sitting, exam)) {
        posterior.update(tables, answer.model, answer.category);
        if (sprt) sprt->update(tables.items()[answer.model], answer.category);
        if (glr) glr->update(tables.items()[answer.model], answer.category);
        if (rules.plateau) estimates.push_back(posterior.moments(tables).mean);
    }
    auto const estimate = estimate_of(posterior, exam);
    auto best_information = 0.0;
    if (rules.minimum_information)
        if (auto const best = adaptive::most_informative(tables, still_free(sitting, exam), estimate.theta.logits)) best_information = best->value;
    return adaptive::stops(rules, {.answered = static_cast<int>(scored_count(sitting)),
                                   .theta = estimate.theta.logits,
                                   .standard_error = estimate.standard_error,
                                   .mass_at_or_above_cut = posterior.mass_at_or_above(tables, rules.cut),
                                   .best_information = best_information,
                                   .information_to_come = rules.curtailment_z ? information_left(sitting, exam, estimate.theta) : 0.0,
                                   .estimates = estimates,
                                   .sprt = sprt ? &*sprt : nullptr,
                                   .glr = glr ? &*glr : nullptr,
                                   .tables = tables,
                                   .posterior = posterior});
}

} // namespace

StopVerdict stop_verdict(Sitting const& sitting, PreparedExam const& exam, Timestamp now)
{
    auto const& settings = exam.settings();
    auto const answered = scored_count(sitting);
    if (std::cmp_greater_equal(answered, settings.length.maximum)) return {SubmitCause::maximum_length, true};
    if (std::cmp_less(answered, settings.length.minimum)) return {};
    auto const is_fixed = settings.selection.mode != SelectionMode::adaptive;
    auto const reasons = is_fixed ? std::vector<adaptive::StopReason>{} : reasons_to_stop(sitting, exam, stop_rules(settings));
    auto const planned = settings.stop.time ? *settings.stop.time + sitting.clock.extra + sitting.clock.added : std::chrono::seconds{0};
    auto const time_is_used = settings.stop.time && time_used(sitting.clock, settings.clock, now) >= planned;
    auto const is_near = band_of(settings, estimate_of(posterior_of(sitting, exam), exam)) == CutBand::near_cut;
    auto cause = std::optional<SubmitCause>{};
    // With `all`, adaptive::stops() has already asked that its own rules agree; time is one more of them.
    if (!reasons.empty() && (!settings.stop.all || !settings.stop.time || time_is_used)) cause = cause_of(reasons.front());
    else if (time_is_used && (is_fixed || (!is_near && !settings.stop.all))) cause = SubmitCause::planned_time_used;
    if (!cause) return {};
    return {cause, is_complete(exam, scored_items(sitting, exam))};
}

} // namespace assay::exam
