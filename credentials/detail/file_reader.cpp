#include "credentials/detail/file_reader.hpp"

#include "credentials/baking.hpp"
#include "credentials/container.hpp"
#include "credentials/rdf/pinned_contexts.hpp"

#include <chrono>

namespace assay::credentials {
namespace {

constexpr std::size_t depth_max = 32;

Finding failed(std::string detail) { return {Check::failed, std::move(detail)}; }
Finding unknown(std::string detail) { return {Check::unknown, std::move(detail)}; }

void take_proofs(OpenedFile& opened)
{
    auto* proof = opened.credential.if_contains("proof");
    if (proof == nullptr) return;
    if (proof->is_array()) opened.proofs.assign(proof->get_array().begin(), proof->get_array().end());
    else opened.proofs.push_back(*proof);
    opened.credential.erase("proof");
}

std::string date_of_claim(json::value const& seconds)
{
    constexpr auto year_10000 = std::int64_t{253'402'300'800};
    auto const count = seconds.is_int64() ? seconds.get_int64() : -1;
    return count < 0 || count >= year_10000 ? std::string{} : to_rfc3339(Timestamp{std::chrono::seconds{count}});
}

/// VC 1.1, 6.3.1: what the credential leaves out stands in the registered claims.
void fill_from_claims(json::object& credential, json::object const& claims)
{
    auto const fill = [&](char const* member, char const* claim, bool date) {
        auto const* value = claims.if_contains(claim);
        if (value == nullptr || credential.contains(member)) return;
        if (date) credential[member] = date_of_claim(*value);
        else credential[member] = *value;
    };
    fill("id", "jti", false);
    fill("issuer", "iss", false);
    fill("issuanceDate", "nbf", true);
    fill("expirationDate", "exp", true);
    auto* subject = credential.if_contains("credentialSubject");
    if (auto* object = subject == nullptr ? nullptr : subject->if_object(); object != nullptr && claims.contains("sub") && !object->contains("id"))
        (*object)["id"] = claims.at("sub");
}

std::variant<json::object, Finding> read_payload(CompactJws const& jws, std::size_t size_max)
{
    auto payload = parse_json(jws.payload, {.size_max = size_max, .depth_max = depth_max});
    if (!payload) return failed("the JWT's payload is no strict JSON: " + payload.error().message());
    if (!payload->is_object()) return failed("the JWT's payload is no JSON object");
    return std::move(payload->get_object());
}

std::variant<OpenedFile, Finding> open_jwt(std::string_view text, std::size_t size_max, std::string encoding)
{
    auto jws = parse_compact_jws(text);
    if (!jws)
        return failed("neither JSON nor a compact JWS: three parts of base64url (no padding, unused bits zero, each the only spelling of its bytes) with a "
                      "JSON header are expected");
    auto payload = read_payload(*jws, size_max);
    if (auto* why = std::get_if<Finding>(&payload)) return std::move(*why);

    auto opened = OpenedFile{.encoding = std::move(encoding), .credential = std::move(std::get<json::object>(payload))};
    for (auto const* claim : {"iss", "jti", "sub", "nbf", "exp", "iat", "aud"})
        if (auto const* value = opened.credential.if_contains(claim)) {
            opened.claims[claim] = *value;
            opened.credential.erase(claim);
        }
    if (auto* wrapped = opened.credential.if_contains("vc")) {
        if (!wrapped->is_object()) return failed("the JWT's claim `vc` is no object");
        auto inner = std::move(wrapped->get_object());
        opened.credential = std::move(inner);
        opened.wrapped = true;
        fill_from_claims(opened.credential, opened.claims);
    }
    take_proofs(opened);
    opened.jws = std::move(*jws);
    return opened;
}

std::variant<OpenedFile, Finding> open_sd_jwt(std::string_view text, std::size_t size_max)
{
    auto sd_jwt = parse_sd_jwt(text);
    if (!sd_jwt) return failed("no SD-JWT: a JWT and disclosures, each in canonical base64url and followed by `~`, are expected");
    auto payload = read_payload(sd_jwt->jws, size_max);
    if (auto* why = std::get_if<Finding>(&payload)) return std::move(*why);
    auto opened = OpenedFile{.encoding = "dc+sd-jwt", .credential = std::move(std::get<json::object>(payload))};
    opened.sd_jwt = std::move(*sd_jwt);
    return opened;
}

/// {"@context", "id": "data:application/vc+jwt,…", "type": "EnvelopedVerifiableCredential"}: nothing in the envelope is signed,
/// so nothing else may stand in it.
std::variant<OpenedFile, Finding> open_envelope(json::object const& envelope, std::size_t size_max)
{
    constexpr std::string_view jwt_prefix = "data:application/vc+jwt,", sd_prefix = "data:application/vc+sd-jwt,", dc_prefix = "data:application/dc+sd-jwt,";
    auto const* context = envelope.if_contains("@context");
    auto const v2 = json::value(rdf::context_credentials_v2);
    if (envelope.size() != 3 || context == nullptr || (*context != v2 && *context != json::value(json::array{v2})))
        return failed("an EnvelopedVerifiableCredential has exactly @context (VC 2.0), id and type");
    auto const* id = find_string(envelope, "id");
    if (id == nullptr) return failed("the envelope has no id");
    auto const text = std::string_view{*id};
    if (text.starts_with(dc_prefix)) return open_sd_jwt(text.substr(dc_prefix.size()), size_max);
    if (text.starts_with(sd_prefix)) return unknown("an envelope around an SD-JWT of the W3C form, which we don't read");
    if (!text.starts_with(jwt_prefix)) return failed("the envelope's id is no data:application/vc+jwt URL");
    return open_jwt(text.substr(jwt_prefix.size()), size_max, "enveloped");
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

    auto opened = OpenedFile{.encoding = "json", .credential = std::move(document)};
    take_proofs(opened);
    return opened;
}

std::variant<OpenedFile, Finding> open_text(std::string_view text, std::size_t size_max)
{
    if (text.size() > size_max) return failed("longer than " + std::to_string(size_max) + " bytes");
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && text[first] == '{') return open_json(text, size_max);
    if (text.ends_with('\n')) text.remove_suffix(1); // editors end a text file so; not part of the token
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.find('~') != std::string_view::npos) return open_sd_jwt(text, size_max);
    return open_jwt(text, size_max, "vc+jwt");
}

std::variant<OpenedFile, Finding> open_inside(result<std::string> const& content, std::size_t size_max, std::string where)
{
    if (!content) return failed("a " + where + ": " + content.error().message());
    auto opened = open_text(*content, size_max);
    if (auto* file = std::get_if<OpenedFile>(&opened)) file->found_in = std::move(where);
    return opened;
}

} // namespace

std::variant<OpenedFile, Finding> open_file(ByteView file, std::size_t size_max)
{
    auto text = text_of(file);
    if (auto const container = container_of(file)) return unknown("a " + std::string{to_string(*container)} + ", whose credential has to be taken out first");
    if (file.size() > size_max) return failed("longer than " + std::to_string(size_max) + " bytes");
    if (text.starts_with("https://") || text.starts_with("http://")) {
        while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
        return open_inside(credential_in_link(text), size_max, "link");
    }
    return open_text(text, size_max);
}

} // namespace assay::credentials
