#pragma once
// The response processing of one item: rules over variables. Pure; bounded by the size of the tree, which Item::create bounds.
#include "exam/item.hpp"

#include <map>

namespace assay::exam::detail {

/// The number of operands an operator takes; `most` < 0: any number.
struct Arity {
    int least;
    int most;
};
Arity arity(Operator op) noexcept;

/// Sums the mapped value of each distinct value, then applies the bounds.
double mapped_value(Mapping const& mapping, Value const& value);

/// Runs the item's rules with these response values (one for each declaration) and gives every outcome.
std::map<std::string, Value, std::less<>> run_rules(ItemParts const& item, std::map<std::string, Value, std::less<>> const& responses);

} // namespace assay::exam::detail
