#include "exam/detail/names.hpp"
#include "exam/item.hpp"

#include <cmath>
#include <type_traits>

namespace assay::exam {
namespace {

constexpr auto depth_max = 64;

/// Reads a document into parts. A member that is missing or of another kind is noted in `failed_` and reads as an empty value;
/// the caller looks once, at the end. Members that nobody asked for are found by writing the item out again.
class Reader {
public:
    std::optional<ItemParts> read(json::value const& document)
    {
        if (text(document, "format") != "assay.item.v1") return std::nullopt;
        auto parts = ItemParts{};
        parts.identifier = text(document, "identifier");
        parts.title = text(document, "title");
        parts.language = text(document, "language");
        parts.body = content(list(document, "body"), 0);
        parts.interactions = each(list(document, "interactions"), [&](json::value const& value) { return interaction(value); });
        parts.responses = each(list(document, "responses"), [&](json::value const& value) { return response(value); });
        parts.outcomes = each(list(document, "outcomes"), [&](json::value const& value) { return outcome(value); });
        parts.rules = rules(list(document, "rules"), 0);
        parts.max_score = number(document, "max_score");
        if (failed_) return std::nullopt;
        return parts;
    }

private:
    template <class F>
    std::vector<std::invoke_result_t<F const&, json::value const&>> each(json::array const& values, F const& read)
    {
        auto all = std::vector<std::invoke_result_t<F const&, json::value const&>>{};
        all.reserve(values.size());
        for (auto const& value : values) all.push_back(read(value));
        return all;
    }

    json::value const& member(json::value const& object, std::string_view name)
    {
        static auto const nothing = json::value{};
        auto const* found = find(object, name);
        if (found == nullptr) failed_ = true;
        return found != nullptr ? *found : nothing;
    }

    json::array const& list(json::value const& object, std::string_view name)
    {
        static auto const nothing = json::array{};
        auto const* found = find_array(object, name);
        if (found == nullptr) failed_ = true;
        return found != nullptr ? *found : nothing;
    }

    std::string text(json::value const& object, std::string_view name)
    {
        auto const* found = find_string(object, name);
        if (found == nullptr) failed_ = true;
        return found != nullptr ? std::string{*found} : std::string{};
    }

    double number(json::value const& value)
    {
        if (auto const* real = value.if_double()) return *real;
        if (auto const* whole = value.if_int64()) return static_cast<double>(*whole);
        if (auto const* whole = value.if_uint64()) return static_cast<double>(*whole);
        failed_ = true;
        return 0;
    }
    double number(json::value const& object, std::string_view name) { return number(member(object, name)); }

    int whole(json::value const& object, std::string_view name)
    {
        auto const value = number(object, name);
        if (std::trunc(value) != value || value < -1e6 || value > 1e6) {
            failed_ = true;
            return 0;
        }
        return static_cast<int>(value);
    }

    bool truth(json::value const& object, std::string_view name)
    {
        auto const* found = member(object, name).if_bool();
        if (found == nullptr) failed_ = true;
        return found != nullptr && *found;
    }

    template <class Enum>
    Enum word(json::value const& object, std::string_view name)
    {
        auto const found = detail::named<Enum>(text(object, name));
        if (!found) failed_ = true;
        return found.value_or(Enum{});
    }

    std::vector<Node> content(json::array const& values, int depth)
    {
        auto nodes = std::vector<Node>{};
        if (depth > depth_max) {
            failed_ = true;
            return nodes;
        }
        for (auto const& value : values) {
            if (auto const* words = value.if_string()) nodes.push_back(Node{std::string{*words}});
            else if (find(value, "interaction") != nullptr) nodes.push_back(Node{InteractionReference{text(value, "interaction")}});
            else nodes.push_back(Node{element(value, depth)});
        }
        return nodes;
    }

    Element element(json::value const& value, int depth)
    {
        auto read = Element{};
        read.name = text(value, "element");
        if (auto const* attributes = find_object(value, "attributes"))
            for (auto const& attribute : *attributes) read.attributes[std::string{attribute.key()}] = text(*find(value, "attributes"), attribute.key());
        else failed_ = true;
        read.children = content(list(value, "children"), depth + 1);
        return read;
    }

    Choice choice(json::value const& value) { return {text(value, "identifier"), truth(value, "fixed"), content(list(value, "content"), 0)}; }

    AssociableChoice associable(json::value const& value)
    {
        return {text(value, "identifier"), truth(value, "fixed"), whole(value, "match_max"), content(list(value, "content"), 0)};
    }

    std::vector<Choice> choices(json::value const& value)
    {
        return each(list(value, "choices"), [&](json::value const& one) { return choice(one); });
    }

    std::vector<AssociableChoice> associables(json::value const& value, std::string_view name)
    {
        return each(list(value, name), [&](json::value const& one) { return associable(one); });
    }

    Interaction interaction(json::value const& value)
    {
        auto const kind = text(value, "kind");
        auto response = text(value, "response");
        auto const prompt = [&] { return content(list(value, "prompt"), 0); };
        if (kind == "choice")
            return {response, ChoiceInteraction{prompt(), truth(value, "shuffle"), whole(value, "min_choices"), whole(value, "max_choices"), choices(value)}};
        if (kind == "order")
            return {response, OrderInteraction{prompt(), truth(value, "shuffle"), whole(value, "min_choices"), whole(value, "max_choices"), choices(value)}};
        if (kind == "match")
            return {response, MatchInteraction{prompt(), truth(value, "shuffle"), whole(value, "min_associations"), whole(value, "max_associations"),
                                               associables(value, "sources"), associables(value, "targets")}};
        if (kind == "text-entry")
            return {response, TextEntryInteraction{whole(value, "expected_length"), text(value, "pattern"), text(value, "placeholder"), truth(value, "numeric")}};
        if (kind != "inline-choice") failed_ = true;
        return {response, InlineChoiceInteraction{truth(value, "shuffle"), choices(value)}};
    }

