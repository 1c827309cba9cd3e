#pragma once
// Text into typed atoms and back, and the comparisons that QTI asks for. Exact: no locale, no libm.
#include "core/contract.hpp"
#include "exam/item_rules.hpp"

#include <optional>
#include <string_view>

namespace assay::exam::detail {

std::string_view trimmed(std::string_view text) noexcept; ///< without XML white space at both ends

/// A finite decimal number with an optional sign and exponent, nothing before or behind it but white space.
std::optional<double> parse_number(std::string_view text) noexcept;

/// One value of `type`; none when the text is no such value. Pairs are brought to "A B" with one space, and an undirected pair into
/// alphabetical order, so that equal pairs are equal texts.
std::optional<Value::Atom> parse_atom(BaseType type, std::string_view text);

/// For a case-insensitive comparison: ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic (Unicode simple case folding there).
std::string fold_case(std::string_view utf8);

bool equal_atoms(Value::Atom const& a, Value::Atom const& b) noexcept;
/// match: as a sequence when either is ordered, otherwise as a bag.
bool equal_values(Value const& a, Value const& b);

/// Rounded in decimal, as a person would: half away from zero, on the shortest digits that read back as `value`.
std::string rounded(double value, Rounding mode, int figures);

} // namespace assay::exam::detail
