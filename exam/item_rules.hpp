#pragma once
// How an item is scored: a small typed tree, the response processing of QTI 3.0 without its XML. The standard templates are
// resolved into the same tree, so there is one interpreter and one thing to review.
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace assay::exam {

enum class BaseType { identifier, string, integer, floating, boolean, pair, directed_pair, point, duration, uri };
enum class Cardinality { single, multiple, ordered };

/// A value of a variable. Numbers are kept as numbers ("1" equals "1.0"), the rest as text; a pair is "A B".
/// Without atoms it is NULL, as an empty container and an empty string are in QTI.
struct Value {
    using Atom = std::variant<bool, double, std::string>;
    Cardinality cardinality = Cardinality::single;
    BaseType type = BaseType::identifier;
    std::vector<Atom> atoms;

    bool is_null() const noexcept { return atoms.empty(); }
    friend bool operator==(Value const&, Value const&) = default;
};

/// What QTI calls expressions. Names and meaning as in QTI 3.0 ASI information model, chapter "Expressions".
enum class Operator {
    base_value, variable, correct, default_value, map_response, null,                          // leaves
    match, is_null, logical_not, logical_and, logical_or, any_n,                               // truth
    equal, equal_rounded, gt, gte, lt, lte, member, contains, string_match, substring,         // comparisons
    sum, product, subtract, divide, integer_divide, integer_modulus, round, truncate, minimum, maximum, // numbers
    multiple, ordered, delete_from, index, container_size,                                     // containers
};

enum class Tolerance { exact, absolute, relative };
enum class Rounding { significant_figures, decimal_places };

/// One operator with its operands. The attributes belong to the operators named beside them and keep their defaults elsewhere.
struct Expression {
    Operator op = Operator::null;
    std::string identifier;                     ///< variable, correct, default_value, map_response
    Value value;                                ///< base_value
    bool case_sensitive = true;                 ///< string_match, substring
    bool substring = false;                     ///< string_match: a part is enough
    Tolerance tolerance = Tolerance::exact;     ///< equal
    double tolerance_below = 0;                 ///< equal: absolute, or per cent
    double tolerance_above = 0;                 ///< equal
    bool include_lower = true;                  ///< equal
    bool include_upper = true;                  ///< equal
    Rounding rounding = Rounding::significant_figures; ///< equal_rounded
    int number = 0;                             ///< equal_rounded: figures; index: n, from 1; any_n: min
    int number_max = 0;                         ///< any_n: max
    std::vector<Expression> operands;
    friend bool operator==(Expression const&, Expression const&) = default;
};

struct Rule;

struct SetOutcome {
    std::string outcome;
    Expression value;
    bool lookup = false; ///< through the outcome's own table (lookup-outcome-value)
    friend bool operator==(SetOutcome const&, SetOutcome const&) = default;
};

/// if / else-if / else: the first branch whose condition is true; no condition is "else".
struct Branch {
    std::optional<Expression> condition;
    std::vector<Rule> rules;
    friend bool operator==(Branch const&, Branch const&) = default;
};

struct Condition {
    std::vector<Branch> branches;
    friend bool operator==(Condition const&, Condition const&) = default;
};

struct ExitScoring {
    friend bool operator==(ExitScoring const&, ExitScoring const&) = default;
};

struct Rule {
    std::variant<SetOutcome, Condition, ExitScoring> rule;
    friend bool operator==(Rule const&, Rule const&) = default;
};

} // namespace assay::exam
