#include "exam/assembly/shadow.hpp"

#include <algorithm>

namespace assay::exam::assembly {
namespace {

/// How many more items of the form the rows still lack of their minima, counted greedily: each time the item that brings most of them closer.
/// The length is left out.
std::size_t lacking_items(Program const& program, std::span<std::uint8_t const> administered, std::span<std::uint8_t const> form)
{
    auto lacks = std::vector<double>(program.rows.size(), 0.0);
    for (auto const r : lacking_rows(program, administered)) {
        auto const& row = program.rows[r];
        if (r == 0 || row.low <= 0) continue; // a tie of friends or a passage follows from its items
        lacks[r] = row.low;
        for (auto const& term : row.terms)
            if (term.variable < program.items && administered[term.variable] != 0) lacks[r] -= term.coefficient;
    }
    auto helps = std::vector<int>(program.items);
    auto used = std::vector<std::uint8_t>{administered.begin(), administered.end()};
    for (auto count = std::size_t{0};; ++count) {
        std::fill(helps.begin(), helps.end(), 0);
        for (auto r = std::size_t{0}; r < lacks.size(); ++r)
            if (lacks[r] > 1e-6)
                for (auto const& term : program.rows[r].terms)
                    if (term.variable < program.items) helps[term.variable] += form[term.variable] != 0 && used[term.variable] == 0;
        auto const best = std::max_element(helps.begin(), helps.end());
        if (best == helps.end() || *best == 0) return count;
        auto const item = static_cast<std::uint32_t>(best - helps.begin());
        used[item] = 1;
        for (auto r = std::size_t{0}; r < lacks.size(); ++r)
            if (lacks[r] > 1e-6)
                for (auto const& term : program.rows[r].terms)
                    if (term.variable == item) lacks[r] -= term.coefficient;
    }
}

/// In a sitting a form within a thousandth of the best is as good as the best; the counts bound the time of a step.
constexpr auto sitting_limits = SolverLimits{.nodes = 20'000, .work = 800, .gap = 1e-3};

} // namespace

ShadowTest::ShadowTest(Program const& program, std::span<std::uint8_t const> excluded)
    : program_{program}, solver_{program}, administered_(program.items, 0), excluded_(program.items, 0)
{
    if (!excluded.empty()) excluded_.assign(excluded.begin(), excluded.end());
    for (auto i = std::size_t{0}; i < program.items; ++i)
        if (excluded_[i] != 0 && program.low[i] == 0) solver_.fix(i, 0, 0);
    form_ = solver_.solve(sitting_limits).chosen;
}

ShadowTest::ShadowTest(Program const& program, std::span<std::uint8_t const> excluded, std::span<std::size_t const> administered, std::span<double const> values)
    : program_{program}, solver_{program}, administered_(program.items, 0), excluded_{excluded.begin(), excluded.end()}
{
    EXPECTS(excluded_.size() == program.items);
    for (auto const item : administered) {
        EXPECTS(item < program.items && administered_[item] == 0);
        administered_[item] = 1;
        order_.push_back(item);
        solver_.fix(item, 1, 1);
    }
    auto const is_out = [&](std::size_t i) { return excluded_[i] != 0 && administered_[i] == 0; };
    for (auto i = std::size_t{0}; i < program.items; ++i)
        if (is_out(i)) solver_.fix(i, 0, 0); // even one that must be in: a sitting that can't have it keeps the rest
    if (!values.empty()) set_values(values);
    form_ = solver_.solve(sitting_limits).chosen;
    if (feasible()) return;
    // No form without what was excluded: one with it guides the rest, and next() leaves the excluded items out of it all the same.
    for (auto i = std::size_t{0}; i < program.items; ++i)
        if (is_out(i)) solver_.fix(i, program.low[i], program.high[i]);
    form_ = solver_.solve(sitting_limits).chosen;
}

void ShadowTest::set_values(std::span<double const> values)
{
    EXPECTS(values.size() == program_.items);
    auto worth = std::vector<double>{values.begin(), values.end()};
    for (auto i = std::size_t{0}; i < worth.size(); ++i)
        if (administered_[i] != 0) worth[i] = 0; // in every form: a constant
    solver_.set_values(worth);
}

std::vector<std::size_t> ShadowTest::next(std::span<double const> values, bool lacking, std::size_t count)
{
    EXPECTS(feasible());
    set_values(values);
    auto solved = solver_.solve(sitting_limits);
    outcome_ = solved.chosen.empty() ? SolveOutcome::bounded : solved.outcome; // without a new form the one of before still stands
    pivots_ = solved.pivots;
    nodes_ = solved.nodes;
    if (!solved.chosen.empty()) form_ = std::move(solved.chosen);

    // What the minima lack fits into the shortest form only when it comes in time.
    auto const to_shortest = program_.rows[0].low - static_cast<double>(order_.size());
    lacking = lacking || (to_shortest > 0 && static_cast<double>(lacking_items(program_, administered_, form_)) >= to_shortest);
    auto wanted = std::vector<std::uint8_t>(program_.items, 1);
    if (!order_.empty() && !program_.passage_of[order_.back()].empty()) {
        auto const& passage = program_.passage_of[order_.back()];
        auto const continues = [&](std::size_t i) { return form_[i] != 0 && administered_[i] == 0 && excluded_[i] == 0 && program_.passage_of[i] == passage; };
        auto any = false;
        for (auto i = std::size_t{0}; i < program_.items; ++i) any = any || continues(i);
        if (any)
            for (auto i = std::size_t{0}; i < program_.items; ++i) wanted[i] = continues(i);
    } else if (lacking) {
        auto helps = std::vector<std::uint8_t>(program_.items, 0);
        auto any = false;
        for (auto const r : lacking_rows(program_, administered_)) {
            auto const is_length = r == 0; // every item brings the length closer: that alone is no preference
            for (auto const& term : program_.rows[r].terms)
                if (!is_length && term.variable < program_.items && form_[term.variable] != 0 && administered_[term.variable] == 0) helps[term.variable] = 1, any = true;
        }
        for (auto i = std::size_t{0}; i < program_.items; ++i)
            if (program_.low[i] != 0 && administered_[i] == 0 && excluded_[i] == 0) helps[i] = 1, any = true;
        if (any) wanted = std::move(helps);
    }
    auto free = std::vector<std::size_t>{};
    for (auto i = std::size_t{0}; i < program_.items; ++i)
        if (form_[i] != 0 && administered_[i] == 0 && excluded_[i] == 0 && wanted[i] != 0) free.push_back(i);
    std::sort(free.begin(), free.end(), [&](auto a, auto b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
    free.resize(std::min(free.size(), count));
    return free;
}

bool ShadowTest::administer(std::size_t item)
{
    EXPECTS(item < program_.items && administered_[item] == 0);
    solver_.fix(item, 1, 1);
    if (form_[item] == 0) {
        auto solved = solver_.solve(sitting_limits);
        if (solved.chosen.empty()) {
            solver_.fix(item, excluded_[item] != 0 ? 0 : program_.low[item], excluded_[item] != 0 ? 0 : program_.high[item]);
            return false;
        }
        form_ = std::move(solved.chosen);
    }
    administered_[item] = 1;
    order_.push_back(item);
    return true;
}

bool ShadowTest::exclude(std::size_t item)
{
    EXPECTS(item < program_.items && administered_[item] == 0);
    excluded_[item] = 1;
    solver_.fix(item, 0, 0);
    auto solved = solver_.solve(sitting_limits);
    if (solved.chosen.empty()) {
        solver_.fix(item, program_.low[item], program_.high[item]);
        return false;
    }
    form_ = std::move(solved.chosen);
    return true;
}

} // namespace assay::exam::assembly
