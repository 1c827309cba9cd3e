#include "exam/item_scoring.hpp"
#include "exam/detail/interpreter.hpp"
#include "exam/detail/values.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace assay::exam {
namespace {

constexpr auto combinations_max = std::size_t{4096};

using Values = std::vector<std::string>;

template <class AnyChoice>
AnyChoice const* find_choice(std::vector<AnyChoice> const& choices, std::string_view identifier)
{
    auto const found = std::ranges::find(choices, identifier, &AnyChoice::identifier);
    return found != choices.end() ? &*found : nullptr;
}

/// Checks one response against its interaction.
class Fit {
public:
    Fit(ResponseDeclaration const& declaration, Values const& values) : declaration_{declaration}, values_{values} {}

    std::optional<ResponseProblem> problem(InteractionKind const& kind) const
    {
        if (values_.size() > response_values_max) return named(item_errc::response_too_long, std::to_string(values_.size()) + " values");
        for (auto const& value : values_)
            if (value.size() > response_value_size_max) return named(item_errc::response_too_long, std::to_string(value.size()) + " bytes");
        if (declaration_.cardinality == Cardinality::single && values_.size() > 1)
            return named(item_errc::too_many_choices, "one value is asked for, " + std::to_string(values_.size()) + " given");
        return std::visit([&](auto const& interaction) { return check(interaction); }, kind);
    }

private:
    ResponseProblem named(item_errc code, std::string detail) const { return {code, declaration_.identifier, std::move(detail)}; }

    std::optional<ResponseProblem> check_choices(std::vector<Choice> const& choices, int most) const
    {
        auto seen = std::set<std::string_view>{};
        for (auto const& value : values_) {
            if (find_choice(choices, value) == nullptr) return named(item_errc::unknown_choice, value);
            if (!seen.insert(value).second) return named(item_errc::repeated_choice, value);
        }
        if (most > 0 && values_.size() > static_cast<std::size_t>(most))
            return named(item_errc::too_many_choices, "at most " + std::to_string(most) + ", " + std::to_string(values_.size()) + " given");
        return std::nullopt;
    }

    std::optional<ResponseProblem> check(ChoiceInteraction const& kind) const { return check_choices(kind.choices, kind.max_choices); }
    std::optional<ResponseProblem> check(OrderInteraction const& kind) const { return check_choices(kind.choices, kind.max_choices); }
    std::optional<ResponseProblem> check(InlineChoiceInteraction const& kind) const { return check_choices(kind.choices, 1); }
    std::optional<ResponseProblem> check(TextEntryInteraction const&) const { return std::nullopt; } // the bounds above are all there is

    std::optional<ResponseProblem> check(MatchInteraction const& kind) const
    {
        auto seen = std::set<std::string>{};
        auto uses = std::map<std::string_view, int>{};
        for (auto const& value : values_) {
            auto const pair = detail::parse_atom(BaseType::directed_pair, value);
            if (!pair) return named(item_errc::malformed_pair, value);
            auto const& text = std::get<std::string>(*pair);
            auto const space = text.find(' ');
            auto const* source = find_choice(kind.sources, std::string_view{text}.substr(0, space));
            auto const* target = find_choice(kind.targets, std::string_view{text}.substr(space + 1));
            if (source == nullptr || target == nullptr) return named(item_errc::unknown_choice, value);
            if (!seen.insert(text).second) return named(item_errc::repeated_choice, value);
            for (auto const* choice : {source, target})
                if (++uses[choice->identifier] > choice->match_max && choice->match_max > 0)
                    return named(item_errc::too_many_choices, choice->identifier + " is in more than " + std::to_string(choice->match_max) + " pairs");
        }
        if (kind.max_associations > 0 && values_.size() > static_cast<std::size_t>(kind.max_associations))
            return named(item_errc::too_many_choices, "at most " + std::to_string(kind.max_associations) + " pairs, " + std::to_string(values_.size()) + " given");
        return std::nullopt;
    }

