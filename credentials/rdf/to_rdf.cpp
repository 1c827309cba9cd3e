#include "credentials/rdf/to_rdf.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>

namespace assay::credentials::rdf {
namespace {

constexpr std::string_view rdf_ns = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
constexpr std::string_view xsd_ns = "http://www.w3.org/2001/XMLSchema#";

std::string in(std::string_view space, std::string_view name) { return std::string{space} + std::string{name}; }
std::string const rdf_type = in(rdf_ns, "type");

/// 8.2.2 Object to RDF Conversion, numbers: the canonical lexical form of xsd:double, "7.5E0".
std::string canonical_double(double value)
{
    char text[48];
    std::snprintf(text, sizeof text, "%.15e", value);
    auto const all = std::string_view{text};
    auto const e = all.find('e');
    auto mantissa = std::string{all.substr(0, e)};
    while (mantissa.ends_with('0') && !mantissa.ends_with(".0")) mantissa.pop_back();
    return mantissa + "E" + std::to_string(std::atoi(text + e + 1));
}

double number_of(json::value const& value)
{
    return value.is_int64() ? static_cast<double>(value.get_int64()) : value.is_uint64() ? static_cast<double>(value.get_uint64()) : value.get_double();
}

std::string canonical_integer(double value)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.0f", value);
    return std::string_view{text} == "-0" ? "0" : text;
}

bool is_language_tag(std::string_view text)
{
    auto const is_alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    auto length = std::size_t{};
    for (auto const c : text) {
        if (c == '-' ? length == 0 : !is_alphanumeric(c) || length == 8) return false;
        length = c == '-' ? 0 : length + 1;
    }
    return length > 0;
}

class Walk {
public:
    explicit Walk(ToRdfBounds const& bounds) : bounds_{bounds} {}

    std::variant<RdfDocument, Refusal> run(json::object const& document)
    {
        constexpr auto usual = std::size_t{64}; // statements of a credential
        result_.quads.reserve(std::min(usual, bounds_.quads_max));
        auto terms = std::vector<Term>{};
        object(initial_context(), nullptr, document, {}, "the document", 0, terms);
        if (refusal_) return std::move(*refusal_);
        return std::move(result_);
    }

private:
    bool refuse(RefusalKind kind, std::string what)
    {
        if (!refusal_) refusal_ = Refusal{kind, std::move(what)};
        return false;
    }

    static std::string quoted(std::string_view text)
    {
        constexpr std::size_t shown = 100;
        return "`" + std::string{text.substr(0, shown)} + (text.size() > shown ? "…`" : "`");
    }

    bool add(Quad quad)
    {
        if (result_.quads.size() >= bounds_.quads_max) return refuse(RefusalKind::too_large, "the document makes too many statements");
        result_.quads.push_back(std::move(quad));
        return true;
    }

    Term fresh_blank() { return {TermKind::blank, "g" + std::to_string(blanks_++)}; }

    /// An identifier as a node: absolute, or a blank node of the document.
    bool identify(std::string_view iri, std::string_view where, Term& term)
    {
        if (iri.starts_with("_:")) {
            auto const [at, fresh] = labels_.emplace(std::string{iri}, labels_.size());
            term = {TermKind::blank, "u" + std::to_string(at->second)};
            return iri.size() > 2 || refuse(RefusalKind::malformed, quoted(where) + " has a blank node without a label");
        }
        if (!is_absolute_iri(iri)) return refuse(RefusalKind::not_defined, quoted(where) + " has the identifier " + quoted(iri) + ", which is no absolute IRI");
        term = {TermKind::iri, std::string{iri}};
        return true;
    }

    ContextPointer process(ContextPointer const& context, json::value const& local, ProcessOptions options) { return process_context(context, local, options, refusal_); }

    // ---- values

