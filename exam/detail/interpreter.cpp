#include "exam/detail/interpreter.hpp"
#include "exam/detail/values.hpp"

#include <algorithm>
#include <cmath>

namespace assay::exam::detail {
namespace {

using Variables = std::map<std::string, Value, std::less<>>;
using Operands = std::vector<Value>;

Value truth(bool value) { return {Cardinality::single, BaseType::boolean, {value}}; }

// A number that is not finite (a division by zero, an overflow) is NULL, as QTI says.
Value number(double value, BaseType type = BaseType::floating)
{
    if (!std::isfinite(value)) return {Cardinality::single, type, {}};
    return {Cardinality::single, type, {value == 0 ? 0.0 : value}};
}

std::optional<double> as_number(Value::Atom const& atom)
{
    if (auto const* value = std::get_if<double>(&atom)) return *value;
    if (auto const* text = std::get_if<std::string>(&atom)) return parse_number(*text);
    return std::nullopt;
}

std::optional<double> single_number(Value const& value) { return value.atoms.size() == 1 ? as_number(value.atoms.front()) : std::nullopt; }

std::optional<bool> single_truth(Value const& value)
{
    if (value.atoms.size() != 1) return std::nullopt;
    auto const* boolean = std::get_if<bool>(&value.atoms.front());
    return boolean != nullptr ? std::optional{*boolean} : std::nullopt;
}

std::string const* single_text(Value const& value)
{
    return value.atoms.size() == 1 ? std::get_if<std::string>(&value.atoms.front()) : nullptr;
}

/// Every number in every operand: sum and product take containers too. None when anything is NULL or no number.
std::optional<std::vector<double>> all_numbers(Operands const& operands)
{
    auto numbers = std::vector<double>{};
    for (auto const& operand : operands) {
        if (operand.is_null()) return std::nullopt;
        for (auto const& atom : operand.atoms) {
            auto const value = as_number(atom);
            if (!value) return std::nullopt;
            numbers.push_back(*value);
        }
    }
    return numbers.empty() ? std::nullopt : std::optional{std::move(numbers)};
}

Value compare_equal(Expression const& expression, double first, double second)
{
    if (expression.tolerance == Tolerance::exact) return truth(first == second);
    auto lower = first - expression.tolerance_below;
    auto upper = first + expression.tolerance_above;
    if (expression.tolerance == Tolerance::relative) {
        lower = first * (1 - expression.tolerance_below / 100);
        upper = first * (1 + expression.tolerance_above / 100);
        if (lower > upper) std::swap(lower, upper); // of a negative number
    }
    return truth((expression.include_lower ? second >= lower : second > lower) && (expression.include_upper ? second <= upper : second < upper));
}

bool contains_container(Value const& whole, Value const& part)
{
    if (whole.cardinality == Cardinality::ordered)
        return !std::ranges::search(whole.atoms, part.atoms, equal_atoms).empty();
    auto rest = whole.atoms;
    for (auto const& atom : part.atoms) {
        auto const found = std::ranges::find_if(rest, [&](auto const& other) { return equal_atoms(atom, other); });
        if (found == rest.end()) return false;
        rest.erase(found);
    }
    return true;
}

class Interpreter {
public:
    Interpreter(ItemParts const& item, Variables const& responses) : item_{item}, responses_{responses}
    {
        for (auto const& outcome : item.outcomes) {
            auto& value = outcomes_[outcome.identifier];
            value = outcome.default_value;
            value.cardinality = outcome.cardinality;
            value.type = outcome.type;
            // QTI: a numeric outcome without a default starts at 0, every other one at NULL.
            auto const is_numeric = outcome.type == BaseType::floating || outcome.type == BaseType::integer;
            if (value.is_null() && is_numeric && outcome.cardinality == Cardinality::single) value.atoms.emplace_back(0.0);
        }
    }

