#include "exam/item_scoring.hpp"
#include "exam/detail/interpreter.hpp"
#include "exam/detail/values.hpp"

#include <algorithm>
#include <set>

namespace assay::exam {
namespace {

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

} // namespace assay::exam
