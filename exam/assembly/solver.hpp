#pragma once
// The best form of a program: branch and bound on linear relaxations. What it returns is checked against the rows themselves, so a form never
// breaks its blueprint; how good it is, is proven or bounded. It stops on counts and gaps, never on elapsed time, so that a replay takes the same steps.
#include "exam/assembly/simplex.hpp"

namespace assay::exam::assembly {

enum class SolveOutcome {
    optimal,    ///< proven: no form has a larger objective by more than 1e-9 of it
    bounded,    ///< a form, and a bound on what a better one could have: the node limit came first
    infeasible, ///< proven: there is no form
    unknown,    ///< neither a form nor a proof within the node limit
};
std::string_view name(SolveOutcome outcome) noexcept;

struct Solution {
    SolveOutcome outcome = SolveOutcome::unknown;
    std::vector<std::uint8_t> chosen; ///< by item; empty without a form
    double objective = 0;
    double bound = 0; ///< >= the objective of every form
    std::size_t nodes = 0;
    std::size_t pivots = 0; ///< of the simplex method: what the time goes with
};

struct SolverLimits {
    std::size_t nodes = 20'000;
    /// Once this search has found a form, no further node after so much: pivots, and three more for each node, whose start costs as much. Four times
    /// that while there is only a form of before.
    std::size_t work = 2'000'000;
    double gap = 0; ///< relative: a form this close to the bound is good enough (and then `bounded` unless closer than 1e-9)
};

/// Keeps its last basis and form: after a change of values or fixings the next solve() starts from them. As long as no values were set every form is
/// as good as any other, and solve() returns the first one it finds.
class FormSolver {
public:
    /// The program must outlive the solver.
    explicit FormSolver(Program const& program);

    /// What an item is worth in a form; as many as items.
    void set_values(std::span<double const> values);
    /// Forces an item in (1, 1), out (0, 0), or leaves it free (0, 1).
    void fix(std::size_t item, std::uint8_t low, std::uint8_t high);

    Solution solve(SolverLimits const& limits = {});

private:
    struct Node {
        double bound;
        std::vector<std::pair<std::uint32_t, std::uint8_t>> fixings;
    };
    void consider(std::vector<std::uint8_t> chosen, Solution& best) const;
    double objective_of(std::span<std::uint8_t const> chosen) const;
    bool keeps_bounds(std::span<std::uint8_t const> chosen) const;
    std::optional<std::uint32_t> fractional() const;

    Program const& program_;
    DualSimplex linear_;
    void improve(Solution& best) const;
    void fix_by_reduced_cost(double bound, double objective, double gap, std::vector<std::uint8_t>& low, std::vector<std::uint8_t>& high, double& dropped_bound);

    std::vector<std::vector<std::pair<std::uint32_t, double>>> columns_; // by item: its rows and what it adds to them
    std::vector<double> values_;
    bool valued_ = false;
    std::vector<double> root_reduced_; // reduced costs of the root's relaxation, by variable
    std::vector<std::uint8_t> root_at_high_;
    std::vector<std::uint8_t> low_, high_; // by variable
    std::vector<std::uint8_t> last_;
};

/// Why a program has no form, in words: first what can be read from single rows ("area sql: at least 8 items, but the bank has 5"), else a smallest
/// set of requirements that can't hold together (dropping any one of them would leave a form, or at least no proof against one). Empty: it has one.
std::vector<std::string> explain_infeasibility(Program const& program);

} // namespace assay::exam::assembly
