#include "credentials/did.hpp"

#include "credentials/errors.hpp"

#include <algorithm>
#include <charconv>

namespace assay::credentials {
namespace {

constexpr std::size_t did_size_max = 512;
constexpr std::size_t document_size_max = 64 * 1024;
constexpr std::size_t document_depth_max = 12;
constexpr std::size_t methods_max = 64;
constexpr std::string_view web_prefix = "did:web:";
constexpr std::string_view key_prefix = "did:key:";

bool is_did_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_name(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_did_character); }

bool is_path_segment(std::string_view text) { return is_name(text) && text != "." && text != ".."; }

bool is_port(std::string_view text)
{
    auto port = 0U;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && text.front() != '0' && port <= 65535;
}

/// "host" or "host%3Aport" as "host" or "host:port"; empty when it is neither.
std::string authority_of(std::string_view segment)
{
    auto const colon = segment.find("%3A");
    auto const host = segment.substr(0, colon);
    if (!is_name(host)) return {};
    if (colon == std::string_view::npos) return std::string{host};
    auto const port = segment.substr(colon + 3);
    return is_port(port) ? std::string{host} + ":" + std::string{port} : std::string{};
}

/// Absolute form of a method's name: documents may write "#key" for "id#key".
std::string absolute(std::string_view name, std::string_view document_id)
{
    return name.starts_with('#') ? std::string{document_id} + std::string{name} : std::string{name};
}

bool names_a_key(std::string_view url)
{
    auto const hash = url.find('#');
    return hash != std::string_view::npos && hash > 0 && hash + 1 < url.size() && url.find('#', hash + 1) == std::string_view::npos;
}

result<std::optional<Timestamp>> optional_date(json::object const& object, std::string_view member)
{
    auto const* value = object.if_contains(member);
    if (value == nullptr) return std::optional<Timestamp>{};
    if (!value->is_string()) return errc::malformed_did_document;
    auto const date = parse_rfc3339(value->get_string());
    if (!date) return errc::malformed_did_document;
    return std::optional{*date};
}

result<VerificationMethod> parse_method(json::value const& value, std::string_view document_id)
{
    auto const* id = find_string(value, "id");
    auto const* type = find_string(value, "type");
    auto const* controller = find_string(value, "controller");
    if (id == nullptr || type == nullptr || controller == nullptr) return errc::malformed_did_document;

    auto method = VerificationMethod{.id = absolute(*id, document_id), .controller = std::string{*controller}};
    if (!names_a_key(method.id)) return errc::malformed_did_document;
    auto const expires = optional_date(value.get_object(), "expires");
    auto const revoked = optional_date(value.get_object(), "revoked");
    if (!expires || !revoked) return errc::malformed_did_document;
    method.expires = *expires;
    method.revoked = *revoked;

    if (*type == "Multikey" || *type == "Ed25519VerificationKey2020") {
        auto const* multibase = find_string(value, "publicKeyMultibase");
        if (multibase == nullptr) return errc::malformed_did_document;
        if (auto const key = parse_any_multikey(*multibase)) method.key = *key; // a Multikey of another algorithm is well formed
        if (*type != "Multikey" && method.key && !std::holds_alternative<PublicKey>(*method.key)) return errc::malformed_did_document;
    } else if (*type == "JsonWebKey" || *type == "JsonWebKey2020") {
        auto const* jwk = find_object(value, "publicKeyJwk");
        if (jwk == nullptr) return errc::malformed_did_document;
        if (auto const key = parse_jwk(*jwk)) method.key = *key;
    }
    return method;
}

/// Adds the method; two of one name could hide a revoked key behind a good one, so they are refused.
bool add(DidDocument& document, VerificationMethod method)
{
    if (document.methods.size() == methods_max || find_method(document, method.id) != nullptr) return false;
    document.methods.push_back(std::move(method));
    return true;
}

/// Marks what assertionMethod lists: the name of a method, or a method itself.
bool add_assertion(DidDocument& document, json::value const& entry)
{
    if (entry.is_object()) {
        auto method = parse_method(entry, document.id);
        if (!method) return false;
        method->asserts = true;
        return add(document, std::move(*method));
    }
    if (!entry.is_string()) return false;
    auto const name = absolute(entry.get_string(), document.id);
    auto const at = std::ranges::find(document.methods, name, &VerificationMethod::id);
    if (at != document.methods.end()) at->asserts = true; // else it is a key of another document, which we don't follow
    return true;
}

} // namespace

result<std::string> tenant_did(std::string_view origin, std::string_view slug)
{
    constexpr std::string_view scheme = "https://";
    if (!origin.starts_with(scheme)) return errc::malformed_did;
    auto const authority = origin.substr(scheme.size());
    auto const colon = authority.find(':');
    auto const host = authority.substr(0, colon);
    auto const is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (!is_name(host) || std::ranges::any_of(host, is_upper)) return errc::malformed_did;

    auto did = std::string{web_prefix} + std::string{host};
    if (colon != std::string_view::npos) {
        auto const port = authority.substr(colon + 1);
        if (port.empty() || !is_port(port)) return errc::malformed_did;
        did += "%3A" + std::string{port};
    }
    if (slug.empty()) return did;
    auto const is_slug = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (!std::ranges::all_of(slug, is_slug)) return errc::malformed_did;
    return did + ":t:" + std::string{slug};
}