    /// Any value of a property; what it stands for is appended to `out`.
    bool value(ContextPointer const& context, TermDefinition const* definition, json::value const& node, Term const& graph,
               std::string_view where, std::size_t depth, std::vector<Term>& out)
    {
        if (depth > bounds_.depth_max) return refuse(RefusalKind::too_large, "the document is nested too deeply");
        if (definition != nullptr && definition->type == "@json") {
            out.push_back(literal(canonical_json(node), in(rdf_ns, "JSON")));
            return true;
        }
        switch (node.kind()) {
        case json::kind::null: result_.without_trace.push_back(std::string{where} + " (null)"); return true;
        case json::kind::array: return array(context, definition, node.get_array(), graph, where, depth, out);
        case json::kind::object: return object(context, definition, node.get_object(), graph, where, depth, out);
        default: return scalar(context, definition, node, where, out);
        }
    }

    bool array(ContextPointer const& context, TermDefinition const* definition, json::array const& all, Term const& graph,
               std::string_view where, std::size_t depth, std::vector<Term>& out)
    {
        if (all.empty() && (definition == nullptr || !definition->list)) result_.without_trace.push_back(std::string{where} + " (empty)");
        for (auto const& one : all) {
            if (one.is_array() && definition != nullptr && definition->list) return refuse(RefusalKind::unsupported, quoted(where) + " is a list of lists");
            if (!value(context, definition, one, graph, where, depth + 1, out)) return false;
        }
        return true;
    }

    /// Value Expansion, 5.3.
    bool scalar(ContextPointer context, TermDefinition const* definition, json::value const& node, std::string_view where, std::vector<Term>& out)
    {
        if (definition == nullptr) return refuse(RefusalKind::malformed, "the document is no object");
        if (definition->context != nullptr) {
            context = process(context, *definition->context, {.override_protected = true});
            if (!context) return false;
        }
        auto const& type = definition->type;
        if (node.is_string() && (type == "@id" || type == "@vocab")) {
            auto const iri = expand_iri(*context, node.get_string(), type == "@vocab");
            if (!iri) return refuse(RefusalKind::not_defined, quoted(where) + " names " + quoted(node.get_string()) + ", which is not defined");
            return identify(*iri, where, out.emplace_back());
        }
        auto const datatype = type == "@id" || type == "@vocab" || type == "@none" ? std::string{} : type;
        if (!node.is_string() || !datatype.empty()) return typed(node, datatype, where, out);
        auto const language = definition->language ? *definition->language : context->language;
        auto const direction = definition->direction ? *definition->direction : context->direction;
        return text(node.get_string(), language.value_or(""), direction.value_or(""), where, out);
    }

    bool typed(json::value const& node, std::string const& datatype, std::string_view where, std::vector<Term>& out)
    {
        auto const typed_as = [&](std::string_view fallback) { return datatype.empty() ? in(xsd_ns, fallback) : datatype; };
        if (node.is_string()) {
            out.push_back(literal(node.get_string(), datatype));
        } else if (node.is_bool()) {
            out.push_back(literal(node.get_bool() ? "true" : "false", typed_as("boolean")));
        } else if (node.is_number()) {
            auto const number = number_of(node);
            auto const as_double = number != std::floor(number) || std::fabs(number) >= 1e21 || datatype == in(xsd_ns, "double");
            out.push_back(as_double ? literal(canonical_double(number), typed_as("double")) : literal(canonical_integer(number), typed_as("integer")));
        } else {
            return refuse(RefusalKind::malformed, quoted(where) + " has no plain value");
        }
        return true;
    }

    bool text(std::string_view lexical, std::string_view language, std::string_view direction, std::string_view where, std::vector<Term>& out)
    {
        if (!language.empty() && !is_language_tag(language)) return refuse(RefusalKind::not_defined, quoted(where) + " has a malformed language tag");
        auto tag = std::string{language};
        for (auto& c : tag)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (direction.empty()) out.push_back(literal(lexical, {}, tag));
        else out.push_back(literal(lexical, "https://www.w3.org/ns/i18n#" + tag + "_" + std::string{direction}));
        return true;
    }

    // ---- objects

    struct Member {
        std::string_view key;
        std::string expanded;
        json::value const* value;
    };

