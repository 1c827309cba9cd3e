#include "exam/qti/detail/content_reader.hpp"

#include <array>
#include <charconv>
#include <set>

namespace assay::exam::qti::detail {
namespace {

using namespace std::string_view_literals;

constexpr auto white_space = " \t\r\n"sv;

// Accessibility and layout for which we have no place: left out, and said so.
constexpr auto dropped = std::array{"stylesheet"sv, "catalog-info"sv, "catalog"sv, "annotation"sv, "annotation-xml"sv, "position-object-stage"sv};
// Elements of which only the content counts.
constexpr auto transparent = std::array{"content-body"sv, "html-content"sv, "item-body"sv, "picture"sv, "label"sv};

template <std::size_t N>
bool is_one_of(std::array<std::string_view, N> const& names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

bool is_blank(std::string_view text) { return text.find_first_not_of(white_space) == text.npos; }

// White space as HTML shows it, so that an author's indentation does not change the item's hash.
std::string collapsed(std::string_view text)
{
    auto result = std::string{};
    for (auto const c : text) {
        if (white_space.find(c) == white_space.npos) result += c;
        else if (result.empty() || result.back() != ' ') result += ' ';
    }
    return result;
}

bool contains_word(std::string_view list, std::string_view word)
{
    while (!list.empty()) {
        auto const end = list.find_first_of(white_space);
        if (list.substr(0, end) == word) return true;
        list = end == list.npos ? std::string_view{} : list.substr(end + 1);
    }
    return false;
}

class BodyReader {
public:
    BodyReader(std::string const& folder, ItemParts& item, Findings& findings) : folder_{folder}, item_{item}, findings_{findings} {}

    std::vector<Node> content(XmlElement const& parent, bool keep_white_space = false)
    {
        auto nodes = std::vector<Node>{};
        for (auto const& child : parent.children) {
            if (auto const* text = std::get_if<std::string>(&child.node)) add_text(nodes, *text, keep_white_space);
            else add_element(nodes, std::get<XmlElement>(child.node), keep_white_space);
        }
        if (!keep_white_space) trim(nodes);
        return nodes;
    }

private:
    static void add_text(std::vector<Node>& nodes, std::string_view text, bool keep_white_space)
    {
        auto words = keep_white_space ? std::string{text} : collapsed(text);
        if (words.empty()) return;
        auto* before = nodes.empty() ? nullptr : std::get_if<std::string>(&nodes.back().node);
        if (before == nullptr) nodes.push_back(Node{std::move(words)});
        else if (keep_white_space) *before += words;
        else *before = collapsed(*before + words);
    }

    static void trim(std::vector<Node>& nodes)
    {
        auto const is_space = [](Node const& node) { auto const* text = std::get_if<std::string>(&node.node); return text != nullptr && is_blank(*text); };
        while (!nodes.empty() && is_space(nodes.back())) nodes.pop_back();
        while (!nodes.empty() && is_space(nodes.front())) nodes.erase(nodes.begin());
    }

    void append(std::vector<Node>& nodes, std::vector<Node> more)
    {
        nodes.insert(nodes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }

    void add_element(std::vector<Node>& nodes, XmlElement const& element, bool keep_white_space)
    {
        auto const& name = element.name;
        if (!interaction_name(element).empty()) return add_interaction(nodes, element);
        if (name == "feedback-inline" || name == "feedback-block") return add_feedback(nodes, element);
        if (name == "rubric-block") return add_rubric(nodes, element);
        if (name == "template-inline" || name == "template-block" || name == "printed-variable")
            return findings_.refuse("<" + element.tag + "> shows what only a template or response processing computes: not supported");
        if (name == "source" || name == "rp") return; // an alternative picture; parentheses for those without ruby
        if (is_one_of(dropped, name)) {
            findings_.note("not taken over: <" + element.tag + ">" + (element.has("href") ? " " + in_quotes(element.attribute("href")) : ""));
            return;
        }
        if (name == "object" || name == "img") return add_picture(nodes, element);
        if (name == "mfenced") return nodes.push_back(Node{unfenced(element)});
        if (is_one_of(transparent, name) && element.space == Space::qti) {
            note_attributes(element, {});
            return append(nodes, content(element, keep_white_space));
        }
        auto const html = html_name(element);
        if (html.empty() || !is_allowed_element(html)) {
            findings_.refuse("<" + element.tag + "> cannot be shown");
            return;
        }
        auto made = Element{html, attributes(element, html), {}};
        made.children = content(element, keep_white_space || html == "pre");
        nodes.push_back(Node{std::move(made)});
    }

    /// The element of our allow-list that shows this one; empty when none does.
    std::string html_name(XmlElement const& element)
    {
        if (element.space == Space::math) return element.name;
        if (element.space == Space::other || element.is_prefixed) return {};
        if (element.name == "tt") return "code";
        if (element.name == "acronym") return "abbr";
        if (element.name == "big" || element.name == "center") {
            findings_.note("not taken over: the look of <" + element.tag + ">");
            return element.name == "big" ? "span" : "div";
        }
        if (element.name == "a") {
            findings_.note("not taken over: link " + in_quotes(element.attribute("href")) + " (its text is kept)");
            return "span";
        }
        return element.name;
    }

    std::map<std::string, std::string, std::less<>> attributes(XmlElement const& element, std::string_view html)
    {
        auto kept = std::map<std::string, std::string, std::less<>>{};
        for (auto const& [name, value] : element.attributes) {
            if (is_allowed_attribute(html, name, value)) kept[name] = value;
            else if (name != "href" || element.name != "a") note_attribute(element, name, value);
        }
        return kept;
    }

    void note_attribute(XmlElement const& element, std::string_view name, std::string_view value)
    {
        if (name == "id" || name == "base" || value.empty()) return;    // nothing here refers to ids
        if (name == "orientation" && value == "vertical") return;       // as we show it
        findings_.note("not taken over: " + std::string{name} + "=" + in_quotes(value) + " of <" + element.tag + ">");
    }

    void note_attributes(XmlElement const& element, std::initializer_list<std::string_view> understood)
    {
        for (auto const& [name, value] : element.attributes)
            if (std::ranges::find(understood, name) == understood.end()) note_attribute(element, name, value);
    }

    void add_picture(std::vector<Node>& nodes, XmlElement const& element)
    {
        auto const is_object = element.name == "object";
        auto const source = element.attribute(is_object ? "data" : "src");
        if (is_object && element.has("type") && !element.attribute("type").starts_with("image/")) {
            findings_.refuse("<" + element.tag + "> of type " + in_quotes(element.attribute("type")) + " cannot be shown");
            return;
        }
        auto const path = resolve(folder_, source);
        if (path.empty() || !is_allowed_attribute("img", "src", path)) {
            findings_.refuse("picture " + in_quotes(source) + " is not a gif, jpeg, png, svg or webp file of the package");
            return;
        }
        auto picture = Element{"img", {}, {}};
        for (auto const& [name, value] : element.attributes) {
            if (name == "src" || name == "data" || (is_object && name == "type")) continue;
            if (is_allowed_attribute("img", name, value)) picture.attributes[name] = value;
            else note_attribute(element, name, value);
        }
        picture.attributes["src"] = path;
        if (is_object) {
            if (!element.elements().empty()) findings_.note("not taken over: the markup of the alternative text of " + in_quotes(source));
            auto alternative = collapsed(element.text());
            if (!is_blank(alternative) && is_allowed_attribute("img", "alt", alternative)) picture.attributes["alt"] = alternative;
        }
        if (!picture.attributes.contains("alt")) {
            picture.attributes["alt"] = "";
            findings_.note("picture " + in_quotes(source) + " has no alternative text");
        }
        nodes.push_back(Node{std::move(picture)});
    }

    // mfenced is no part of MathML Core; browsers do not show its brackets.
    Node unfenced(XmlElement const& element)
    {
        auto const sign = [](std::string text) { return Node{Element{"mo", {}, {Node{std::move(text)}}}}; };
        auto const separators = collapsed(element.attribute("separators", ","));
        auto row = Element{"mrow", {}, {}};
        row.children.push_back(sign(element.attribute("open", "(")));
        auto count = std::size_t{0};
        for (auto const* child : element.elements()) {
            if (count++ > 0 && !is_blank(separators)) row.children.push_back(sign(std::string{separators[std::min(count - 2, separators.size() - 1)]}));
            add_element(row.children, *child, false);
        }
        row.children.push_back(sign(element.attribute("close", ")")));
        return Node{std::move(row)};
    }

    // We show no feedback: the exam tells its result at the end. What is visible before any response is part of the question, though.
    void add_feedback(std::vector<Node>& nodes, XmlElement const& element)
    {
        auto const outcome = std::ranges::find(item_.outcomes, element.attribute("outcome-identifier"), &OutcomeDeclaration::identifier);
        auto const identifier = Value::Atom{element.attribute("identifier")};
        auto const is_set = outcome != item_.outcomes.end() && std::ranges::find(outcome->default_value.atoms, identifier) != outcome->default_value.atoms.end();
        auto const is_shown_at_start = (element.attribute("show-hide", "show") == "show") == is_set;
        if (is_shown_at_start) {
            findings_.note("<" + element.tag + "> " + in_quotes(element.attribute("identifier")) + " is visible at the start and stays: feedback is not shown");
            append(nodes, content(element));
        } else if (contains_interaction(element)) {
            findings_.refuse("<" + element.tag + "> " + in_quotes(element.attribute("identifier")) + " shows an interaction later: not supported");
        } else {
            findings_.note("not taken over: feedback <" + element.tag + "> " + in_quotes(element.attribute("identifier")));
        }
    }

    static bool contains_interaction(XmlElement const& element)
    {
        return std::ranges::any_of(element.elements(), [](auto const* child) { return !interaction_name(*child).empty() || contains_interaction(*child); });
    }

    void add_rubric(std::vector<Node>& nodes, XmlElement const& element)
    {
        auto const view = element.attribute("view");
        if (!view.empty() && !contains_word(view, "candidate")) {
            findings_.note("not taken over: <" + element.tag + "> for " + in_quotes(view));
            return;
        }
        if (element.attribute("use") == "scoring") { // how points are given is nothing for the question
            findings_.note("not taken over: <" + element.tag + "> about scoring");
            return;
        }
        note_attributes(element, {"view", "use"});
        nodes.push_back(Node{Element{"div", {}, content(element)}});
    }

    // --- interactions --------------------------------------------------------------------------------------------------------

    void add_interaction(std::vector<Node>& nodes, XmlElement const& element)
    {
        auto const response = element.attribute("response-identifier");
        auto kind = interaction(element, response);
        if (!kind) return;
        if (std::ranges::find(item_.interactions, response, &Interaction::response) != item_.interactions.end())
            return findings_.refuse("two interactions share the response " + in_quotes(response));
        item_.interactions.push_back({response, std::move(*kind)});
        nodes.push_back(Node{InteractionReference{response}});
    }

    std::optional<InteractionKind> interaction(XmlElement const& element, std::string const& response)
    {
        auto const name = interaction_name(element);
        if (is_inside_interaction_) {
            findings_.refuse("<" + element.tag + "> within another interaction: not supported");
            return std::nullopt;
        }
        constexpr auto supported = std::array{"choice"sv, "order"sv, "match"sv, "text-entry"sv, "inline-choice"sv};
        if (!is_one_of(supported, name)) {
            findings_.refuse(name + "-interaction is not supported");
            return std::nullopt;
        }
        auto const declaration = std::ranges::find(item_.responses, response, &ResponseDeclaration::identifier);
        if (declaration == item_.responses.end()) {
            findings_.refuse("<" + element.tag + "> has no declared response " + in_quotes(response));
            return std::nullopt;
        }
        is_inside_interaction_ = true;
        auto made = name == "choice"       ? choice(element, *declaration)
                    : name == "order"      ? order(element, *declaration)
                    : name == "match"      ? match(element, *declaration)
                    : name == "text-entry" ? text_entry(element, *declaration)
                                           : inline_choice(element, *declaration);
        is_inside_interaction_ = false;
        return made;
    }

    std::optional<InteractionKind> unfit(XmlElement const& element, ResponseDeclaration const& declaration)
    {
        findings_.refuse("response " + in_quotes(declaration.identifier) + " has a cardinality or base type that does not fit <" + element.tag + ">");
        return std::nullopt;
    }

    int whole(XmlElement const& element, std::string_view name, int otherwise)
    {
        if (!element.has(name)) return otherwise;
        auto const raw = element.attribute(name);
        auto const text = std::string_view{raw};
        auto value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > 100'000) {
            findings_.refuse(std::string{name} + "=" + in_quotes(text) + " of <" + element.tag + "> is no number from 0 to 100000");
            return otherwise;
        }
        return value;
    }

    bool truth(XmlElement const& element, std::string_view name)
    {
        auto const text = element.attribute(name, "false");
        if (text != "true" && text != "false" && text != "1" && text != "0")
            findings_.refuse(std::string{name} + "=" + in_quotes(text) + " of <" + element.tag + "> is neither true nor false");
        return text == "true" || text == "1";
    }

    std::vector<Node> prompt(XmlElement const& element)
    {
        auto const* found = element.element("prompt");
        if (found == nullptr) return {};
        note_attributes(*found, {});
        return content(*found);
    }

    /// The choices named `child`; what else stands in the interaction is refused, as it would be lost.
    template <class AnyChoice>
    std::vector<AnyChoice> choices(XmlElement const& element, std::string_view child)
    {
        auto made = std::vector<AnyChoice>{};
        for (auto const* one : element.elements()) {
            if (one->name == "prompt") continue;
            if (one->name != child) {
                findings_.refuse("<" + one->tag + "> in <" + element.tag + "> cannot be shown");
                continue;
            }
            if (one->has("template-identifier")) findings_.refuse("choice " + in_quotes(one->attribute("identifier")) + " depends on a template: not supported");
            auto choice = AnyChoice{};
            choice.identifier = one->attribute("identifier");
            choice.fixed = truth(*one, "fixed");
            if constexpr (requires { choice.match_max; }) choice.match_max = whole(*one, "match-max", 1);
            if (whole(*one, "match-min", 0) > 0) note_attribute(*one, "match-min", one->attribute("match-min"));
            note_attributes(*one, {"identifier", "fixed", "show-hide", "match-max", "match-min", "template-identifier"});
            choice.content = content(*one);
            made.push_back(std::move(choice));
        }
        if (made.empty()) findings_.refuse("<" + element.tag + "> has no choices");
        return made;
    }

    std::optional<InteractionKind> choice(XmlElement const& element, ResponseDeclaration const& declaration)
    {
        if (declaration.type != BaseType::identifier || declaration.cardinality == Cardinality::ordered) return unfit(element, declaration);
        note_attributes(element, {"response-identifier", "shuffle", "max-choices", "min-choices"});
        auto made = ChoiceInteraction{prompt(element), truth(element, "shuffle"), whole(element, "min-choices", 0), whole(element, "max-choices", 1), {}};
        made.choices = choices<Choice>(element, "simple-choice");
        if (declaration.cardinality == Cardinality::single && made.max_choices != 1) {
            findings_.note("max-choices=" + in_quotes(element.attribute("max-choices")) + ": the response is single, so one choice can be made");
            made.max_choices = 1;
        }
        return made;
    }

    std::optional<InteractionKind> order(XmlElement const& element, ResponseDeclaration const& declaration)
    {
        if (declaration.type != BaseType::identifier || declaration.cardinality != Cardinality::ordered) return unfit(element, declaration);
        note_attributes(element, {"response-identifier", "shuffle", "max-choices", "min-choices"});
        auto made = OrderInteraction{prompt(element), truth(element, "shuffle"), whole(element, "min-choices", 0), whole(element, "max-choices", 0), {}};
        made.choices = choices<Choice>(element, "simple-choice");
        return made;
    }

    std::optional<InteractionKind> match(XmlElement const& element, ResponseDeclaration const& declaration)
    {
        if (declaration.type != BaseType::directed_pair || declaration.cardinality == Cardinality::ordered) return unfit(element, declaration);
        note_attributes(element, {"response-identifier", "shuffle", "max-associations", "min-associations"});
        auto const sets = element.elements("simple-match-set");
        if (sets.size() != 2) {
            findings_.refuse("<" + element.tag + "> has " + std::to_string(sets.size()) + " sets instead of two");
            return std::nullopt;
        }
        auto made = MatchInteraction{};
        made.prompt = prompt(element);
        made.shuffle = truth(element, "shuffle");
        made.min_associations = whole(element, "min-associations", 0);
        made.max_associations = whole(element, "max-associations", 1);
        made.sources = choices<AssociableChoice>(*sets[0], "simple-associable-choice");
        made.targets = choices<AssociableChoice>(*sets[1], "simple-associable-choice");
        return made;
    }

    std::optional<InteractionKind> text_entry(XmlElement const& element, ResponseDeclaration const& declaration)
    {
        auto const is_number = declaration.type == BaseType::integer || declaration.type == BaseType::floating;
        if (declaration.cardinality != Cardinality::single || (!is_number && declaration.type != BaseType::string)) return unfit(element, declaration);
        note_attributes(element, {"response-identifier", "expected-length", "pattern-mask", "placeholder-text", "base"});
        if (element.attribute("base", "10") != "10") findings_.refuse("base=" + in_quotes(element.attribute("base")) + " of <" + element.tag + "> is not supported");
        return TextEntryInteraction{whole(element, "expected-length", 0), element.attribute("pattern-mask"), element.attribute("placeholder-text"), is_number};
    }

    std::optional<InteractionKind> inline_choice(XmlElement const& element, ResponseDeclaration const& declaration)
    {
        if (declaration.type != BaseType::identifier || declaration.cardinality != Cardinality::single) return unfit(element, declaration);
        note_attributes(element, {"response-identifier", "shuffle"});
        auto made = InlineChoiceInteraction{truth(element, "shuffle"), choices<Choice>(element, "inline-choice")};
        return made;
    }

    std::string const& folder_;
    ItemParts& item_;
    Findings& findings_;
    bool is_inside_interaction_ = false;
};

} // namespace

void read_body(XmlElement const& body, std::string const& folder, ItemParts& item, Findings& findings)
{
    item.body = BodyReader{folder, item, findings}.content(body);
}

std::string interaction_name(XmlElement const& element)
{
    constexpr auto suffix = "-interaction"sv;
    if (element.space != Space::qti || !element.name.ends_with(suffix) || element.name.size() == suffix.size()) return {};
    return element.name.substr(0, element.name.size() - suffix.size());
}

std::string resolve(std::string_view folder, std::string_view reference)
{
    if (reference.empty() || reference.front() == '/' || reference.find_first_of(":\\") != reference.npos) return {};
    auto parts = std::vector<std::string_view>{};
    auto const walk = [&](std::string_view path) {
        while (!path.empty()) {
            auto const slash = path.find('/');
            auto const part = path.substr(0, slash);
            path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
            if (part.empty() || part == ".") continue;
            if (part != "..") parts.push_back(part);
            else if (parts.empty()) return false; // climbs out of the package
            else parts.pop_back();
        }
        return true;
    };
    if (!walk(folder) || !walk(reference)) return {};
    auto path = std::string{};
    for (auto const part : parts) path += (path.empty() ? "" : "/") + std::string{part};
    return path;
}

} // namespace assay::exam::qti::detail