    Value::Atom atom(json::value const& value)
    {
        if (auto const* words = value.if_string()) return std::string{*words};
        if (auto const* boolean = value.if_bool()) return *boolean;
        return number(value);
    }

    std::vector<Value::Atom> atoms(json::array const& values)
    {
        return each(values, [&](json::value const& value) { return atom(value); });
    }

    Value value_of(json::value const& value)
    {
        return {word<Cardinality>(value, "cardinality"), word<BaseType>(value, "type"), atoms(list(value, "values"))};
    }

    Mapping mapping(json::value const& value)
    {
        auto read = Mapping{};
        read.default_value = number(value, "default");
        if (find(value, "lower_bound") != nullptr) read.lower_bound = number(value, "lower_bound");
        if (find(value, "upper_bound") != nullptr) read.upper_bound = number(value, "upper_bound");
        read.entries = each(list(value, "entries"), [&](json::value const& one) {
            return MapEntry{atom(member(one, "key")), number(one, "value"), truth(one, "case_sensitive")};
        });
        return read;
    }

    ResponseDeclaration response(json::value const& value)
    {
        auto read = ResponseDeclaration{};
        read.identifier = text(value, "identifier");
        read.cardinality = word<Cardinality>(value, "cardinality");
        read.type = word<BaseType>(value, "type");
        read.correct = {read.cardinality, read.type, atoms(list(value, "correct"))};
        read.default_value = {read.cardinality, read.type, {}};
        if (find(value, "default") != nullptr) read.default_value.atoms = atoms(list(value, "default"));
        if (auto const* map = find(value, "mapping")) read.mapping = mapping(*map);
        return read;
    }

    LookupTable table(json::value const& value)
    {
        auto read = LookupTable{};
        read.interpolation = truth(value, "interpolation");
        read.entries = each(list(value, "entries"), [&](json::value const& one) {
            return LookupTable::Entry{number(one, "source"), atom(member(one, "target")), truth(one, "include_boundary")};
        });
        read.default_value = value_of(member(value, "default"));
        return read;
    }

    OutcomeDeclaration outcome(json::value const& value)
    {
        auto read = OutcomeDeclaration{};
        read.identifier = text(value, "identifier");
        read.cardinality = word<Cardinality>(value, "cardinality");
        read.type = word<BaseType>(value, "type");
        read.default_value = {read.cardinality, read.type, atoms(list(value, "default"))};
        if (auto const* lookup = find(value, "table")) read.table = table(*lookup);
        return read;
    }

    Expression expression(json::value const& value, int depth)
    {
        auto read = Expression{};
        if (depth > depth_max) {
            failed_ = true;
            return read;
        }
        read.op = word<Operator>(value, "op");
        switch (read.op) {
        case Operator::base_value: read.value = value_of(member(value, "value")); break;
        case Operator::variable:
        case Operator::correct:
        case Operator::default_value:
        case Operator::map_response: read.identifier = text(value, "identifier"); break;
        case Operator::string_match:
        case Operator::substring:
            read.case_sensitive = truth(value, "case_sensitive");
            read.substring = truth(value, "substring");
            break;
        case Operator::equal:
            read.tolerance = word<Tolerance>(value, "tolerance");
            read.tolerance_below = number(value, "below");
            read.tolerance_above = number(value, "above");
            read.include_lower = truth(value, "include_lower");
            read.include_upper = truth(value, "include_upper");
            break;
        case Operator::equal_rounded:
            read.rounding = word<Rounding>(value, "rounding");
            read.number = whole(value, "number");
            break;
        case Operator::index: read.number = whole(value, "number"); break;
        case Operator::any_n:
            read.number = whole(value, "number");
            read.number_max = whole(value, "number_max");
            break;
        default: break;
        }
        if (find(value, "operands") != nullptr)
            for (auto const& operand : list(value, "operands")) read.operands.push_back(expression(operand, depth + 1));
        return read;
    }

    std::vector<Rule> rules(json::array const& values, int depth)
    {
        auto read = std::vector<Rule>{};
        if (depth > depth_max) {
            failed_ = true;
            return read;
        }
        for (auto const& value : values) {
            if (find(value, "set") != nullptr) {
                read.push_back(Rule{SetOutcome{text(value, "set"), expression(member(value, "to"), depth), truth(value, "lookup")}});
            } else if (find(value, "branches") != nullptr) {
                auto condition = Condition{};
                for (auto const& branch : list(value, "branches")) {
                    auto one = Branch{};
                    if (auto const* test = find(branch, "if")) one.condition = expression(*test, depth + 1);
                    one.rules = rules(list(branch, "then"), depth + 1);
                    condition.branches.push_back(std::move(one));
                }
                read.push_back(Rule{std::move(condition)});
            } else {
                truth(value, "exit");
                read.push_back(Rule{ExitScoring{}});
            }
        }
        return read;
    }

    bool failed_ = false;
};

} // namespace

result<Item> item_from_json(json::value const& document)
{
    auto parts = Reader{}.read(document);
    if (!parts) return item_errc::malformed_item;
    auto item = Item::create(std::move(*parts));
    if (!item) return item.error();
    // One encoding a value: anything that we would not have written ourselves is refused.
    if (canonical_json(to_json(*item)) != canonical_json(document)) return item_errc::malformed_item;
    return item;
}

} // namespace assay::exam
