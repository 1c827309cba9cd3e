#pragma once
// The words that stand for enumerators in an item's document: QTI's own, so that a document reads like its source.
#include "exam/item_rules.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace assay::exam::detail {

template <class Enum>
struct Names;

template <>
struct Names<BaseType> {
    static constexpr auto table = std::to_array<std::pair<BaseType, std::string_view>>({
        {BaseType::identifier, "identifier"}, {BaseType::string, "string"}, {BaseType::integer, "integer"}, {BaseType::floating, "float"},
        {BaseType::boolean, "boolean"}, {BaseType::pair, "pair"}, {BaseType::directed_pair, "directedPair"}, {BaseType::point, "point"},
        {BaseType::duration, "duration"}, {BaseType::uri, "uri"}});
};

template <>
struct Names<Cardinality> {
    static constexpr auto table = std::to_array<std::pair<Cardinality, std::string_view>>(
        {{Cardinality::single, "single"}, {Cardinality::multiple, "multiple"}, {Cardinality::ordered, "ordered"}});
};

template <>
struct Names<Tolerance> {
    static constexpr auto table = std::to_array<std::pair<Tolerance, std::string_view>>(
        {{Tolerance::exact, "exact"}, {Tolerance::absolute, "absolute"}, {Tolerance::relative, "relative"}});
};

template <>
struct Names<Rounding> {
    static constexpr auto table = std::to_array<std::pair<Rounding, std::string_view>>(
        {{Rounding::significant_figures, "significantFigures"}, {Rounding::decimal_places, "decimalPlaces"}});
};

/// QTI 3.0's element names without "qti-".
template <>
struct Names<Operator> {
    static constexpr auto table = std::to_array<std::pair<Operator, std::string_view>>({
        {Operator::base_value, "base-value"}, {Operator::variable, "variable"}, {Operator::correct, "correct"}, {Operator::default_value, "default"},
        {Operator::map_response, "map-response"}, {Operator::null, "null"}, {Operator::match, "match"}, {Operator::is_null, "is-null"},
        {Operator::logical_not, "not"}, {Operator::logical_and, "and"}, {Operator::logical_or, "or"}, {Operator::any_n, "any-n"},
        {Operator::equal, "equal"}, {Operator::equal_rounded, "equal-rounded"}, {Operator::gt, "gt"}, {Operator::gte, "gte"}, {Operator::lt, "lt"},
        {Operator::lte, "lte"}, {Operator::member, "member"}, {Operator::contains, "contains"}, {Operator::string_match, "string-match"},
        {Operator::substring, "substring"}, {Operator::sum, "sum"}, {Operator::product, "product"}, {Operator::subtract, "subtract"},
        {Operator::divide, "divide"}, {Operator::integer_divide, "integer-divide"}, {Operator::integer_modulus, "integer-modulus"},
        {Operator::round, "round"}, {Operator::truncate, "truncate"}, {Operator::minimum, "min"}, {Operator::maximum, "max"},
        {Operator::multiple, "multiple"}, {Operator::ordered, "ordered"}, {Operator::delete_from, "delete"}, {Operator::index, "index"},
        {Operator::container_size, "container-size"}});
};

template <class Enum>
constexpr std::string_view name_of(Enum value) noexcept
{
    for (auto const& [enumerator, name] : Names<Enum>::table)
        if (enumerator == value) return name;
    return {};
}

template <class Enum>
constexpr std::optional<Enum> named(std::string_view text) noexcept
{
    for (auto const& [enumerator, name] : Names<Enum>::table)
        if (name == text) return enumerator;
    return std::nullopt;
}

} // namespace assay::exam::detail
