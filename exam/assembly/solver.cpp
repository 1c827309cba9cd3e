#include "exam/assembly/solver.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace assay::exam::assembly {
namespace {

constexpr auto integrality = 1e-6;

bool worth_more(double bound, double objective, double gap) { return bound > objective + (1e-9 + gap) * (1 + std::abs(objective)); }

} // namespace

std::string_view name(SolveOutcome outcome) noexcept
{
    switch (outcome) {
    case SolveOutcome::optimal: return "optimal";
    case SolveOutcome::bounded: return "bounded";
    case SolveOutcome::infeasible: return "infeasible";
    case SolveOutcome::unknown: return "unknown";
    }
    return "";
}

FormSolver::FormSolver(Program const& program) : program_{program}, linear_{program}, values_(program.variables, 0.0), low_{program.low}, high_{program.high}
{
    // Where all are worth the same the dual simplex method has nothing to go by. Multiples of the golden ratio are all different.
    auto guide = std::vector<double>(program.variables, 0.0);
    for (auto i = std::size_t{0}; i < program.items; ++i) {
        auto const multiple = static_cast<double>(i + 1) * 0.6180339887498949;
        guide[i] = 1 + multiple - std::floor(multiple);
    }
    linear_.set_objective(guide);
    columns_.resize(program.items);
    for (auto r = std::uint32_t{0}; r < program.rows.size(); ++r)
        for (auto const& term : program.rows[r].terms)
            if (term.variable < program.items) columns_[term.variable].emplace_back(r, term.coefficient);
}

void FormSolver::set_values(std::span<double const> values)
{
    EXPECTS(values.size() == program_.items);
    std::copy(values.begin(), values.end(), values_.begin());
    linear_.set_objective(values_);
    valued_ = true;
}

void FormSolver::fix(std::size_t item, std::uint8_t low, std::uint8_t high)
{
    EXPECTS(item < program_.items && low <= high && high <= 1);
    low_[item] = low;
    high_[item] = high;
}

double FormSolver::objective_of(std::span<std::uint8_t const> chosen) const
{
    auto sum = 0.0;
    for (auto i = std::size_t{0}; i < program_.items; ++i)
        if (chosen[i] != 0) sum += values_[i];
    return sum;
}

bool FormSolver::keeps_bounds(std::span<std::uint8_t const> chosen) const
{
    for (auto i = std::size_t{0}; i < program_.items; ++i)
        if (chosen[i] < low_[i] || chosen[i] > high_[i]) return false;
    return true;
}

void FormSolver::consider(std::vector<std::uint8_t> chosen, Solution& best) const
{
    if (!keeps_bounds(chosen) || !broken_rows(program_, chosen).empty()) return;
    auto const objective = objective_of(chosen);
    if (!best.chosen.empty() && objective <= best.objective) return;
    best.objective = objective;
    best.chosen = std::move(chosen);
}

/// The fractional variable that is nearest to 1, which leads down to a form in few steps; passages first, since they decide about many items.
std::optional<std::uint32_t> FormSolver::fractional() const
{
    auto found = std::optional<std::uint32_t>{};
    auto most = integrality;
    auto const look = [&](std::size_t from, std::size_t to) {
        for (auto v = from; v < to; ++v) {
            auto const x = linear_.value(v);
            if (std::abs(x - std::floor(x + 0.5)) > integrality && x > most) {
                most = x;
                found = static_cast<std::uint32_t>(v);
            }
        }
    };
    look(program_.items, program_.variables);
    if (!found) look(0, program_.items);
    return found;
}

/// What can't be in a form better than the one at hand, by the root's reduced costs, is out for the rest of this search; and the other way round.
void FormSolver::fix_by_reduced_cost(double bound, double objective, double gap, std::vector<std::uint8_t>& low, std::vector<std::uint8_t>& high, double& dropped_bound)
{
    for (auto v = std::size_t{0}; v < program_.variables; ++v) {
        auto const other = bound - std::abs(root_reduced_[v]); // no form with the variable at its other bound is worth more
        if (low[v] == high[v] || root_reduced_[v] == 0 || worth_more(other, objective, gap)) continue;
        (root_at_high_[v] != 0 ? low[v] : high[v]) = root_at_high_[v];
        linear_.set_bounds(v, low[v], high[v]);
        dropped_bound = std::max(dropped_bound, other);
    }
}

