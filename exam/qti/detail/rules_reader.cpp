#include "exam/qti/detail/rules_reader.hpp"
#include "exam/detail/interpreter.hpp"
#include "exam/detail/names.hpp"
#include "exam/detail/values.hpp"

#include <charconv>

namespace assay::exam::qti::detail {
namespace {

namespace values = exam::detail;

template <class Enum>
std::optional<Enum> word(XmlElement const& element, std::string_view attribute, std::string_view otherwise, Findings& findings)
{
    auto const text = element.attribute(attribute, otherwise);
    auto const found = values::named<Enum>(text);
    if (!found) findings.refuse(std::string{attribute} + "=" + in_quotes(text) + " of <" + element.tag + "> is not supported");
    return found;
}

/// The qti-value children of a declaration's part, or of default-value.
Value read_values(XmlElement const* part, Cardinality cardinality, BaseType type, Findings& findings)
{
    auto value = Value{cardinality, type, {}};
    if (part == nullptr) return value;
    for (auto const* one : part->elements("value")) {
        if (one->has("field-identifier")) findings.refuse("record values are not supported");
        auto text = one->text();
        if (auto const trimmed = values::trimmed(text); trimmed.empty()) continue; // NULL
        else text = trimmed;
        if (auto atom = values::parse_atom(type, text)) value.atoms.push_back(std::move(*atom));
        else findings.refuse("value " + in_quotes(text) + " is no " + std::string{values::name_of(type)});
    }
    if (cardinality == Cardinality::single && value.atoms.size() > 1) findings.refuse("several values where the cardinality is single");
    return value;
}

std::optional<double> read_number(XmlElement const& element, std::string_view attribute, Findings& findings)
{
    if (!element.has(attribute)) return std::nullopt;
    auto const number = values::parse_number(element.attribute(attribute));
    if (!number) findings.refuse(std::string{attribute} + "=" + in_quotes(element.attribute(attribute)) + " of <" + element.tag + "> is no number");
    return number;
}

bool read_truth(XmlElement const& element, std::string_view attribute, bool otherwise)
{
    auto const text = element.attribute(attribute, otherwise ? "true" : "false");
    return text == "true" || text == "1";
}

Mapping read_mapping(XmlElement const& element, BaseType type, Findings& findings)
{
    auto mapping = Mapping{};
    mapping.default_value = read_number(element, "default-value", findings).value_or(0);
    mapping.lower_bound = read_number(element, "lower-bound", findings);
    mapping.upper_bound = read_number(element, "upper-bound", findings);
    for (auto const* entry : element.elements("map-entry")) {
        auto key = values::parse_atom(type, type == BaseType::string ? values::trimmed(entry->attribute("map-key")) : entry->attribute("map-key"));
        auto const mapped = read_number(*entry, "mapped-value", findings);
        if (!key || !mapped) findings.refuse("<" + entry->tag + "> " + in_quotes(entry->attribute("map-key")) + " cannot be read");
        else mapping.entries.push_back({std::move(*key), *mapped, read_truth(*entry, "case-sensitive", true)});
    }
    return mapping;
}

LookupTable read_table(XmlElement const& element, OutcomeDeclaration const& outcome, Findings& findings)
{
    auto table = LookupTable{};
    table.interpolation = element.name == "interpolation-table";
    table.default_value = {Cardinality::single, outcome.type, {}};
    if (element.has("default-value"))
        if (auto atom = values::parse_atom(outcome.type, element.attribute("default-value"))) table.default_value.atoms.push_back(std::move(*atom));
    for (auto const* entry : element.elements(table.interpolation ? "interpolation-table-entry" : "match-table-entry")) {
        auto const source = read_number(*entry, "source-value", findings);
        auto target = values::parse_atom(outcome.type, entry->attribute("target-value"));
        if (!source || !target) findings.refuse("<" + entry->tag + "> cannot be read");
        else table.entries.push_back({*source, std::move(*target), read_truth(*entry, "include-boundary", true)});
    }
    return table;
}

Expression leaf(Operator op, std::string identifier)
{
    auto expression = Expression{};
    expression.op = op;
    expression.identifier = std::move(identifier);
    return expression;
}

Expression constant(double value)
{
    auto expression = Expression{};
    expression.op = Operator::base_value;
    expression.value = {Cardinality::single, BaseType::floating, {value}};
    return expression;
}

Expression operation(Operator op, std::vector<Expression> operands)
{
    auto expression = Expression{};
    expression.op = op;
    expression.operands = std::move(operands);
    return expression;
}

Rule set_score(Expression value) { return Rule{SetOutcome{"SCORE", std::move(value), false}}; }

Rule either(Expression condition, Rule then, Rule otherwise)
{
    return Rule{Condition{{Branch{std::move(condition), {std::move(then)}}, Branch{std::nullopt, {std::move(otherwise)}}}}};
}

/// One item's rules.
class RulesReader {
public:
    RulesReader(ItemParts& item, Findings& findings) : item_{item}, findings_{findings} {}

