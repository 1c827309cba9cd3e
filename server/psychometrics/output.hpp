#pragma once
#include "core/json.hpp"
#include "exam/scoring/ability.hpp"

#include <iosfwd>

namespace assay::server::psychometrics {

/// One JSON text with numbers of 17 significant digits; what is not finite becomes null.
std::string json_text(json::value const& value);

json::value number_or_null(std::optional<double> value);
json::array strings(std::vector<std::string> const& texts);

/// The conventions that every document states: metric, quadrature, prior, and how standard errors are defined.
json::object conventions(exam::ScoringOptions const& options);

/// "-0.1234", or "-" without a value.
std::string decimals(std::optional<double> value, int digits = 4);

/// Columns as wide as their widest cell, numbers to the right; the first row is the header.
void print_table(std::ostream& out, std::vector<std::vector<std::string>> const& rows);
void print_warnings(std::ostream& out, std::vector<std::string> const& warnings);

} // namespace assay::server::psychometrics