    /// Steps 5 to 11 of 5.1.2: which context holds inside this object.
    ContextPointer context_of(ContextPointer context, TermDefinition const* definition, json::object const& node)
    {
        if (context->previous && reverts(*context, node)) context = context->previous;
        if (definition != nullptr && definition->context != nullptr) {
            context = process(context, *definition->context, {.override_protected = true});
            if (!context) return nullptr;
        }
        if (auto const* local = node.if_contains("@context")) context = process(context, *local, {});
        return context;
    }

    static bool reverts(ActiveContext const& context, json::object const& node)
    {
        auto only_id = node.size() == 1;
        for (auto const& member : node) {
            if (means(context, member.key(), "@value")) return false;
            only_id &= means(context, member.key(), "@id");
        }
        return !only_id;
    }

    /// Does `key` expand to that keyword? Without making the IRI that it expands to otherwise.
    static bool means(ActiveContext const& context, std::string_view key, std::string_view keyword)
    {
        if (is_keyword(key)) return key == keyword;
        auto const* term = context.find(key);
        return term != nullptr && term->iri == keyword;
    }

    /// Type-scoped contexts, in the order of the types' names.
    ContextPointer apply_types(ContextPointer const& scope, json::object const& node)
    {
        auto context = scope;
        for (auto const* key : type_keys(*scope, node)) {
            auto const& value = node.at(*key);
            auto names = std::vector<std::string_view>{};
            if (auto const* one = value.if_string()) names.push_back(*one);
            if (auto const* all = value.if_array())
                for (auto const& one : *all)
                    if (one.is_string()) names.push_back(one.get_string());
            std::ranges::sort(names);
            for (auto const name : names) {
                auto const* definition = scope->find(name);
                if (definition == nullptr || definition->context == nullptr) continue;
                context = process(context, *definition->context, {.propagate = false});
                if (!context) return nullptr;
            }
        }
        return context;
    }

    static std::vector<std::string const*> type_keys(ActiveContext const& context, json::object const& node)
    {
        static auto const plain = std::string{"@type"}, alias = std::string{"type"};
        auto keys = std::vector<std::string const*>{};
        for (auto const* key : {&plain, &alias})
            if (node.contains(*key) && means(context, *key, "@type")) keys.push_back(key);
        return keys;
    }

    bool object(ContextPointer const& outer, TermDefinition const* definition, json::object const& node, Term const& graph,
                std::string_view where, std::size_t depth, std::vector<Term>& out)
    {
        auto const scope = context_of(outer, definition, node);
        if (!scope) return false;
        auto const context = apply_types(scope, node);
        if (!context) return false;

        auto members = std::vector<Member>{};
        members.reserve(node.size());
        auto is_value = false, is_list = false, is_set = false;
        for (auto const& member : node) {
            auto expanded = expand_iri(*context, member.key(), true);
            if (!expanded || (!is_keyword(*expanded) && !is_absolute_iri(*expanded)))
                return refuse(RefusalKind::not_defined, "the member " + quoted(member.key()) + " is not defined by any context");
            if (*expanded == "@type" && member.key() != "type" && member.key() != "@type")
                return refuse(RefusalKind::unsupported, "@type under the name " + quoted(member.key()));
            is_value |= *expanded == "@value";
            is_list |= *expanded == "@list";
            is_set |= *expanded == "@set";
            if (is_keyword(*expanded) && std::ranges::find(members, *expanded, &Member::expanded) != members.end())
                return refuse(RefusalKind::malformed, quoted(where) + " has " + *expanded + " twice");
            members.push_back({member.key(), std::move(*expanded), &member.value()});
        }
        if (is_value) return value_object(*context, *scope, members, where, out);
        if (is_list || is_set) return collection(context, definition, members, graph, where, depth, out);
        return node_object(context, *scope, members, graph, where, depth, out);
    }

    static json::value const* member_of(std::vector<Member> const& members, std::string_view keyword)
    {
        auto const at = std::ranges::find(members, keyword, &Member::expanded);
        return at == members.end() ? nullptr : at->value;
    }