    std::vector<Rule> rules(XmlElement const& parent)
    {
        auto made = std::vector<Rule>{};
        for (auto const* element : parent.elements()) {
            auto const& name = element->name;
            if (name == "set-outcome-value" || name == "lookup-outcome-value") made.push_back(set_outcome(*element));
            else if (name == "response-condition") made.push_back(condition(*element));
            else if (name == "exit-response") made.push_back(Rule{ExitScoring{}});
            else if (name == "response-processing-fragment") {
                auto more = rules(*element);
                made.insert(made.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
            } else findings_.refuse("response rule <" + element->tag + "> is not supported");
        }
        return made;
    }

    std::vector<Rule> standard_template(std::string_view address)
    {
        auto const slash = address.rfind('/');
        auto name = address.substr(slash == address.npos ? 0 : slash + 1);
        if (name.ends_with(".xml")) name.remove_suffix(4);
        auto const is_match = name == "match_correct" || name == "CC2_match" || name == "CC2_match_basic";
        auto const is_map = name == "map_response" || name == "CC2_map_response";
        if (!is_match && !is_map) {
            findings_.refuse("response processing template " + in_quotes(name) + " is not supported");
            return {};
        }
        declare_score();
        auto const responses = template_responses();
        if (responses.size() == 1) return {is_match ? match_correct(responses[0], points(name)) : map_response(responses[0])};
        // Several: each is judged as the template says, and the points add up.
        auto made = std::vector<Rule>{};
        for (auto const& response : responses) {
            made.push_back(is_match ? match_correct(response, points(name)) : map_response(response));
            auto& branches = std::get<Condition>(made.back().rule).branches;
            for (auto& branch : branches) { // SCORE = SCORE + what this response earns
                auto& set = std::get<SetOutcome>(branch.rules.front().rule);
                set.value = operation(Operator::sum, {leaf(Operator::variable, "SCORE"), std::move(set.value)});
            }
        }
        return made;
    }

    void declare_score()
    {
        if (std::ranges::find(item_.outcomes, "SCORE", &OutcomeDeclaration::identifier) == item_.outcomes.end())
            item_.outcomes.push_back({"SCORE", Cardinality::single, BaseType::floating, {Cardinality::single, BaseType::floating, {}}, std::nullopt});
    }

private:
    bool is_response(std::string_view identifier) const
    {
        return std::ranges::find(item_.responses, identifier, &ResponseDeclaration::identifier) != item_.responses.end();
    }
    bool is_outcome(std::string_view identifier) const
    {
        return std::ranges::find(item_.outcomes, identifier, &OutcomeDeclaration::identifier) != item_.outcomes.end();
    }

    std::vector<std::string> template_responses()
    {
        if (is_response("RESPONSE")) { // the only one that the standard templates know
            for (auto const& interaction : item_.interactions)
                if (interaction.response != "RESPONSE")
                    findings_.note("response " + in_quotes(interaction.response) + " is not scored: the template scores RESPONSE only");
            return {"RESPONSE"};
        }
        auto responses = std::vector<std::string>{};
        for (auto const& interaction : item_.interactions) responses.push_back(interaction.response);
        if (responses.empty()) findings_.refuse("the template scores RESPONSE, which is not declared");
        for (auto const& response : responses) findings_.note("the template is applied to response " + in_quotes(response) + ", as there is no RESPONSE");
        return responses;
    }

    // The Common Cartridge templates give MAXSCORE points, match_correct gives one.
    Expression points(std::string_view name)
    {
        if (!name.starts_with("CC2")) return constant(1);
        if (is_outcome("MAXSCORE")) return leaf(Operator::variable, "MAXSCORE");
        findings_.note("the template gives MAXSCORE points, which is not declared: 1 is given");
        return constant(1);
    }

    Rule match_correct(std::string const& response, Expression points)
    {
        auto const declaration = std::ranges::find(item_.responses, response, &ResponseDeclaration::identifier);
        if (declaration->correct.is_null()) findings_.refuse("response " + in_quotes(response) + " is scored against a correct response, and has none");
        auto matches = operation(Operator::match, {leaf(Operator::variable, response), leaf(Operator::correct, response)});
        return either(std::move(matches), set_score(std::move(points)), set_score(constant(0)));
    }

    Rule map_response(std::string const& response)
    {
        auto const declaration = std::ranges::find(item_.responses, response, &ResponseDeclaration::identifier);
        if (!declaration->mapping) findings_.refuse("response " + in_quotes(response) + " is scored by a mapping, and has none");
        auto is_null = operation(Operator::is_null, {leaf(Operator::variable, response)});
        return either(std::move(is_null), set_score(constant(0)), set_score(leaf(Operator::map_response, response)));
    }

    Rule set_outcome(XmlElement const& element)
    {
        auto set = SetOutcome{};
        set.outcome = element.attribute("identifier");
        set.lookup = element.name == "lookup-outcome-value";
        if (set.outcome == "completionStatus" && !is_outcome(set.outcome)) // built in, and without meaning for us
            item_.outcomes.push_back({set.outcome, Cardinality::single, BaseType::identifier, {}, std::nullopt});
        auto const outcome = std::ranges::find(item_.outcomes, set.outcome, &OutcomeDeclaration::identifier);
        if (outcome == item_.outcomes.end()) findings_.refuse("<" + element.tag + "> names an undeclared outcome " + in_quotes(set.outcome));
        else if (set.lookup && !outcome->table) findings_.refuse("outcome " + in_quotes(set.outcome) + " has no look-up table");
        set.value = only_expression(element);
        return Rule{std::move(set)};
    }

    Rule condition(XmlElement const& element)
    {
        auto made = Condition{};
        for (auto const* branch : element.elements()) {
            if (branch->name == "response-else") {
                made.branches.push_back({std::nullopt, rules(*branch)});
                continue;
            }
            if (branch->name != "response-if" && branch->name != "response-else-if") {
                findings_.refuse("response rule <" + branch->tag + "> is not supported");
                continue;
            }
            auto parts = *branch; // the first element is the condition, the others are rules
            auto const first = std::ranges::find_if(parts.children, [](XmlNode const& node) { return std::holds_alternative<XmlElement>(node.node); });
            if (first == parts.children.end()) {
                findings_.refuse("<" + branch->tag + "> has no condition");
                continue;
            }
            auto test = expression(std::get<XmlElement>(first->node));
            parts.children.erase(first);
            made.branches.push_back({std::move(test), rules(parts)});
        }
        return Rule{std::move(made)};
    }

    Expression only_expression(XmlElement const& parent)
    {
        auto const inside = parent.elements();
        if (inside.size() != 1) {
            findings_.refuse("<" + parent.tag + "> has " + std::to_string(inside.size()) + " expressions instead of one");
            return {};
        }
        return expression(*inside.front());
    }

    Expression expression(XmlElement const& element)
    {
        auto made = Expression{};
        auto const op = values::named<Operator>(element.name);
        if (!op) {
            findings_.refuse("expression <" + element.tag + "> is not supported");
            return made;
        }
        made.op = *op;
        switch (made.op) {
        case Operator::base_value: return base_value(element);
        case Operator::variable:
        case Operator::correct:
        case Operator::default_value:
        case Operator::map_response: return reference(element, made.op);
        case Operator::string_match:
        case Operator::substring:
            made.case_sensitive = read_truth(element, "case-sensitive", true);
            made.substring = read_truth(element, "substring", false);
            break;
        case Operator::equal: read_tolerance(element, made); break;
        case Operator::equal_rounded:
            made.rounding = word<Rounding>(element, "rounding-mode", "significantFigures", findings_).value_or(Rounding::significant_figures);
            made.number = whole(element, "figures", made.rounding == Rounding::significant_figures ? 1 : 0, 15);
            break;
        case Operator::index: made.number = whole(element, "n", 1, 1000); break;
        case Operator::any_n:
            made.number = whole(element, "min", 0, 1000);
            made.number_max = whole(element, "max", 0, 1000);
            break;
        default: break;
        }
        for (auto const* operand : element.elements()) made.operands.push_back(expression(*operand));
        auto const [least, most] = values::arity(made.op);
        auto const count = static_cast<int>(made.operands.size());
        if (count < least || (most >= 0 && count > most)) findings_.refuse("<" + element.tag + "> has " + std::to_string(count) + " operands");
        return made;
    }

    Expression base_value(XmlElement const& element)
    {
        auto made = Expression{};
        made.op = Operator::base_value;
        auto const type = word<BaseType>(element, "base-type", "string", findings_).value_or(BaseType::string);
        made.value = {Cardinality::single, type, {}};
        auto const text = element.text();
        auto const trimmed = values::trimmed(text);
        if (trimmed.empty()) return made; // an empty text is NULL
        if (auto atom = values::parse_atom(type, trimmed)) made.value.atoms.push_back(std::move(*atom));
        else findings_.refuse("<" + element.tag + "> " + in_quotes(trimmed) + " is no " + std::string{values::name_of(type)});
        return made;
    }

    Expression reference(XmlElement const& element, Operator op)
    {
        auto const identifier = element.attribute("identifier");
        if (op == Operator::variable && identifier == "numAttempts" && !is_outcome(identifier) && !is_response(identifier)) return constant(1);
        auto const declaration = std::ranges::find(item_.responses, identifier, &ResponseDeclaration::identifier);
        auto const is_known = is_response(identifier) || ((op == Operator::variable || op == Operator::default_value) && is_outcome(identifier));
        if (!is_known) findings_.refuse("<" + element.tag + "> names an undeclared variable " + in_quotes(identifier));
        else if (op == Operator::map_response && !declaration->mapping) findings_.refuse("response " + in_quotes(identifier) + " has no mapping");
        if (element.has("weight-identifier")) findings_.refuse("weights are not supported");
        return leaf(op, identifier);
    }

    void read_tolerance(XmlElement const& element, Expression& made)
    {
        made.tolerance = word<Tolerance>(element, "tolerance-mode", "exact", findings_).value_or(Tolerance::exact);
        made.include_lower = read_truth(element, "include-lower-bound", true);
        made.include_upper = read_truth(element, "include-upper-bound", true);
        if (made.tolerance == Tolerance::exact) return;
        auto const text = element.attribute("tolerance");
        auto const both = values::trimmed(text);
        auto const space = both.find_first_of(" \t\r\n");
        auto const first = values::parse_number(both.substr(0, space));
        auto const second = space == both.npos ? first : values::parse_number(both.substr(space));
        if (!first || !second || *first < 0 || *second < 0) {
            findings_.refuse("tolerance=" + in_quotes(text) + " of <" + element.tag + "> is not one or two numbers");
            return;
        }
        made.tolerance_below = *first;
        made.tolerance_above = *second;
    }

    int whole(XmlElement const& element, std::string_view attribute, int least, int most)
    {
        auto const text = element.attribute(attribute);
        auto value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc{} && end == text.data() + text.size() && value >= least && value <= most) return value;
        findings_.refuse(std::string{attribute} + "=" + in_quotes(text) + " of <" + element.tag + "> is not supported");
        return least;
    }

