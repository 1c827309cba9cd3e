#pragma once
// Who answered what: persons by items.
#include "exam/bank/csv.hpp"

#include <cstdint>
#include <span>

namespace assay::exam {

/// A category, from 0; not_administered where there is no answer.
using Category = std::int16_t;
inline constexpr Category not_administered = -1;

struct ResponseTable {
    std::vector<std::string> items;      ///< the header, each once
    std::size_t persons = 0;
    std::vector<Category> categories;    ///< row by row: person * items.size() + item
    std::vector<std::string> warnings;   ///< recoding, columns left out

    Category at(std::size_t person, std::size_t item) const noexcept { return categories[person * items.size() + item]; }
    std::span<Category const> of(std::size_t person) const noexcept { return std::span{categories}.subspan(person * items.size(), items.size()); }
    friend bool operator==(ResponseTable const&, ResponseTable const&) = default;
};

/// Header = item names; then one row a person: a category (an integer, 0 … 1000), or empty, "NA" or "." for not administered.
/// An unnamed first column holds row names (as R writes them) and is left out. Codes stay as written: bring them to 0 with recode().
/// Errors name line and column.
read_result<ResponseTable> read_responses(std::string_view csv);

/// Reads back as the same table: empty where an item was not administered.
std::string write_responses(ResponseTable const& table);

/// Brings codes that don't start at 0 to 0, with a warning for each change; nothing that is valid as it stands is touched.
/// `category_counts`: of each column's item, 0 where unknown; empty: all unknown.
///   known:   when some code is too large for its item, the table's smallest code is subtracted everywhere; an item that still doesn't fit has its
///            own smallest code subtracted.
///   unknown: the table's smallest code is subtracted when it is above 0 and some code is above 1 (a table of 1s alone is a table of right answers).
/// The error names the column of an item whose codes fit in no way.
read_result<ResponseTable> recode(ResponseTable table, std::span<std::size_t const> category_counts);

} // namespace assay::exam
