#include "credentials/verify.hpp"

#include "credentials/achievement.hpp"
#include "credentials/detail/key_lookup.hpp"
#include "credentials/detail/shape.hpp"
#include "credentials/detail/signatures.hpp"
#include "credentials/detail/status.hpp"
#include "credentials/errors.hpp"

#include <algorithm>
#include <chrono>

namespace assay::credentials {
namespace {

std::string text_member(json::object const* object, std::string_view member)
{
    auto const* text = object == nullptr ? nullptr : find_string(*object, member);
    return text == nullptr ? std::string{} : std::string{*text};
}

/// Open Badges keeps a name in clear as an IdentityObject that is not hashed.
std::string holder_name(json::object const& subject)
{
    auto const* identifiers = find_array(subject, "identifier");
    if (identifiers == nullptr) return {};
    for (auto const& identifier : *identifiers) {
        auto const* one = identifier.if_object();
        auto const* hashed = one == nullptr ? nullptr : one->if_contains("hashed");
        if (hashed != nullptr && *hashed == json::value(false) && text_member(one, "identityType") == "name")
            return text_member(one, "identityHash");
    }
    return {};
}

bool is_tagged(json::object const& achievement, std::string_view tag)
{
    auto const* tags = find_array(achievement, "tag");
    return tags != nullptr && std::ranges::any_of(*tags, [tag](json::value const& one) { return one == json::value(tag); });
}

bool is_vc_jwt(CompactJws const& jws)
{
    auto const* type = find_string(jws.header, "typ");
    return type != nullptr && type->starts_with("vc+");
}

std::string first_of(json::object const& object, std::initializer_list<char const*> members)
{
    for (auto const* member : members)
        if (auto text = text_member(&object, member); !text.empty()) return text;
    return {};
}

Facts facts_of(OpenedFile const& file)
{
    auto const& credential = file.credential;
    auto facts = Facts{.id = text_member(&credential, "id"),
                       .issuer = issuer_of(credential),
                       .issuer_name = text_member(find_object(credential, "issuer"), "name"),
                       .name = text_member(&credential, "name"),
                       .valid_from = first_of(credential, {"validFrom", "issuanceDate"}),
                       .valid_until = first_of(credential, {"validUntil", "expirationDate"}),
                       .encoding = file.jws && file.encoding == "vc+jwt" && !is_vc_jwt(*file.jws) ? "jwt" : file.encoding,
                       .found_in = file.found_in,
                       .digest = sha256(canonical_json(credential))};
    auto const* subject = find_object(credential, "credentialSubject");
    if (subject == nullptr) return facts;
    facts.holder = text_member(subject, "id");
    facts.holder_name = holder_name(*subject);
    if (auto const* achievement = find_object(*subject, "achievement")) {
        facts.achievement = text_member(achievement, "name");
        facts.demonstration = is_tagged(*achievement, "demonstration");
    }
    return facts;
}

bool same_text(std::string_view a, std::string_view b, bool ignore_case)
{
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, [&](char x, char y) { return x == y || (ignore_case && lower(x) == lower(y)); });
}

/// Open Badges 3.0, IdentityObject: "sha256$" and the hash of address and salt, or the address in clear. Issuers differ in whether they
/// lower the case of the address first, so both spellings count.
Finding check_recipient(json::object const& credential, std::string const& address)
{
    auto const* subject = find_object(credential, "credentialSubject");
    auto const* identifiers = subject == nullptr ? nullptr : subject->if_contains("identifier");
    auto const all = identifiers == nullptr ? json::array{} : identifiers->is_array() ? identifiers->get_array() : json::array{*identifiers};
    auto any = false;
    for (auto const& value : all) {
        auto const* one = value.if_object();
        if (one == nullptr || text_member(one, "identityType") != "emailAddress") continue;
        any = true;
        auto const* hashed = one->if_contains("hashed");
        auto const identity = text_member(one, "identityHash"), salt = text_member(one, "salt");
        if (hashed != nullptr && *hashed == json::value(false)) {
            if (same_text(identity, address, true)) return {Check::passed, "it is for this address, which stands in it in clear"};
        } else if (same_text(identity, identity_hash(address, salt), true) || same_text(identity, "sha256$" + to_string(sha256(address + salt)), true)) {
            return {Check::passed, "it is for this address: the salted hash agrees"};
        }
    }
    if (any) return {Check::failed, "it is for another address"};
    return {Check::unknown, "it names no e-mail address, in clear or hashed"};
}

/// RFC 7519 claims of an SD-JWT VC, none of which may be withheld.
PeriodFinding period_of_claims(json::object const& claims, Timestamp now)
{
    auto period = PeriodFinding{.finding = {Check::passed, "no end"}};
    if (auto const* from = claims.if_contains("nbf")) {
        auto const date = numeric_date(*from);
        if (!date) return {.finding = {Check::failed, "nbf is no date"}};
        if (now < *date) return {.finding = {Check::failed, "not valid before " + to_rfc3339(*date)}};
    }
    if (auto const* until = claims.if_contains("exp")) {
        auto const date = numeric_date(*until);
        if (!date) return {.finding = {Check::failed, "exp is no date"}};
        period.finding.detail = "until " + to_rfc3339(*date);
        if (now >= *date) period = {.finding = {Check::failed, "expired on " + to_rfc3339(*date)}, .ended = true};
    }
    return period;
}

constexpr auto never_disclosable = std::array<std::string_view, 7>{"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"};

/// The presentation's own signature: by the key that the issuer bound the credential to, over exactly these disclosures.
Finding check_holder_key(SdJwt const& sd_jwt, json::object const& claims, Timestamp now)
{
    auto const& binding = *sd_jwt.key_binding;
    auto const* confirmation = find_object(claims, "cnf");
    auto const* jwk = confirmation == nullptr ? nullptr : find_object(*confirmation, "jwk");
    auto const key = jwk == nullptr ? result<VerificationKey>{boost::system::error_code{}} : parse_jwk(*jwk);
    if (jwk == nullptr || !key) return {Check::failed, "it is presented with a key that the issuer did not bind it to"};
    if (text_member(&binding.header, "typ") != "kb+jwt" || binding.header.contains("crit")) return {Check::failed, "the presentation is no key binding JWT"};
    if (auto why = complaint_about(binding, *key); !why.empty()) return {Check::failed, "the holder's signature: " + why};
    auto const payload = parse_json(binding.payload, {.size_max = 16 << 10, .depth_max = 6});
    auto const* hash = payload ? find_string(*payload, "sd_hash") : nullptr;
    auto const* made = payload ? find(*payload, "iat") : nullptr;
    auto const made_at = made == nullptr ? std::nullopt : numeric_date(*made);
    if (hash == nullptr || std::string_view{*hash} != to_base64url(sha256(sd_jwt.presented).octets))
        return {Check::failed, "the holder signed another choice of disclosures"};
    if (!made_at || *made_at > now + std::chrono::minutes{5} || find_string(*payload, "aud") == nullptr || find_string(*payload, "nonce") == nullptr)
        return {Check::failed, "the holder's signature lacks a date, an audience or a nonce"};
    return {Check::passed, "presented by the holder's key to " + std::string{std::string_view{*find_string(*payload, "aud")}.substr(0, 200)} + "; that this is you is not for us to say"};
}

Verification verify_sd_jwt(OpenedFile const& file, Documents const& documents, Timestamp now)
{
    auto const& sd_jwt = *file.sd_jwt;
    auto report = Verification{};
    auto disclosed = disclose(sd_jwt, file.credential, never_disclosable);
    auto const& claims = disclosed.complaint.empty() ? disclosed.claims : file.credential;
    report.further.push_back({"disclosures", disclosed.complaint.empty()
                                                 ? Finding{Check::passed, std::to_string(disclosed.names.size()) + " disclosed claims, each under one digest"}
                                                 : Finding{Check::failed, disclosed.complaint}});
    auto const* type = find_string(claims, "vct");
    auto const issuer = text_member(&claims, "iss");
    report.shape = {Check::passed, "SD-JWT VC"};
    if (type == nullptr || type->empty()) report.shape = {Check::failed, "vct is missing"};
    if (issuer.empty()) report.shape = {Check::failed, "iss names nobody"};

    auto const* date = claims.if_contains("iat");
    auto const issued_at = date == nullptr ? std::nullopt : numeric_date(*date);
    auto const rules = TokenRules{.issuer = issuer, .types = {"dc+sd-jwt", "vc+sd-jwt"}, .sd_jwt = true};
    auto signatures = check_token(sd_jwt.jws, issued_at, rules, documents, now);
    report.proof = date != nullptr && !issued_at ? Finding{Check::failed, "`iat` is no date"} : std::move(signatures.proof);
    report.issuer = std::move(signatures.issuer);
    auto period = period_of_claims(claims, now);
    report.period = std::move(period.finding);
    report.ended = period.ended;
    auto status = check_token_status(claims, issuer, documents, now);
    report.status = std::move(status.finding);
    report.standing = status.standing;
    if (sd_jwt.key_binding) report.further.push_back({"holder_key", check_holder_key(sd_jwt, claims, now)});
    report.facts = {.id = text_member(&claims, "jti"),
                    .issuer = issuer,
                    .holder = text_member(&claims, "sub"),
                    .holder_name = text_member(&claims, "name"),
                    .name = type == nullptr ? std::string{} : std::string{*type},
                    .encoding = file.encoding,
                    .found_in = file.found_in};
    return report;
}

} // namespace

