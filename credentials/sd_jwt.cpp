#include "credentials/sd_jwt.hpp"

#include "core/hash.hpp"
#include "credentials/errors.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace assay::credentials {
namespace {

constexpr std::size_t depth_max = 24;

struct Disclosure {
    std::optional<std::string> name; ///< nothing: an element of an array
    json::value value;
    bool used = false;
};

class Resolver {
public:
    Resolver(SdJwt const& sd_jwt, std::span<std::string_view const> never) : never_{never}
    {
        for (auto const& text : sd_jwt.disclosures) read(text);
    }

    Disclosed run(json::object payload)
    {
        auto disclosed = Disclosed{};
        if (complaint_.empty()) {
            if (auto const* algorithm = payload.if_contains("_sd_alg"); algorithm != nullptr && *algorithm != json::value("sha-256"))
                complain("the digests are made with an algorithm other than sha-256");
            payload.erase("_sd_alg");
            resolve(payload, 0);
        }
        for (auto const& [digest, disclosure] : by_digest_)
            if (!disclosure.used) complain("a disclosure is referenced by no digest");
        disclosed.complaint = complaint_;
        if (!complaint_.empty()) return disclosed;
        disclosed.claims = std::move(payload);
        disclosed.names = std::move(names_);
        return disclosed;
    }

private:
    void complain(std::string what)
    {
        if (complaint_.empty()) complaint_ = std::move(what);
    }

    void read(std::string const& text)
    {
        auto const bytes = from_base64url(text);
        if (!bytes) return complain("a disclosure is no canonical base64url");
        auto const parsed = parse_json(text_of(*bytes), {.size_max = 1 << 18, .depth_max = depth_max});
        auto const* parts = parsed ? parsed->if_array() : nullptr;
        if (parts == nullptr || (parts->size() != 2 && parts->size() != 3) || !parts->at(0).is_string())
            return complain("a disclosure is no array of salt, name and value");
        auto disclosure = Disclosure{.value = parts->back()};
        if (parts->size() == 3) {
            auto const* name = parts->at(1).if_string();
            if (name == nullptr || *name == "_sd" || *name == "...") return complain("a disclosure has a forbidden name");
            disclosure.name = std::string{*name};
        }
        auto digest = to_base64url(sha256(std::string_view{text}).octets);
        if (!by_digest_.emplace(std::move(digest), std::move(disclosure)).second) complain("a disclosure stands there twice");
    }

    /// The disclosure of a digest, when it was shown. A digest that stands twice is refused, shown or not.
    Disclosure* take(json::value const& digest, bool element)
    {
        if (!digest.is_string()) {
            complain("a digest is no text");
            return nullptr;
        }
        auto const text = std::string{digest.get_string()};
        if (!seen_.insert(text).second) {
            complain("a digest stands there twice");
            return nullptr;
        }
        auto const at = by_digest_.find(text);
        if (at == by_digest_.end()) return nullptr; // withheld, or a decoy
        if (element == at->second.name.has_value()) {
            complain("a disclosure stands in the wrong kind of place");
            return nullptr;
        }
        at->second.used = true;
        return &at->second;
    }

    void resolve(json::value& value, std::size_t depth)
    {
        if (depth > depth_max) return complain("the claims are nested too deeply");
        if (value.is_object()) resolve(value.get_object(), depth);
        else if (value.is_array()) resolve(value.get_array(), depth);
    }

    void resolve(json::object& object, std::size_t depth)
    {
        auto digests = json::array{};
        if (auto const* listed = object.if_contains("_sd")) {
            if (!listed->is_array()) return complain("_sd is no array");
            digests = listed->get_array();
            object.erase("_sd");
        }
        if (object.contains("...")) return complain("a claim is called \"...\"");
        if (depth > 0 && object.contains("_sd_alg")) return complain("_sd_alg stands below the top level");
        for (auto& member : object) resolve(member.value(), depth + 1);
        for (auto const& digest : digests) {
            auto* disclosure = take(digest, false);
            if (disclosure == nullptr) continue;
            auto const& name = *disclosure->name;
            if (object.contains(name)) return complain("a disclosure would overwrite the claim `" + name + "`");
            if (depth == 0 && std::ranges::find(never_, name) != never_.end()) return complain("the claim `" + name + "` must not be selectively disclosable");
            names_.push_back(name);
            auto value = std::move(disclosure->value);
            resolve(value, depth + 1);
            object[name] = std::move(value);
        }
    }

    void resolve(json::array& array, std::size_t depth)
    {
        auto kept = json::array{};
        for (auto& element : array) {
            auto const* digest = element.is_object() ? element.get_object().if_contains("...") : nullptr;
            if (digest == nullptr) {
                resolve(element, depth + 1);
                kept.push_back(std::move(element));
                continue;
            }
            if (element.get_object().size() != 1) return complain("a digest in an array does not stand alone");
            auto* disclosure = take(*digest, true);
            if (disclosure == nullptr) continue;
            auto value = std::move(disclosure->value);
            resolve(value, depth + 1);
            kept.push_back(std::move(value));
        }
        array = std::move(kept);
    }

    std::span<std::string_view const> never_;
    std::map<std::string, Disclosure> by_digest_;
    std::set<std::string> seen_;
    std::vector<std::string> names_;
    std::string complaint_;
};

} // namespace

result<SdJwt> parse_sd_jwt(std::string_view text)
{
    auto parts = std::vector<std::string_view>{};
    auto const last = text.rfind('~');
    if (last == std::string_view::npos) return errc::malformed_sd_jwt;
    for (auto rest = text.substr(0, last + 1); !rest.empty();) {
        auto const end = rest.find('~');
        parts.push_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    if (parts.size() > disclosures_max + 1) return errc::malformed_sd_jwt;
    auto jws = parse_compact_jws(parts.front());
    if (!jws) return errc::malformed_sd_jwt;
    auto sd_jwt = SdJwt{.jws = std::move(*jws), .presented = std::string{text.substr(0, last + 1)}};
    for (auto const part : std::span{parts}.subspan(1)) {
        if (part.empty()) return errc::malformed_sd_jwt;
        sd_jwt.disclosures.emplace_back(part);
    }
    if (auto const binding = text.substr(last + 1); !binding.empty()) {
        auto parsed = parse_compact_jws(binding);
        if (!parsed) return errc::malformed_sd_jwt;
        sd_jwt.key_binding = std::move(*parsed);
    }
    return sd_jwt;
}

Disclosed disclose(SdJwt const& sd_jwt, json::object const& payload, std::span<std::string_view const> never)
{
    return Resolver{sd_jwt, never}.run(payload);
}

} // namespace assay::credentials
