#include "exam/item.hpp"
#include "exam/detail/interpreter.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace assay::exam {
namespace {

constexpr auto depth_max = 64;
constexpr auto nodes_max = std::size_t{20'000};
constexpr auto choices_max = std::size_t{256};

// Identifiers stand in addresses, cookies' keys and pairs: bounded, without white space or control characters.
bool is_identifier(std::string_view text)
{
    return !text.empty() && text.size() <= 256 && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

/// Checks one item part by part; every function is false when the parts contradict each other.
class Checker {
public:
    explicit Checker(ItemParts const& item) : item_{item} {}

    bool is_sound()
    {
        if (item_.identifier.empty() || item_.identifier.size() > 256 || item_.title.size() > 4096 || item_.language.size() > 64) return false;
        if (!std::isfinite(item_.max_score) || item_.max_score < 0) return false;
        return variables_are_sound() && interactions_are_sound() && body_is_sound() && rules_are_sound(item_.rules, 0) && score_is_declared();
    }

private:
    bool variables_are_sound()
    {
        for (auto const& response : item_.responses) {
            if (!is_identifier(response.identifier) || !variables_.insert(response.identifier).second) return false;
            if (response.cardinality == Cardinality::single && response.correct.atoms.size() > 1) return false;
        }
        for (auto const& outcome : item_.outcomes)
            if (!is_identifier(outcome.identifier) || !variables_.insert(outcome.identifier).second) return false;
        return true;
    }

    bool score_is_declared() const
    {
        if (item_.rules.empty()) return item_.max_score == 0;
        auto const score = std::ranges::find(item_.outcomes, "SCORE", &OutcomeDeclaration::identifier);
        return score != item_.outcomes.end() && score->cardinality == Cardinality::single &&
               (score->type == BaseType::floating || score->type == BaseType::integer);
    }

    bool interactions_are_sound()
    {
        for (auto const& interaction : item_.interactions) {
            auto const response = std::ranges::find(item_.responses, interaction.response, &ResponseDeclaration::identifier);
            if (response == item_.responses.end() || !unplaced_.insert(interaction.response).second) return false;
            if (!std::visit([&](auto const& kind) { return is_sound(kind, *response); }, interaction.kind)) return false;
        }
        return true;
    }

    template <class AnyChoice>
    bool choices_are_sound(std::vector<AnyChoice> const& choices, std::set<std::string_view>& identifiers)
    {
        if (choices.empty() || choices.size() > choices_max) return false;
        return std::ranges::all_of(choices, [&](auto const& choice) {
            return is_identifier(choice.identifier) && identifiers.insert(choice.identifier).second && content_is_sound(choice.content, false, 0);
        });
    }

    bool is_sound(ChoiceInteraction const& kind, ResponseDeclaration const& response)
    {
        auto identifiers = std::set<std::string_view>{};
        if (response.type != BaseType::identifier || response.cardinality == Cardinality::ordered) return false;
        if (response.cardinality == Cardinality::single && kind.max_choices != 1) return false;
        return kind.min_choices >= 0 && kind.max_choices >= 0 && content_is_sound(kind.prompt, false, 0) && choices_are_sound(kind.choices, identifiers);
    }

    bool is_sound(OrderInteraction const& kind, ResponseDeclaration const& response)
    {
        auto identifiers = std::set<std::string_view>{};
        if (response.type != BaseType::identifier || response.cardinality != Cardinality::ordered) return false;
        return kind.min_choices >= 0 && kind.max_choices >= 0 && content_is_sound(kind.prompt, false, 0) && choices_are_sound(kind.choices, identifiers);
    }

    bool is_sound(MatchInteraction const& kind, ResponseDeclaration const& response)
    {
        auto identifiers = std::set<std::string_view>{};
        if (response.type != BaseType::directed_pair || response.cardinality == Cardinality::ordered) return false;
        auto const limits = [](auto const& choices) { return std::ranges::all_of(choices, [](auto const& choice) { return choice.match_max >= 0; }); };
        return kind.min_associations >= 0 && kind.max_associations >= 0 && limits(kind.sources) && limits(kind.targets) &&
               content_is_sound(kind.prompt, false, 0) && choices_are_sound(kind.sources, identifiers) && choices_are_sound(kind.targets, identifiers);
    }

    bool is_sound(TextEntryInteraction const& kind, ResponseDeclaration const& response)
    {
        auto const is_number = response.type == BaseType::integer || response.type == BaseType::floating;
        return response.cardinality == Cardinality::single && (is_number || response.type == BaseType::string) && kind.numeric == is_number &&
               kind.expected_length >= 0 && kind.pattern.size() <= 1024 && kind.placeholder.size() <= 1024;
    }

    bool is_sound(InlineChoiceInteraction const& kind, ResponseDeclaration const& response)
    {
        auto identifiers = std::set<std::string_view>{};
        return response.type == BaseType::identifier && response.cardinality == Cardinality::single && choices_are_sound(kind.choices, identifiers);
    }

    bool body_is_sound() { return content_is_sound(item_.body, true, 0) && unplaced_.empty(); }

    bool content_is_sound(std::vector<Node> const& nodes, bool may_interact, int depth)
    {
        if (depth > depth_max || (nodes_ += nodes.size()) > nodes_max) return false;
        for (auto const& node : nodes) {
            if (auto const* reference = std::get_if<InteractionReference>(&node.node)) {
                if (!may_interact || unplaced_.erase(reference->response) != 1) return false;
            } else if (auto const* element = std::get_if<Element>(&node.node)) {
                if (!is_allowed_element(element->name)) return false;
                for (auto const& [name, value] : element->attributes)
                    if (!is_allowed_attribute(element->name, name, value)) return false;
                if (!content_is_sound(element->children, may_interact, depth + 1)) return false;
            }
        }
        return true;
    }

    bool rules_are_sound(std::vector<Rule> const& rules, int depth)
    {
        if (depth > depth_max || (nodes_ += rules.size()) > nodes_max) return false;
        for (auto const& rule : rules) {
            if (auto const* set = std::get_if<SetOutcome>(&rule.rule)) {
                auto const outcome = std::ranges::find(item_.outcomes, set->outcome, &OutcomeDeclaration::identifier);
                if (outcome == item_.outcomes.end() || (set->lookup && !outcome->table) || !is_sound(set->value, depth + 1)) return false;
            } else if (auto const* condition = std::get_if<Condition>(&rule.rule)) {
                for (auto const& branch : condition->branches) {
                    if (branch.condition && !is_sound(*branch.condition, depth + 1)) return false;
                    if (!rules_are_sound(branch.rules, depth + 1)) return false;
                }
            }
        }
        return true;
    }

    bool is_sound(Expression const& expression, int depth)
    {
        if (depth > depth_max || ++nodes_ > nodes_max) return false;
        auto const [least, most] = detail::arity(expression.op);
        auto const count = static_cast<int>(expression.operands.size());
        if (count < least || (most >= 0 && count > most)) return false;
        auto const response = [&] { return std::ranges::find(item_.responses, expression.identifier, &ResponseDeclaration::identifier); };
        switch (expression.op) {
        case Operator::variable:
        case Operator::default_value:
            if (!variables_.contains(expression.identifier)) return false;
            break;
        case Operator::correct:
            if (response() == item_.responses.end()) return false;
            break;
        case Operator::map_response:
            if (response() == item_.responses.end() || !response()->mapping) return false;
            break;
        case Operator::equal_rounded:
            if (expression.number < (expression.rounding == Rounding::significant_figures ? 1 : 0) || expression.number > 15) return false;
            break;
        default: break;
        }
        return std::ranges::all_of(expression.operands, [&](auto const& operand) { return is_sound(operand, depth + 1); });
    }

    ItemParts const& item_;
    std::set<std::string_view> variables_;
    std::set<std::string, std::less<>> unplaced_; // interactions that no reference in the body has named yet
    std::size_t nodes_ = 0;
};

void collect_pictures(std::vector<Node> const& nodes, std::set<std::string>& found)
{
    for (auto const& node : nodes) {
        auto const* element = std::get_if<Element>(&node.node);
        if (element == nullptr) continue;
        if (element->name == "img")
            if (auto const source = element->attributes.find("src"); source != element->attributes.end()) found.insert(source->second);
        collect_pictures(element->children, found);
    }
}

void collect_pictures(InteractionKind const& kind, std::set<std::string>& found)
{
    auto const of = [&](auto const& choices) { for (auto const& choice : choices) collect_pictures(choice.content, found); };
    std::visit([&](auto const& interaction) {
        if constexpr (requires { interaction.prompt; }) collect_pictures(interaction.prompt, found);
        if constexpr (requires { interaction.choices; }) of(interaction.choices);
        if constexpr (requires { interaction.sources; }) {
            of(interaction.sources);
            of(interaction.targets);
        }
    }, kind);
}

} // namespace

result<Item> Item::create(ItemParts parts)
{
    if (!Checker{parts}.is_sound()) return item_errc::malformed_item;
    return Item{std::move(parts)};
}

Interaction const* Item::interaction(std::string_view response) const noexcept
{
    auto const found = std::ranges::find(parts_.interactions, response, &Interaction::response);
    return found != parts_.interactions.end() ? &*found : nullptr;
}

ResponseDeclaration const* Item::response(std::string_view identifier) const noexcept
{
    auto const found = std::ranges::find(parts_.responses, identifier, &ResponseDeclaration::identifier);
    return found != parts_.responses.end() ? &*found : nullptr;
}

Sha256Digest item_version(Item const& item) { return sha256(canonical_json(to_json(item))); }

std::vector<std::string> media(Item const& item)
{
    auto found = std::set<std::string>{};
    collect_pictures(item.parts().body, found);
    for (auto const& interaction : item.parts().interactions) collect_pictures(interaction.kind, found);
    return {found.begin(), found.end()};
}

} // namespace assay::exam