/// Exchanges single items of the form for better ones as long as the rows allow: a form of earlier values comes close to the best of these in few steps.
/// Items of a ruled passage are exchanged within it only, so that passages stay used or unused.
void FormSolver::improve(Solution& best) const
{
    auto const& p = program_;
    auto sums = std::vector<double>(p.rows.size(), 0.0);
    auto inside = std::vector<std::uint32_t>{};
    auto outside = std::vector<std::uint32_t>{};
    for (auto i = std::uint32_t{0}; i < p.items; ++i) {
        if (best.chosen[i] != 0)
            for (auto const& [r, coefficient] : columns_[i]) sums[r] += coefficient;
        if (low_[i] != high_[i]) (best.chosen[i] != 0 ? inside : outside).push_back(i);
    }
    auto const by_value = [&](std::uint32_t a, std::uint32_t b) { return values_[a] != values_[b] ? values_[a] > values_[b] : a < b; };
    std::sort(outside.begin(), outside.end(), by_value);
    std::sort(inside.begin(), inside.end(), [&](auto a, auto b) { return by_value(b, a); });
    auto change = std::vector<double>(p.rows.size(), 0.0); // all 0 between two looks
    auto const passage = [&](std::uint32_t i) { return p.passage_variable[i] == i ? p.items : p.passage_variable[i]; };
    auto const may_replace = [&](std::uint32_t out, std::uint32_t in) {
        if (passage(out) != passage(in)) return false;
        for (auto const& [r, coefficient] : columns_[out]) change[r] -= coefficient;
        for (auto const& [r, coefficient] : columns_[in]) change[r] += coefficient;
        auto holds = true;
        auto const look = [&](std::uint32_t i) {
            for (auto const& [r, coefficient] : columns_[i]) {
                auto const is_passage = p.rows[r].terms.front().variable >= p.items; // a row of a passage: within it nothing changes
                holds = holds && (is_passage || change[r] == 0 || (sums[r] + change[r] >= p.rows[r].low && sums[r] + change[r] <= p.rows[r].high));
            }
        };
        look(out);
        look(in);
        for (auto const& [r, coefficient] : columns_[out]) sums[r] += holds ? std::exchange(change[r], 0.0) : (change[r] = 0.0);
        for (auto const& [r, coefficient] : columns_[in]) sums[r] += holds ? std::exchange(change[r], 0.0) : (change[r] = 0.0);
        return holds;
    };
    constexpr auto exchanges_max = 60;
    auto improved = best.chosen;
    auto exchanges = 0;
    for (auto again = true; std::exchange(again, false);)
        for (auto& out : inside)
            for (auto& in : outside) {
                if (values_[in] <= values_[out] || exchanges >= exchanges_max || !may_replace(out, in)) continue;
                improved[out] = 0;
                improved[in] = 1;
                std::swap(out, in);
                ++exchanges;
                again = true;
                break;
            }
    consider(std::move(improved), best);
}

Solution FormSolver::solve(SolverLimits const& limits)
{
    auto best = Solution{};
    if (!last_.empty()) consider(last_, best);
    if (valued_ && !best.chosen.empty()) improve(best);

    auto now_low = low_; // bounds as the linear program has them, changed by few variables from node to node
    auto now_high = high_;
    for (auto v = std::size_t{0}; v < program_.variables; ++v) linear_.set_bounds(v, now_low[v], now_high[v]);

    auto open = std::vector<Node>{};
    open.push_back({.bound = 1e300, .fixings = {}});
    auto applied = std::vector<std::pair<std::uint32_t, std::uint8_t>>{};
    auto dropped_bound = -1e300; // the largest bound among nodes that were given up without a proof
    auto root_bound = 1e300;
    auto descending = false;
    auto found = false; // a form, by this search
    auto fixed_for = -1e300; // the objective that variables were last fixed for
    auto const pivots_before = linear_.pivots();
    auto const spent = [&] { return linear_.pivots() - pivots_before; };
    while (!open.empty() && best.nodes < limits.nodes && (best.chosen.empty() || spent() + 3 * best.nodes < (found ? limits.work : 4 * limits.work))) {
        if (!valued_ && !best.chosen.empty()) break;
        // Down to a first form, back by the shortest way where there is none; from then on, whenever a descent has ended, where the most may be had.
        if (!std::exchange(descending, false) && found) {
            auto const most = std::max_element(open.begin(), open.end(), [](Node const& a, Node const& b) { return a.bound < b.bound; });
            std::swap(*most, open.back());
        }
        auto node = std::move(open.back());
        open.pop_back();
        if (!best.chosen.empty() && !worth_more(node.bound, best.objective, limits.gap)) {
            dropped_bound = std::max(dropped_bound, node.bound);
            continue;
        }
        ++best.nodes;
        for (auto const& [v, value] : applied) linear_.set_bounds(v, now_low[v], now_high[v]);
        applied.clear();
        if (!best.chosen.empty() && root_bound < 1e300 && best.objective > fixed_for) {
            fix_by_reduced_cost(root_bound, best.objective, limits.gap, now_low, now_high, dropped_bound);
            fixed_for = best.objective;
        }
        auto const is_out = [&](auto const& fixing) { return fixing.second < now_low[fixing.first] || fixing.second > now_high[fixing.first]; };
        if (std::any_of(node.fixings.begin(), node.fixings.end(), is_out)) continue; // its bound was owned up to when the variable was fixed
        for (auto const& [v, value] : node.fixings) linear_.set_bounds(v, value, value);
        applied = node.fixings;
        auto const cutoff = best.chosen.empty() ? -1e300 : best.objective;
        auto const outcome = linear_.solve(cutoff);
        if (outcome == LinearOutcome::infeasible) continue;
        auto const bound = std::min(node.bound, linear_.objective() + 1e-11 * (1 + std::abs(linear_.objective())));
        if (node.fixings.empty() && outcome == LinearOutcome::optimal && valued_) {
            root_bound = bound;
            root_reduced_.resize(program_.variables);
            root_at_high_.resize(program_.variables);
            for (auto v = std::size_t{0}; v < program_.variables; ++v) {
                root_reduced_[v] = linear_.reduced_cost(v);
                root_at_high_[v] = root_reduced_[v] > 0;
            }
        }
        if (!best.chosen.empty() && !worth_more(bound, best.objective, limits.gap)) {
            dropped_bound = std::max(dropped_bound, bound);
            continue;
        }
        auto const branch = outcome == LinearOutcome::optimal ? fractional() : std::nullopt;
        if (!branch) {
            auto chosen = std::vector<std::uint8_t>(program_.items);
            for (auto i = std::size_t{0}; i < program_.items; ++i) chosen[i] = linear_.value(i) > 0.5;
            auto const before = best.objective;
            auto const had = !best.chosen.empty();
            if (outcome == LinearOutcome::optimal) consider(std::move(chosen), best);
            found = found || best.objective > before || !had;
            if (valued_ && best.objective > before) improve(best);
            // Without progress (rounding, or too many pivots) the node is given up, and its bound is owned up to.
            if (best.chosen.empty() || (had && best.objective == before) || worth_more(bound, best.objective, 0)) dropped_bound = std::max(dropped_bound, bound);
            continue;
        }
        auto const up_first = linear_.value(*branch) >= 0.5;
        for (auto const value : {std::uint8_t(up_first ? 0 : 1), std::uint8_t(up_first ? 1 : 0)}) { // the later pushed is looked at first
            auto child = Node{.bound = bound, .fixings = node.fixings};
            child.fixings.emplace_back(*branch, value);
            open.push_back(std::move(child));
        }
        descending = true;
    }
    for (auto const& node : open) dropped_bound = std::max(dropped_bound, node.bound);
    if (!valued_ && !best.chosen.empty()) dropped_bound = best.objective; // any form is the best one
    best.pivots = spent();
    best.bound = best.chosen.empty() ? dropped_bound : std::max(best.objective, dropped_bound);
    if (best.chosen.empty()) best.outcome = dropped_bound == -1e300 ? SolveOutcome::infeasible : SolveOutcome::unknown;
    else best.outcome = worth_more(best.bound, best.objective, 0) ? SolveOutcome::bounded : SolveOutcome::optimal;
    if (!best.chosen.empty()) last_ = best.chosen;
    return best;
}