    bool value_object(ActiveContext const& context, ActiveContext const& scope, std::vector<Member> const& members, std::string_view where, std::vector<Term>& out)
    {
        for (auto const& member : members)
            if (member.expanded != "@value" && member.expanded != "@type" && member.expanded != "@language" && member.expanded != "@direction" && member.expanded != "@context")
                return refuse(RefusalKind::malformed, "a value object of " + quoted(where) + " has a member " + quoted(member.key));
        auto const& content = *member_of(members, "@value");
        auto const* type = member_of(members, "@type");
        auto const* language = member_of(members, "@language");
        auto const* direction = member_of(members, "@direction");
        auto const wrong = [&] { return refuse(RefusalKind::malformed, "a value object of " + quoted(where) + " is not one"); };
        if ((type != nullptr && (!type->is_string() || language != nullptr || direction != nullptr)) || (language != nullptr && !language->is_string())) return wrong();
        if (direction != nullptr && *direction != json::value("ltr") && *direction != json::value("rtl")) return wrong();
        auto datatype = std::string{};
        if (type != nullptr) {
            auto const expanded = expand_iri(scope, type->get_string(), true);
            if (expanded == "@json") {
                out.push_back(literal(canonical_json(content), in(rdf_ns, "JSON")));
                return true;
            }
            if (!expanded || !is_absolute_iri(*expanded)) return refuse(RefusalKind::not_defined, "the datatype " + quoted(type->get_string()) + " is not defined");
            datatype = *expanded;
        }
        if (content.is_null()) {
            result_.without_trace.push_back(std::string{where} + " (null)");
            return true;
        }
        if (content.is_string() && datatype.empty())
            return text(content.get_string(), language == nullptr ? std::string_view{} : std::string_view{language->get_string()},
                        direction == nullptr ? std::string_view{} : std::string_view{direction->get_string()}, where, out);
        if (language != nullptr || direction != nullptr) return wrong();
        (void)context;
        return typed(content, datatype, where, out);
    }

    bool collection(ContextPointer const& context, TermDefinition const* definition, std::vector<Member> const& members, Term const& graph,
                    std::string_view where, std::size_t depth, std::vector<Term>& out)
    {
        if (members.size() != 1 || definition == nullptr)
            return refuse(RefusalKind::malformed, quoted(where) + " has more than its @list or @set");
        auto items = std::vector<Term>{};
        auto const& content = *members.front().value;
        auto plain = *definition;
        plain.context = nullptr; // holds already
        if (members.front().expanded == "@set") return value(context, &plain, content, graph, where, depth + 1, out);
        plain.list = true;
        if (!value(context, &plain, content, graph, where, depth + 1, items)) return false;
        out.emplace_back();
        return list(items, graph, out.back());
    }

    /// 8.2.3: a chain of blank nodes.
    bool list(std::vector<Term> const& items, Term const& graph, Term& head)
    {
        auto const nil = Term{TermKind::iri, in(rdf_ns, "nil")};
        auto cells = std::vector<Term>{};
        for (auto i = items.size(); i > 0; --i) cells.push_back(fresh_blank());
        head = cells.empty() ? nil : cells.front();
        for (auto i = std::size_t{}; i < items.size(); ++i) {
            if (!add({cells[i], in(rdf_ns, "first"), items[i], graph})) return false;
            if (!add({cells[i], in(rdf_ns, "rest"), i + 1 < cells.size() ? cells[i + 1] : nil, graph})) return false;
        }
        return true;
    }

