#pragma once
// Shadow tests (van der Linden & Reese 1998): before every item a full form is assembled that contains what was administered and satisfies the
// blueprint; the next item is the best of it. So whatever happens, the sitting can still end as a form of its blueprint.
#include "exam/assembly/solver.hpp"

namespace assay::exam::assembly {

class ShadowTest {
public:
    /// The program must outlive this. `excluded` (by item, may be empty): never in this sitting. Where no form is left without some of the
    /// items excluded, feasible() says so.
    ShadowTest(Program const& program, std::span<std::uint8_t const> excluded);

    /// The test in the middle of a sitting: `administered` in order. What follows depends on the arguments alone, so that a sitting that is read
    /// again from its events, on whatever machine, goes on with the same items. `excluded` may hold items that were administered before.
    /// `values`: as for next(), which then finds its form ready; empty: any form will do for the beginning.
    ShadowTest(Program const& program, std::span<std::uint8_t const> excluded, std::span<std::size_t const> administered, std::span<double const> values = {});

    /// Whether there is a form at all; solved once, in the constructor.
    bool feasible() const noexcept { return !form_.empty(); }

    /// The best free items of the form that is best now, best first, at most `count`; the first is the item to present next. `values`: what each item is
    /// worth now (larger is better; administered ones are ignored). Ties go to the lower position.
    /// Within a passage that was begun, the form's other items of it come first. `lacking`: choose among the form's items that bring a row closer to
    /// its minimum, or must be in, as long as there are some; so that a sitting whose stop rule is satisfied completes its blueprint soonest. The same happens by itself
    /// once what the minima lack takes all the items that are left to the least length.
    /// Empty when the form is complete. Expects feasible().
    std::vector<std::size_t> next(std::span<double const> values, bool lacking = false, std::size_t count = 1);
    /// How the last form was reached; bounded also when the last feasible form was kept.
    SolveOutcome outcome() const noexcept { return outcome_; }
    /// What it took: of the last next(), a count that is the same on every machine.
    std::size_t pivots() const noexcept { return pivots_; }
    std::size_t nodes() const noexcept { return nodes_; }

    /// Expects an item that was not administered before. An item outside the current form is possible (a replayed or foreign choice) as long as some
    /// form contains it; false, and nothing changes, when none does.
    bool administer(std::size_t item);
    /// Never again in this sitting (suspended in mid-window). False when no form is left without it: it is not presented all the same, and the sitting
    /// may end short of its blueprint.
    bool exclude(std::size_t item);

    std::span<std::uint8_t const> form() const noexcept { return form_; }
    /// The blueprint holds for the administered items alone: the sitting may stop here.
    bool may_stop() const { return is_complete(program_, administered_); }

private:
    void set_values(std::span<double const> values);

    Program const& program_;
    FormSolver solver_;
    std::vector<std::uint8_t> administered_;
    std::vector<std::uint8_t> excluded_;
    std::vector<std::uint8_t> form_;
    std::vector<std::size_t> order_; // administered, in order
    SolveOutcome outcome_ = SolveOutcome::bounded;
    std::size_t pivots_ = 0;
    std::size_t nodes_ = 0;
};

} // namespace assay::exam::assembly
