#pragma once
// One question: what a candidate sees, what may be answered, and how an answer is scored. Immutable; its document is canonical
// JSON, and the SHA-256 of that is the item version's id.
//
// The two halves are two types. An Item knows its key; a PresentedItem cannot: it has no member that could hold one.
#include "core/contract.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "exam/item_errors.hpp"
#include "exam/item_rules.hpp"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace assay::exam {

// --- content -------------------------------------------------------------------------------------------------------------

struct Node;

/// An HTML or MathML element of the allow-list (is_allowed_element), with allowed attributes only.
struct Element {
    std::string name;
    std::map<std::string, std::string, std::less<>> attributes;
    std::vector<Node> children;
    friend bool operator==(Element const&, Element const&) = default;
};

/// The place in the text where the interaction with this response identifier stands.
struct InteractionReference {
    std::string response;
    friend bool operator==(InteractionReference const&, InteractionReference const&) = default;
};

struct Node {
    std::variant<std::string, Element, InteractionReference> node;
    friend bool operator==(Node const&, Node const&) = default;
};

/// The allow-list: text structure, tables, ruby, pictures that lie beside the item, and presentation MathML. No script, style,
/// frame, form, event handler or remote address can be expressed with it.
bool is_allowed_element(std::string_view name) noexcept;
bool is_allowed_attribute(std::string_view element, std::string_view attribute, std::string_view value) noexcept;

// --- interactions: nothing here says what is right ---------------------------------------------------------------------------

struct Choice {
    std::string identifier;
    bool fixed = false; ///< keeps its place when the others are shuffled
    std::vector<Node> content;
    friend bool operator==(Choice const&, Choice const&) = default;
};

struct AssociableChoice {
    std::string identifier;
    bool fixed = false;
    int match_max = 1; ///< pairs it may be in; 0 is without limit
    std::vector<Node> content;
    friend bool operator==(AssociableChoice const&, AssociableChoice const&) = default;
};

struct ChoiceInteraction {
    std::vector<Node> prompt;
    bool shuffle = false;
    int min_choices = 0;
    int max_choices = 1; ///< 1: radio buttons; 0: without limit
    std::vector<Choice> choices;
    friend bool operator==(ChoiceInteraction const&, ChoiceInteraction const&) = default;
};

/// Put choices into order. `max_choices` 0 (and `min_choices` 0): all of them.
struct OrderInteraction {
    std::vector<Node> prompt;
    bool shuffle = false;
    int min_choices = 0;
    int max_choices = 0;
    std::vector<Choice> choices;
    friend bool operator==(OrderInteraction const&, OrderInteraction const&) = default;
};

/// Pairs "S T" of a choice of `sources` and one of `targets`.
struct MatchInteraction {
    std::vector<Node> prompt;
    bool shuffle = false;
    int min_associations = 0;
    int max_associations = 1; ///< 0: without limit
    std::vector<AssociableChoice> sources;
    std::vector<AssociableChoice> targets;
    friend bool operator==(MatchInteraction const&, MatchInteraction const&) = default;
};

struct TextEntryInteraction {
    int expected_length = 0; ///< characters, a hint for the width; 0: none given
    std::string pattern;     ///< XML Schema regular expression, a hint for the page; never decides the score
    std::string placeholder;
    bool numeric = false;    ///< the response is a number
    friend bool operator==(TextEntryInteraction const&, TextEntryInteraction const&) = default;
};

struct InlineChoiceInteraction {
    bool shuffle = false;
    std::vector<Choice> choices;
    friend bool operator==(InlineChoiceInteraction const&, InlineChoiceInteraction const&) = default;
};

using InteractionKind = std::variant<ChoiceInteraction, OrderInteraction, MatchInteraction, TextEntryInteraction, InlineChoiceInteraction>;

struct Interaction {
    std::string response; ///< response identifier: the key in a ResponseSet
    InteractionKind kind;
    friend bool operator==(Interaction const&, Interaction const&) = default;
};

/// QTI's name: "choice", "order", "match", "text-entry", "inline-choice".
std::string_view kind_name(InteractionKind const& kind) noexcept;

// --- the key ----------------------------------------------------------------------------------------------------------------

struct MapEntry {
    Value::Atom key;
    double mapped = 0;
    bool case_sensitive = true;
    friend bool operator==(MapEntry const&, MapEntry const&) = default;
};

struct Mapping {
    double default_value = 0;
    std::optional<double> lower_bound;
    std::optional<double> upper_bound;
    std::vector<MapEntry> entries;
    friend bool operator==(Mapping const&, Mapping const&) = default;
};

struct ResponseDeclaration {
    std::string identifier;
    Cardinality cardinality = Cardinality::single;
    BaseType type = BaseType::identifier;
    Value default_value;
    Value correct;
    std::optional<Mapping> mapping;
    friend bool operator==(ResponseDeclaration const&, ResponseDeclaration const&) = default;
};

