#include "credentials/detail/file_reader.hpp"

#include "credentials/detail/contexts.hpp"

namespace assay::credentials {
namespace {

constexpr std::size_t depth_max = 32;

Finding failed(std::string detail) { return {Check::failed, std::move(detail)}; }
Finding unknown(std::string detail) { return {Check::unknown, std::move(detail)}; }

std::variant<OpenedFile, Finding> open_jwt(std::string_view text, std::size_t size_max, std::string encoding)
{
    auto jws = parse_compact_jws(text);
    if (!jws) return failed("not a compact JWS: three parts of base64url with a JSON header are expected");
    auto payload = parse_json(jws->payload, {.size_max = size_max, .depth_max = depth_max});
    if (!payload) return failed("the JWT's payload is no strict JSON: " + payload.error().message());
    if (!payload->is_object()) return failed("the JWT's payload is no JSON object");
    if (payload->get_object().contains("vc"))
        return unknown("a JWT of the VC 1.1 form, which wraps the credential in `vc`; only VC 2.0 is read");

    auto opened = OpenedFile{.encoding = std::move(encoding), .credential = std::move(payload->get_object())};
    if (opened.credential.contains("proof"))
        return unknown("a JWT around a credential that has an embedded proof too, which we don't read");
    opened.jws = std::move(*jws);
    return opened;
}

/// {"@context", "id": "data:application/vc+jwt,…", "type": "EnvelopedVerifiableCredential"}: nothing in the envelope is signed,
/// so nothing else may stand in it.
std::variant<OpenedFile, Finding> open_envelope(json::object const& envelope, std::size_t size_max)
{
    constexpr std::string_view prefix = "data:application/vc+jwt,";
    auto const* context = envelope.if_contains("@context");
    auto const v2 = json::value(context_credentials_v2.url);
    if (envelope.size() != 3 || context == nullptr || (*context != v2 && *context != json::value(json::array{v2})))
        return failed("an EnvelopedVerifiableCredential has exactly @context (VC 2.0), id and type");
    auto const* id = find_string(envelope, "id");
    if (id == nullptr || !id->starts_with(prefix)) return failed("the envelope's id is no data:application/vc+jwt URL");
    return open_jwt(std::string_view{*id}.substr(prefix.size()), size_max, "enveloped");
}

bool is_envelope(json::object const& document)
{
    auto const name = json::value("EnvelopedVerifiableCredential");
    auto const* type = document.if_contains("type");
    return type != nullptr && (*type == name || *type == json::value(json::array{name}));
}

std::variant<OpenedFile, Finding> open_json(std::string_view text, std::size_t size_max)
{
    auto parsed = parse_json(text, {.size_max = size_max, .depth_max = depth_max});
    if (!parsed) return failed("no strict JSON: " + parsed.error().message());
    if (!parsed->is_object()) return failed("no JSON object");
    auto& document = parsed->get_object();
    if (is_envelope(document)) return open_envelope(document, size_max);

    auto opened = OpenedFile{.encoding = "json"};
    if (auto* proof = document.if_contains("proof")) {
        if (proof->is_array()) opened.proofs.assign(proof->get_array().begin(), proof->get_array().end());
        else opened.proofs.push_back(*proof);
        document.erase("proof");
    }
    opened.credential = std::move(document);
    return opened;
}

} // namespace

std::variant<OpenedFile, Finding> open_file(ByteView file, std::size_t size_max)
{
    if (file.size() > size_max) return failed("longer than " + std::to_string(size_max) + " bytes");
    auto text = text_of(file);
    constexpr std::string_view png = "\x89PNG\r\n\x1a\n";
    if (text.starts_with(png) || text.starts_with("<svg") || text.starts_with("<?xml"))
        return unknown("an image; take the credential out of it first");
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && text[first] == '{') return open_json(text, size_max);
    if (text.ends_with('\n')) text.remove_suffix(1); // editors end a text file so; not part of the token
    if (text.ends_with('\r')) text.remove_suffix(1);
    return open_jwt(text, size_max, "vc+jwt");
}

} // namespace assay::credentials
