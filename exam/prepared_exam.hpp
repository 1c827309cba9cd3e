#pragma once
// An exam version made ready for its sittings: the pool as tables by node, its form rules as a 0/1 program. Made once a version, read by all.
#include "exam/adaptive/tables.hpp"
#include "exam/assembly/program.hpp"
#include "exam/exam_version.hpp"

#include <map>
#include <span>

namespace assay::exam {

struct PreparedTestlet {
    std::vector<std::size_t> items; ///< places in the pool, in the order of presentation
    std::size_t model = 0;          ///< place in PreparedExam::tables()
};

struct PreparedModule {
    StageModule const* rule = nullptr; ///< in the exam's settings
    std::vector<std::size_t> items;    ///< places in the pool, in the order of presentation
    bool routed = false;               ///< by StageModule::from, as every module of its stage and panel
};

/// Immutable, may be shared between threads, keeps its place (no copies). Some 5 kB a dichotomous item: as many tables as categories, and two more.
class PreparedExam {
public:
    /// Expects form rules, where there are any, that name items of the pool only (findings() says so).
    explicit PreparedExam(ExamVersion version);
    PreparedExam(PreparedExam const&) = delete;
    PreparedExam& operator=(PreparedExam const&) = delete;

    ExamVersion const& version() const noexcept { return version_; }
    ExamSettings const& settings() const noexcept { return version_.settings; }
    /// The pool's items in its order, then the testlets in theirs, on the default nodes: 121 on [-6, 6], rectangle rule.
    adaptive::BankTables const& tables() const noexcept { return tables_; }
    /// The form rules, or nullptr.
    assembly::Program const* program() const noexcept { return program_ ? &*program_ : nullptr; }
    /// Place in the pool, or nothing.
    std::optional<std::size_t> position(ItemId id) const noexcept;
    /// The items, of the pool and of the pretest items, that no sitting has together with this one: enemies by the form rules, and
    /// siblings. Ascending.
    std::span<ItemId const> enemies_of(ItemId id) const noexcept;

    std::span<PreparedTestlet const> testlets() const noexcept { return testlets_; }
    /// The testlet that holds the pool's item, or nullptr.
    PreparedTestlet const* testlet_of(std::size_t item) const noexcept { return testlet_of_.empty() || testlet_of_[item] == 0 ? nullptr : &testlets_[testlet_of_[item] - 1]; }
    /// The modules of each stage, in the order of the document; empty in any mode but stages.
    std::span<std::vector<PreparedModule> const> stages() const noexcept { return stages_; }
    /// By place in tables(): as how many items it counts; 0 for an item of a testlet, none by itself. Empty without testlets.
    std::span<int const> sizes() const noexcept { return sizes_; }
    /// What each item of the pool tells at `theta`, 1/logit²: an item of a testlet its share of what the testlet tells.
    std::vector<double> information(Theta theta) const;

private:
    ExamVersion version_;
    adaptive::BankTables tables_;
    std::vector<PreparedTestlet> testlets_;
    std::vector<std::uint32_t> testlet_of_; // by item: 1 + place in testlets_, or 0; empty without testlets
    std::vector<std::vector<PreparedModule>> stages_;
    std::vector<int> sizes_;
    std::optional<assembly::Program> program_;
    std::map<ItemId, std::vector<ItemId>> enemies_;
};

} // namespace assay::exam