namespace {

/// What a single row shows: the bank does not hold enough, or is forced beyond the maximum.
std::optional<std::string> row_reason(Program const& program, Row const& row)
{
    auto least = 0.0;
    auto most = 0.0;
    for (auto const& term : row.terms) {
        auto const with_low = term.coefficient * program.low[term.variable];
        auto const with_high = term.coefficient * program.high[term.variable];
        least += std::min(with_low, with_high);
        most += std::max(with_low, with_high);
    }
    if (most < row.low - 1e-6) return row.words + ", but all the items that may be used give " + shortest_decimal(most);
    if (least > row.high + 1e-6) return row.words + ", but the items that must be used give " + shortest_decimal(least);
    return std::nullopt;
}

/// Proven: the program with only these rows has no form.
bool is_infeasible(Program const& program, std::vector<std::uint8_t> const& active)
{
    auto part = Program{.items = program.items, .variables = program.variables, .rows = {}, .low = program.low, .high = program.high,
                        .passage_of = program.passage_of, .passage_variable = program.passage_variable, .length_maximum = program.length_maximum};
    for (auto r = std::size_t{0}; r < program.rows.size(); ++r)
        if (active[r] != 0) part.rows.push_back(program.rows[r]);
    return FormSolver{part}.solve({.nodes = 500}).outcome == SolveOutcome::infeasible;
}

} // namespace

std::vector<std::string> explain_infeasibility(Program const& program)
{
    auto reasons = std::vector<std::string>{};
    for (auto const& row : program.rows)
        if (auto reason = row_reason(program, row)) reasons.push_back(std::move(*reason));
    if (!reasons.empty()) return reasons;

    auto active = std::vector<std::uint8_t>(program.rows.size(), 1);
    if (!is_infeasible(program, active)) return {};
    for (auto r = std::size_t{0}; r < program.rows.size(); ++r) { // the deletion filter: what can go without a form appearing, goes
        active[r] = 0;
        if (!is_infeasible(program, active)) active[r] = 1;
    }
    reasons.push_back("these requirements can't hold together:");
    for (auto r = std::size_t{0}; r < program.rows.size(); ++r)
        if (active[r] != 0 && reasons.back() != program.rows[r].words) reasons.push_back(program.rows[r].words);
    return reasons;
}

} // namespace assay::exam::assembly
