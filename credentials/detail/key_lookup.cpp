#include "credentials/detail/key_lookup.hpp"

#include "credentials/errors.hpp"

#include <algorithm>
#include <variant>

namespace assay::credentials {
namespace {

std::string shown(std::string_view text)
{
    constexpr std::size_t length_max = 200;
    return "`" + std::string{text.substr(0, length_max)} + (text.size() > length_max ? "…`" : "`");
}

/// The controller document of a DID or address, or why we have none: failed when the name itself is broken, otherwise unknown
/// (missing evidence is no counter-evidence).
std::variant<DidDocument, Finding> load_document(std::string_view controller, Documents const& documents)
{
    auto const unknown = [](std::string detail) { return Finding{Check::unknown, std::move(detail)}; };
    if (controller.starts_with("did:key:")) {
        auto document = resolve_did_key(controller);
        if (!document) return unknown(shown(controller) + " holds no key that we can use: " + document.error().message());
        return std::move(*document);
    }
    auto url = std::string{controller};
    if (controller.starts_with("did:")) {
        auto const mapped = did_web_url(controller);
        if (mapped.error() == errc::malformed_did) return Finding{Check::failed, shown(controller) + " is no well-formed DID"};
        if (!mapped) return unknown(shown(controller) + " can't be resolved: " + mapped.error().message());
        url = *mapped;
    } else if (!controller.starts_with("https://")) {
        return Finding{Check::failed, shown(controller) + " is neither a DID nor an https address"};
    }
    // A map may name a document by its DID instead.
    auto const by_name = documents.by_url.find(controller);
    auto const* text = by_name != documents.by_url.end() ? &by_name->second : documents.at(url);
    if (text == nullptr) return unknown("the document of " + shown(controller) + " is not at hand (" + url + ")");
    auto document = parse_did_document(*text, controller);
    if (!document) return unknown("the document of " + shown(controller) + " can't be used: " + document.error().message());
    return std::move(*document);
}

/// A verifier who pinned keys of this controller believes these and no others.
std::optional<FoundKey> find_pinned(std::string_view method_url, std::string_view controller, Documents const& documents)
{
    auto others = false;
    for (auto const& pinned : documents.keys) {
        if (pinned.method == method_url) {
            auto method = VerificationMethod{
                .id = pinned.method, .controller = std::string{controller}, .key = pinned.key, .asserts = true};
            return FoundKey{{Check::passed, "pinned"}, std::move(method)};
        }
        others |= std::string_view{pinned.method}.substr(0, pinned.method.find('#')) == controller;
    }
    if (!others) return std::nullopt;
    return FoundKey{.finding = {Check::unknown, "not one of the keys pinned for " + shown(controller)}};
}

} // namespace

FoundKey find_key(std::string_view method_url, Documents const& documents)
{
    auto const hash = method_url.find('#');
    auto const one_fragment = hash != std::string_view::npos && method_url.find('#', hash + 1) == std::string_view::npos;
    if (!one_fragment || hash == 0 || hash + 1 == method_url.size())
        return {.finding = {Check::failed,
                            "verificationMethod " + shown(method_url) + " names no key: a DID URL with a fragment is expected"}};

    auto const controller = method_url.substr(0, hash);
    constexpr std::string_view key_prefix = "did:key:";
    if (controller.starts_with(key_prefix) && controller.substr(key_prefix.size()) != method_url.substr(hash + 1))
        return {.finding = {Check::failed, "a did:key has one key, named like itself, and " + shown(method_url) + " is not it"}};
    if (auto pinned = find_pinned(method_url, controller, documents)) return std::move(*pinned);
    auto const loaded = load_document(controller, documents);
    if (auto const* why = std::get_if<Finding>(&loaded)) return {.finding = *why};

    auto const& document = std::get<DidDocument>(loaded);
    auto const* method = find_method(document, method_url);
    if (method == nullptr) return {.finding = {Check::failed, shown(controller) + " lists no key " + shown(method_url)}};
    if (!method->asserts) return {.finding = {Check::failed, "the key is not one for assertions (assertionMethod)"}};
    if (!method->key) return {.finding = {Check::unknown, "the key is of a kind that we can't use (Ed25519, P-256 and RSA are read)"}};
    return {{Check::passed, "listed by its controller"}, *method};
}

namespace {

std::vector<TokenKey> nothing(Check check, std::string why)
{
    auto none = TokenKey{};
    none.key.finding = {check, std::move(why)};
    none.issuer = {Check::unknown, "without a key nothing says whose it is"};
    return {std::move(none)};
}

TokenKey token_key(std::string_view method_url, std::string_view issuer, Documents const& documents)
{
    auto found = TokenKey{.key = find_key(method_url, documents), .issuer = {}};
    found.issuer = check_issuer(issuer, method_url, found.key, documents);
    return found;
}

TokenKey published_key(std::string id, std::string_view controller, VerificationKey key, Finding issuer)
{
    auto method = VerificationMethod{.id = std::move(id), .controller = std::string{controller}, .key = std::move(key), .asserts = true};
    return {.key = {{Check::passed, "published"}, std::move(method)}, .issuer = std::move(issuer)};
}

constexpr std::size_t key_document_max = 64 << 10;
constexpr std::size_t keys_max = 64;

/// The keys of a JWK or JWK Set that `kid` names (all when it is empty). An unreadable key among them is left out.
std::vector<std::pair<std::string, VerificationKey>> keys_of_jwks(json::value const& document, std::string_view kid)
{
    auto found = std::vector<std::pair<std::string, VerificationKey>>{};
    auto const add = [&](json::value const& value) {
        auto const* object = value.if_object();
        if (object == nullptr) return;
        auto const* own = find_string(*object, "kid");
        if (!kid.empty() && (own == nullptr || std::string_view{*own} != kid)) return;
        if (auto key = parse_jwk(*object)) found.emplace_back(own == nullptr ? std::string{} : std::string{*own}, std::move(*key));
    };
    if (auto const* set = find_array(document, "keys")) {
        if (set->size() <= keys_max)
            for (auto const& one : *set) add(one);
    } else {
        add(document);
    }
    return found;
}

std::optional<json::value> key_document(std::string const& url, Documents const& documents)
{
    auto const* text = documents.at(url);
    if (text == nullptr) return std::nullopt;
    auto parsed = parse_json(*text, {.size_max = key_document_max, .depth_max = 12});
    return parsed ? std::optional{std::move(*parsed)} : std::nullopt;
}

/// The address below which everything is the issuer's: of did:web:host:t:acme, https://host/t/acme/; of an https issuer its origin.
std::string realm_of(std::string_view issuer)
{
    if (issuer.starts_with("did:web:")) {
        auto const url = did_web_url(issuer);
        if (!url) return {};
        auto realm = url->substr(0, url->rfind('/') + 1);
        constexpr std::string_view well_known = ".well-known/";
        if (realm.ends_with(well_known)) realm.resize(realm.size() - well_known.size());
        return realm;
    }
    constexpr std::string_view scheme = "https://";
    if (!issuer.starts_with(scheme)) return {};
    auto const slash = issuer.find('/', scheme.size());
    return std::string{issuer.substr(0, slash)} + "/";
}

bool lists_key(DidDocument const& document, VerificationKey const& key)
{
    return std::ranges::any_of(document.methods, [&](auto const& method) { return method.asserts && method.key == key; });
}

/// Open Badges 3.0, 8.2.3: the kid is an address that returns one JWK, or with a fragment one of a JWK Set. What ties it to the issuer:
/// the issuer's own document lists the same key, or it lies where only the issuer publishes.
std::vector<TokenKey> keys_at_address(std::string_view issuer, std::string const& address, Documents const& documents)
{
    auto const hash = address.find('#');
    auto const document = key_document(address.substr(0, hash), documents);
    auto const at_home = [&] {
        auto const realm = realm_of(issuer);
        return !realm.empty() && address.starts_with(realm);
    }();
    if (!document) {
        auto none = nothing(Check::unknown, "the key is not at hand (" + address + ")");
        if (!at_home) none.front().issuer = {Check::failed, "the key lies at " + shown(address) + ", which is not the issuer's"};
        return none;
    }
    auto keys = keys_of_jwks(*document, hash == std::string::npos ? std::string_view{} : std::string_view{address}.substr(hash + 1));
    if (keys.size() != 1) return nothing(Check::failed, "the document at " + shown(address) + " is not one public JWK of a kind that we can use");
    auto& key = keys.front().second;
    auto tie = Finding{Check::failed, "the key lies at " + shown(address) + ", which is not the issuer's"};
    auto const loaded = load_document(issuer, documents);
    if (auto const* own = std::get_if<DidDocument>(&loaded); own != nullptr && lists_key(*own, key)) tie = {Check::passed, "the issuer's document lists the key"};
    else if (at_home) tie = {Check::passed, "the key lies where the issuer publishes"};
    auto all = std::vector<TokenKey>{};
    all.push_back(published_key(address, issuer, std::move(key), std::move(tie)));
    return all;
}

/// Everything that the issuer's documents list under `kid` (all when it is empty).
std::vector<TokenKey> keys_of_issuer(std::string_view issuer, std::string_view kid, Documents const& documents)
{
    auto const loaded = load_document(issuer, documents);
    auto all = std::vector<TokenKey>{};
    if (auto const* own = std::get_if<DidDocument>(&loaded)) {
        for (auto const& method : own->methods) {
            auto const fragment = std::string_view{method.id}.substr(method.id.find('#') + 1);
            if (method.asserts && (kid.empty() || fragment == kid)) all.push_back(token_key(method.id, issuer, documents));
        }
    }
    if (all.empty() && issuer.starts_with("https://")) {
        for (auto const& address : {std::string{issuer} + "/.well-known/jwks.json", realm_of(issuer) + ".well-known/jwks.json"})
            if (auto const set = key_document(address, documents); set && all.empty())
                for (auto& [name, key] : keys_of_jwks(*set, kid))
                    all.push_back(published_key(address + "#" + name, issuer, std::move(key), {Check::passed, "the key is in the issuer's JWK Set"}));
    }
    if (!all.empty()) return all;
    if (auto const* why = std::get_if<Finding>(&loaded)) return nothing(why->result, why->detail);
    return nothing(Check::failed, shown(issuer) + " lists no key " + shown(kid));
}

} // namespace

std::string well_known_address(std::string_view address, std::string_view well_known)
{
    constexpr std::string_view scheme = "https://";
    if (!address.starts_with(scheme) || address.find_first_of("?#") != std::string_view::npos) return {};
    auto const slash = address.find('/', scheme.size());
    auto path = slash == std::string_view::npos ? std::string_view{} : address.substr(slash);
    if (path.ends_with('/')) path.remove_suffix(1);
    return std::string{address.substr(0, slash)} + "/.well-known/" + std::string{well_known} + std::string{path};
}

std::vector<TokenKey> find_token_keys(std::string_view issuer, std::string_view kid, Documents const& documents)
{
    auto const is_did = kid.starts_with("did:");
    if (kid.starts_with("did:key:") && kid.find('#') == std::string_view::npos)
        return {token_key(std::string{kid} + "#" + std::string{kid.substr(8)}, issuer, documents)};
    if (kid.starts_with('#')) return {token_key(std::string{issuer} + std::string{kid}, issuer, documents)};
    auto const in_a_set = [&] {
        auto const document = key_document(std::string{kid.substr(0, kid.find('#'))}, documents);
        return document && find_array(*document, "keys") != nullptr;
    };
    if (is_did || (kid.starts_with("https://") && kid.find('#') != std::string_view::npos && !in_a_set())) return {token_key(kid, issuer, documents)};
    if (kid.starts_with("https://")) return keys_at_address(issuer, std::string{kid}, documents);
    return keys_of_issuer(issuer, kid, documents);
}

std::vector<TokenKey> find_sd_jwt_keys(std::string_view issuer, std::string_view kid, Documents const& documents)
{
    if (!issuer.starts_with("https://")) return find_token_keys(issuer, kid, documents);
    auto const address = well_known_address(issuer, "jwt-vc-issuer");
    if (address.empty()) return nothing(Check::failed, shown(issuer) + " is no address of an issuer");
    auto const metadata = key_document(address, documents);
    if (!metadata) return nothing(Check::unknown, "the issuer's metadata are not at hand (" + address + ")");
    auto const* named = find_string(*metadata, "issuer");
    if (named == nullptr || std::string_view{*named} != issuer) return nothing(Check::failed, "the metadata at " + shown(address) + " are of another issuer");
    auto const* own = find(*metadata, "jwks");
    auto const* elsewhere = find_string(*metadata, "jwks_uri");
    if ((own == nullptr) == (elsewhere == nullptr)) return nothing(Check::failed, "the issuer's metadata have not one of jwks and jwks_uri");
    auto const set = own != nullptr ? std::optional{*own} : key_document(std::string{*elsewhere}, documents);
    if (!set) return nothing(Check::unknown, "the issuer's keys are not at hand (" + std::string{*elsewhere} + ")");
    auto all = std::vector<TokenKey>{};
    for (auto& [name, key] : keys_of_jwks(*set, kid))
        all.push_back(published_key(address + "#" + name, issuer, std::move(key), {Check::passed, "the key is in the issuer's metadata"}));
    return all.empty() ? nothing(Check::failed, "the issuer's metadata list no key " + shown(kid) + " that we can use") : all;
}

std::optional<Timestamp> recorded_at(Sha256Digest const& digest, std::string_view issuer, Documents const& documents)
{
    auto earliest = std::optional<Timestamp>{};
    auto const journal = documents.recorded.empty() ? std::string{} : log_origin(issuer);
    for (auto const& one : documents.recorded)
        if (!journal.empty() && one.journal == journal && one.digest == digest && (!earliest || one.at < *earliest)) earliest = one.at;
    return earliest;
}

Finding check_key_life(VerificationMethod const& method, std::optional<Timestamp> created, std::optional<Timestamp> recorded)
{
    auto believed = std::string{"signed before the key ended"};
    if (method.revoked) {
        auto const revoked = to_rfc3339(*method.revoked);
        if (created && *created >= *method.revoked) return {Check::failed, "signed with a key revoked on " + revoked};
        if (!recorded) return {Check::unknown, "the key was revoked on " + revoked + "; the signature's own date proves nothing, and no receipt of the issuer's journal was given"};
        if (*recorded >= *method.revoked) return {Check::failed, "the issuer's journal has it only from " + to_rfc3339(*recorded) + " on, after its key was revoked"};
        believed = "the issuer's journal had it on " + to_rfc3339(*recorded) + ", before its key was revoked";
    }
    if (!method.expires) return {Check::passed, method.revoked ? believed : "the key has no end"};
    if (!created && !recorded) return {Check::unknown, "the key ended on " + to_rfc3339(*method.expires) + ", and the signature has no date"};
    if (created.value_or(recorded.value_or(Timestamp{})) >= *method.expires) return {Check::failed, "signed with a key that had ended on " + to_rfc3339(*method.expires)};
    return {Check::passed, std::move(believed)};
}

Finding check_issuer(std::string_view issuer, std::string_view method_url, FoundKey const& key, Documents const& documents)
{
    auto const found = key.finding.result == Check::passed;
    auto const controller = method_url.substr(0, method_url.find('#'));
    if (controller == issuer) {
        if (!found) return {Check::unknown, "the issuer is named, but without the key that proves nothing"};
        if (key.method.controller == issuer) return {Check::passed, "the key is the issuer's"};
        return {Check::failed, "the issuer's document gives the key to " + shown(key.method.controller)};
    }
    // A key of somebody else is the issuer's only when the issuer's own document says so.
    auto const loaded = load_document(issuer, documents);
    if (auto const* why = std::get_if<Finding>(&loaded))
        return {Check::unknown, "the key is of " + shown(controller) + "; " + why->detail};
    auto const* method = find_method(std::get<DidDocument>(loaded), method_url);
    if (method == nullptr || !method->asserts)
        return {Check::failed, "signed by " + shown(controller) + ", whom the issuer " + shown(issuer) + " does not name"};
    if (!found) return {Check::unknown, "the issuer names this key, which is not at hand"};
    if (method->key != key.method.key) return {Check::failed, "the issuer's document has another key under this name"};
    return {Check::passed, "the issuer's document lists the key"};
}

} // namespace assay::credentials