    ResponseDeclaration const& declaration_;
    Values const& values_;
};

Value bind(ResponseDeclaration const& declaration, ResponseSet const& responses)
{
    auto bound = Value{declaration.cardinality, declaration.type, {}};
    auto const given = responses.find(declaration.identifier);
    if (given == responses.end()) return bound;
    for (auto const& text : given->second) {
        auto const value = detail::trimmed(text);
        if (value.empty()) continue; // an empty text is NULL in QTI
        if (auto atom = detail::parse_atom(declaration.type, value)) bound.atoms.push_back(std::move(*atom));
    }
    return bound;
}

double run(Item const& item, ResponseSet const& responses)
{
    if (item.parts().rules.empty()) return 0;
    auto variables = std::map<std::string, Value, std::less<>>{};
    for (auto const& declaration : item.parts().responses) variables[declaration.identifier] = bind(declaration, responses);
    auto const outcomes = detail::run_rules(item.parts(), variables);
    auto const score = outcomes.find("SCORE");
    EXPECTS(score != outcomes.end());
    if (score->second.atoms.size() != 1) return 0;
    auto const* points = std::get_if<double>(&score->second.atoms.front());
    return points != nullptr ? *points : 0;
}

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
    return interaction != nullptr && !Fit{declaration, values}.problem(interaction->kind);
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

/// The answers to one response that are worth trying.
std::vector<Values> candidates(Item const& item, ResponseDeclaration const& declaration)
{
    auto all = std::vector<Values>{texts(declaration.correct)};
    if (declaration.mapping) all.push_back(best_mapped(item, declaration));
    auto const* interaction = item.interaction(declaration.identifier);
    if (interaction == nullptr) return all;
    auto const* choice = std::get_if<ChoiceInteraction>(&interaction->kind);
    auto const* inline_choice = std::get_if<InlineChoiceInteraction>(&interaction->kind);
    if (choice != nullptr || inline_choice != nullptr)
        for (auto& selection : selections(item, declaration, choice != nullptr ? choice->choices : inline_choice->choices)) all.push_back(std::move(selection));
    return all;
}

} // namespace

std::optional<ResponseProblem> find_response_problem(Item const& item, ResponseSet const& responses)
{
    for (auto const& [identifier, values] : responses) {
        auto const* interaction = item.interaction(identifier);
        auto const* declaration = item.response(identifier);
        if (interaction == nullptr || declaration == nullptr) return ResponseProblem{item_errc::unknown_response, identifier.substr(0, 256), {}};
        if (auto problem = Fit{*declaration, values}.problem(interaction->kind)) return problem;
    }
    return std::nullopt;
}

result<void> check_response(Item const& item, ResponseSet const& responses)
{
    if (auto const problem = find_response_problem(item, responses)) return make_error_code(problem->code);
    return {};
}

result<ItemScore> score(Item const& item, ResponseSet const& responses)
{
    if (auto const problem = find_response_problem(item, responses)) return make_error_code(problem->code);
    return ItemScore{run(item, responses), item.max_score()};
}

double attainable_score(Item const& item)
{
    auto answers = std::vector<std::pair<std::string, std::vector<Values>>>{};
    auto combinations = std::size_t{1};
    for (auto const& declaration : item.parts().responses) {
        auto choices = candidates(item, declaration);
        // Too many together: this response is tried with its key and its best mapped values only.
        if (combinations * choices.size() > combinations_max) choices.resize(declaration.mapping ? 2 : 1);
        if (combinations * choices.size() > combinations_max) choices.resize(1);
        combinations *= choices.size();
        answers.emplace_back(declaration.identifier, std::move(choices));
    }
    auto best = 0.0;
    for (auto combination = std::size_t{0}; combination < combinations; ++combination) {
        auto responses = ResponseSet{};
        auto rest = combination;
        for (auto const& [identifier, choices] : answers) {
            responses[identifier] = choices[rest % choices.size()];
            rest /= choices.size();
        }
        best = std::max(best, run(item, responses));
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