/// A match-table (exact, integer keys) or an interpolation-table (the first entry whose source is at or below the value).
struct LookupTable {
    struct Entry {
        double source = 0;
        Value::Atom target;
        bool include_boundary = true;
        friend bool operator==(Entry const&, Entry const&) = default;
    };
    bool interpolation = false;
    std::vector<Entry> entries;
    Value default_value;
    friend bool operator==(LookupTable const&, LookupTable const&) = default;
};

struct OutcomeDeclaration {
    std::string identifier;
    Cardinality cardinality = Cardinality::single;
    BaseType type = BaseType::floating;
    Value default_value;
    std::optional<LookupTable> table;
    friend bool operator==(OutcomeDeclaration const&, OutcomeDeclaration const&) = default;
};

// --- the item ----------------------------------------------------------------------------------------------------------------

struct ItemParts {
    std::string identifier; ///< the author's, unique in a bank
    std::string title;
    std::string language;   ///< BCP 47; empty: not said
    std::vector<Node> body;
    std::vector<Interaction> interactions; ///< in the order of the body
    std::vector<ResponseDeclaration> responses;
    std::vector<OutcomeDeclaration> outcomes;
    std::vector<Rule> rules;               ///< none: the item is not scored and its maximum is 0
    double max_score = 0;
    friend bool operator==(ItemParts const&, ItemParts const&) = default;
};

class Item {
public:
    /// Errors: malformed_item when the parts contradict each other: an interaction without declaration or not placed exactly once,
    /// repeated identifiers, rules that name unknown variables or have the wrong number of operands, content outside the allow-list,
    /// a maximum that is negative or not finite.
    static result<Item> create(ItemParts parts);

    ItemParts const& parts() const noexcept { return parts_; }
    std::string const& identifier() const noexcept { return parts_.identifier; }
    double max_score() const noexcept { return parts_.max_score; }
    Interaction const* interaction(std::string_view response) const noexcept;
    ResponseDeclaration const* response(std::string_view identifier) const noexcept;

    friend bool operator==(Item const&, Item const&) = default;

private:
    explicit Item(ItemParts parts) : parts_{std::move(parts)} {}
    ItemParts parts_;
};

/// The immutable document of an item version, keys and all: never sent to a candidate. canonical_json of it is what is hashed.
json::value to_json(Item const& item);
/// Errors: malformed_item. item_from_json(to_json(item)) == item.
result<Item> item_from_json(json::value const& document);
Sha256Digest item_version(Item const& item);

/// Pictures that the item shows: the `src` of its img elements, package-relative, each once, sorted.
std::vector<std::string> media(Item const& item);

// --- presentation --------------------------------------------------------------------------------------------------------------

using ShuffleSeed = std::array<std::byte, 32>;

/// What a candidate may see of an item: body and interactions in the order of this presentation. Made by present() only.
class PresentedItem {
public:
    std::string const& identifier() const noexcept { return identifier_; }
    std::string const& language() const noexcept { return language_; }
    std::vector<Node> const& body() const noexcept { return body_; }
    std::vector<Interaction> const& interactions() const noexcept { return interactions_; }

private:
    friend PresentedItem present(Item const& item, ShuffleSeed const& seed);
    friend PresentedItem present_as_written(Item const& item);
    std::string identifier_;
    std::string language_;
    std::vector<Node> body_;
    std::vector<Interaction> interactions_;
};

/// Shuffles where the author allows it; `fixed` choices keep their place. The same seed gives the same order on every machine: each
/// draw is HMAC-SHA-256(seed, item, response, counter), without bias. One seed a sitting is enough: item and response are in the draw.
PresentedItem present(Item const& item, ShuffleSeed const& seed);
/// In the author's order: for reviewers.
PresentedItem present_as_written(Item const& item);

/// {"format":"assay.presented-item.v1","identifier","language","body":[node…],"interactions":[…]}
///   node:        "text" | {"element":"p","attributes":{…},"children":[node…]} | {"interaction":"RESPONSE"}
///   interaction: {"response":"RESPONSE","kind":"choice","prompt":[node…],"min_choices":0,"max_choices":1,
///                 "choices":[{"identifier":"A","content":[node…]}…]}            max_choices 1: radio buttons; 0: no limit
///                {…,"kind":"order", as choice; max_choices 0: all of them}
///                {…,"kind":"match","prompt","min_associations","max_associations",
///                 "sources":[{"identifier","match_max","content"}…],"targets":[…]}    a response value is "SOURCE TARGET"; 0: no limit
///                {…,"kind":"text-entry","expected_length":15,"pattern":"","placeholder":"","numeric":false}
///                {…,"kind":"inline-choice","choices":[{"identifier","content"}…]}
/// Elements named math and below it are MathML (createElementNS). The title is left out: titles say too much.
json::value to_json(PresentedItem const& item);

} // namespace assay::exam
