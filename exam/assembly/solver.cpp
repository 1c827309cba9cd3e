#include "exam/assembly/solver.hpp"

#include <algorithm>
#include <cmath>

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

FormSolver::FormSolver(Program const& program) : program_{program}, linear_{program}, values_(program.variables, 0.0), low_{program.low}, high_{program.high} {}

void FormSolver::set_values(std::span<double const> values)
{
    EXPECTS(values.size() == program_.items);
    std::copy(values.begin(), values.end(), values_.begin());
    linear_.set_objective(values_);
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

/// The variable furthest from an integer; passages first, since they decide about many items.
std::optional<std::uint32_t> FormSolver::fractional() const
{
    auto found = std::optional<std::uint32_t>{};
    auto most = integrality;
    auto const look = [&](std::size_t from, std::size_t to) {
        for (auto v = from; v < to; ++v) {
            auto const x = linear_.value(v);
            auto const distance = std::abs(x - std::floor(x + 0.5));
            if (distance > most) {
                most = distance;
                found = static_cast<std::uint32_t>(v);
            }
        }
    };
    look(program_.items, program_.variables);
    if (!found) look(0, program_.items);
    return found;
}

Solution FormSolver::solve(SolverLimits const& limits)
{
    auto best = Solution{};
    if (!last_.empty()) consider(last_, best);

    auto now_low = low_; // bounds as the linear program has them, changed by few variables from node to node
    auto now_high = high_;
    for (auto v = std::size_t{0}; v < program_.variables; ++v) linear_.set_bounds(v, now_low[v], now_high[v]);

    auto open = std::vector<Node>{};
    open.push_back({.bound = 1e300, .fixings = {}});
    auto applied = std::vector<std::pair<std::uint32_t, std::uint8_t>>{};
    auto dropped_bound = -1e300; // the largest bound among nodes that were given up without a proof
    while (!open.empty() && best.nodes < limits.nodes) {
        auto node = std::move(open.back());
        open.pop_back();
        if (!best.chosen.empty() && !worth_more(node.bound, best.objective, limits.gap)) {
            dropped_bound = std::max(dropped_bound, node.bound);
            continue;
        }
        ++best.nodes;
        for (auto const& [v, value] : applied) linear_.set_bounds(v, now_low[v], now_high[v]);
        for (auto const& [v, value] : node.fixings) linear_.set_bounds(v, value, value);
        applied = node.fixings;
        auto const cutoff = best.chosen.empty() ? -1e300 : best.objective;
        auto const outcome = linear_.solve(cutoff);
        if (outcome == LinearOutcome::infeasible) continue;
        auto const bound = std::min(node.bound, linear_.objective() + 1e-11 * (1 + std::abs(linear_.objective())));
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
    }
    for (auto const& node : open) dropped_bound = std::max(dropped_bound, node.bound);
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