result<std::string> did_web_url(std::string_view did)
{
    if (did.size() > did_size_max || !did.starts_with("did:")) return errc::malformed_did;
    if (!did.starts_with(web_prefix)) return errc::unsupported_did_method;

    auto rest = did.substr(web_prefix.size());
    auto const first_end = rest.find(':');
    auto const authority = authority_of(rest.substr(0, first_end));
    if (authority.empty()) return errc::malformed_did;
    auto url = "https://" + authority;
    if (first_end == std::string_view::npos) return url + "/.well-known/did.json";

    for (auto at = first_end; at != std::string_view::npos;) {
        auto const next = rest.find(':', at + 1);
        auto const segment = rest.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
        if (!is_path_segment(segment)) return errc::malformed_did;
        url += "/" + std::string{segment};
        at = next;
    }
    return url + "/did.json";
}

std::string did_key(PublicKey const& key) { return std::string{key_prefix} + to_multikey(key); }

json::object did_document(std::string_view did, std::span<PublishedKey const> keys)
{
    auto methods = json::array{};
    auto asserting = json::array{};
    for (auto const& published : keys) {
        auto const multikey = to_multikey(published.key);
        auto const id = std::string{did} + "#" + multikey;
        auto method = json::object{{"id", id}, {"type", "Multikey"}, {"controller", did}, {"publicKeyMultibase", multikey}};
        if (published.expires) method["expires"] = to_rfc3339(*published.expires);
        if (published.revoked) method["revoked"] = to_rfc3339(*published.revoked);
        methods.push_back(std::move(method));
        asserting.push_back(json::value(id));
    }
    auto contexts = json::array{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"};
    return {{"@context", std::move(contexts)},
            {"id", did},
            {"verificationMethod", std::move(methods)},
            {"assertionMethod", std::move(asserting)}};
}

json::object key_set(std::string_view did, std::span<PublishedKey const> keys)
{
    auto set = json::array{};
    for (auto const& published : keys) {
        if (published.revoked) continue;
        auto jwk = to_jwk(VerificationKey{published.key});
        jwk["kid"] = std::string{did} + "#" + to_multikey(published.key);
        jwk["use"] = "sig";
        if (published.expires) jwk["exp"] = std::chrono::duration_cast<std::chrono::seconds>(published.expires->time_since_epoch()).count();
        set.push_back(std::move(jwk));
    }
    return {{"keys", std::move(set)}};
}

std::string log_origin(std::string_view did)
{
    auto const url = did_web_url(did);
    if (!url) return {};
    auto folder = url->substr(0, url->rfind('/') + 1);
    constexpr std::string_view scheme = "https://", well_known = ".well-known/";
    if (folder.ends_with(well_known)) folder.resize(folder.size() - well_known.size());
    return folder.substr(scheme.size()) + "log";
}

result<DidDocument> parse_did_document(std::string_view text, std::string_view expected_id)
{
    auto const parsed = parse_json(text, {.size_max = document_size_max, .depth_max = document_depth_max});
    if (!parsed) return errc::malformed_did_document;
    auto const* id = find_string(*parsed, "id");
    if (id == nullptr) return errc::malformed_did_document;
    if (std::string_view{*id} != expected_id) return errc::wrong_did_document;

    auto document = DidDocument{.id = std::string{expected_id}};
    auto const& members = parsed->get_object();
    for (auto const* member : {"verificationMethod", "assertionMethod"})
        if (auto const* value = members.if_contains(member); value != nullptr && !value->is_array())
            return errc::malformed_did_document;

    if (auto const* methods = find_array(*parsed, "verificationMethod"))
        for (auto const& value : *methods) {
            auto method = parse_method(value, document.id);
            if (!method || !add(document, std::move(*method))) return errc::malformed_did_document;
        }
    if (auto const* asserting = find_array(*parsed, "assertionMethod")) {
        if (asserting->size() > methods_max) return errc::malformed_did_document;
        for (auto const& entry : *asserting)
            if (!add_assertion(document, entry)) return errc::malformed_did_document;
    }
    return document;
}

result<DidDocument> resolve_did_key(std::string_view did)
{
    if (!did.starts_with(key_prefix)) return errc::malformed_did;
    auto const multikey = did.substr(key_prefix.size());
    auto const key = parse_any_multikey(multikey);
    if (!key) return key.error();
    auto method = VerificationMethod{
        .id = std::string{did} + "#" + std::string{multikey}, .controller = std::string{did}, .key = *key, .asserts = true};
    auto document = DidDocument{.id = std::string{did}};
    document.methods.push_back(std::move(method));
    return document;
}

VerificationMethod const* find_method(DidDocument const& document, std::string_view did_url) noexcept
{
    auto const at = std::ranges::find(document.methods, did_url, &VerificationMethod::id);
    return at == document.methods.end() ? nullptr : &*at;
}

} // namespace assay::credentials
