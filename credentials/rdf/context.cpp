#include "credentials/rdf/context.hpp"

#include "credentials/rdf/pinned_contexts.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace assay::credentials::rdf {
namespace {

constexpr auto keywords = std::array<std::string_view, 23>{
    "@base",  "@container", "@context", "@direction", "@graph",     "@id",  "@import", "@included", "@index",   "@json",  "@language", "@list",
    "@nest",  "@none",      "@prefix",  "@propagate", "@protected", "@reverse", "@set", "@type",    "@value", "@version",  "@vocab"};
constexpr std::size_t contexts_max = 16;      ///< in one array
constexpr std::size_t inline_terms_max = 512; ///< of one context that is written into the document

/// "@" and letters: reserved, and ignored where it is no keyword.
bool looks_like_keyword(std::string_view text)
{
    auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return text.size() > 1 && text.front() == '@' && std::ranges::all_of(text.substr(1), is_letter);
}

std::string lower_case(std::string_view text)
{
    auto out = std::string{text};
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// One context object on its way into `result_`. Functions say false after writing `refusal_`.
class Definer {
public:
    Definer(ActiveContext& result, json::object const& local, bool override_protected, std::optional<Refusal>& refusal)
        : result_{result}, local_{local}, override_protected_{override_protected}, refusal_{refusal}
    {
    }

    bool run()
    {
        if (!read_settings()) return false;
        for (auto const& member : local_)
            if (!is_setting(member.key()) && !define(member.key())) return false;
        return true;
    }

private:
    bool refuse(RefusalKind kind, std::string what)
    {
        refusal_ = Refusal{kind, std::move(what)};
        return false;
    }
    bool malformed(std::string_view term) { return refuse(RefusalKind::malformed, "the context defines `" + std::string{term} + "` in a way that JSON-LD forbids"); }

    static bool is_setting(std::string_view key)
    {
        return key == "@version" || key == "@vocab" || key == "@language" || key == "@direction" || key == "@protected" || key == "@propagate";
    }

    bool read_settings()
    {
        if (local_.contains("@import") || local_.contains("@base"))
            return refuse(RefusalKind::unsupported, "the context uses @import or @base, which we don't interpret");
        if (auto const* version = local_.if_contains("@version"); version != nullptr && *version != json::value(1.1)) return malformed("@version");
        if (auto const* value = local_.if_contains("@protected")) {
            if (!value->is_bool()) return malformed("@protected");
            protected_ = value->get_bool();
        }
        if (auto const* value = local_.if_contains("@vocab")) {
            if (value->is_null()) result_.vocabulary.reset();
            else if (value->is_string() && is_absolute_iri(value->get_string())) result_.vocabulary = std::string{value->get_string()};
            else return malformed("@vocab");
        }
        return read_default("@language", result_.language) && read_default("@direction", result_.direction);
    }

    bool read_default(std::string_view keyword, std::optional<std::string>& setting)
    {
        auto const* value = local_.if_contains(keyword);
        if (value == nullptr) return true;
        if (value->is_null()) setting.reset();
        else if (value->is_string()) setting = lower_case(value->get_string());
        else return malformed(keyword);
        return keyword != "@direction" || !setting || *setting == "ltr" || *setting == "rtl" ? true : malformed(keyword);
    }

    /// Create Term Definition, 4.2.2.
    bool define(std::string_view term)
    {
        if (auto const at = defined_.find(term); at != defined_.end()) return at->second || malformed(term); // false: it leads back to itself
        if (term.empty()) return malformed(term);
        if (is_keyword(term)) return term == "@type" ? refuse(RefusalKind::unsupported, "the context redefines @type") : malformed(term);
        if (looks_like_keyword(term)) return true;
        defined_.emplace(term, false);

        auto const* before = result_.find(term);
        auto const previous = before == nullptr ? nullptr : result_.terms.find(term)->second;
        result_.terms.erase(std::string{term});

        auto definition = TermDefinition{.is_protected = protected_};
        auto const& value = local_.at(term);
        auto const* object = value.if_object();
        if (object == nullptr && !value.is_string() && !value.is_null()) return malformed(term);
        if (object != nullptr && !read_members(term, *object, definition)) return false;
        auto const* id = object != nullptr ? object->if_contains("@id") : &value;
        if (!read_iri(term, id, object == nullptr, definition)) return false;
        if (object != nullptr) {
            if (auto const* prefix = object->if_contains("@prefix")) {
                if (!prefix->is_bool() || term.find_first_of(":/") != std::string_view::npos) return malformed(term);
                definition.prefix = prefix->get_bool();
            }
        }
        if (previous && previous->is_protected && !override_protected_) {
            auto compared = definition;
            compared.is_protected = true;
            if (!same(compared, *previous))
                return refuse(RefusalKind::malformed, "the context redefines the protected term `" + std::string{term} + "`");
            definition = *previous;
        }
        result_.terms.insert_or_assign(std::string{term}, std::make_shared<TermDefinition const>(std::move(definition)));
        defined_.find(term)->second = true;
        return true;
    }

    /// Equal in meaning: scoped contexts are compared by their text, not by where they lie.
    static bool same(TermDefinition a, TermDefinition b)
    {
        auto const contexts_equal = (a.context == nullptr) == (b.context == nullptr) && (a.context == nullptr || *a.context == *b.context);
        a.context = b.context = nullptr;
        return contexts_equal && a == b;
    }

    bool read_members(std::string_view term, json::object const& object, TermDefinition& definition)
    {
        for (auto const& member : object) {
            auto const key = std::string_view{member.key()};
            if (key == "@reverse" || key == "@nest" || key == "@index")
                return refuse(RefusalKind::unsupported, "the context uses " + std::string{key} + ", which we don't interpret");
            if (key != "@id" && key != "@type" && key != "@container" && key != "@context" && key != "@language" && key != "@direction" &&
                key != "@prefix" && key != "@protected")
                return malformed(term);
        }
        if (auto const* value = object.if_contains("@protected")) {
            if (!value->is_bool()) return malformed(term);
            definition.is_protected = value->get_bool();
        }
        definition.context = object.if_contains("@context");
        return read_type(term, object, definition) && read_container(term, object, definition) && read_language(term, object, definition);
    }

    bool read_type(std::string_view term, json::object const& object, TermDefinition& definition)
    {
        auto const* value = object.if_contains("@type");
        if (value == nullptr) return true;
        if (!value->is_string()) return malformed(term);
        auto const type = expand(value->get_string());
        if (!refusal_ && type && (*type == "@id" || *type == "@vocab" || *type == "@json" || *type == "@none" || is_absolute_iri(*type))) {
            definition.type = *type;
            return true;
        }
        return refusal_ ? false : malformed(term);
    }

    bool read_container(std::string_view term, json::object const& object, TermDefinition& definition)
    {
        auto const* value = object.if_contains("@container");
        if (value == nullptr) return true;
        auto const names = value->is_array() ? value->get_array() : json::array{*value};
        for (auto const& name : names) {
            if (!name.is_string()) return malformed(term);
            auto const text = std::string_view{name.get_string()};
            if (text == "@list") definition.list = true;
            else if (text == "@graph") definition.graph = true;
            else if (text == "@language" || text == "@index" || text == "@id" || text == "@type")
                return refuse(RefusalKind::unsupported, "the context keeps `" + std::string{term} + "` in a " + std::string{text} + " map, which we don't interpret");
            else if (text != "@set") return malformed(term);
        }
        return !definition.list || names.size() == 1 ? true : malformed(term);
    }

    bool read_language(std::string_view term, json::object const& object, TermDefinition& definition)
    {
        auto const read = [&](char const* keyword, auto& setting) {
            auto const* value = object.if_contains(keyword);
            if (value == nullptr || object.contains("@type")) return true;
            if (value->is_null()) setting = std::optional<std::string>{};
            else if (value->is_string()) setting = std::optional{lower_case(value->get_string())};
            else return malformed(term);
            return true;
        };
        return read("@language", definition.language) && read("@direction", definition.direction);
    }

    bool read_iri(std::string_view term, json::value const* id, bool simple, TermDefinition& definition)
    {
        auto const separator = term.find_first_of(":/");
        if (id != nullptr && id->is_null()) return true; // mapped to null
        if (id != nullptr && !id->is_string()) return malformed(term);
        if (id != nullptr && std::string_view{id->get_string()} != term) {
            auto iri = expand(id->get_string());
            if (refusal_) return false;
            if (!iri || *iri == "@context" || !(is_keyword(*iri) || is_absolute_iri(*iri))) return malformed(term);
            constexpr std::string_view delimiters = ":/?#[]@";
            definition.prefix = separator == std::string_view::npos && simple && delimiters.find(iri->back()) != std::string_view::npos;
            definition.iri = std::move(iri);
            return true;
        }
        if (term.find(':', 1) != std::string_view::npos || separator != std::string_view::npos) {
            auto iri = expand_compact(term);
            if (refusal_) return false;
            if (!iri || !is_absolute_iri(*iri)) return malformed(term);
            definition.iri = std::move(iri);
            return true;
        }
        if (!result_.vocabulary) return malformed(term);
        definition.iri = *result_.vocabulary + std::string{term};
        return true;
    }

    std::optional<std::string> expand_compact(std::string_view value)
    {
        auto const colon = value.find(':', 1);
        if (colon == std::string_view::npos) return expand_iri(result_, value, true);
        if (auto const prefix = value.substr(0, colon); local_.contains(prefix) && !defined_.contains(prefix) && !define(prefix)) return std::nullopt;
        return expand_iri(result_, value, true);
    }

    /// IRI expansion while the context is still being built: what the value rests on is defined first.
    std::optional<std::string> expand(std::string_view value)
    {
        if (is_keyword(value)) return std::string{value};
        if (local_.contains(value) && !is_setting(value)) {
            auto const at = defined_.find(value);
            if ((at == defined_.end() || !at->second) && !define(value)) return std::nullopt;
            return expand_iri(result_, value, true);
        }
        return expand_compact(value);
    }

    ActiveContext& result_;
    json::object const& local_;
    bool override_protected_;
    std::optional<Refusal>& refusal_;
    bool protected_ = false;
    std::map<std::string, bool, std::less<>> defined_;
};

bool has_protected_terms(ActiveContext const& context)
{
    return std::ranges::any_of(context.terms, [](auto const& term) { return term.second->is_protected; });
}

ContextPointer process_object(ContextPointer const& active, json::object const& local, ProcessOptions options, bool compiled,
                              std::optional<Refusal>& refusal)
{
    if (!compiled && local.size() > inline_terms_max) {
        refusal = Refusal{RefusalKind::too_large, "a context in the document defines too many terms"};
        return nullptr;
    }
    if (auto const* propagate = local.if_contains("@propagate")) {
        if (!propagate->is_bool()) {
            refusal = Refusal{RefusalKind::malformed, "@propagate is no boolean"};
            return nullptr;
        }
        options.propagate = propagate->get_bool();
    }
    auto result = std::make_shared<ActiveContext>(*active);
    result->pinned = active->pinned && compiled;
    if (!options.propagate && !result->previous) result->previous = active;
    return Definer{*result, local, options.override_protected, refusal}.run() ? result : nullptr;
}

ContextPointer process_null(ContextPointer const& active, ProcessOptions options, std::optional<Refusal>& refusal)
{
    if (!options.override_protected && has_protected_terms(*active)) {
        refusal = Refusal{RefusalKind::malformed, "a context of null would drop protected terms"};
        return nullptr;
    }
    if (options.propagate) return initial_context();
    auto fresh = std::make_shared<ActiveContext>(*initial_context());
    fresh->previous = active->previous ? active->previous : active;
    fresh->pinned = active->pinned;
    return fresh;
}

ContextPointer process_array(ContextPointer active, json::array const& all, ProcessOptions options, std::optional<Refusal>& refusal)
{
    if (all.size() > contexts_max) {
        refusal = Refusal{RefusalKind::too_large, "too many contexts"};
        return nullptr;
    }
    for (auto const& one : all) {
        active = process_context(active, one, options, refusal);
        if (!active) break;
    }
    return active;
}

ContextPointer process_uncached(ContextPointer const& active, json::value const& local, ProcessOptions options, bool compiled,
                                std::optional<Refusal>& refusal)
{
    if (local.is_null()) return process_null(active, options, refusal);
    if (auto const* all = local.if_array()) return process_array(active, *all, options, refusal);
    if (auto const* object = local.if_object()) return process_object(active, *object, options, compiled, refusal);
    refusal = Refusal{RefusalKind::malformed, "@context is neither an address nor an object"};
    return nullptr;
}

/// Contexts made of compiled ones, kept: they are few, and building one takes longer than checking a signature. One store a
/// thread, so that nobody waits; bounded, because types can be combined without end.
struct Kept {
    using Key = std::tuple<ActiveContext const*, json::value const*, bool, bool>;
    struct Entry {
        ContextPointer parent, result; ///< the parent too: its address is part of the key
    };
    static constexpr std::size_t entries_max = 1024;
    std::map<Key, Entry> entries;
};

} // namespace

bool is_keyword(std::string_view text) noexcept { return text.starts_with('@') && std::ranges::find(keywords, text) != keywords.end(); }

bool is_absolute_iri(std::string_view text) noexcept
{
    auto const colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    auto const in_scheme = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
    static constexpr auto allowed_octets = [] { // every character of every IRI is asked for
        auto table = std::array<bool, 256>{};
        for (auto octet = std::size_t{0x21}; octet < table.size(); ++octet) table[octet] = octet != 0x7f;
        for (auto const c : std::string_view{"<>\"{}|\\^`"}) table[static_cast<unsigned char>(c)] = false;
        return table;
    }();
    auto const allowed = [](char c) { return allowed_octets[static_cast<unsigned char>(c)]; };
    return is_letter(text.front()) && std::ranges::all_of(text.substr(0, colon), in_scheme) && std::ranges::all_of(text, allowed);
}

ContextPointer initial_context()
{
    static auto const initial = std::make_shared<ActiveContext const>();
    return initial;
}

std::optional<std::string> expand_iri(ActiveContext const& context, std::string_view value, bool vocabulary)
{
    if (is_keyword(value)) return std::string{value};
    if (looks_like_keyword(value)) return std::nullopt;
    if (auto const* term = context.find(value); term != nullptr && (vocabulary || (term->iri && is_keyword(*term->iri)))) return term->iri;
    auto const colon = value.find(':', 1);
    if (!value.empty() && colon != std::string_view::npos) {
        auto const prefix = value.substr(0, colon);
        auto const suffix = value.substr(colon + 1);
        if (prefix == "_" || suffix.starts_with("//")) return std::string{value};
        if (auto const* term = context.find(prefix); term != nullptr && term->iri && term->prefix) return *term->iri + std::string{suffix};
        if (is_absolute_iri(value)) return std::string{value};
    }
    if (vocabulary && context.vocabulary) return *context.vocabulary + std::string{value};
    return std::string{value};
}

ContextPointer process_context(ContextPointer const& active, json::value const& local, ProcessOptions options,
                               std::optional<Refusal>& refusal)
{
    if (auto const* url = local.if_string()) {
        if (auto const* document = find_pinned_context(*url)) return process_context(active, *document, options, refusal);
        refusal = Refusal{RefusalKind::unknown_context, "@context names " + std::string{*url} + ", whose terms we don't know"};
        return nullptr;
    }
    auto const compiled = is_compiled(local);
    if (!compiled || !active->pinned) return process_uncached(active, local, options, compiled, refusal);

    static thread_local auto kept = Kept{};
    auto const key = Kept::Key{active.get(), &local, options.override_protected, options.propagate};
    if (auto const at = kept.entries.find(key); at != kept.entries.end()) return at->second.result;
    auto result = process_uncached(active, local, options, compiled, refusal);
    if (!result) return nullptr;
    if (kept.entries.size() >= Kept::entries_max) kept.entries.clear();
    kept.entries.insert_or_assign(key, Kept::Entry{active, result});
    return result;
}

} // namespace assay::credentials::rdf