    bool node_object(ContextPointer const& context, ActiveContext const& scope, std::vector<Member> const& members, Term const& graph,
                     std::string_view where, std::size_t depth, std::vector<Term>& out)
    {
        auto subject = Term{};
        if (auto const* id = member_of(members, "@id")) {
            if (!id->is_string()) return refuse(RefusalKind::malformed, quoted(where) + " has an identifier that is no text");
            auto const iri = expand_iri(*context, id->get_string(), false);
            if (!iri || !identify(*iri, where, subject)) return refuse(RefusalKind::not_defined, quoted(where) + " has no proper identifier");
        } else {
            subject = fresh_blank();
        }
        out.push_back(subject);
        for (auto const& member : members) {
            if (member.expanded == "@id" || member.expanded == "@context") continue;
            if (member.expanded == "@type") {
                if (!types(scope, *member.value, subject, graph, where)) return false;
            } else if (is_keyword(member.expanded)) {
                return refuse(RefusalKind::unsupported, quoted(where) + " uses " + member.expanded + ", which we don't interpret");
            } else if (!property(context, member, subject, graph, depth)) {
                return false;
            }
        }
        return true;
    }

    bool types(ActiveContext const& scope, json::value const& value, Term const& subject, Term const& graph, std::string_view where)
    {
        auto const* all = value.if_array();
        auto const names = all != nullptr ? std::span{all->begin(), all->end()} : std::span{&value, 1};
        if (names.empty()) result_.without_trace.push_back(std::string{where} + ".type (empty)");
        for (auto const& name : names) {
            if (!name.is_string()) return refuse(RefusalKind::malformed, quoted(where) + " has a type that is no text");
            auto const iri = expand_iri(scope, name.get_string(), true);
            auto type = Term{};
            if (!iri || is_keyword(*iri) || (!iri->starts_with("_:") && !is_absolute_iri(*iri)))
                return refuse(RefusalKind::not_defined, "the type " + quoted(name.get_string()) + " is not defined by any context");
            if (!identify(*iri, where, type) || !add({subject, rdf_type, std::move(type), graph})) return false;
        }
        return true;
    }

    bool property(ContextPointer const& context, Member const& member, Term const& subject, Term const& graph, std::size_t depth)
    {
        static auto const bare = TermDefinition{};
        auto const* definition = context->find(member.key);
        if (definition == nullptr) definition = &bare;
        auto terms = std::vector<Term>{};
        if (definition->graph) {
            if (!graphs(context, definition, *member.value, member.key, depth, terms)) return false;
        } else if (!value(context, definition, *member.value, graph, member.key, depth + 1, terms)) {
            return false;
        }
        auto const listed = definition->list && definition->type != "@json" && !is_list_object(*context, *member.value) && !member.value->is_null();
        if (listed) {
            auto head = Term{};
            if (!list(terms, graph, head)) return false;
            terms.assign(1, std::move(head));
        }
        for (auto& term : terms)
            if (!add({subject, member.expanded, std::move(term), graph})) return false;
        return true;
    }

    static bool is_list_object(ActiveContext const& context, json::value const& value)
    {
        auto const* object = value.if_object();
        return object != nullptr && std::ranges::any_of(*object, [&](auto const& member) { return means(context, member.key(), "@list"); });
    }

    /// @container @graph: each value becomes a graph of its own, named by a blank node.
    bool graphs(ContextPointer const& context, TermDefinition const* definition, json::value const& node, std::string_view where,
                std::size_t depth, std::vector<Term>& out)
    {
        if (auto const* all = node.if_array()) {
            if (all->empty()) result_.without_trace.push_back(std::string{where} + " (empty)");
            for (auto const& one : *all)
                if (!graphs(context, definition, one, where, depth + 1, out)) return false;
            return depth <= bounds_.depth_max || refuse(RefusalKind::too_large, "the document is nested too deeply");
        }
        auto const name = fresh_blank();
        auto inside = std::vector<Term>{};
        if (!value(context, definition, node, name, where, depth + 1, inside)) return false;
        if (!node.is_null()) out.push_back(name);
        return true;
    }

    ToRdfBounds const& bounds_;
    RdfDocument result_;
    std::optional<Refusal> refusal_;
    std::map<std::string, std::size_t, std::less<>> labels_;
    std::size_t blanks_ = 0;
};

} // namespace

std::variant<RdfDocument, Refusal> to_rdf(json::object const& document, ToRdfBounds const& bounds) { return Walk{bounds}.run(document); }

} // namespace assay::credentials::rdf
