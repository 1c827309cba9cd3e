#include "credentials/rdf/pinned_contexts.hpp"

#include "core/contract.hpp"
#include "credentials/rdf/detail/pinned_tables.hpp"

#include <map>
#include <set>
#include <vector>

// The notation of the tables, one line a term:
//     term IRI [^type] [%container] [{ … } | {* … } | {null}]
// `$sec:x` stands for the IRI of the prefix in `abbreviations` below (ours, so that it can't be mistaken for a prefix which the
// context itself defines). Braces hold a scoped context; `*` after one, or alone on the first line, says that it is protected and
// that `id` and `type` are its names for @id and @type, as nearly all do. `@protected` and `@version` alone on a line: true, 1.1.

namespace assay::credentials::rdf {
namespace {

struct Abbreviation {
    std::string_view prefix, iri;
};
constexpr auto abbreviations = std::array{
    Abbreviation{"$ob:", "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"},
    Abbreviation{"$clr:", "https://purl.imsglobal.org/spec/vc/clr/vocab.html#"},
    Abbreviation{"$ims:", "https://purl.imsglobal.org/spec/"},
    Abbreviation{"$cred:", "https://www.w3.org/2018/credentials#"},
    Abbreviation{"$status:", "https://www.w3.org/ns/credentials/status#"},
    Abbreviation{"$sl:", "https://w3id.org/vc/status-list#"},
    Abbreviation{"$sec:", "https://w3id.org/security#"},
    Abbreviation{"$jwt:", "https://www.iana.org/assignments/jwt#"},
    Abbreviation{"$jose:", "https://www.iana.org/assignments/jose#"},
    Abbreviation{"$schema:", "https://schema.org/"},
    Abbreviation{"$schema0:", "http://schema.org/"},
    Abbreviation{"$xsd:", "http://www.w3.org/2001/XMLSchema#"},
    Abbreviation{"$xsds:", "https://www.w3.org/2001/XMLSchema#"}, // not the XML Schema namespace, but what 1EdTech wrote
    Abbreviation{"$dc:", "http://purl.org/dc/terms/"},
};

std::string in_full(std::string_view iri)
{
    for (auto const& abbreviation : abbreviations)
        if (iri.starts_with(abbreviation.prefix)) return std::string{abbreviation.iri} + std::string{iri.substr(abbreviation.prefix.size())};
    EXPECTS(!iri.starts_with('$'));
    return std::string{iri};
}

json::object common_head() { return {{"@protected", true}, {"id", "@id"}, {"type", "@type"}}; }

std::vector<std::string_view> split(std::string_view text, char at)
{
    auto parts = std::vector<std::string_view>{};
    while (!text.empty()) {
        auto const end = text.find(at);
        if (auto const part = text.substr(0, end); !part.empty()) parts.push_back(part);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return parts;
}

/// Lines up to the closing brace of their context.
json::object read_terms(std::span<std::string_view const>& lines, json::object context)
{
    while (!lines.empty()) {
        auto const words = split(lines.front(), ' ');
        lines = lines.subspan(1);
        if (words[0] == "}") break;
        if (words[0] == "*") {
            context = common_head();
        } else if (words[0] == "@protected") {
            context["@protected"] = true;
        } else if (words[0] == "@version") {
            context["@version"] = 1.1;
        } else if (words.size() == 2) {
            context[words[0]] = in_full(words[1]);
        } else {
            auto definition = json::object{{"@id", in_full(words[1])}};
            for (auto const word : std::span{words}.subspan(2)) {
                if (word.starts_with('^')) definition["@type"] = in_full(word.substr(1));
                else if (word.starts_with('%')) definition["@container"] = word.substr(1);
                else if (word == "{null}") definition["@context"] = nullptr;
                else definition["@context"] = read_terms(lines, word == "{*" ? common_head() : json::object{});
            }
            context[words[0]] = std::move(definition);
        }
    }
    return context;
}

struct Compiled {
    std::map<std::string, json::value, std::less<>> by_url;
    std::set<json::value const*> values; ///< every context in them, scoped ones too
};

void note_contexts(json::value const& context, std::set<json::value const*>& values)
{
    values.insert(&context);
    if (auto const* object = context.if_object())
        for (auto const& term : *object)
            if (auto const* definition = term.value().if_object())
                if (auto const* scoped = definition->if_contains("@context")) note_contexts(*scoped, values);
}

Compiled const& compiled()
{
    static auto const all = [] {
        auto result = Compiled{};
        for (auto const& context : pinned_contexts()) {
            auto const lines = split(context.terms, '\n');
            auto rest = std::span{lines};
            result.by_url.emplace(context.url, read_terms(rest, {}));
        }
        for (auto const& [url, context] : result.by_url) note_contexts(context, result.values);
        return result;
    }();
    return all;
}

} // namespace

std::span<PinnedContext const> pinned_contexts() noexcept
{
    static auto const all = [] {
        auto both = std::vector<PinnedContext>{};
        for (auto const part : {current_contexts(), legacy_contexts()}) both.insert(both.end(), part.begin(), part.end());
        return both;
    }();
    return all;
}

json::value const* find_pinned_context(std::string_view url)
{
    auto const at = compiled().by_url.find(url);
    return at == compiled().by_url.end() ? nullptr : &at->second;
}

bool is_compiled(json::value const& value) { return compiled().values.contains(&value); }

} // namespace assay::credentials::rdf