    Variables run()
    {
        run(item_.rules);
        return std::move(outcomes_);
    }

private:
    bool run(std::vector<Rule> const& rules) // false: a rule said that scoring ends here
    {
        for (auto const& rule : rules) {
            if (std::holds_alternative<ExitScoring>(rule.rule)) return false;
            if (auto const* set = std::get_if<SetOutcome>(&rule.rule)) assign(*set);
            if (auto const* condition = std::get_if<Condition>(&rule.rule); condition != nullptr && !run(*condition)) return false;
        }
        return true;
    }

    bool run(Condition const& condition)
    {
        for (auto const& branch : condition.branches)
            if (!branch.condition || single_truth(evaluate(*branch.condition)).value_or(false)) return run(branch.rules);
        return true;
    }

    void assign(SetOutcome const& set)
    {
        auto const declaration = std::ranges::find(item_.outcomes, set.outcome, &OutcomeDeclaration::identifier);
        EXPECTS(declaration != item_.outcomes.end());
        auto value = evaluate(set.value);
        if (set.lookup) value = look_up(*declaration, value);
        auto converted = Value{declaration->cardinality, declaration->type, {}};
        for (auto const& atom : value.atoms) {
            if (auto fitting = convert(declaration->type, atom)) converted.atoms.push_back(std::move(*fitting));
        }
        if (declaration->cardinality == Cardinality::single && converted.atoms.size() > 1) converted.atoms.clear();
        outcomes_[set.outcome] = std::move(converted);
    }

    static std::optional<Value::Atom> convert(BaseType type, Value::Atom const& atom)
    {
        if (type == BaseType::floating || type == BaseType::integer) {
            auto const value = as_number(atom);
            if (!value) return std::nullopt;
            return Value::Atom{type == BaseType::integer ? std::trunc(*value) : *value};
        }
        return atom;
    }

    static Value look_up(OutcomeDeclaration const& outcome, Value const& source)
    {
        auto const value = single_number(source);
        if (!value || !outcome.table) return {};
        for (auto const& entry : outcome.table->entries) {
            auto const hit = outcome.table->interpolation ? (entry.include_boundary ? *value >= entry.source : *value > entry.source) : *value == entry.source;
            if (hit) return {Cardinality::single, outcome.type, {entry.target}};
        }
        return outcome.table->default_value;
    }

    Value variable(std::string const& identifier) const
    {
        if (auto const found = outcomes_.find(identifier); found != outcomes_.end()) return found->second;
        if (auto const found = responses_.find(identifier); found != responses_.end()) return found->second;
        return {};
    }

    ResponseDeclaration const* declaration(std::string const& identifier) const
    {
        auto const found = std::ranges::find(item_.responses, identifier, &ResponseDeclaration::identifier);
        return found != item_.responses.end() ? &*found : nullptr;
    }

    Value default_of(std::string const& identifier) const
    {
        if (auto const* response = declaration(identifier)) return response->default_value;
        auto const found = std::ranges::find(item_.outcomes, identifier, &OutcomeDeclaration::identifier);
        return found != item_.outcomes.end() ? found->default_value : Value{};
    }

    Value mapped(std::string const& identifier) const
    {
        auto const* response = declaration(identifier);
        if (response == nullptr || !response->mapping) return {};
        return number(mapped_value(*response->mapping, variable(identifier)));
    }

    Value evaluate(Expression const& expression) const
    {
        switch (expression.op) {
        case Operator::null: return {};
        case Operator::base_value: return expression.value;
        case Operator::variable: return variable(expression.identifier);
        case Operator::correct: {
            auto const* response = declaration(expression.identifier);
            return response != nullptr ? response->correct : Value{};
        }
        case Operator::default_value: return default_of(expression.identifier);
        case Operator::map_response: return mapped(expression.identifier);
        case Operator::logical_and:
        case Operator::logical_or:
        case Operator::any_n: return count_truths(expression);
        default: break;
        }
        auto operands = Operands{};
        operands.reserve(expression.operands.size());
        for (auto const& operand : expression.operands) operands.push_back(evaluate(operand));
        return apply(expression, operands);
    }