    ItemParts& item_;
    Findings& findings_;
};

bool sets_score(std::vector<Rule> const& rules)
{
    return std::ranges::any_of(rules, [](Rule const& rule) {
        if (auto const* set = std::get_if<SetOutcome>(&rule.rule)) return set->outcome == "SCORE";
        auto const* condition = std::get_if<Condition>(&rule.rule);
        return condition != nullptr && std::ranges::any_of(condition->branches, [](Branch const& branch) { return sets_score(branch.rules); });
    });
}

void collect_keys(Expression const& expression, std::set<std::string>& found)
{
    if (expression.op == Operator::correct) found.insert(expression.identifier);
    for (auto const& operand : expression.operands) collect_keys(operand, found);
}

void collect_keys(std::vector<Rule> const& rules, std::set<std::string>& found)
{
    for (auto const& rule : rules) {
        if (auto const* set = std::get_if<SetOutcome>(&rule.rule)) collect_keys(set->value, found);
        if (auto const* condition = std::get_if<Condition>(&rule.rule)) {
            for (auto const& branch : condition->branches) {
                if (branch.condition) collect_keys(*branch.condition, found);
                collect_keys(branch.rules, found);
            }
        }
    }
}

} // namespace

void read_response_declaration(XmlElement const& element, ItemParts& item, Findings& findings)
{
    auto declaration = ResponseDeclaration{};
    declaration.identifier = element.attribute("identifier");
    auto const cardinality = word<Cardinality>(element, "cardinality", "single", findings); // "record" is named in the refusal
    auto const type = element.has("base-type") ? word<BaseType>(element, "base-type", "", findings) : std::optional{BaseType::identifier};
    if (!cardinality || !type) return;
    declaration.cardinality = *cardinality;
    declaration.type = *type;
    declaration.correct = read_values(element.element("correct-response"), *cardinality, *type, findings);
    declaration.default_value = read_values(element.element("default-value"), *cardinality, *type, findings);
    if (!declaration.default_value.is_null()) findings.note("not taken over: the response that " + in_quotes(declaration.identifier) + " is filled with at the start");
    if (auto const* mapping = element.element("mapping")) declaration.mapping = read_mapping(*mapping, *type, findings);
    if (element.element("area-mapping") != nullptr) findings.note("not taken over: the area mapping of " + in_quotes(declaration.identifier));
    item.responses.push_back(std::move(declaration));
}

void read_outcome_declaration(XmlElement const& element, ItemParts& item, Findings& findings)
{
    auto outcome = OutcomeDeclaration{};
    outcome.identifier = element.attribute("identifier");
    auto const cardinality = word<Cardinality>(element, "cardinality", "single", findings);
    auto const type = element.has("base-type") ? word<BaseType>(element, "base-type", "", findings) : std::optional{BaseType::identifier};
    if (!cardinality || !type) return;
    outcome.cardinality = *cardinality;
    outcome.type = *type;
    outcome.default_value = read_values(element.element("default-value"), *cardinality, *type, findings);
    if (auto const* table = element.element("match-table")) outcome.table = read_table(*table, outcome, findings);
    if (auto const* table = element.element("interpolation-table")) outcome.table = read_table(*table, outcome, findings);
    if (element.has("external-scored")) findings.refuse("outcome " + in_quotes(outcome.identifier) + " is scored from outside (external-scored)");
    item.outcomes.push_back(std::move(outcome));
}

void read_response_processing(XmlElement const* processing, ItemParts& item, Findings& findings)
{
    auto reader = RulesReader{item, findings};
    if (processing != nullptr && !processing->elements().empty()) item.rules = reader.rules(*processing);
    else if (processing != nullptr && processing->has("template")) item.rules = reader.standard_template(processing->attribute("template"));
    else findings.note("no response processing: the item is shown and not scored");
    if (!item.rules.empty() && !sets_score(item.rules)) findings.refuse("the response processing never sets the outcome SCORE");
}

std::set<std::string> responses_judged_by_key(std::vector<Rule> const& rules)
{
    auto found = std::set<std::string>{};
    collect_keys(rules, found);
    return found;
}

} // namespace assay::exam::qti::detail