std::string_view to_string(Check check) noexcept
{
    switch (check) {
    case Check::passed: return "passed";
    case Check::failed: return "failed";
    case Check::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view to_string(Verdict verdict) noexcept
{
    switch (verdict) {
    case Verdict::valid: return "valid";
    case Verdict::expired: return "expired";
    case Verdict::suspended: return "suspended";
    case Verdict::revoked: return "revoked";
    case Verdict::superseded: return "superseded";
    case Verdict::invalid: return "invalid";
    case Verdict::unknown: return "unknown";
    }
    return "unknown";
}

std::string const* Documents::at(std::string_view url) const
{
    if (auto const found = by_url.find(url); found != by_url.end()) return &found->second;
    if (missed != nullptr) missed->emplace(url);
    return nullptr;
}

result<PinnedKey> parse_pinned_key(std::string_view text)
{
    auto const equals = text.rfind('=');
    auto const hash = text.find('#');
    if (equals == std::string_view::npos || hash == std::string_view::npos || hash == 0 || hash + 1 >= equals)
        return errc::malformed_key_name;
    auto const key = parse_any_multikey(text.substr(equals + 1));
    if (!key) return key.error();
    return PinnedKey{.method = std::string{text.substr(0, equals)}, .key = *key};
}

std::vector<NamedFinding> Verification::checks() const
{
    auto all = std::vector<NamedFinding>{};
    if (applies) all = {{"shape", shape}, {"proof", proof}, {"issuer", issuer}, {"period", period}, {"status", status}};
    all.insert(all.end(), further.begin(), further.end());
    if (recipient) all.push_back({"recipient", *recipient});
    return all;
}

Verdict Verification::verdict() const noexcept
{
    auto unsure = false;
    auto const judge = [&](Finding const& finding) {
        unsure |= finding.result == Check::unknown;
        return finding.result != Check::failed;
    };
    if (applies && (!judge(shape) || !judge(proof) || !judge(issuer))) return Verdict::invalid;
    for (auto const& one : further)
        if (!judge(one.finding)) return Verdict::invalid;
    if (!applies) return unsure || further.empty() ? Verdict::unknown : Verdict::valid;
    if (recipient && !judge(*recipient)) return Verdict::invalid;
    if (period.result == Check::failed && !ended) return Verdict::invalid;
    if (unsure || period.result == Check::unknown) return Verdict::unknown;
    // What the issuer says, now that it is known to be the issuer who says it.
    if (status.result == Check::failed && standing != Verdict::suspended) return standing;
    if (ended) return Verdict::expired;
    if (status.result == Check::failed) return standing;
    return status.result == Check::unknown ? Verdict::unknown : Verdict::valid;
}

std::optional<Sha256Digest> digest_of(ByteView file)
{
    auto const opened = open_file(file, VerifyOptions{}.size_max);
    auto const* read = std::get_if<OpenedFile>(&opened);
    if (read == nullptr || read->sd_jwt) return std::nullopt;
    return sha256(canonical_json(read->credential));
}

Verification unreadable(Finding why)
{
    auto report = Verification{};
    report.shape = std::move(why);
    for (auto* finding : {&report.proof, &report.issuer, &report.period, &report.status}) finding->detail = "the file could not be read";
    return report;
}

Verification verify(ByteView file, Documents const& documents, Timestamp now, VerifyOptions const& options)
{
    auto opened = open_file(file, options.size_max);
    if (auto* why = std::get_if<Finding>(&opened)) return unreadable(std::move(*why));
    auto report = Verification{};
    auto const& read = std::get<OpenedFile>(opened);
    if (read.sd_jwt) {
        report = verify_sd_jwt(read, documents, now);
        if (options.recipient) report.recipient = Finding{Check::unknown, "an SD-JWT has no identityHash to compare with"};
        return report;
    }
    auto signatures = check_signatures(read, documents, now);
    report.shape = check_shape(read.credential);
    report.proof = std::move(signatures.proof);
    report.issuer = std::move(signatures.issuer);
    auto period = check_period(read.credential, now);
    report.period = std::move(period.finding);
    report.ended = period.ended;
    auto status = check_status(read.credential, documents, now);
    report.status = std::move(status.finding);
    report.standing = status.standing;
    if (options.recipient) report.recipient = check_recipient(read.credential, *options.recipient);
    report.facts = facts_of(read);
    if (auto const recorded = recorded_at(*report.facts.digest, report.facts.issuer, documents))
        report.further.push_back({"receipt", {Check::passed, "the issuer's journal has had it since " + to_rfc3339(*recorded)}});
    return report;
}

} // namespace assay::credentials