    // Three-valued: NULL decides nothing that the others leave open.
    Value count_truths(Expression const& expression) const
    {
        auto yes = 0;
        auto unknown = 0;
        for (auto const& operand : expression.operands) {
            auto const value = single_truth(evaluate(operand));
            if (!value) ++unknown;
            else if (*value) ++yes;
        }
        auto const total = static_cast<int>(expression.operands.size());
        if (expression.op == Operator::logical_and) {
            if (yes + unknown < total) return truth(false);
            return unknown > 0 ? Value{} : truth(true);
        }
        if (expression.op == Operator::logical_or) {
            if (yes > 0) return truth(true);
            return unknown > 0 ? Value{} : truth(false);
        }
        if (yes > expression.number_max || yes + unknown < expression.number) return truth(false);
        if (yes >= expression.number && yes + unknown <= expression.number_max) return truth(true);
        return {};
    }

    static Value apply(Expression const& expression, Operands const& operands)
    {
        switch (expression.op) {
        case Operator::is_null: return truth(operands[0].is_null());
        case Operator::multiple: return container(Cardinality::multiple, operands);
        case Operator::ordered: return container(Cardinality::ordered, operands);
        case Operator::container_size: return number(static_cast<double>(operands[0].atoms.size()), BaseType::integer);
        default: break;
        }
        if (std::ranges::any_of(operands, &Value::is_null)) return {}; // every other operator: NULL in, NULL out
        switch (expression.op) {
        case Operator::logical_not: {
            auto const value = single_truth(operands[0]);
            return value ? truth(!*value) : Value{};
        }
        case Operator::match: return truth(equal_values(operands[0], operands[1]));
        case Operator::member:
            if (operands[0].atoms.size() != 1) return {};
            return truth(std::ranges::any_of(operands[1].atoms, [&](auto const& atom) { return equal_atoms(atom, operands[0].atoms.front()); }));
        case Operator::contains: return truth(contains_container(operands[0], operands[1]));
        case Operator::delete_from: {
            if (operands[0].atoms.size() != 1) return {};
            auto rest = operands[1];
            std::erase_if(rest.atoms, [&](auto const& atom) { return equal_atoms(atom, operands[0].atoms.front()); });
            return rest;
        }
        case Operator::index: {
            auto const& atoms = operands[0].atoms;
            if (expression.number < 1 || static_cast<std::size_t>(expression.number) > atoms.size()) return {};
            return {Cardinality::single, operands[0].type, {atoms[static_cast<std::size_t>(expression.number) - 1]}};
        }
        case Operator::string_match:
        case Operator::substring: return compare_text(expression, operands);
        default: return calculate(expression, operands);
        }
    }

    static Value container(Cardinality cardinality, Operands const& operands)
    {
        auto value = Value{cardinality, BaseType::identifier, {}};
        for (auto const& operand : operands) {
            if (operand.is_null()) continue;
            value.type = operand.type;
            value.atoms.insert(value.atoms.end(), operand.atoms.begin(), operand.atoms.end());
        }
        return value;
    }

    static Value compare_text(Expression const& expression, Operands const& operands)
    {
        auto const* first = single_text(operands[0]);
        auto const* second = single_text(operands[1]);
        if (first == nullptr || second == nullptr) return {};
        auto const a = expression.case_sensitive ? *first : fold_case(*first);
        auto const b = expression.case_sensitive ? *second : fold_case(*second);
        if (expression.op == Operator::substring) return truth(b.find(a) != b.npos); // is the first within the second?
        return truth(expression.substring ? a.find(b) != a.npos : a == b);
    }

