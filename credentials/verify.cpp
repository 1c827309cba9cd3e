#include "credentials/verify.hpp"

#include "credentials/detail/shape.hpp"
#include "credentials/detail/signatures.hpp"
#include "credentials/detail/status.hpp"
#include "credentials/errors.hpp"

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

Facts facts_of(OpenedFile const& file)
{
    auto const& credential = file.credential;
    auto facts = Facts{.id = text_member(&credential, "id"),
                       .issuer = issuer_of(credential),
                       .issuer_name = text_member(find_object(credential, "issuer"), "name"),
                       .name = text_member(&credential, "name"),
                       .valid_from = text_member(&credential, "validFrom"),
                       .valid_until = text_member(&credential, "validUntil"),
                       .encoding = file.encoding,
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
    case Verdict::invalid: return "invalid";
    case Verdict::unknown: return "unknown";
    }
    return "unknown";
}

result<PinnedKey> parse_pinned_key(std::string_view text)
{
    auto const equals = text.rfind('=');
    auto const hash = text.find('#');
    if (equals == std::string_view::npos || hash == std::string_view::npos || hash == 0 || hash + 1 >= equals)
        return errc::malformed_key_name;
    auto const key = parse_multikey(text.substr(equals + 1));
    if (!key) return key.error();
    return PinnedKey{.method = std::string{text.substr(0, equals)}, .key = *key};
}

Verdict Verification::verdict() const noexcept
{
    auto verdict = Verdict::valid;
    for (auto const* finding : {&shape, &proof, &issuer, &period, &status}) {
        if (finding->result == Check::failed) return Verdict::invalid;
        if (finding->result == Check::unknown) verdict = Verdict::unknown;
    }
    return verdict;
}

Verification verify(ByteView file, Documents const& documents, Timestamp now, VerifyOptions const& options)
{
    auto report = Verification{};
    auto const opened = open_file(file, options.size_max);
    if (auto const* unreadable = std::get_if<Finding>(&opened)) {
        report.shape = *unreadable;
        for (auto* finding : {&report.proof, &report.issuer, &report.period, &report.status})
            finding->detail = "the file could not be read";
        return report;
    }
    auto const& read = std::get<OpenedFile>(opened);
    auto signatures = check_signatures(read, documents, now);
    report.shape = check_shape(read.credential);
    report.proof = std::move(signatures.proof);
    report.issuer = std::move(signatures.issuer);
    report.period = check_period(read.credential, now);
    report.status = check_status(read.credential, documents, now);
    report.facts = facts_of(read);
    return report;
}

} // namespace assay::credentials
