#include "exam/assembly/simplex.hpp"

#include <algorithm>
#include <cmath>

namespace assay::exam::assembly {
namespace {

constexpr auto feasibility_tolerance = 1e-7; // of rows whose coefficients are counts, words or seconds
constexpr auto pivot_tolerance = 1e-7;
constexpr auto rebuild_after = std::size_t{400};
constexpr auto pivots_max = std::size_t{3'000}; // in one solve(): a count, never elapsed time
constexpr auto patience = std::size_t{150};      // pivots by the largest violation; more than that, and they may be going round in a circle

/// A number that looks random and is always the same one.
std::size_t scattered(std::size_t count)
{
    auto z = (static_cast<std::uint64_t>(count) + 1) * 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    return static_cast<std::size_t>(z >> 33);
}

} // namespace

DualSimplex::DualSimplex(Program const& program) : program_{program}, columns_{program.variables}, rows_{program.rows.size()}
{
    auto const all = columns_ + rows_;
    cost_.assign(all, 0.0);
    low_.resize(all);
    high_.resize(all);
    for (auto v = std::size_t{0}; v < columns_; ++v) {
        low_[v] = program.low[v];
        high_[v] = program.high[v];
    }
    for (auto r = std::size_t{0}; r < rows_; ++r) {
        // A bound beyond what the row can reach is drawn in to it: then every variable is boxed, and values stay of one size.
        auto least = 0.0;
        auto most = 0.0;
        for (auto const& term : program.rows[r].terms) (term.coefficient < 0 ? least : most) += term.coefficient;
        low_[columns_ + r] = std::max(program.rows[r].low, least - 1);
        high_[columns_ + r] = std::min(program.rows[r].high, most + 1);
    }
    at_high_.assign(all, 0);
    reduced_.assign(columns_, 0.0);
    beta_.assign(rows_, 0.0);
    basic_.resize(rows_);
    nonbasic_.resize(columns_);
    place_.resize(all);
    for (auto v = std::size_t{0}; v < columns_; ++v) {
        nonbasic_[v] = static_cast<std::uint32_t>(v);
        place_[v] = static_cast<std::int32_t>(v);
    }
    for (auto r = std::size_t{0}; r < rows_; ++r) {
        basic_[r] = static_cast<std::uint32_t>(columns_ + r);
        place_[columns_ + r] = -1 - static_cast<std::int32_t>(r);
    }
    dictionary_.assign(rows_ * columns_, 0.0);
    for (auto r = std::size_t{0}; r < rows_; ++r)
        for (auto const& term : program.rows[r].terms) at(r, term.variable) += term.coefficient;
}

/// The same basis from the rows as they were given: what thousands of pivots have added in rounding is gone.
void DualSimplex::rebuild()
{
    auto wanted = std::vector<std::uint32_t>{};
    for (auto const v : basic_)
        if (v < columns_) wanted.push_back(v);
    auto fresh = DualSimplex{program_};
    std::sort(wanted.begin(), wanted.end());
    auto leaves = std::vector<std::uint8_t>(columns_ + rows_, 1);
    for (auto const v : basic_) leaves[v] = 0;
    for (auto const v : wanted) {
        auto const column = static_cast<std::size_t>(fresh.place_[v]);
        auto best = rows_;
        for (auto r = std::size_t{0}; r < rows_; ++r)
            if (leaves[fresh.basic_[r]] != 0 && (best == rows_ || std::abs(fresh.at(r, column)) > std::abs(fresh.at(best, column)))) best = r;
        if (best == rows_ || std::abs(fresh.at(best, column)) < 1e-11) continue; // dependent by rounding: stays nonbasic
        fresh.pivot(best, column);
    }
    dictionary_ = std::move(fresh.dictionary_);
    basic_ = std::move(fresh.basic_);
    nonbasic_ = std::move(fresh.nonbasic_);
    place_ = std::move(fresh.place_);
    pivots_since_rebuild_ = 0;
}

void DualSimplex::set_objective(std::span<double const> objective)
{
    EXPECTS(objective.size() == columns_);
    std::copy(objective.begin(), objective.end(), cost_.begin());
}

void DualSimplex::set_bounds(std::size_t variable, double low, double high)
{
    low_[variable] = low;
    high_[variable] = high;
}

double DualSimplex::value(std::size_t variable) const noexcept
{
    auto const place = place_[variable];
    if (place < 0) return beta_[static_cast<std::size_t>(-1 - place)];
    return at_high_[variable] != 0 ? high_[variable] : low_[variable];
}

double DualSimplex::reduced_cost(std::size_t variable) const noexcept
{
    auto const place = place_[variable];
    return place < 0 ? 0.0 : reduced_[static_cast<std::size_t>(place)];
}

void DualSimplex::place_nonbasic()
{
    for (auto j = std::size_t{0}; j < columns_; ++j) reduced_[j] = cost_[nonbasic_[j]];
    for (auto r = std::size_t{0}; r < rows_; ++r) {
        auto const cost = cost_[basic_[r]];
        if (cost == 0) continue;
        auto const* row = &at(r, 0);
        for (auto j = std::size_t{0}; j < columns_; ++j) reduced_[j] += cost * row[j];
    }
    for (auto j = std::size_t{0}; j < columns_; ++j) at_high_[nonbasic_[j]] = reduced_[j] > 0;
}

void DualSimplex::recompute()
{
    for (auto r = std::size_t{0}; r < rows_; ++r) {
        auto sum = 0.0;
        auto const* row = &at(r, 0);
        for (auto j = std::size_t{0}; j < columns_; ++j)
            if (auto const v = value(nonbasic_[j]); v != 0) sum += row[j] * v;
        beta_[r] = sum;
    }
    objective_ = 0;
    for (auto j = std::size_t{0}; j < columns_; ++j) objective_ += reduced_[j] * value(nonbasic_[j]);
}

void DualSimplex::pivot(std::size_t row, std::size_t column)
{
    auto* const pivot_row = &at(row, 0);
    auto const inverse = 1.0 / pivot_row[column];
    for (auto j = std::size_t{0}; j < columns_; ++j) pivot_row[j] *= -inverse;
    pivot_row[column] = inverse;
    auto const eliminate = [&](double* target) {
        auto const factor = target[column];
        if (factor == 0) return;
        target[column] = 0;
        for (auto j = std::size_t{0}; j < columns_; ++j) target[j] += factor * pivot_row[j];
    };
    for (auto r = std::size_t{0}; r < rows_; ++r)
        if (r != row) eliminate(&at(r, 0));
    eliminate(reduced_.data());
    std::swap(basic_[row], nonbasic_[column]);
    place_[basic_[row]] = -1 - static_cast<std::int32_t>(row);
    place_[nonbasic_[column]] = static_cast<std::int32_t>(column);
    ++pivots_;
    ++pivots_since_rebuild_;
}

/// Brings the basic variable of `row` to the bound that it breaks. False: no point of the box can, so the program is infeasible.
bool DualSimplex::step(std::size_t row, bool raise)
{
    auto const leaving = basic_[row];
    auto const target = raise ? low_[leaving] : high_[leaving];
    candidates_.clear();
    auto const* entries = &at(row, 0);
    for (auto j = std::size_t{0}; j < columns_; ++j) {
        auto const v = nonbasic_[j];
        if (low_[v] == high_[v] || std::abs(entries[j]) < pivot_tolerance) continue;
        auto const moves_up = at_high_[v] == 0;
        if ((entries[j] > 0) == (moves_up == raise)) candidates_.push_back({std::abs(reduced_[j] / entries[j]), static_cast<std::uint32_t>(j)});
    }
    auto const later = [&](Candidate const& a, Candidate const& b) { // a heap's top is its "largest": the smallest ratio
        return a.ratio != b.ratio ? a.ratio > b.ratio : nonbasic_[a.column] > nonbasic_[b.column];
    };
    std::make_heap(candidates_.begin(), candidates_.end(), later);
    auto missing = std::abs(target - beta_[row]);
    while (!candidates_.empty()) {
        std::pop_heap(candidates_.begin(), candidates_.end(), later);
        auto const column = std::size_t{candidates_.back().column};
        candidates_.pop_back();
        auto const v = nonbasic_[column];
        auto const reach = std::abs(entries[column]) * (high_[v] - low_[v]);
        if (reach < missing - feasibility_tolerance) { // flipping it whole is not enough: it flips, and a later one enters
            auto const change = at_high_[v] != 0 ? low_[v] - high_[v] : high_[v] - low_[v];
            objective_ += reduced_[column] * change;
            at_high_[v] = !at_high_[v];
            for (auto r = std::size_t{0}; r < rows_; ++r) beta_[r] += at(r, column) * change;
            missing -= reach;
            continue;
        }
        auto const change = (target - beta_[row]) / entries[column];
        auto const entering_value = value(v) + change;
        objective_ += reduced_[column] * change;
        for (auto r = std::size_t{0}; r < rows_; ++r) beta_[r] += at(r, column) * change;
        pivot(row, column);
        beta_[row] = entering_value;
        at_high_[leaving] = !raise;
        return true;
    }
    return false;
}

LinearOutcome DualSimplex::solve(double cutoff)
{
    if (pivots_since_rebuild_ > rebuild_after) rebuild();
    place_nonbasic();
    recompute();
    auto rebuilt_for_verdict = false;
    for (auto count = std::size_t{0}; count < pivots_max; ++count) {
        if (objective_ < cutoff) return LinearOutcome::stopped;
        auto worst = rows_;
        auto worst_by = feasibility_tolerance;
        auto raise = false;
        auto const from = count < patience ? 0 : scattered(count) % rows_; // a circle is left by taking the first violated row from anywhere
        for (auto k = std::size_t{0}; k < rows_ && (count < patience || worst == rows_); ++k) {
            auto const r = (from + k) % rows_;
            auto const below = low_[basic_[r]] - beta_[r];
            auto const above = beta_[r] - high_[basic_[r]];
            if (std::max(below, above) > worst_by) {
                worst = r;
                worst_by = std::max(below, above);
                raise = below > above;
            }
        }
        if (worst == rows_) return LinearOutcome::optimal;
        if (step(worst, raise)) continue;
        // A verdict of infeasibility rests on one row: it is given on fresh numbers only.
        if (rebuilt_for_verdict || pivots_since_rebuild_ == 0) return LinearOutcome::infeasible;
        rebuild();
        place_nonbasic();
        recompute();
        rebuilt_for_verdict = true;
    }
    return LinearOutcome::stopped;
}

} // namespace assay::exam::assembly
