#pragma once
// Tables as comma-separated values (RFC 4180): quoted fields, LF or CRLF, an optional byte order mark. Everything is bounded, and every error
// says in which line and column it lies.
#include "core/contract.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::exam {

/// What is wrong with a text, and where. Lines and columns count from 1; a column is a field of the table; 0: no particular one.
struct TextProblem {
    std::size_t line = 0;
    std::size_t column = 0;
    std::string what;
    friend bool operator==(TextProblem const&, TextProblem const&) = default;
};
/// "line 3, column 2: a must not be 0".
std::string to_string(TextProblem const& problem);

template <class T>
using read_result = boost::system::result<T, TextProblem>;
/// What value() of a failed read_result throws: std::runtime_error with to_string().
[[noreturn]] void throw_exception_from_error(TextProblem const& problem, boost::source_location const& location);

struct CsvBounds {
    std::size_t size_max = 256u << 20;   ///< bytes
    std::size_t rows_max = 5'000'000;
    std::size_t columns_max = 100'000;
    std::size_t field_max = 64u << 10;   ///< bytes in one field
};

struct CsvRow {
    std::size_t line = 0; ///< where it begins
    std::vector<std::string> fields;
};

/// The rows, empty lines left out. Every row has as many fields as the first; text is valid UTF-8 without control characters.
read_result<std::vector<CsvRow>> read_csv(std::string_view text, CsvBounds bounds = {});

/// `field` quoted where RFC 4180 asks for it.
std::string csv_field(std::string_view field);

/// A finite decimal number that fills the whole field (spaces around it allowed), or nothing.
std::optional<double> parse_decimal(std::string_view field) noexcept;
/// Empty, "NA" or ".": there is no value.
bool is_missing(std::string_view field) noexcept;
/// The shortest decimal that reads back as the same double.
std::string shortest_decimal(double value);

} // namespace assay::exam
