#include "credentials/detail/key_lookup.hpp"

#include "credentials/errors.hpp"

#include <variant>

namespace assay::credentials {
namespace {

std::string quoted(std::string_view text)
{
    constexpr std::size_t shown = 200;
    return "`" + std::string{text.substr(0, shown)} + (text.size() > shown ? "…`" : "`");
}

/// The controller document of a DID or address, or why we have none: failed when the name itself is broken, otherwise unknown
/// (missing evidence is no counter-evidence).
std::variant<DidDocument, Finding> load_document(std::string_view controller, Documents const& documents)
{
    auto const unknown = [](std::string detail) { return Finding{Check::unknown, std::move(detail)}; };
    if (controller.starts_with("did:key:")) {
        auto document = resolve_did_key(controller);
        if (!document) return unknown(quoted(controller) + " holds no key that we can use: " + document.error().message());
        return std::move(*document);
    }
    auto url = std::string{controller};
    if (controller.starts_with("did:")) {
        auto const mapped = did_web_url(controller);
        if (mapped.error() == errc::malformed_did) return Finding{Check::failed, quoted(controller) + " is no well-formed DID"};
        if (!mapped) return unknown(quoted(controller) + " can't be resolved: " + mapped.error().message());
        url = *mapped;
    } else if (!controller.starts_with("https://")) {
        return Finding{Check::failed, quoted(controller) + " is neither a DID nor an https address"};
    }
    auto at = documents.by_url.find(url);
    if (at == documents.by_url.end()) at = documents.by_url.find(controller);
    if (at == documents.by_url.end()) return unknown("the document of " + quoted(controller) + " is not at hand (" + url + ")");
    auto document = parse_did_document(at->second, controller);
    if (!document) return unknown("the document of " + quoted(controller) + " can't be used: " + document.error().message());
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
    return FoundKey{.finding = {Check::unknown, "not one of the keys pinned for " + quoted(controller)}};
}

} // namespace

FoundKey find_key(std::string_view method_url, Documents const& documents)
{
    auto const hash = method_url.find('#');
    auto const one_fragment = hash != std::string_view::npos && method_url.find('#', hash + 1) == std::string_view::npos;
    if (!one_fragment || hash == 0 || hash + 1 == method_url.size())
        return {.finding = {Check::failed,
                            "verificationMethod " + quoted(method_url) + " names no key: a DID URL with a fragment is expected"}};

    auto const controller = method_url.substr(0, hash);
    constexpr std::string_view key_prefix = "did:key:";
    if (controller.starts_with(key_prefix) && controller.substr(key_prefix.size()) != method_url.substr(hash + 1))
        return {.finding = {Check::failed, "a did:key has one key, named like itself, and " + quoted(method_url) + " is not it"}};
    if (auto pinned = find_pinned(method_url, controller, documents)) return std::move(*pinned);
    auto const loaded = load_document(controller, documents);
    if (auto const* why = std::get_if<Finding>(&loaded)) return {.finding = *why};

    auto const& document = std::get<DidDocument>(loaded);
    auto const* method = find_method(document, method_url);
    if (method == nullptr) return {.finding = {Check::failed, quoted(controller) + " lists no key " + quoted(method_url)}};
    if (!method->asserts) return {.finding = {Check::failed, "the key is not one for assertions (assertionMethod)"}};
    if (!method->key) return {.finding = {Check::unknown, "the key is of a kind that we can't use; Ed25519 Multikey is expected"}};
    return {{Check::passed, "listed by its controller"}, *method};
}

Finding check_key_life(VerificationMethod const& method, std::optional<Timestamp> created)
{
    if (method.revoked) {
        if (created && *created >= *method.revoked)
            return {Check::failed, "signed with a key revoked on " + to_rfc3339(*method.revoked)};
        return {Check::unknown,
                "the key was revoked on " + to_rfc3339(*method.revoked) + "; the signature's own date proves nothing"};
    }
    if (!method.expires) return {Check::passed, "the key has no end"};
    if (!created) return {Check::unknown, "the key ended on " + to_rfc3339(*method.expires) + ", and the signature has no date"};
    if (*created >= *method.expires) return {Check::failed, "signed with a key that had ended on " + to_rfc3339(*method.expires)};
    return {Check::passed, "signed before the key ended"};
}

Finding check_issuer(std::string_view issuer, std::string_view method_url, FoundKey const& key, Documents const& documents)
{
    auto const found = key.finding.result == Check::passed;
    auto const controller = method_url.substr(0, method_url.find('#'));
    if (controller == issuer) {
        if (!found) return {Check::unknown, "the issuer is named, but without the key that proves nothing"};
        if (key.method.controller == issuer) return {Check::passed, "the key is the issuer's"};
        return {Check::failed, "the issuer's document gives the key to " + quoted(key.method.controller)};
    }
    // A key of somebody else is the issuer's only when the issuer's own document says so.
    auto const loaded = load_document(issuer, documents);
    if (auto const* why = std::get_if<Finding>(&loaded))
        return {Check::unknown, "the key is of " + quoted(controller) + "; " + why->detail};
    auto const* method = find_method(std::get<DidDocument>(loaded), method_url);
    if (method == nullptr || !method->asserts)
        return {Check::failed, "signed by " + quoted(controller) + ", whom the issuer " + quoted(issuer) + " does not name"};
    if (!found) return {Check::unknown, "the issuer names this key, which is not at hand"};
    if (method->key != key.method.key) return {Check::failed, "the issuer's document has another key under this name"};
    return {Check::passed, "the issuer's document lists the key"};
}

} // namespace assay::credentials
