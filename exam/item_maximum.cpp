#include "exam/item_scoring.hpp"

#include <algorithm>
#include <functional>

namespace assay::exam {
namespace {

constexpr auto combinations_max = std::size_t{4096};

using Values = std::vector<std::string>;

std::string atom_text(Value::Atom const& atom)
{
    if (auto const* text = std::get_if<std::string>(&atom)) return *text;
    if (auto const* truth = std::get_if<bool>(&atom)) return *truth ? "true" : "false";
    return canonical_json(std::get<double>(atom));
}

Values texts(Value const& value)
{
    auto all = Values{};
    for (auto const& atom : value.atoms) all.push_back(atom_text(atom));
    return all;
}

bool fits(Item const& item, ResponseDeclaration const& declaration, Values const& values)
{
    auto const* interaction = item.interaction(declaration.identifier);
    return interaction != nullptr && !find_response_problem(item, ResponseSet{{declaration.identifier, values}});
}

/// The keys that a mapping pays best for, as many as the interaction takes.
Values best_mapped(Item const& item, ResponseDeclaration const& declaration)
{
    auto entries = declaration.mapping->entries;
    std::ranges::stable_sort(entries, std::greater{}, &MapEntry::mapped);
    auto chosen = Values{};
    for (auto const& entry : entries) {
        if (entry.mapped <= 0 || (declaration.cardinality == Cardinality::single && !chosen.empty())) break;
        chosen.push_back(atom_text(entry.key));
        if (!fits(item, declaration, chosen)) chosen.pop_back();
    }
    return chosen;
}

/// Every selection that a choice allows, when there are few; otherwise none.
std::vector<Values> selections(Item const& item, ResponseDeclaration const& declaration, std::vector<Choice> const& choices)
{
    auto all = std::vector<Values>{};
    if (declaration.cardinality == Cardinality::single) {
        for (auto const& choice : choices) all.push_back({choice.identifier});
    } else if (declaration.cardinality == Cardinality::multiple && choices.size() <= 12) {
        for (auto subset = std::size_t{0}; subset < std::size_t{1} << choices.size(); ++subset) {
            auto chosen = Values{};
            for (auto i = std::size_t{0}; i < choices.size(); ++i)
                if ((subset >> i & 1) != 0) chosen.push_back(choices[i].identifier);
            if (fits(item, declaration, chosen)) all.push_back(std::move(chosen));
        }
    }
    return all;
}

/// What the rules compare `response` with: the author may have written the key there instead of in the declaration.
class Literals {
public:
    explicit Literals(std::string const& response) : response_{response} {}

    void collect(std::vector<Rule> const& rules)
    {
        for (auto const& rule : rules) {
            auto const* condition = std::get_if<Condition>(&rule.rule);
            if (condition == nullptr) continue;
            for (auto const& branch : condition->branches) {
                if (branch.condition) collect(*branch.condition);
                collect(branch.rules);
            }
        }
    }

    std::vector<Values> found;

private:
    void collect(Expression const& expression)
    {
        auto const names_response = [&](Expression const& operand) { return operand.op == Operator::variable && operand.identifier == response_; };
        if (std::ranges::any_of(expression.operands, names_response)) {
            for (auto const& operand : expression.operands) {
                auto constant = Values{};
                if (!read_constant(operand, constant) || constant.empty()) continue;
                found.push_back(constant);
                if (expression.op == Operator::member) {
                    members_.insert(members_.end(), constant.begin(), constant.end());
                    found.push_back(members_);
                    for (auto const& one : constant) found.push_back({one});
                }
            }
        }
        for (auto const& operand : expression.operands) collect(operand);
    }

    static bool read_constant(Expression const& expression, Values& values)
    {
        if (expression.op == Operator::base_value) {
            for (auto const& atom : expression.value.atoms) values.push_back(atom_text(atom));
            return true;
        }
        if (expression.op != Operator::multiple && expression.op != Operator::ordered) return false;
        return std::ranges::all_of(expression.operands, [&](auto const& operand) { return read_constant(operand, values); });
    }

    std::string const& response_;
    Values members_;
};

/// The answers to one response that are worth trying, the likeliest first.
std::vector<Values> candidates(Item const& item, ResponseDeclaration const& declaration)
{
    auto all = std::vector<Values>{texts(declaration.correct)};
    if (declaration.mapping) {
        all.push_back(best_mapped(item, declaration));
        if (declaration.cardinality == Cardinality::single)
            for (auto const& entry : declaration.mapping->entries) all.push_back({atom_text(entry.key)});
    }
    auto literals = Literals{declaration.identifier};
    literals.collect(item.parts().rules);
    for (auto& literal : literals.found)
        if (fits(item, declaration, literal)) all.push_back(std::move(literal));
    auto const* interaction = item.interaction(declaration.identifier);
    if (interaction == nullptr) return all;
    auto const* choice = std::get_if<ChoiceInteraction>(&interaction->kind);
    auto const* inline_choice = std::get_if<InlineChoiceInteraction>(&interaction->kind);
    if (choice != nullptr || inline_choice != nullptr)
        for (auto& selection : selections(item, declaration, choice != nullptr ? choice->choices : inline_choice->choices)) all.push_back(std::move(selection));
    return all;
}

} // namespace

double attainable_score(Item const& item)
{
    auto answers = std::vector<std::pair<std::string, std::vector<Values>>>{};
    auto combinations = std::size_t{1};
    for (auto const& declaration : item.parts().responses) {
        auto choices = candidates(item, declaration);
        auto const room = combinations_max / combinations; // too many together: the likeliest of this response
        if (choices.size() > room) choices.resize(room);
        combinations *= choices.size();
        answers.emplace_back(declaration.identifier, std::move(choices));
    }
    auto best = 0.0;
    for (auto combination = std::size_t{0}; combination < combinations; ++combination) {
        auto responses = ResponseSet{};
        auto rest = combination;
        for (auto const& [identifier, choices] : answers) {
            if (auto const& choice = choices[rest % choices.size()]; !choice.empty()) responses[identifier] = choice;
            rest /= choices.size();
        }
        if (auto const earned = score(item, responses); earned) best = std::max(best, earned->score);
    }
    return best;
}

ResponseSet correct_responses(Item const& item)
{
    auto responses = ResponseSet{};
    for (auto const& declaration : item.parts().responses)
        if (!declaration.correct.is_null()) responses[declaration.identifier] = texts(declaration.correct);
    return responses;
}

} // namespace assay::exam
