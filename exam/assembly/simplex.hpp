#pragma once
// A linear program of boxed variables, maximised by the dual simplex method on a dense dictionary. Small by design (some 100 rows, some 1000
// columns), and made for being solved again after its objective or its bounds changed: every basis is a start, because a boxed nonbasic variable can
// always stand at the bound that its reduced cost asks for.
//
// Source: Dantzig's dictionaries; the bound-flipping ratio test of Kostina (2002) and Koberstein (2005). Deterministic: ties go to the lower index.
#include "exam/assembly/program.hpp"

namespace assay::exam::assembly {

enum class LinearOutcome {
    optimal,
    infeasible,
    stopped, ///< the bound given was passed, or too many pivots; objective() is a valid upper bound all the same
};

class DualSimplex {
public:
    /// One slack a row. The bounds start as the program's.
    explicit DualSimplex(Program const& program);

    void set_objective(std::span<double const> objective); ///< by variable
    void set_bounds(std::size_t variable, double low, double high);

    /// Stops early once the optimum is known to be at or below `cutoff`.
    LinearOutcome solve(double cutoff = -1e300);

    /// After solve(): no feasible point has a larger objective. Exact when optimal.
    double objective() const noexcept { return objective_; }
    double value(std::size_t variable) const noexcept;
    /// d objective / d variable for a nonbasic variable, 0 for a basic one.
    double reduced_cost(std::size_t variable) const noexcept;
    std::size_t pivots() const noexcept { return pivots_; }

private:
    double& at(std::size_t row, std::size_t column) noexcept { return dictionary_[row * columns_ + column]; }
    void rebuild();
    void pivot(std::size_t row, std::size_t column);
    void place_nonbasic();
    void recompute();
    bool step(std::size_t row, bool raise);

    Program const& program_;
    std::size_t columns_; // nonbasic variables: as many as structural ones
    std::size_t rows_;
    std::vector<double> dictionary_;        // basic[r] = sum of dictionary[r][j] · nonbasic[j]
    std::vector<double> reduced_;           // by column
    std::vector<double> cost_;              // by variable, slacks 0
    std::vector<double> low_, high_;        // by variable, slacks after the structural ones
    std::vector<std::uint32_t> basic_;      // by row
    std::vector<std::uint32_t> nonbasic_;   // by column
    std::vector<std::int32_t> place_;       // by variable: column, or -1 - row
    std::vector<std::uint8_t> at_high_;     // by variable, nonbasic ones
    std::vector<double> beta_;              // by row: value of the basic variable
    struct Candidate {
        double ratio;
        std::uint32_t column;
    };
    std::vector<Candidate> candidates_;
    double objective_ = 0;
    std::size_t pivots_ = 0;
    std::size_t pivots_since_rebuild_ = 0;
};

} // namespace assay::exam::assembly
