// Writing the documents; item_json_reader.cpp reads them back.
#include "exam/detail/item_documents.hpp"
#include "exam/detail/names.hpp"

namespace assay::exam {
namespace {

json::value atom_document(Value::Atom const& atom)
{
    return std::visit([](auto const& value) { return json::value(value); }, atom);
}

json::array atoms_document(Value const& value)
{
    auto atoms = json::array{};
    for (auto const& atom : value.atoms) atoms.push_back(atom_document(atom));
    return atoms;
}

json::object value_document(Value const& value)
{
    return {{"cardinality", detail::name_of(value.cardinality)}, {"type", detail::name_of(value.type)}, {"values", atoms_document(value)}};
}

json::object mapping_document(Mapping const& mapping)
{
    auto entries = json::array{};
    for (auto const& entry : mapping.entries)
        entries.push_back(json::object{{"key", atom_document(entry.key)}, {"value", entry.mapped}, {"case_sensitive", entry.case_sensitive}});
    auto document = json::object{{"default", mapping.default_value}, {"entries", std::move(entries)}};
    if (mapping.lower_bound) document["lower_bound"] = *mapping.lower_bound;
    if (mapping.upper_bound) document["upper_bound"] = *mapping.upper_bound;
    return document;
}

json::object response_document(ResponseDeclaration const& response)
{
    auto document = json::object{{"identifier", response.identifier},
                                 {"cardinality", detail::name_of(response.cardinality)},
                                 {"type", detail::name_of(response.type)},
                                 {"correct", atoms_document(response.correct)}};
    if (!response.default_value.is_null()) document["default"] = atoms_document(response.default_value);
    if (response.mapping) document["mapping"] = mapping_document(*response.mapping);
    return document;
}

json::object table_document(LookupTable const& table)
{
    auto entries = json::array{};
    for (auto const& entry : table.entries)
        entries.push_back(json::object{{"source", entry.source}, {"target", atom_document(entry.target)}, {"include_boundary", entry.include_boundary}});
    return {{"interpolation", table.interpolation}, {"entries", std::move(entries)}, {"default", value_document(table.default_value)}};
}

json::object outcome_document(OutcomeDeclaration const& outcome)
{
    auto document = json::object{{"identifier", outcome.identifier},
                                 {"cardinality", detail::name_of(outcome.cardinality)},
                                 {"type", detail::name_of(outcome.type)},
                                 {"default", atoms_document(outcome.default_value)}};
    if (outcome.table) document["table"] = table_document(*outcome.table);
    return document;
}

// An attribute is written by the operators that read it, always: one form for one meaning.
json::object expression_document(Expression const& expression)
{
    auto document = json::object{{"op", detail::name_of(expression.op)}};
    switch (expression.op) {
    case Operator::base_value: document["value"] = value_document(expression.value); break;
    case Operator::variable:
    case Operator::correct:
    case Operator::default_value:
    case Operator::map_response: document["identifier"] = expression.identifier; break;
    case Operator::string_match:
    case Operator::substring:
        document["case_sensitive"] = expression.case_sensitive;
        document["substring"] = expression.substring;
        break;
    case Operator::equal:
        document["tolerance"] = detail::name_of(expression.tolerance);
        document["below"] = expression.tolerance_below;
        document["above"] = expression.tolerance_above;
        document["include_lower"] = expression.include_lower;
        document["include_upper"] = expression.include_upper;
        break;
    case Operator::equal_rounded:
        document["rounding"] = detail::name_of(expression.rounding);
        document["number"] = expression.number;
        break;
    case Operator::index: document["number"] = expression.number; break;
    case Operator::any_n:
        document["number"] = expression.number;
        document["number_max"] = expression.number_max;
        break;
    default: break;
    }
    if (!expression.operands.empty()) {
        auto operands = json::array{};
        for (auto const& operand : expression.operands) operands.push_back(expression_document(operand));
        document["operands"] = std::move(operands);
    }
    return document;
}

json::array rules_document(std::vector<Rule> const& rules)
{
    auto documents = json::array{};
    for (auto const& rule : rules) {
        if (auto const* set = std::get_if<SetOutcome>(&rule.rule)) {
            documents.push_back(json::object{{"set", set->outcome}, {"to", expression_document(set->value)}, {"lookup", set->lookup}});
        } else if (auto const* condition = std::get_if<Condition>(&rule.rule)) {
            auto branches = json::array{};
            for (auto const& branch : condition->branches) {
                auto document = json::object{{"then", rules_document(branch.rules)}};
                if (branch.condition) document["if"] = expression_document(*branch.condition);
                branches.push_back(std::move(document));
            }
            documents.push_back(json::object{{"branches", std::move(branches)}});
        } else {
            documents.push_back(json::object{{"exit", true}});
        }
    }
    return documents;
}

template <class AnyChoice>
json::array choices_document(std::vector<AnyChoice> const& choices, detail::Audience audience)
{
    auto documents = json::array{};
    for (auto const& choice : choices) {
        auto document = json::object{{"identifier", choice.identifier}, {"content", detail::content_document(choice.content)}};
        if constexpr (requires { choice.match_max; }) document["match_max"] = choice.match_max;
        if (audience == detail::Audience::archive) document["fixed"] = choice.fixed;
        documents.push_back(std::move(document));
    }
    return documents;
}

} // namespace

json::array detail::content_document(std::vector<Node> const& nodes)
{
    auto documents = json::array{};
    for (auto const& node : nodes) {
        if (auto const* text = std::get_if<std::string>(&node.node)) {
            documents.emplace_back(*text);
        } else if (auto const* element = std::get_if<Element>(&node.node)) {
            auto attributes = json::object{};
            for (auto const& [name, value] : element->attributes) attributes[name] = value;
            documents.push_back(json::object{
                {"element", element->name}, {"attributes", std::move(attributes)}, {"children", content_document(element->children)}});
        } else {
            documents.push_back(json::object{{"interaction", std::get<InteractionReference>(node.node).response}});
        }
    }
    return documents;
}

json::object detail::interaction_document(Interaction const& interaction, Audience audience)
{
    auto document = json::object{{"response", interaction.response}, {"kind", kind_name(interaction.kind)}};
    std::visit([&](auto const& kind) {
        if constexpr (requires { kind.prompt; }) document["prompt"] = content_document(kind.prompt);
        if constexpr (requires { kind.max_choices; }) {
            document["min_choices"] = kind.min_choices;
            document["max_choices"] = kind.max_choices;
        }
        if constexpr (requires { kind.choices; }) document["choices"] = choices_document(kind.choices, audience);
        if constexpr (requires { kind.sources; }) {
            document["min_associations"] = kind.min_associations;
            document["max_associations"] = kind.max_associations;
            document["sources"] = choices_document(kind.sources, audience);
            document["targets"] = choices_document(kind.targets, audience);
        }
        if constexpr (requires { kind.expected_length; }) {
            document["expected_length"] = kind.expected_length;
            document["pattern"] = kind.pattern;
            document["placeholder"] = kind.placeholder;
            document["numeric"] = kind.numeric;
        }
        if constexpr (requires { kind.shuffle; })
            if (audience == Audience::archive) document["shuffle"] = kind.shuffle;
    }, interaction.kind);
    return document;
}

json::value to_json(Item const& item)
{
    auto const& parts = item.parts();
    auto interactions = json::array{};
    for (auto const& interaction : parts.interactions) interactions.push_back(detail::interaction_document(interaction, detail::Audience::archive));
    auto responses = json::array{};
    for (auto const& response : parts.responses) responses.push_back(response_document(response));
    auto outcomes = json::array{};
    for (auto const& outcome : parts.outcomes) outcomes.push_back(outcome_document(outcome));
    return json::object{{"format", "assay.item.v1"},
                        {"identifier", parts.identifier},
                        {"title", parts.title},
                        {"language", parts.language},
                        {"body", detail::content_document(parts.body)},
                        {"interactions", std::move(interactions)},
                        {"responses", std::move(responses)},
                        {"outcomes", std::move(outcomes)},
                        {"rules", rules_document(parts.rules)},
                        {"max_score", parts.max_score}};
}

} // namespace assay::exam