    static Value calculate(Expression const& expression, Operands const& operands)
    {
        auto const numbers = all_numbers(operands);
        if (!numbers) return {};
        auto const& n = *numbers;
        auto const are_integers = std::ranges::all_of(operands, [](Value const& value) { return value.type == BaseType::integer; });
        auto const type = are_integers ? BaseType::integer : BaseType::floating;
        switch (expression.op) { // those that take any number of values
        case Operator::sum: {
            auto total = 0.0; // in the order written
            for (auto const value : n) total += value;
            return number(total, type);
        }
        case Operator::product: {
            auto total = 1.0;
            for (auto const value : n) total *= value;
            return number(total, type);
        }
        case Operator::minimum: return number(*std::ranges::min_element(n), type);
        case Operator::maximum: return number(*std::ranges::max_element(n), type);
        default: break;
        }
        if (n.size() != operands.size()) return {}; // a container where a single value belongs
        switch (expression.op) {
        case Operator::round: return number(std::floor(n[0] + 0.5), BaseType::integer); // QTI: half goes up
        case Operator::truncate: return number(std::trunc(n[0]), BaseType::integer);
        case Operator::subtract: return number(n[0] - n[1], type);
        case Operator::divide: return n[1] == 0 ? Value{} : number(n[0] / n[1]);
        case Operator::integer_divide: return n[1] == 0 ? Value{} : number(std::floor(n[0] / n[1]), BaseType::integer);
        case Operator::integer_modulus: return n[1] == 0 ? Value{} : number(n[0] - n[1] * std::floor(n[0] / n[1]), BaseType::integer);
        case Operator::gt: return truth(n[0] > n[1]);
        case Operator::gte: return truth(n[0] >= n[1]);
        case Operator::lt: return truth(n[0] < n[1]);
        case Operator::lte: return truth(n[0] <= n[1]);
        case Operator::equal: return compare_equal(expression, n[0], n[1]);
        case Operator::equal_rounded:
            return truth(rounded(n[0], expression.rounding, expression.number) == rounded(n[1], expression.rounding, expression.number));
        default: return {};
        }
    }

    ItemParts const& item_;
    Variables const& responses_;
    Variables outcomes_;
};

} // namespace

Arity arity(Operator op) noexcept
{
    switch (op) {
    case Operator::null:
    case Operator::base_value:
    case Operator::variable:
    case Operator::correct:
    case Operator::default_value:
    case Operator::map_response: return {0, 0};
    case Operator::is_null:
    case Operator::logical_not:
    case Operator::round:
    case Operator::truncate:
    case Operator::index:
    case Operator::container_size: return {1, 1};
    case Operator::multiple:
    case Operator::ordered: return {0, -1};
    case Operator::logical_and:
    case Operator::logical_or:
    case Operator::any_n:
    case Operator::sum:
    case Operator::product:
    case Operator::minimum:
    case Operator::maximum: return {1, -1};
    default: return {2, 2};
    }
}

double mapped_value(Mapping const& mapping, Value const& value)
{
    auto total = 0.0;
    auto seen = std::vector<Value::Atom>{};
    for (auto const& atom : value.atoms) {
        if (std::ranges::any_of(seen, [&](auto const& other) { return equal_atoms(atom, other); })) continue;
        seen.push_back(atom);
        auto found = std::ranges::find_if(mapping.entries, [&](auto const& entry) { return equal_atoms(entry.key, atom); });
        if (auto const* text = std::get_if<std::string>(&atom); found == mapping.entries.end() && text != nullptr)
            found = std::ranges::find_if(mapping.entries, [folded = fold_case(*text)](MapEntry const& entry) {
                auto const* key = std::get_if<std::string>(&entry.key);
                return !entry.case_sensitive && key != nullptr && fold_case(*key) == folded;
            });
        total += found != mapping.entries.end() ? found->mapped : mapping.default_value;
    }
    if (mapping.lower_bound && total < *mapping.lower_bound) total = *mapping.lower_bound;
    if (mapping.upper_bound && total > *mapping.upper_bound) total = *mapping.upper_bound;
    return total;
}

std::map<std::string, Value, std::less<>> run_rules(ItemParts const& item, std::map<std::string, Value, std::less<>> const& responses)
{
    return Interpreter{item, responses}.run();
}

} // namespace assay::exam::detail
