#pragma once
// Responses as the E-step wants them. Equal rows are counted once (20,000 duplicates cost what one person costs), and the items are cut
// into groups of neighbours, each with a dictionary of the sub-patterns that occur in it. The log likelihood of a person is then one row
// of nodes a group instead of one an item, and expected counts are collected the same way, backwards: with 60 dichotomous items that is
// 8 rows instead of 60. A dictionary is a trie (each entry extends an entry of the items before it), so its rows cost one addition each.
#include <cstdint>
#include <vector>

namespace assay::exam::calibration::detail {

/// Persons × items, row by row. Categories 0 … 63.
struct ResponseCodes {
    static constexpr std::uint8_t missing = 255; ///< not administered
    std::size_t persons = 0;
    std::size_t items = 0;
    std::vector<std::uint8_t> category;

    std::uint8_t at(std::size_t person, std::size_t item) const noexcept { return category[person * items + item]; }
};

struct Patterns {
    /// One item of a group: how each of its entries extends an entry of the level before (0 before the first item).
    struct Level {
        std::size_t item = 0;
        std::vector<std::uint16_t> parent;
        std::vector<std::uint8_t> category; ///< or ResponseCodes::missing
    };
    struct Group {
        std::vector<Level> levels;
        std::size_t entries() const noexcept { return levels.back().parent.size(); }
    };

    std::size_t count = 0; ///< distinct patterns with at least one answer
    std::size_t items = 0;
    std::vector<double> frequency;           ///< persons with the pattern
    std::vector<std::uint8_t> category;      ///< count × items
    std::vector<Group> groups;
    std::vector<std::uint16_t> entry;        ///< count × groups: the pattern's entry in each group's dictionary
    std::size_t entries = 0;                 ///< of all groups together
    std::size_t persons_without_answers = 0; ///< they say nothing about any item and are left out

    std::uint8_t at(std::size_t pattern, std::size_t item) const noexcept { return category[pattern * items + item]; }
};

/// In the order of first occurrence. `used` says which items take part; the others are treated as not administered.
Patterns collect_patterns(ResponseCodes const& responses, std::vector<bool> const& used);

} // namespace assay::exam::calibration::detail
