#pragma once
// A blueprint over a bank as a 0/1 program: one variable an item, one a passage; each constraint a row that knows its own words.
#include "exam/assembly/blueprint.hpp"

#include <cstdint>

namespace assay::exam::assembly {

struct Term {
    std::uint32_t variable;
    double coefficient;
};

/// low <= sum of terms <= high.
struct Row {
    std::string words; ///< "area sql: at least 8 and at most 12 items"
    std::vector<Term> terms;
    double low = 0;
    double high = 0;
};

struct Program {
    std::size_t items = 0;
    std::size_t variables = 0;          ///< items first, then passages
    std::vector<Row> rows;
    std::vector<std::uint8_t> low;      ///< by variable: 1 when it must be in
    std::vector<std::uint8_t> high;     ///< by variable: 0 when it must not
    std::vector<std::string> passage_of; ///< by item; empty: none
    std::vector<std::uint32_t> passage_variable; ///< by item; its own index when it has none or passages are not ruled
    double length_maximum = 0;
};

/// Errors: an item name of the blueprint that the bank does not have; "include" and "exclude" with the same item.
read_result<Program> make_program(ItemBank const& bank, Blueprint const& blueprint);

/// The rows that `chosen` (by item) breaks, in words; empty: a form. Computed from the rows themselves, independent of any solver.
std::vector<std::string> broken_rows(Program const& program, std::span<std::uint8_t const> chosen);

/// The rows whose minimum `chosen` does not reach yet, by position; broken maxima are not among them. Rows that tie a passage's items to it count.
std::vector<std::size_t> lacking_rows(Program const& program, std::span<std::uint8_t const> chosen);

/// Nothing is lacking, and every item that must be in is in: a sitting may end with these.
bool is_complete(Program const& program, std::span<std::uint8_t const> chosen);

/// Values of all variables from the items chosen: a passage is used when an item of it is.
std::vector<double> complete(Program const& program, std::span<std::uint8_t const> chosen);

} // namespace assay::exam::assembly
