#include "exam/adaptive/stopping.hpp"

#include "core/exp_log.hpp"

#include <algorithm>
#include <cmath>

namespace assay::exam::adaptive {
namespace {

bool valid(std::optional<CutTest> const& test)
{
    return !test || (test->alpha >= 1e-4 && test->alpha <= 0.5 && test->beta >= 1e-4 && test->beta <= 0.5 && test->delta > 0 && test->delta <= 10);
}

bool is_on_plateau(Plateau const& rule, std::span<double const> estimates)
{
    if (estimates.size() < static_cast<std::size_t>(rule.answers)) return false;
    auto const last = estimates.last(static_cast<std::size_t>(rule.answers));
    auto const [low, high] = std::minmax_element(last.begin(), last.end());
    return *high - *low <= rule.within;
}

/// Squares, and no division: exact where nothing is to come (the class is what it is), and the same bits everywhere.
bool is_curtailed(double z, double distance, double standard_error, double to_come)
{
    auto const variance = standard_error * standard_error;
    return distance * distance * (1 + variance * to_come) > z * z * (variance * variance * to_come);
}

} // namespace

double information_to_come(std::vector<ItemToCome> items, int count)
{
    std::stable_sort(items.begin(), items.end(), [](ItemToCome const& a, ItemToCome const& b) { return a.worth / a.items > b.worth / b.items; });
    auto sum = 0.0;
    for (auto const& each : items) {
        if (each.items > count) continue;
        sum += each.information;
        count -= each.items;
    }
    return sum;
}

std::optional<std::string> problem(StopRules const& rules)
{
    if (rules.minimum < 1 || rules.maximum < rules.minimum || rules.maximum > 10'000) return "the length must run from a minimum of at least 1 to a maximum of at most 10000";
    if (!(std::abs(rules.cut) <= 100)) return "the cut must lie within -100 … 100";
    if (rules.standard_error && !(*rules.standard_error > 0)) return "the standard error to stop at must be above 0";
    if (rules.class_probability && !(*rules.class_probability >= 0.5 && *rules.class_probability <= 1)) return "the class probability to stop at must lie within 0.5 … 1";
    if (!valid(rules.sprt) || !valid(rules.glr)) return "alpha and beta must lie within 0.0001 … 0.5, and delta within 0 … 10";
    if (rules.confidence_z && !(*rules.confidence_z >= 0)) return "z must not be negative";
    if (rules.near_cut_z && !(*rules.near_cut_z >= 0)) return "z must not be negative";
    if (rules.curtailment_z && !(*rules.curtailment_z >= 0 && *rules.curtailment_z <= 10)) return "z of the curtailment must lie within 0 … 10";
    if (rules.plateau && (rules.plateau->answers < 2 || !(rules.plateau->within >= 0))) return "a plateau needs at least 2 answers and a width of at least 0";
    return std::nullopt;
}

std::string_view name(StopReason reason) noexcept
{
    static constexpr std::string_view names[] = {"maximum", "standard_error", "class_probability", "sprt", "glr", "confidence", "minimum_information", "plateau", "bank_exhausted", "complete", "curtailed"};
    return names[static_cast<std::size_t>(reason)];
}

void CutEvidence::update(ItemModel const& item, std::size_t category)
{
    above_ += category_terms(item, category, {cut_ + test_.delta}).log_probability;
    below_ += category_terms(item, category, {cut_ - test_.delta}).log_probability;
}

double CutEvidence::glr(BankTables const& tables, NodePosterior const& posterior) const
{
    auto above = above_;
    auto below = below_;
    auto const nodes = tables.nodes();
    auto const logs = posterior.log_likelihood();
    for (auto p = std::size_t{0}; p < nodes.size(); ++p) {
        if (nodes[p] >= cut_ + test_.delta) above = std::max(above, logs[p]);
        if (nodes[p] <= cut_ - test_.delta) below = std::max(below, logs[p]);
    }
    return above - below;
}

bool CutEvidence::decides(double log_ratio) const
{
    return log_ratio >= exact_order_log((1 - test_.beta) / test_.alpha) || log_ratio <= exact_order_log(test_.beta / (1 - test_.alpha));
}

std::vector<StopReason> stops(StopRules const& rules, StopEvidence const& e)
{
    if (e.answered >= rules.maximum) return {StopReason::maximum};
    if (e.answered < rules.minimum) return {};
    auto const distance = std::abs(e.theta - rules.cut);
    if (rules.near_cut_z && distance <= *rules.near_cut_z * e.standard_error) return {};

    auto reasons = std::vector<StopReason>{};
    auto set = std::size_t{0};
    auto const ask = [&](bool is_set, StopReason reason, auto const& agrees) {
        if (!is_set) return;
        ++set;
        if (agrees()) reasons.push_back(reason);
    };
    ask(rules.standard_error.has_value(), StopReason::standard_error, [&] { return e.standard_error <= *rules.standard_error; });
    ask(rules.class_probability.has_value(), StopReason::class_probability,
        [&] { return std::max(e.mass_at_or_above_cut, 1 - e.mass_at_or_above_cut) >= *rules.class_probability; });
    ask(e.sprt != nullptr, StopReason::sprt, [&] { return e.sprt->decides(e.sprt->sprt()); });
    ask(e.glr != nullptr, StopReason::glr, [&] { return e.glr->decides(e.glr->glr(e.tables, e.posterior)); });
    ask(rules.confidence_z.has_value(), StopReason::confidence, [&] { return distance > *rules.confidence_z * e.standard_error; });
    ask(rules.curtailment_z.has_value(), StopReason::curtailed, [&] { return is_curtailed(*rules.curtailment_z, distance, e.standard_error, e.information_to_come); });
    ask(rules.minimum_information.has_value(), StopReason::minimum_information, [&] { return e.best_information < *rules.minimum_information; });
    ask(rules.plateau.has_value(), StopReason::plateau, [&] { return is_on_plateau(*rules.plateau, e.estimates); });
    if (rules.all && reasons.size() < set) return {};
    return reasons;
}

} // namespace assay::exam::adaptive
